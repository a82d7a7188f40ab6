"""The robot's own process: it holds the body, obeys one agent, and comes to rest by itself when that is gone.

One agent drives at a time; another that comes meanwhile is told so and sent away. The agent is gone when
its connection ends (the kernel ends it when the process dies, by whatever signal) or when it is
silent for longer than ``silence`` while the robot moves. Then the robot brakes inside its limits and
holds, and waits for the next agent; what it has in the hand it keeps.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diarchy.contracts.errors import BadInputError, DiarchyError, did_you_mean
from diarchy.contracts.robot import Action, Proprio
from diarchy.robots.served.wire import PROTOCOL, Label, WireError, receive, send

_LOG = logging.getLogger(__name__)
_POLL_S = 0.5
EVENTS = ("move_object", "set_door", "set_power", "set_state", "knock_from_hand", "move_person")
"""What may happen from outside in a simulated home (for judges and tests)."""
TRUTH = ("holds", "attributes", "centre")

Check = Callable[[Action, Proprio], Action]


class RobotServer:
    """Serves one robot at a Unix socket.

    Args:
        robot: the body; used from the thread that calls `serve` only.
        path: of the socket; a socket left behind by a dead server is replaced.
        check: the last guard, in the robot's own process: what it returns is applied.
        silence: seconds of wall time without a word while the robot moves, after which it brakes.

    Raises:
        BadInputError: another server listens there, or the path cannot be used.
    """

    def __init__(
        self,
        robot: Any,
        path: Path,
        *,
        check: Check = lambda action, proprio: action,
        silence: float = 10.0,
    ) -> None:
        self._robot, self._path, self._check, self._silence = robot, path, check, silence
        self.session = uuid.uuid4().hex
        self._driver: socket.socket | None = None
        self._driver_name = ""
        self._quiet = 0.0
        self._closing = False
        self._listener = _listen(path)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve until `shut`; the socket is gone when this returns."""
        try:
            while not self._closing:
                self._turn()
        finally:
            self._lose("the server ends")
            self._selector.close()
            self._listener.close()
            self._path.unlink(missing_ok=True)

    def shut(self) -> None:
        """End `serve` soon; callable from any thread or a signal handler."""
        self._closing = True

    def _turn(self) -> None:
        ready = [key.fileobj for key, _ in self._selector.select(_POLL_S)]
        if self._driver in ready and self._driver is not None:
            self._quiet = 0.0
            self._obey(self._driver)
        elif self._driver is not None:
            self._listen_to_silence()
        if self._listener in ready:
            self._welcome()

    def _listen_to_silence(self) -> None:
        self._quiet += _POLL_S
        if self._quiet >= self._silence and not self._robot.proprio().at_rest():
            self._lose(f"silent for {self._quiet:.0f} s while the robot moved")

    def _welcome(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(5.0)
        try:
            hello = receive(connection)
            if not isinstance(hello, dict) or hello.get("protocol") != PROTOCOL:
                raise WireError(f"expected a hello of protocol {PROTOCOL}")
            if self._driver is not None:
                send(connection, {"error": f"driven already by {self._driver_name}"})
                raise WireError("sent away")
            send(connection, self._introduction())
        except WireError as error:
            _LOG.info("a caller was not taken: %s", error)
            connection.close()
            return
        connection.settimeout(
            self._silence
        )  # a message cut off in its middle must not hold the robot
        self._driver, self._quiet = connection, 0.0
        self._driver_name = f"process {hello.get('pid')}"
        self._selector.register(connection, selectors.EVENT_READ)

    def _introduction(self) -> dict[str, Any]:
        robot = self._robot
        scene = getattr(robot, "scene", None)
        return {
            "session": self.session,
            "pid": os.getpid(),
            "spec": robot.spec,
            "static_map": getattr(robot, "static_map", None),
            "start": getattr(robot, "start", None),
            "goals": list(getattr(scene, "goals", ())),
            "colors": tuple(getattr(robot, "colors", ())),
            "period": robot.clock.period,
            "oracle": hasattr(robot, "instances"),
            "truth": hasattr(robot, "truth"),
            "pictures": hasattr(robot, "render"),
            "proprio": robot.proprio(),
        }

    def _obey(self, driver: socket.socket) -> None:
        try:
            request = receive(driver)
            try:
                reply = {"ok": self._do(request)}
            except BadInputError as error:
                reply = {"bad_input": str(error)}
            except DiarchyError as error:
                reply = {"error": str(error)}
            send(driver, reply)
        except WireError as error:
            self._lose(str(error))

    def _do(self, request: Any) -> Any:
        if not isinstance(request, dict) or not isinstance(request.get("op"), str):
            raise WireError("a request names what it wants")
        op, args = request["op"], request.get("args", ())
        known = {n[4:]: getattr(self, n) for n in dir(self) if n.startswith("_do_")}
        if op not in known:
            raise BadInputError(f"the robot's process knows no '{op}'; {did_you_mean(op, known)}")
        try:
            return known[op](*args)
        except TypeError as error:
            raise BadInputError(f"'{op}' was asked for wrongly: {error}") from error

    def _do_apply(self, action: Action) -> Proprio:
        if not isinstance(action, Action):
            raise BadInputError("only an action can be applied")
        self._robot.apply(self._check(action, self._robot.proprio()))
        after: Proprio = self._robot.proprio()
        return after

    def _do_proprio(self) -> Any:
        return self._robot.proprio()

    def _do_sense(self, cameras: tuple[str, ...], lidar: bool) -> Any:
        return self._robot.sense(cameras, lidar=lidar)

    def _do_stop(self) -> Any:
        self._robot.stop()
        return self._robot.proprio()

    def _do_render(self, view: str, width: int, height: int) -> Any:
        return self._robot.render(view, width, height)

    def _do_instances(self) -> dict[int, Label]:
        found = self._robot.instances
        return {
            i: Label(v.entity_id, v.cls, v.kind, dict(v.attributes), v.opening, v.power)
            for i, v in found.items()
        }

    def _do_objects(self) -> tuple[str, ...]:
        return tuple(self._robot.truth.objects)

    def _do_truth(self, name: str, *args: Any) -> Any:
        if name not in TRUTH:
            raise BadInputError(f"the judge knows no '{name}'; {did_you_mean(name, TRUTH)}")
        return getattr(self._robot.truth, name)(*args)

    def _do_event(self, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if name not in EVENTS:
            raise BadInputError(f"there is no event '{name}'; {did_you_mean(name, EVENTS)}")
        return getattr(self._robot, name)(*args, **named)

    def _lose(self, why: str) -> None:
        """The agent is gone: come to rest, then be there for the next."""
        if self._driver is None:
            return
        _LOG.info("%s is gone (%s); the robot comes to rest", self._driver_name, why)
        self._selector.unregister(self._driver)
        self._driver.close()
        self._driver = None
        if not self._robot.proprio().at_rest():
            self._robot.stop()


def _listen(path: Path) -> socket.socket:
    if path.exists():
        if _answers(path):
            raise BadInputError(f"a robot is served at {path} already; choose another --socket")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        os.chmod(path, 0o600)
        listener.listen(4)
    except OSError as error:
        listener.close()
        raise BadInputError(
            f"the socket {path} cannot be made: {error}; choose a shorter path elsewhere"
        ) from error
    return listener


def _answers(path: Path) -> bool:
    if not path.is_socket():
        raise BadInputError(f"{path} exists and is no socket; choose another --socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
