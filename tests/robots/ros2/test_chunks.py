"""Whole chunks as goals: sent, compared, watched, replaced, cancelled, refused, lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from simple import FollowingPeer

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.motion import TakesChunks
from diarchy.contracts.robot import Action
from diarchy.robots.ros2.config import Ros2Config, load_config
from diarchy.robots.ros2.config.load import parse_config
from diarchy.robots.ros2.doctor import examine
from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.goals import GoalState
from diarchy.robots.ros2.robot import Ros2Robot

ARM = "/arm_controller/follow_joint_trajectory"
STREAM = "shoulder_pan_joint"
MOVED = [1, 4]
"""shoulder_pan_joint and elbow_flex_joint."""


def content(**arm: Any) -> dict[str, Any]:
    made: dict[str, Any] = load_config("home").model_dump(mode="json", exclude={"folder"})
    made["arm"] = {"mode": "chunks", **arm}
    made["safety"]["give_up"] = 3.0
    return made


@pytest.fixture
def config() -> Ros2Config:
    return parse_config(content())


@pytest.fixture
def peer(network: FakeNetwork, config: Ros2Config) -> FollowingPeer:
    return FollowingPeer(network, config)


@pytest.fixture
def robot(network: FakeNetwork, peer: FollowingPeer, config: Ros2Config) -> Iterator[Ros2Robot]:
    made = Ros2Robot(config, FakePort(network))
    yield made
    made.close()


def motion(robot: Ros2Robot, start: FloatArray, travel: float, seconds: float) -> FloatArray:
    """Rows ``[N, D]``, one a tick, from rest to rest (a raised cosine) for two joints of the arm."""
    n = round(seconds * robot.spec.control_hz)
    share = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, n + 1) / n)
    joints = np.tile(start, (n, 1))
    joints[:, MOVED] += travel * share[:, None]
    return np.hstack([np.zeros((n, 2)), joints, np.full((n, 1), 0.05)])


def play(robot: Ros2Robot, rows: FloatArray) -> None:
    for row in rows:
        robot.apply(Action.from_vector(row))


def settle(robot: Ros2Robot, row: FloatArray, ticks: int = 30) -> None:
    play(robot, np.tile(row, (ticks, 1)))


def streamed(peer: FollowingPeer) -> int:
    return sum(t.names[0] == STREAM for t in peer.trajectories)


def test_a_chunk_goes_out_as_one_goal_and_nothing_is_streamed_beside_it(
    robot: Ros2Robot, peer: FollowingPeer
) -> None:
    assert isinstance(robot, TakesChunks)
    assert robot.takes_chunks
    rows = motion(robot, robot.proprio().q, 0.4, 1.0)
    before = streamed(peer)
    robot.announce(rows)
    play(robot, rows)
    settle(robot, rows[-1])
    assert streamed(peer) == before
    assert len(peer.goals) == 1
    assert peer.goals[0].ended
    np.testing.assert_allclose(peer.q, rows[-1, 2:-1], atol=1e-9)
    output = robot.outputs.chunked[0]
    assert (output.counts.chunks_sent, output.running) == (1, False)
    assert robot.halted == ""


def test_the_points_are_timed_rows_with_their_rates_and_end_at_rest(
    robot: Ros2Robot, peer: FollowingPeer
) -> None:
    rows = motion(robot, robot.proprio().q, 0.4, 1.0)
    robot.announce(rows)
    plan = peer.goals[0].goal.trajectory
    times = np.array(
        [p.time_from_start.sec + 1e-9 * p.time_from_start.nanosec for p in plan.points]
    )
    period, arm = robot.clock.period, robot.outputs.chunked[0].index
    assert len(times) == 50
    assert times[-1] == pytest.approx(len(rows) * period)
    index = np.rint(times / period).astype(int) - 1
    np.testing.assert_allclose([p.positions for p in plan.points], rows[index][:, 2:-1][:, arm])
    rates = np.array([p.velocities for p in plan.points])
    assert not rates[-1].any()
    dense = np.gradient(rows[:, 2:-1], period, axis=0)[index][:, arm]
    np.testing.assert_allclose(rates[1:-1], dense[1:-1], atol=1e-6)


@pytest.mark.parametrize("seam", [17, 60, 111])
def test_a_newer_chunk_replaces_the_goal_without_a_step(
    robot: Ros2Robot, peer: FollowingPeer, seam: int
) -> None:
    """The skill's usual way: every chunk is announced with its braking tail and replaced before that plays."""
    rows = motion(robot, robot.proprio().q, 0.6, 1.0)
    from diarchy.skills.execution.braking import braking_tail

    begin = len(peer.path)
    first = np.vstack([rows[:seam], braking_tail(robot.spec, rows[:seam])])
    robot.announce(first)
    play(robot, rows[:seam])
    robot.announce(rows[seam:])
    play(robot, rows[seam:])
    settle(robot, rows[-1])
    followed = np.array(peer.path[begin : begin + len(rows)])
    assert robot.outputs.chunked[0].counts.chunks_replaced == 1
    assert [g.ended for g in peer.goals] == [True, True]
    assert robot.halted == ""
    # 50 points a second stand for 200 rows: 0.5 a dt^2 / 4 with a = 0.3 pi^2 rad/s^2 and dt = 0.02 s.
    off = np.abs(followed - rows[:, 2:-1])[:, MOVED]
    assert off.max() < 2e-4 + 1e-6
    rate = np.diff(followed[:, MOVED], axis=0)
    assert np.abs(np.diff(rate, axis=0)).max() < 0.3 * np.pi**2 * 0.005 * 0.02 * 1.2


def test_a_tick_that_is_another_than_promised_cancels_the_goal_and_is_streamed(
    robot: Ros2Robot, peer: FollowingPeer
) -> None:
    rows = motion(robot, robot.proprio().q, 0.4, 1.0)
    robot.announce(rows)
    play(robot, rows[:80])
    before, other = streamed(peer), rows[79].copy()
    robot.apply(Action.from_vector(other))  # the guard holds it
    assert peer.goals[0].cancel_requested
    assert streamed(peer) == before + 1
    settle(robot, other)
    np.testing.assert_allclose(peer.q, other[2:-1], atol=1e-9)
    assert robot.outputs.chunked[0].counts.chunks_broken == 1


def test_a_joint_that_leaves_its_promise_stops_the_robot_in_the_same_tick(
    robot: Ros2Robot, peer: FollowingPeer, network: FakeNetwork
) -> None:
    rows = motion(robot, robot.proprio().q, 0.6, 1.0)
    robot.announce(rows)
    peer.stuck = {"elbow_flex_joint"}
    tolerance = robot.outputs.chunked[0]._part.tolerance
    start = robot.proprio().q[4]
    k = 0
    while not robot.halted:
        robot.apply(Action.from_vector(rows[k]))
        k += 1
    # It may lag by 0.25 s, not more: by then it had to be where it was promised to be a quarter of a second ago.
    assert rows[k, 2 + 4] - start > tolerance
    assert rows[k - 51, 2 + 4] - start < tolerance
    assert peer.goals[0].cancel_requested
    assert "off the promised path" in robot.halted
    assert "off the promised path" in peer.said[-1]
    told = [t for t in peer.trajectories if t.names[0] == STREAM][-1]
    np.testing.assert_allclose(told.positions[-1][MOVED[1] - 1], start, atol=1e-9)
    assert any(line.values.get("chunks_faulted") == "1" for line in peer.health)
    held = robot.proprio().q.copy()
    settle(robot, np.concatenate([[0, 0], held, [0.05]]), 50)
    assert robot.halted  # for half a second
    settle(robot, np.concatenate([[0, 0], held, [0.05]]), 80)
    assert robot.halted == ""


def test_a_controller_that_refuses_a_chunk_stops_the_robot_and_the_arm_is_not_streamed_to_instead(
    robot: Ros2Robot, peer: FollowingPeer
) -> None:
    peer.accepts = False
    q = robot.proprio().q
    rows = motion(robot, q, 0.4, 1.0)
    robot.announce(rows)
    play(robot, rows[:1])
    assert "rejected the goal" in robot.halted
    assert "rejected the goal" in peer.said[-1]
    play(robot, rows[1:])
    settle(robot, rows[-1], 200)
    assert robot.halted == ""
    np.testing.assert_allclose(peer.q, q, atol=1e-6)
    # A chunk that begins elsewhere does not free it, one that begins where it is does.
    peer.accepts = True
    robot.announce(motion(robot, rows[-1, 2:-1], 0.2, 0.5))
    settle(robot, rows[-1], 10)
    np.testing.assert_allclose(peer.q, q, atol=1e-6)
    again = motion(robot, q, 0.2, 0.5)
    robot.announce(again)
    play(robot, again)
    settle(robot, again[-1])
    np.testing.assert_allclose(peer.q, again[-1, 2:-1], atol=1e-9)


def test_a_server_that_goes_stops_the_robot_until_it_is_back(
    robot: Ros2Robot, peer: FollowingPeer, network: FakeNetwork
) -> None:
    rows = motion(robot, robot.proprio().q, 0.4, 1.0)
    robot.announce(rows)
    play(robot, rows[:60])
    network.servers[ARM].up = False
    robot.apply(Action.from_vector(rows[60]))
    assert "the server is gone" in robot.halted
    here = np.concatenate([[0, 0], robot.proprio().q, [0.05]])
    settle(robot, here, 200)
    assert robot.halted
    network.servers[ARM].up = True
    settle(robot, here, 2)
    assert robot.halted == ""
    again = motion(robot, robot.proprio().q, 0.2, 0.5)
    robot.announce(again)
    play(robot, again)
    settle(robot, again[-1])
    np.testing.assert_allclose(peer.q, again[-1, 2:-1], atol=1e-9)


def test_a_controller_that_does_not_answer_or_aborts_stops_the_robot(
    robot: Ros2Robot, peer: FollowingPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = motion(robot, robot.proprio().q, 0.4, 1.0)
    robot.announce(rows)
    play(robot, rows[:20])
    result = peer.port.make("control_msgs/action/FollowJointTrajectory_Result")
    result.error_code, result.error_string = -4, "elbow too far"
    peer.goals[0].finish(6, result)
    robot.apply(Action.from_vector(rows[20]))
    assert "aborted: elbow too far" in robot.halted
    here = np.concatenate([[0, 0], robot.proprio().q, [0.05]])
    settle(robot, here, 150)
    assert robot.halted == ""
    monkeypatch.setattr(robot.port, "send_goal", lambda *args: peer.goals[0])
    rows = motion(robot, robot.proprio().q, 0.1, 2.0)
    robot.announce(rows)
    play(robot, rows[:10])
    assert robot.halted == ""
    play(robot, np.tile(rows[10], (1, 1)))
    robot.announce(rows[11:])
    for row in rows[11:]:
        robot.apply(Action.from_vector(row))
        if robot.halted:
            break
    assert "off the promised path" in robot.halted or "no answer for 1 s" in robot.halted


def test_a_goal_that_ends_a_little_off_its_end_is_no_fault(
    robot: Ros2Robot, peer: FollowingPeer
) -> None:
    rows = motion(robot, robot.proprio().q, 0.2, 0.5)
    robot.announce(rows)
    play(robot, rows)
    result = peer.port.make("control_msgs/action/FollowJointTrajectory_Result")
    result.error_code, result.error_string = -5, "sags"
    peer.goals[0].finish(6, result)
    settle(robot, rows[-1])
    assert robot.halted == ""


def test_a_stop_cancels_and_holds_within_one_control_period(
    robot: Ros2Robot, peer: FollowingPeer, network: FakeNetwork
) -> None:
    rows = motion(robot, robot.proprio().q, 0.6, 1.0)
    robot.announce(rows)
    play(robot, rows[:100])
    q, dq = peer.q.copy(), (peer.path[-1] - peer.path[-2]) / robot.clock.period
    assert np.abs(dq).max() > 0.8
    sent = streamed(peer)
    robot.stop()  # no tick passes: what is sure is sure before the next one
    assert peer.goals[0].cancel_requested
    assert peer.goals[0].ended  # the hold has replaced it, and so it would if the cancel were lost
    assert streamed(peer) == sent + 1
    assert robot.outputs.chunked[0].running is False
    network.advance()
    rest = 0.5 * dq**2 / robot.spec.limits("acceleration")
    for _ in range(200):
        network.advance()
        assert (np.abs(peer.q - q) <= rest + 0.005 * np.abs(dq) + 1e-6).all()
    assert np.abs(peer.path[-1] - peer.path[-2]).max() == 0.0


def test_a_goal_that_is_answered_only_after_the_stop_is_cancelled(
    robot: Ros2Robot, peer: FollowingPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = []
    cancels: list[bool] = []

    class Handle:
        def cancel(self) -> None:
            cancels.append(True)

    def slow(action: str, kind: str, goal: Any, respond: Any, feed: Any, end: Any) -> Handle:
        answers.append(respond)
        return Handle()

    monkeypatch.setattr(robot.port, "send_goal", slow)
    robot.announce(motion(robot, robot.proprio().q, 0.4, 1.0))
    robot.stop()
    assert cancels == []
    answers[0](True)
    assert cancels == [True]


@pytest.mark.parametrize(
    ("travel", "seconds", "why"),
    [(1.0, 0.2, "too fast"), (5.0, 8.0, "leaves its range")],
)
def test_what_breaks_a_limit_is_not_sent_whole(
    robot: Ros2Robot, peer: FollowingPeer, travel: float, seconds: float, why: str
) -> None:
    robot.announce(motion(robot, robot.proprio().q, travel, seconds))
    output = robot.outputs.chunked[0]
    assert peer.goals == []
    assert why in output.objection
    assert output.counts.chunks_objected == 1


def test_joints_that_are_not_where_they_were_told_to_be_get_no_chunk(
    robot: Ros2Robot, peer: FollowingPeer
) -> None:
    rows = motion(robot, robot.proprio().q, 0.1, 0.5)
    play(robot, rows)
    settle(robot, rows[-1])
    peer.q[4] += 0.4
    peer.stuck = {"elbow_flex_joint"}
    settle(robot, rows[-1], 2)
    robot.announce(motion(robot, rows[-1, 2:-1], 0.1, 0.5))
    assert "away from where they were told to be" in robot.outputs.chunked[0].objection


def test_what_does_not_move_the_arm_is_no_goal(robot: Ros2Robot, peer: FollowingPeer) -> None:
    rows = motion(robot, robot.proprio().q, 0.0, 0.5)
    rows[:, 2 + 8] += np.linspace(0.0, 0.2, len(rows))  # the head
    play(robot, rows[:1])
    robot.announce(rows[1:])
    play(robot, rows[1:])
    assert peer.goals == []
    assert peer.q[8] == pytest.approx(rows[-1, 2 + 8], abs=1e-6)


def test_a_clock_that_jumps_back_drops_the_promise(
    robot: Ros2Robot, peer: FollowingPeer, network: FakeNetwork
) -> None:
    rows = motion(robot, robot.proprio().q, 0.4, 1.0)
    robot.announce(rows)
    play(robot, rows[:50])
    network.offset -= 20.0
    robot.apply(Action.from_vector(rows[50]))
    assert robot.halted
    assert peer.goals[0].cancel_requested
    assert robot.outputs.chunked[0].running is False


def test_chunks_need_an_action_and_the_file_says_so() -> None:
    made = content()
    made["controllers"][1]["action"] = None
    with pytest.raises(BadInputError, match=r"arm\.mode.*shoulder_pan_joint has no action"):
        parse_config(made)
    made["arm"]["mode"] = "stream"
    assert parse_config(made).arm.mode == "stream"
    made["arm"]["mode"] = "chunk"
    with pytest.raises(BadInputError, match=r"arm\.mode"):
        parse_config(made)


def test_by_default_the_arm_is_streamed_to(network: FakeNetwork) -> None:
    streaming = load_config("home")
    FollowingPeer(network, streaming)
    robot = Ros2Robot(streaming, FakePort(network))
    assert not robot.takes_chunks
    robot.close()


def test_doctor_says_how_the_arm_is_commanded_and_needs_its_action(
    network: FakeNetwork, peer: FollowingPeer, config: Ros2Config
) -> None:
    lines = {c.name: c for c in examine(config, FakePort(network), seconds=0.5)}
    assert lines["arm"].ok
    assert "whole chunks" in lines["arm"].detail
    assert lines[f"action {ARM}"].needed
    network.servers[ARM].up = False
    lines = {c.name: c for c in examine(config, FakePort(network), seconds=0.5)}
    assert not lines[f"action {ARM}"].ok
    assert lines[f"action {ARM}"].needed


def test_a_promise_keeps_what_was_due_lately_so_that_a_late_servo_is_not_off_it() -> None:
    from diarchy.robots.ros2.chunks import Promise

    due = np.arange(100) * 0.01
    promise = Promise(due, np.stack([due, 2 * due], axis=1), 0, 0)
    for lag in (0.0, 0.1, 0.2):
        at = 0.8 - lag
        assert promise.off(np.array([at, 2 * at]), 0.8) < 0.06
    assert promise.off(np.array([0.8, 0.0]), 0.8) > 1.0
    assert GoalState.LOST.final
