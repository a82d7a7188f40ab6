"""The real node against the simulated peer, in two processes. Needs rclpy; skipped where there is none.

Run them where ROS 2 is sourced: ``pytest -m ros2 tests/robots/ros2``; once more with ROS_PYTHON_CHECK_FIELDS=1.
Of the interface packages they need tf2_msgs, control_msgs and nav2_msgs beside common_interfaces.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
os.environ.setdefault("ROS_DOMAIN_ID", str(60 + os.getpid() % 40))

from realpeer import start_peer

from diarchy.contracts.guard import Verdict
from diarchy.contracts.robot import Action, Pose2
from diarchy.robots.ros2.config import Ros2Config, load_config
from diarchy.robots.ros2.config.load import parse_config
from diarchy.robots.ros2.connect import MappedRos2Robot
from diarchy.robots.ros2.convert import geometry
from diarchy.robots.ros2.doctor import examine
from diarchy.robots.ros2.navigator import Nav2Navigator
from diarchy.robots.ros2.node import RclpyPort
from diarchy.robots.ros2.robot import Ros2Robot
from diarchy.robots.ros2.trajectories import GuardedTrajectories

pytestmark = [pytest.mark.ros2, pytest.mark.timeout(120)]
NAVIGATE = "nav2_msgs/action/NavigateToPose"


@pytest.fixture(scope="module", params=[(64, 48), (640, 480)], ids=["small", "VGA"])
def peer(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    width, height = request.param
    process = start_peer("--size", str(width), str(height), "--pace", "1.0")
    yield request.param
    process.terminate()
    process.wait(20)


def patient() -> Ros2Config:
    """The home's file with time-outs for a busy machine: what is tested is what happens, not how soon."""
    content = load_config("home").model_dump(mode="json", exclude={"folder"})
    content["safety"] |= {"command_timeout": 1.0}
    content["joint_states"]["max_age"] = content["base"]["odometry"]["max_age"] = 1.0
    content["lidar"]["max_age"] = 2.0
    return parse_config(content)


@pytest.fixture
def robot(peer: tuple[int, int]) -> Iterator[Ros2Robot]:
    made = MappedRos2Robot(patient(), RclpyPort("diarchy_test", use_sim_time=True))
    yield made
    made.close()


def hold(robot: Ros2Robot, forward: float = 0.0, turning: float = 0.0) -> Action:
    return Action(np.array([forward, turning]), robot.proprio().q, 0.05)


def run(robot: Ros2Robot, action: Action, seconds: float) -> None:
    until = robot.clock.now() + seconds
    while robot.clock.now() < until:
        robot.apply(action)


def until(condition: Callable[[], bool], robot: Ros2Robot, action: Action, seconds: float) -> bool:
    limit = robot.clock.now() + seconds
    while robot.clock.now() < limit:
        robot.apply(action)
        if condition():
            return True
    return False


def test_readings_come_in_simulated_time(robot: Ros2Robot) -> None:
    action = hold(robot)
    run(robot, action, 0.5)
    proprio = robot.proprio()
    assert robot.clock.now() - proprio.stamp < 0.25
    assert proprio.q[0] == pytest.approx(0.20, abs=0.02)
    seen = robot.sense()
    assert seen.scan is not None
    assert np.isfinite(seen.scan.ranges).sum() > 100


def test_a_picture_comes_with_depth_labels_and_place(
    robot: Ros2Robot, peer: tuple[int, int]
) -> None:
    frame = robot.sense(("head_camera",)).frames["head_camera"]
    assert frame.rgb.shape == (peer[1], peer[0], 3)
    assert frame.depth.max() > 0.5
    assert frame.base_from_camera.translation[2] > 0.8
    assert frame.instance_ids is not None
    assert {label.cls for label in robot.instances.values()} >= {"Mug", "Fridge"}


def test_the_base_drives_and_stops(robot: Ros2Robot) -> None:
    action = hold(robot, 0.0, 0.4)
    before = robot.proprio().odom.yaw
    run(robot, action, 1.5)
    assert robot.proprio().odom.yaw - before > 0.15
    robot.stop()
    run(robot, hold(robot), 1.0)
    assert robot.proprio().at_rest()


def test_the_arm_streams_and_follows_a_whole_trajectory(robot: Ros2Robot) -> None:
    names = ("head_pan_joint", "head_tilt_joint")
    index = [robot.spec.joint_names.index(n) for n in names]
    action = hold(robot)
    action.joints[index[0]] += 0.3
    run(robot, action, 1.5)
    assert robot.proprio().q[index[0]] == pytest.approx(action.joints[index[0]], abs=0.03)
    arm = GuardedTrajectories(robot)
    goal = robot.proprio().q[index] - np.array([0.3, 0.1])
    assert arm.follow(names, [1.5], [goal]).state == "running"
    keep = hold(robot)
    keep.joints[index] = goal
    assert until(lambda: arm.poll().done, robot, keep, 6.0)
    assert arm.poll().state == "succeeded", arm.poll().reason
    run(robot, keep, 0.5)
    assert np.allclose(robot.proprio().q[index], goal, atol=0.03)


def test_the_gripper_closes_and_opens(robot: Ros2Robot) -> None:
    for width in (0.02, 0.08):
        action = Action(np.zeros(2), robot.proprio().q, width)
        run(robot, action, 2.5)
        assert robot.proprio().gripper_width == pytest.approx(width, abs=0.006)


def test_the_watchdog_stops_the_base_when_commands_end(robot: Ros2Robot) -> None:
    heard: list[tuple[float, float]] = []
    port = robot.port

    def hear(message: Any) -> None:
        heard.append((port.now(), message.twist.angular.z))

    port.subscribe("/cmd_vel", "geometry_msgs/msg/TwistStamped", hear, "command")
    run(robot, hold(robot, 0.0, 0.3), 1.0)
    died, timeout = port.now(), robot.config.safety.command_timeout
    time.sleep(timeout + 0.5)
    zero = [t for t, w in heard if t > died and w == 0.0]
    assert robot.stops.commands == 1
    # One control period; beside it what the machine needs to wake a thread up.
    assert zero[0] - died <= timeout + robot.clock.period + 0.1


class Nav2:
    """Stands in for Nav2 on a node of its own in this process."""

    def __init__(self) -> None:
        self.port = RclpyPort("nav2_stand_in", use_sim_time=True)
        self.goals: list[Any] = []
        self.accepts = True
        self._ended = True
        self._send = self.port.publisher(
            "/cmd_vel_nav", "geometry_msgs/msg/TwistStamped", "command"
        )
        self.port.serve_action("/navigate_to_pose", NAVIGATE, lambda g: self.accepts, self._begin)
        self.port.every(0.05, self._tick)

    def _begin(self, served: Any) -> None:
        self.goals.append(served)
        self._ended = False

    def end(self, status: int, code: int = 0) -> None:
        result = self.port.make(f"{NAVIGATE}_Result")
        result.error_code = code
        self._ended = True
        self.goals[-1].finish(status, result)

    def _tick(self) -> None:
        if self._ended:
            return
        if self.goals[-1].cancel_requested:
            self.end(5)
            return
        self.goals[-1].feedback(self.port.make(f"{NAVIGATE}_Feedback"))
        self._send(geometry.twist_stamped(self.port.make, 0.0, 0.3, "base_link", self.port.now()))


@pytest.fixture
def nav2(robot: Ros2Robot) -> Iterator[Nav2]:
    made = Nav2()
    robot.guard_with(lambda action, proprio: Verdict(action))
    assert until(lambda: robot.port.server_ready("/navigate_to_pose"), robot, hold(robot), 10.0)
    yield made
    if not made._ended:
        made.end(6)
    made.port.close(context=False)  # the context is the robot's: its port shuts it down


def test_nav2_is_accepted_feeds_back_and_ends(robot: Ros2Robot, nav2: Nav2) -> None:
    navigator, action = Nav2Navigator(robot), hold(robot)
    before = robot.proprio().odom.yaw
    navigator.go(Pose2(1.0, 0.0, 0.0))
    assert until(lambda: bool(nav2.goals), robot, action, 5.0)
    run(robot, action, 1.5)
    assert navigator.poll().state == "running"
    assert robot.proprio().odom.yaw - before > 0.1
    nav2.end(4)
    assert until(lambda: navigator.poll().done, robot, action, 5.0)
    assert navigator.poll().state == "succeeded"


def test_nav2_is_cancelled_rejects_and_is_lost(robot: Ros2Robot, nav2: Nav2) -> None:
    navigator, action = Nav2Navigator(robot), hold(robot)
    navigator.go(Pose2(1.0, 0.0, 0.0))
    assert until(lambda: bool(nav2.goals), robot, action, 5.0)
    run(robot, action, 0.3)
    robot.stop()
    assert navigator.poll().state == "cancelled"
    assert until(lambda: nav2._ended, robot, action, 5.0)
    nav2.accepts = False
    navigator.go(Pose2(1.0, 0.0, 0.0))
    assert until(lambda: navigator.poll().done, robot, action, 5.0)
    assert navigator.poll().state == "refused"
    nav2.accepts = True
    navigator.go(Pose2(1.0, 0.0, 0.0))
    assert until(lambda: len(nav2.goals) == 2, robot, action, 5.0)
    nav2._ended = True  # it falls silent
    assert until(lambda: navigator.poll().done, robot, action, 12.0)
    assert navigator.poll().state == "failed"
    nav2._ended = False


def test_doctor_finds_a_healthy_robot(robot: Ros2Robot) -> None:
    missing = [c for c in examine(robot.config, robot.port) if c.needed and not c.ok]
    assert missing == []


@pytest.mark.slow
def test_a_household_command_end_to_end(
    robot: Ros2Robot, peer: tuple[int, int], tmp_path: Path
) -> None:
    if peer == (64, 48):
        pytest.skip("too few pixels to find a mug in")
    from diarchy import Agent, RunConfig

    agent = Agent(robot=robot, planner="symbolic", system1="motion")
    config = RunConfig(instruction="go to the fridge", record=tmp_path / "run", pictures=False)
    result = agent.run("go to the fridge", config=config)
    assert (result.status, result.verified) == ("succeeded", True), result.message


def test_whole_chunks_go_out_as_goals_are_replaced_and_cancelled_by_a_stop(
    peer: tuple[int, int],
) -> None:
    content = patient().model_dump(mode="json", exclude={"folder"})
    content["arm"] = {"mode": "chunks"}
    content["controllers"][1] |= {"lookahead": 0.05, "tolerance": 0.5}
    made = MappedRos2Robot(
        parse_config(content), RclpyPort("diarchy_test_chunks", use_sim_time=True)
    )
    try:
        assert made.takes_chunks
        output = made.outputs.chunked[0]
        start = made.proprio().q.copy()
        n = round(2.0 * made.spec.control_hz)
        rows = np.tile(np.concatenate([[0.0, 0.0], start, [0.05]]), (n, 1))
        rows[:, 2 + 7] += 0.4 * (0.5 - 0.5 * np.cos(np.pi * np.arange(1, n + 1) / n))
        half = n // 2
        made.announce(np.vstack([rows[:half], rows[half - 1 : half]]))
        begin = made.clock.tick
        while (k := made.clock.tick - begin) < half:
            made.apply(Action.from_vector(rows[k]))
        made.announce(rows[k:])
        while (k := made.clock.tick - begin) < n:
            made.apply(Action.from_vector(rows[k]))
        assert until(lambda: not output.running, made, Action.from_vector(rows[-1]), 5.0)
        assert made.halted == ""
        assert made.proprio().q[7] == pytest.approx(start[7] + 0.4, abs=0.05)
        assert (output.counts.chunks_sent, output.counts.chunks_faulted) == (2, 0)
        back = rows[::-1].copy()
        made.announce(back)
        begin = made.clock.tick
        while (k := made.clock.tick - begin) < half:
            made.apply(Action.from_vector(back[k]))
        assert output.running
        made.stop()
        assert not output.running
        here = made.proprio().q[7]
        run(made, Action(np.zeros(2), made._commanded.joints, 0.05), 1.0)  # type: ignore[union-attr]
        assert made.proprio().q[7] == pytest.approx(here, abs=0.15)
        assert abs(made.proprio().dq[7]) < 0.05
    finally:
        made.close()
