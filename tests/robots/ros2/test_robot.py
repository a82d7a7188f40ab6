from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from simple import SimplePeer

from diarchy.contracts.errors import BadInputError, StaleDataError
from diarchy.contracts.robot import Action, Robot
from diarchy.robots.ros2.config import Ros2Config
from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.inprocess import HomeOverRos
from diarchy.robots.ros2.robot import Ros2Robot
from diarchy.testing import check_robot

Hold = Callable[..., Action]


@pytest.mark.slow
def test_the_home_over_a_fake_network_keeps_the_contract_of_a_robot() -> None:
    check_robot(lambda: HomeOverRos("home", seed=1, camera_size=(64, 48)))


def test_it_is_a_robot(robot: Ros2Robot) -> None:
    assert isinstance(robot, Robot)
    assert robot.clock.tick == 0
    assert robot.proprio().commanded is None


def test_one_apply_is_one_tick(robot: Ros2Robot, hold: Hold) -> None:
    for _ in range(10):
        robot.apply(hold())
    assert robot.clock.tick == 10
    assert robot.clock.now() == pytest.approx(0.05)
    assert robot.proprio().stamp == pytest.approx(0.05)


def test_joints_are_streamed_and_only_when_they_change(
    robot: Ros2Robot, peer: SimplePeer, hold: Hold
) -> None:
    for _ in range(5):
        robot.apply(hold())
    first = len(peer.trajectories)
    assert first == 3  # one for each controller
    action = hold()
    action.joints[3] += 0.005
    robot.apply(action)
    assert len(peer.trajectories) == first + 1
    assert peer.trajectories[-1].names == robot.config.controllers[1].joints
    assert robot.proprio().q[3] == pytest.approx(action.joints[3])


def test_a_jump_of_the_target_leaves_as_fast_as_the_joint_may_move(
    robot: Ros2Robot, peer: SimplePeer, hold: Hold
) -> None:
    action = hold()
    action.joints[1] += 1.0
    before = robot.proprio().q[1]
    robot.apply(action)
    step = robot.spec.joints[1].velocity * robot.clock.period
    assert peer.q[1] - before == pytest.approx(step, rel=1e-6)


def test_the_gripper_gets_a_goal_when_its_target_changes(
    robot: Ros2Robot, peer: SimplePeer, hold: Hold
) -> None:
    for width in (0.05, 0.05, 0.02, 0.02):
        for _ in range(20):
            robot.apply(Action(np.zeros(2), hold().joints, width))
    assert peer.grips == [0.05, 0.02]
    assert robot.proprio().gripper_width == pytest.approx(0.02)


def test_stop_brakes_from_any_thread_and_the_next_command_releases_it(
    robot: Ros2Robot, peer: SimplePeer, hold: Hold
) -> None:
    for _ in range(100):
        robot.apply(hold(0.2))
    thread = threading.Thread(target=robot.stop)
    thread.start()
    thread.join(5.0)
    assert not peer.moving
    assert peer.stops == 1
    for _ in range(200):
        robot.apply(hold(0.2))
    assert peer.velocity[0] == pytest.approx(0.2)


def test_people_can_stop_it_by_a_service(robot: Ros2Robot, peer: SimplePeer, hold: Hold) -> None:
    told: list[str] = []
    robot.on_stop = told.append
    for _ in range(100):
        robot.apply(hold(0.2))
    request = peer.port.make("std_srvs/srv/Trigger_Request")
    answer = peer.port.call("/diarchy/stop", "std_srvs/srv/Trigger", request, 1.0)
    assert answer is not None
    assert answer.success
    assert told == ["the stop service was called"]
    assert not peer.moving


def test_a_scan_is_told_where_the_base_is_at_its_own_moment(robot: Ros2Robot, hold: Hold) -> None:
    for _ in range(207):
        robot.apply(hold(0.4))
    seen = robot.sense()
    assert seen.scan is not None
    assert seen.scan.stamp == pytest.approx(robot.clock.now(), abs=0.05)
    now, then = robot.proprio().odom, seen.proprio.odom
    gap = robot.clock.now() - seen.scan.stamp
    assert now.x - then.x == pytest.approx(0.4 * gap, abs=1e-3)
    assert np.allclose(seen.scan.base_from_lidar.translation, [0.2, 0.0, 0.3])


def test_a_camera_that_says_nothing_is_named(robot: Ros2Robot) -> None:
    with pytest.raises(StaleDataError, match="/head_camera/capture does not answer"):
        robot.sense(("head_camera",))
    with pytest.raises(BadInputError, match="did you mean 'head_camera'"):
        robot.sense(("head_camra",))


def test_a_robot_that_is_not_there_is_told_input_by_input(config: Ros2Config) -> None:
    with pytest.raises(StaleDataError, match=r"/joint_states: nothing came yet.*/odom"):
        Ros2Robot(config, FakePort(FakeNetwork(0.05)))


@pytest.mark.parametrize(
    "action",
    [
        Action(np.zeros(3), np.zeros(10), 0.0),
        Action(np.zeros(2), np.zeros(9), 0.0),
        Action(np.array([np.nan, 0.0]), np.zeros(10), 0.0),
        Action(np.zeros(2), np.zeros(10), float("inf")),
    ],
)
def test_a_malformed_action_is_refused(robot: Ros2Robot, action: Action) -> None:
    with pytest.raises(BadInputError, match="13 finite values"):
        robot.apply(action)


def test_after_closing_nothing_is_called_any_more(
    robot: Ros2Robot, peer: SimplePeer, network: FakeNetwork, hold: Hold
) -> None:
    robot.apply(hold(0.2))
    robot.close()
    robot.close()
    for _ in range(100):
        network.advance()
    assert not peer.moving
    assert robot.stops.commands == 0
