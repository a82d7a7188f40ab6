"""A robot behind a socket: the same robot, one driver at a time, at rest when its driver is gone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import (
    Action,
    BaseSpec,
    GripperSpec,
    JointSpec,
    Pose2,
    Proprio,
    RobotSpec,
)
from diarchy.robots.served import RobotServer, ServedRobot
from diarchy.robots.served.client import RobotGoneError
from diarchy.robots.served.wire import Unsendable, WireError, receive, send

SPEC = RobotSpec(
    name="cart",
    joints=(JointSpec("lift", 0.0, 1.0, 0.5, 1.0),),
    groups={"arm": (0,)},
    postures={"tuck": np.zeros(1), "ready": np.ones(1)},
    base=BaseSpec(),
    gripper=GripperSpec(),
    model_xml="<mujoco/>",
    gripper_site="grip",
    cameras=("head",),
    head_camera="head",
)


class Cart:
    """One joint on wheels: it does at once what it is told, and brakes in `stop`."""

    def __init__(self) -> None:
        self.spec, self.clock = SPEC, LockstepClock()
        self.velocity = 0.0
        self.x = 0.0
        self.applied: list[Action] = []

    def proprio(self) -> Proprio:
        return Proprio(
            stamp=self.clock.now(),
            tick=self.clock.tick,
            q=np.zeros(1),
            dq=np.zeros(1),
            effort=np.zeros(1),
            gripper_width=0.0,
            gripper_force=0.0,
            odom=Pose2(self.x, 0.0, 0.0),
            base_velocity=np.array([self.velocity, 0.0]),
            commanded=self.applied[-1] if self.applied else None,
        )

    def apply(self, action: Action) -> None:
        if not np.isfinite(action.base).all():
            raise BadInputError("not finite")
        self.applied.append(action)
        self.velocity = float(action.base[0])
        self._pass()

    def stop(self) -> None:
        while self.velocity > 0.0:
            self.velocity = max(
                0.0, self.velocity - SPEC.base.linear_acceleration * self.clock.period
            )
            self._pass()

    def _pass(self) -> None:
        self.x += self.velocity * self.clock.period
        self.clock.advance()


def forward(v: float) -> Action:
    return Action(np.array([v, 0.0]), np.zeros(1), 0.0)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Any, Path]]:
    cart, path = Cart(), tmp_path / "r.sock"
    server = RobotServer(cart, path, silence=0.6)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield cart, path
    server.shut()
    thread.join(5.0)
    assert not thread.is_alive()
    assert not path.exists()


def wait(until: Any, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_what_is_applied_there_is_felt_here(served: Any) -> None:
    cart, path = served
    robot = ServedRobot(path)
    for _ in range(20):
        robot.apply(forward(0.5))
    assert robot.clock.tick == cart.clock.tick == 20
    assert robot.proprio().odom.x == pytest.approx(0.05)
    assert robot.spec.joint_names == ("lift",)
    assert not hasattr(robot, "truth")
    robot.close()


def test_it_comes_to_rest_within_its_braking_distance_when_the_driver_is_gone(served: Any) -> None:
    cart, path = served
    robot = ServedRobot(path)
    for _ in range(40):
        robot.apply(forward(0.8))
    at = cart.x
    robot.close()  # what the kernel does for a process that was killed
    wait(lambda: cart.velocity == 0.0)
    assert cart.x - at <= 0.8**2 / (2 * SPEC.base.linear_acceleration) + 0.01


def test_it_comes_to_rest_when_the_driver_is_silent_and_tells_him_so(served: Any) -> None:
    cart, path = served
    robot = ServedRobot(path)
    robot.apply(forward(0.5))
    wait(lambda: cart.velocity == 0.0)
    with pytest.raises(RobotGoneError, match="is gone"):
        robot.apply(forward(0.5))


def test_a_driver_who_stands_may_think_as_long_as_he_likes(served: Any) -> None:
    _, path = served
    robot = ServedRobot(path)
    time.sleep(1.3)
    robot.apply(forward(0.0))
    robot.close()


def test_a_second_driver_is_sent_away_and_told_who_drives(served: Any) -> None:
    _, path = served
    first = ServedRobot(path)
    with pytest.raises(BadInputError, match=r"driven already by process \d+"):
        ServedRobot(path)
    first.apply(forward(0.1))
    first.close()
    wait(lambda: _connects(path))


def _connects(path: Path) -> bool:
    try:
        ServedRobot(path).close()
    except BadInputError:
        return False
    return True


def test_bad_input_over_there_is_bad_input_here_and_the_connection_lives(served: Any) -> None:
    _, path = served
    robot = ServedRobot(path)
    with pytest.raises(BadInputError, match="not finite"):
        robot.apply(forward(float("nan")))
    with pytest.raises(BadInputError, match="knows no 'fly'"):
        robot.call("fly")
    with pytest.raises(BadInputError, match="asked for wrongly"):
        robot.call("apply")
    robot.apply(forward(0.0))
    robot.close()


@pytest.mark.parametrize(
    "junk",
    [b"", b"\x00", b"\xff" * 64, b"\x00\x00\x00\x02\x00\x00\x00\x00[]", b"GET / HTTP/1.1\r\n\r\n"],
)
def test_junk_does_not_bring_the_server_down(served: Any, junk: bytes) -> None:
    _, path = served
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(path))
        raw.sendall(junk)
    wait(lambda: _connects(path))


def test_nobody_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="diarchy serve robot"):
        ServedRobot(tmp_path / "nothing.sock")


def test_a_socket_of_a_dead_server_is_replaced_a_live_one_and_a_file_are_not(
    served: Any, tmp_path: Path
) -> None:
    _, path = served
    with pytest.raises(BadInputError, match=r"served at .* already"):
        RobotServer(Cart(), path)
    (tmp_path / "file").write_text("precious")
    with pytest.raises(BadInputError, match="is no socket"):
        RobotServer(Cart(), tmp_path / "file")
    dead = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(dead))
    RobotServer(Cart(), dead).shut()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.integers(0, 3), st.sampled_from(["f4", "f8", "u1", "i4", "?"]))
def test_a_message_arrives_as_it_was_sent(value: Any, rows: int, kind: str) -> None:
    here, there = socket.socketpair()
    array = np.arange(rows * 3).reshape(rows, 3).astype(kind)
    with here, there:
        send(here, {"value": value, "array": array, "pose": Pose2(1.0, float("inf"), 0.0)})
        got = receive(there)
    assert got["value"] == value
    assert got["array"].dtype == array.dtype
    assert np.array_equal(got["array"], array)
    assert got["pose"] == Pose2(1.0, float("inf"), 0.0)


@pytest.mark.parametrize(
    "text",
    [
        b'{"$c": ["Path", {}]}',
        b'{"$m": ["Proprio", {}]}',
        b'{"$a": ["|O8", [1]]}',
        b'{"$a": ["<f8", [9999]]}',
        b'{"$a": ["<f8", [-1]]}',
        b'{"$x": 1}',
        b"{}",
        b"[" * 5000,
    ],
)
def test_a_message_that_asks_for_more_than_data_is_refused(text: bytes) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(len(text).to_bytes(4, "big") + (8).to_bytes(4, "big") + text + b"\0" * 8)
        with pytest.raises(WireError):
            receive(there)


def test_a_message_beyond_the_cap_is_refused_before_it_is_read() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(b"\xff" * 8)
        with pytest.raises(WireError, match="is refused"):
            receive(there)


def test_an_object_that_is_not_listed_is_not_sent() -> None:
    here, there = socket.socketpair()
    with here, there, pytest.raises(Unsendable):
        send(here, {"thing": object()})
