"""The MuJoCo home as a ROS 2 peer: anybody with ROS can try the whole stack without hardware.

    python -m diarchy.robots.ros2.home [--scene home] [--seed 0] [--robot FILE.yaml] [--camera-hz 5] [--localize]

Serves sensors, controllers and the base under the names of the robot's file (the shipped ``home`` by default);
simulated time is on /clock, so start other nodes with use_sim_time. Nav2 can drive it: give it /scan, /odom, /tf
and either AMCL on /map or ``--localize``.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence

from diarchy.contracts.errors import DiarchyError
from diarchy.robots.ros2.config import load_config
from diarchy.robots.ros2.peer import HomePeer

log = logging.getLogger(__name__)
_LET_OTHERS = 0.001
"""s between two steps, however late we are: callbacks wait for the lock meanwhile."""


def serve(
    scene: str,
    seed: int,
    robot: str,
    *,
    camera_hz: float,
    size: tuple[int, int],
    localize: bool,
    pace: float,
    stop: threading.Event,
) -> None:
    """Serve until ``stop`` is set; ``pace`` is simulated seconds a second, at most.

    Raises:
        BadInputError: no such scene or file, or no ROS 2 here.
    """
    config = load_config(robot)
    from diarchy.robots.ros2.node import RclpyPort

    port = RclpyPort("home_peer", use_sim_time=False, threads=12)
    try:
        from diarchy.robots.home import HomeRobot

        home = HomeRobot(scene, seed=seed, camera_size=size)
        with port.lock:
            peer = HomePeer(home, port, config, camera_hz=camera_hz, localize=localize)
        peer.threaded = True
        log.info("serving %s as %s", scene, config.robot)
        deadline = time.monotonic()
        while not stop.is_set():
            with port.lock:
                peer.step()
            deadline += home.clock.period / pace
            left = deadline - time.monotonic()
            if left < -0.1:  # too slow for this pace: go on from now
                deadline = time.monotonic()
            time.sleep(max(left, _LET_OTHERS))
        home.close()
    finally:
        port.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the peer from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m diarchy.robots.ros2.home", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--scene", default="home")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--robot", default="home", help="the robot's file; the shipped one")
    parser.add_argument("--camera-hz", type=float, default=0.0, help="pictures a second unasked")
    parser.add_argument("--size", type=int, nargs=2, default=(640, 480), metavar=("W", "H"))
    parser.add_argument("--localize", action="store_true", help="publish the true map -> odom")
    parser.add_argument("--pace", type=float, default=1.0, help="simulated seconds a second")
    args = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        serve(
            args.scene,
            args.seed,
            args.robot,
            camera_hz=args.camera_hz,
            size=(args.size[0], args.size[1]),
            localize=args.localize,
            pace=args.pace,
            stop=stop,
        )
    except DiarchyError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
