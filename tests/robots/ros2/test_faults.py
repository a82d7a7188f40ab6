"""The fault table: each input stopped, delayed by a second, doubled, reordered, jumping in time.

What must happen is stated in `TABLE`; what is not stated does not happen: 0 surprises.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from simple import SimplePeer, jumping, reordering

from diarchy.contracts.errors import StaleDataError
from diarchy.contracts.robot import Action
from diarchy.robots.ros2.fake import FakeNetwork, Fault
from diarchy.robots.ros2.robot import Ros2Robot

INPUTS = ("/joint_states", "/odom", "/scan")
BEGIN = 1.0


def stopped(network: FakeNetwork) -> Fault:
    return lambda message, now: []


def delayed(network: FakeNetwork) -> Fault:
    return lambda message, now: [(now + 1.0, message)]


def doubled(network: FakeNetwork) -> Fault:
    return lambda message, now: [(now, message), (now, message)]


def reordered(network: FakeNetwork) -> Fault:
    return reordering()


def jumped(seconds_off: float) -> Callable[[FakeNetwork], Fault]:
    return lambda network: jumping(seconds_off)


TABLE: dict[str, tuple[Callable[[FakeNetwork], Fault], bool]] = {
    # fault: what makes it, whether the robot stops
    "stopped": (stopped, True),
    "delayed by 1 s": (delayed, True),
    "doubled": (doubled, False),
    "reordered": (reordered, False),
    "stamps 10 s ahead": (jumped(10.0), True),
    "stamps 10 s behind": (jumped(-10.0), True),
}


def run(robot: Ros2Robot, action: Action, seconds_long: float) -> None:
    for _ in range(round(seconds_long * robot.spec.control_hz)):
        robot.apply(action)


@pytest.mark.parametrize("topic", INPUTS)
@pytest.mark.parametrize("name", TABLE)
def test_the_fault_table(
    name: str,
    topic: str,
    robot: Ros2Robot,
    peer: SimplePeer,
    network: FakeNetwork,
    hold: Callable[..., Action],
) -> None:
    make, stops = TABLE[name]
    run(robot, hold(0.3), BEGIN)
    assert peer.velocity[0] == pytest.approx(0.3)
    began = network.now()
    network.faults[topic] = make(network)
    run(robot, hold(0.3), 2.0)
    if not stops:
        assert not robot.halted
        assert robot.stops.inputs == 0
        assert peer.velocity[0] == pytest.approx(0.3)
        assert peer.said == []
        return
    assert not peer.moving
    age = robot.senses.inputs.gates[
        {"/odom": "odometry", "/scan": "lidar"}.get(topic, "joints")
    ].max_age
    zero = next(t for t, v in peer.velocities if t >= began and v == (0.0, 0.0))
    assert (
        zero - began <= age + robot.clock.period + 0.051
    )  # the newest scan may be 50 ms old already
    assert robot.stops.inputs == 1
    assert topic in robot.halted
    assert len(peer.said) == 1
    assert topic in peer.said[0]
    assert any(topic in line.name and int(line.level) == 3 for line in peer.health)
    assert peer.stops >= 1
    # When the input is well again, the robot goes on, and says so.
    del network.faults[topic]
    run(robot, hold(0.3), 2.5)
    assert not robot.halted
    assert peer.velocity[0] == pytest.approx(0.3)
    assert peer.said[1:] == ["all inputs are back"]


@pytest.mark.parametrize("jump", [-20.0, 20.0])
def test_when_the_robots_own_clock_jumps_it_stops_and_goes_on(
    jump: float,
    robot: Ros2Robot,
    peer: SimplePeer,
    network: FakeNetwork,
    hold: Callable[..., Action],
) -> None:
    run(robot, hold(0.3), BEGIN)
    before = robot.clock.now()
    network.offset += jump
    robot.apply(hold(0.3))
    assert robot.stops.inputs == 1
    assert (0.0, 0.0) in [v for _, v in peer.velocities[-3:]]
    run(robot, hold(0.3), 1.5)
    assert not robot.halted
    assert peer.velocity[0] == pytest.approx(0.3)
    assert robot.clock.now() > before  # time as diarchy counts it never runs back
    assert robot.proprio().stamp == pytest.approx(robot.clock.now(), abs=0.02)


def test_a_loss_that_lasts_is_given_up_with_its_reason(
    robot: Ros2Robot, network: FakeNetwork, hold: Callable[..., Action]
) -> None:
    network.faults["/odom"] = stopped(network)
    with pytest.raises(StaleDataError, match="/odom: nothing fresh"):
        run(robot, hold(), 12.0)


def test_a_message_that_makes_no_sense_is_as_good_as_none(
    robot: Ros2Robot, peer: SimplePeer, network: FakeNetwork, hold: Callable[..., Action]
) -> None:
    def broken(message: Any, now: float) -> list[tuple[float, Any]]:
        message = copy.deepcopy(message)
        message.position[2] = float("nan")
        return [(now, message)]

    network.faults["/joint_states"] = broken
    run(robot, hold(0.2), 1.0)
    assert not peer.moving
    assert "malformed" in robot.halted


def test_who_commands_may_die_the_robot_is_stopped_within_one_period_of_the_time_out(
    robot: Ros2Robot, peer: SimplePeer, network: FakeNetwork, hold: Callable[..., Action]
) -> None:
    run(robot, hold(0.3), 1.0)
    died = network.now()
    timeout = robot.config.safety.command_timeout
    peer.told_at = 1e9  # this driver has no time-out of its own
    for _ in range(100):
        network.advance()
        if not peer.moving:
            break
    assert network.now() - died <= timeout + robot.clock.period + 1e-9
    assert robot.stops.commands == 1
    assert peer.said == ["stopped: no command for 0.25 s"]
    run(robot, hold(0.3), 1.0)
    assert peer.velocity[0] == pytest.approx(0.3)
