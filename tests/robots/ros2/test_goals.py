from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.goals import (
    STATUS_ABORTED,
    STATUS_CANCELED,
    STATUS_SUCCEEDED,
    Goal,
    GoalMachine,
    GoalState,
    GoalTimes,
)

GRIP = "control_msgs/action/GripperCommand"


def active(now: float = 0.0) -> GoalMachine:
    machine = GoalMachine()
    machine.send(now)
    machine.on_response(True, now)
    return machine


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (STATUS_SUCCEEDED, GoalState.SUCCEEDED),
        (STATUS_ABORTED, GoalState.ABORTED),
        (STATUS_CANCELED, GoalState.CANCELED),
        (0, GoalState.LOST),
    ],
)
def test_a_result_ends_a_goal(status: int, state: GoalState) -> None:
    machine = active()
    machine.on_result(status, "result", 1.0)
    assert (machine.state, machine.result) == (state, "result")
    assert bool(machine.reason) == (state is not GoalState.SUCCEEDED)


def test_a_rejected_goal_is_over() -> None:
    machine = GoalMachine()
    machine.send(0.0)
    assert not machine.on_response(False, 0.1)
    assert machine.state is GoalState.REJECTED


def test_a_cancel_before_the_answer_goes_out_with_it() -> None:
    machine = GoalMachine()
    machine.send(0.0)
    assert not machine.cancel(0.1)
    assert machine.on_response(True, 0.2)
    assert machine.state is GoalState.CANCELING


def test_a_goal_that_is_accepted_after_we_gave_up_must_be_cancelled() -> None:
    machine = GoalMachine(GoalTimes(response=1.0))
    machine.send(0.0)
    machine.tick(1.5, server=True)
    assert machine.state is GoalState.TIMED_OUT
    assert machine.on_response(True, 1.6)
    assert machine.state is GoalState.TIMED_OUT


@pytest.mark.parametrize(
    ("prepare", "at", "server", "state"),
    [
        ("sent", 2.5, True, GoalState.TIMED_OUT),
        ("active", 5.5, True, GoalState.LOST),  # silence
        ("feedback", 5.5, True, GoalState.ACTIVE),
        ("feedback", 301.0, True, GoalState.TIMED_OUT),
        ("cancel", 2.5, True, GoalState.TIMED_OUT),
        ("active", 0.1, False, GoalState.LOST),
        ("sent", 0.1, False, GoalState.LOST),
    ],
)
def test_time_and_lost_servers_end_a_goal(
    prepare: str, at: float, server: bool, state: GoalState
) -> None:
    machine = GoalMachine()
    machine.send(0.0)
    if prepare != "sent":
        machine.on_response(True, 0.0)
    if prepare == "feedback":
        machine.on_feedback("on its way", 3.0)
    if prepare == "cancel":
        assert machine.cancel(0.0)
    machine.tick(at, server=server)
    assert machine.state is state


EVENTS = st.sampled_from(
    ["accept", "reject", "feedback", "succeed", "abort", "canceled", "cancel", "tick", "gone"]
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 4)), max_size=25))
def test_whatever_happens_what_has_ended_stays_ended(events: list[tuple[str, float]]) -> None:
    machine, now, ended = GoalMachine(), 0.0, None
    machine.send(now)
    for event, dt in events:
        now += dt
        if event in ("accept", "reject"):
            machine.on_response(event == "accept", now)
        elif event == "feedback":
            machine.on_feedback(event, now)
        elif event == "cancel":
            machine.cancel(now)
        elif event in ("tick", "gone"):
            machine.tick(now, server=event == "tick")
        else:
            status = {"succeed": 4, "canceled": 5, "abort": 6}[event]
            machine.on_result(status, event, now)
        if ended is not None:
            assert machine.state is ended
        if machine.state.final:
            ended = machine.state
    machine.tick(now + 1000.0, server=True)
    assert machine.state.final  # nothing waits for ever


class Server:
    """An action server of the test's own."""

    def __init__(self, port: FakePort, *, accept: bool = True) -> None:
        self.goals: list[Any] = []
        port.serve_action("/grip", GRIP, lambda goal: accept, self.goals.append)


def goal_on(port: FakePort, **times: float) -> Goal:
    message = port.make(f"{GRIP}_Goal")
    return Goal(port, "/grip", GRIP, message, GoalTimes(**times), feedback_expected=False)


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(0.01)


def test_a_goal_goes_over_the_port_and_comes_back(network: FakeNetwork) -> None:
    server, port = Server(FakePort(network)), FakePort(network)
    goal = goal_on(port)
    assert goal.poll() is GoalState.ACTIVE
    feedback = port.make(f"{GRIP}_Feedback")
    server.goals[0].feedback(feedback)
    assert goal.machine.feedback is feedback
    server.goals[0].finish(STATUS_SUCCEEDED, port.make(f"{GRIP}_Result"))
    assert goal.poll() is GoalState.SUCCEEDED
    server.goals[0].finish(STATUS_ABORTED, None)
    assert goal.state is GoalState.SUCCEEDED


def test_a_server_that_rejects_is_not_there_or_dies(network: FakeNetwork) -> None:
    port = FakePort(network)
    assert goal_on(port).state is GoalState.LOST
    Server(FakePort(network), accept=False)
    assert goal_on(port).state is GoalState.REJECTED
    server = Server(FakePort(network))
    goal = goal_on(port)
    network.servers["/grip"].up = False
    assert goal.poll() is GoalState.LOST
    assert server.goals[0].cancel_requested


def test_a_time_out_tells_the_server(network: FakeNetwork) -> None:
    server, port = Server(FakePort(network)), FakePort(network)
    goal = goal_on(port, result=0.5)
    port.wait_until(1.0)
    assert goal.poll() is GoalState.TIMED_OUT
    assert server.goals[0].cancel_requested
