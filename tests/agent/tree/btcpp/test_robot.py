"""Skills as leaves of a foreign tree, on a body that does what the test scripts."""

from __future__ import annotations

from typing import Any

from py_trees.common import Status

from diarchy.agent.tree.binding import Binder
from diarchy.agent.tree.btcpp.build import build
from diarchy.agent.tree.btcpp.document import parse
from diarchy.agent.tree.btcpp.robot import RobotLeaves
from diarchy.contracts.skill import Cause
from diarchy.skills.specs import BUILTIN
from tests.agent.fakes import FakeBody, FakeWorld, does, fails, mug
from tests.agent.tree.btcpp.trees import file

TAKEN = does(sets=("holding(mug_1)",), clears=("hand_empty()",))
PICK = '<pick object="mug_1"/>'


class Home:
    def __init__(self, body: str, **scripts: Any) -> None:
        world = FakeWorld()
        world.add(mug())
        self.body: Any = FakeBody(world, dict(scripts))
        self.body.library.specs = BUILTIN
        self.leaves = RobotLeaves(self.body, Binder(world), backend="auto")  # type: ignore[arg-type]
        self.root = build(parse(file(body)), self.leaves, lambda: world.now)

    def run(self, ticks: int = 60) -> Status:
        for _ in range(ticks):
            self.root.tick_once()
            if self.root.status is not Status.RUNNING:
                break
        return self.root.status

    def records(self) -> list[tuple[str, str, str | None]]:
        return [(r.skill, r.status, r.cause) for r in self.leaves.records]


def test_a_skill_succeeds_when_what_it_promises_was_seen() -> None:
    home = Home(PICK, pick=[TAKEN])
    assert home.run() is Status.SUCCESS
    assert home.records() == [("pick", "succeeded", None)]


def test_a_skill_that_only_says_it_is_done_fails() -> None:
    home = Home(PICK)
    assert home.run() is Status.FAILURE
    assert home.records() == [("pick", "failed", "no_effect")]


def test_a_fallback_catches_a_skill_that_failed_for_good() -> None:
    missed = [fails(Cause.GRASP_MISSED)] * 9
    home = Home(f'<Fallback>{PICK}<say text="I cannot reach it"/></Fallback>', pick=missed)
    assert home.run() is Status.SUCCESS
    assert home.records() == [("pick", "failed", "grasp_missed"), ("say", "succeeded", None)]


def test_a_condition_is_read_from_the_belief() -> None:
    home = Home(
        '<IfThenElse><Holds condition="holding(mug_1)"/><say text="a"/><say text="b"/></IfThenElse>'
    )
    assert home.run() is Status.SUCCESS
    assert home.body.begun == ["say(b)"]


def test_the_argument_may_come_from_the_blackboard() -> None:
    home = Home(
        f"<Sequence><Script code=\"what := 'mug_1'\"/>{PICK.replace('mug_1', '{what}')}</Sequence>",
        pick=[TAKEN],
    )
    assert home.run() is Status.SUCCESS
    assert home.body.begun[0] == "pick(mug_1)"


def test_a_described_thing_is_bound_when_the_skill_begins() -> None:
    home = Home('<pick object="the Mug[color=red]"/>', pick=[TAKEN])
    assert home.run() is Status.SUCCESS
    assert home.body.begun[0] == "pick(mug_1)"


def test_two_skills_in_a_parallel_take_turns_because_there_is_one_body() -> None:
    home = Home(f'<Parallel>{PICK}<say text="hello"/></Parallel>', pick=[TAKEN])
    assert home.run() is Status.SUCCESS
    assert home.body.begun == ["pick(mug_1)", "say(hello)"]
    assert home.body.cancelled == []


def test_a_halted_skill_is_cancelled_and_recorded() -> None:
    home = Home(
        f'<ReactiveSequence><Inverter><Holds condition="seen(mug_1)"/></Inverter>{PICK}</ReactiveSequence>'
    )
    home.body.poll = lambda subtask: None  # it takes its time
    home.root.tick_once()
    home.body.world.set("seen(mug_1)")
    home.root.tick_once()
    assert home.root.status is Status.FAILURE
    assert home.body.cancelled == [Cause.CANCELLED]
    assert home.records() == [("pick", "failed", "cancelled")]
