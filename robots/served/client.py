"""A robot in another process, as the agent sees it: the `Robot` Protocol over a Unix socket."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError, DiarchyError, FaultError
from diarchy.contracts.robot import Action, Observation, Pose2, Proprio, RobotSpec
from diarchy.robots.served.server import EVENTS
from diarchy.robots.served.wire import PROTOCOL, Label, WireError, receive, send


class RobotGoneError(FaultError):
    """The robot's process is gone, or has sent its agent away."""


@dataclass(frozen=True)
class _Scene:
    goals: tuple[str, ...]


class ServedTruth:
    """The simulator's truth in the other process, for the judge alone."""

    def __init__(self, robot: ServedRobot) -> None:
        self._robot = robot
        self.objects: tuple[str, ...] = robot.call("objects")

    def holds(self, name: str, *args: str) -> bool:
        """Whether a predicate holds physically."""
        return bool(self._robot.call("truth", "holds", name, *args))

    def attributes(self, name: str) -> dict[str, str]:
        """Class, colour and so on of an object."""
        found: dict[str, str] = self._robot.call("truth", "attributes", name)
        return found

    def centre(self, name: str) -> Any:
        """Where an object is, ``[3]`` m in ``map``."""
        return self._robot.call("truth", "centre", name)


class ServedRobot:
    """Connects to a `RobotServer` and drives its robot; nobody else can meanwhile.

    ``session`` names the life of the server: a run can only be taken up with the same one.

    Raises:
        BadInputError: nobody serves there, or somebody else drives.
    """

    def __init__(self, path: Path, *, patience: float = 60.0) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._socket = _connect(path, patience)
        try:
            send(self._socket, {"protocol": PROTOCOL, "pid": os.getpid()})
            told = receive(self._socket)
        except WireError as error:
            self._socket.close()
            raise BadInputError(f"the robot at {path} does not answer: {error}") from error
        if "error" in told:
            self._socket.close()
            raise BadInputError(
                f"the robot at {path} is {told['error']}; wait for that to end, or end it"
            )
        self.session: str = told["session"]
        self._spec: RobotSpec = told["spec"]
        self.static_map: StaticMap = told["static_map"]
        self.start: Pose2 = told["start"]
        self.scene = _Scene(tuple(told["goals"]))
        self.colors: tuple[str, ...] = tuple(told["colors"])
        self._clock = LockstepClock(period=told["period"])
        self._proprio: Proprio = told["proprio"]
        self._clock.tick = self._proprio.tick
        self._can = {name: bool(told[name]) for name in ("oracle", "truth", "pictures")}
        self._truth: ServedTruth | None = None

    @property
    def spec(self) -> RobotSpec:
        """The embodiment's description."""
        return self._spec

    @property
    def clock(self) -> LockstepClock:
        """The robot's clock as of the last reply."""
        return self._clock

    def __getattr__(self, name: str) -> Any:
        # Only what the robot over there has: whoever asks with hasattr gets an honest answer.
        can = self.__dict__.get("_can", {})
        if name == "instances" and can.get("oracle"):
            return self._instances()
        if name == "truth" and can.get("truth"):
            if self._truth is None:
                self._truth = ServedTruth(self)
            return self._truth
        if name == "render" and can.get("pictures"):
            return self._render
        if name in EVENTS and can.get("truth"):
            return lambda *args, **named: self.call("event", name, args, named)
        raise AttributeError(name)

    def proprio(self) -> Proprio:
        """Return joints, gripper and odometry after the last applied action."""
        return self._proprio

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        """Read the named cameras and, if asked, the lidar, at this instant.

        Raises:
            BadInputError: a camera is not in ``spec.cameras``.
            RobotGoneError: the robot's process is gone.
        """
        seen: Observation = self.call("sense", tuple(cameras), bool(lidar))
        return seen

    def apply(self, action: Action) -> None:
        """Command one control tick and wait until it is over.

        Raises:
            BadInputError: the action has the wrong shape or is not finite.
            RobotGoneError: the robot's process is gone; the robot brakes by itself.
        """
        self._felt(self.call("apply", action))

    def stop(self) -> None:
        """Brake to rest and hold."""
        self._felt(self.call("stop"))

    def close(self) -> None:
        """Let go of the robot, which then brakes if it moves; idempotent."""
        self._socket.close()

    def call(self, op: str, *args: Any) -> Any:
        """Ask the robot's process for something it knows by name.

        Raises:
            BadInputError: it was asked for wrongly.
            RobotGoneError: the robot's process is gone.
        """
        with self._lock:
            try:
                send(self._socket, {"op": op, "args": args})
                reply = receive(self._socket)
            except WireError as error:
                raise RobotGoneError(f"the robot at {self._path} is gone: {error}") from error
        if "bad_input" in reply:
            raise BadInputError(reply["bad_input"])
        if "error" in reply:
            raise DiarchyError(reply["error"])
        return reply["ok"]

    def _felt(self, proprio: Proprio) -> None:
        self._proprio, self._clock.tick = proprio, proprio.tick

    def _instances(self) -> dict[int, Label]:
        found: dict[int, Label] = self.call("instances")
        return found

    def _render(
        self, view: str = "overview", width: int = 1280, height: int = 720
    ) -> npt.NDArray[np.uint8]:
        picture: npt.NDArray[np.uint8] = self.call("render", view, width, height)
        return picture


def _connect(path: Path, patience: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(patience)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        raise BadInputError(
            f"no robot is served at {path} ({error.strerror or error}); start one with: "
            f"diarchy serve robot --socket {path}"
        ) from error
    return connection
