"""What the guard is told each tick: people, who receives, what must stay upright, how old a chunk is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from diarchy.agent.control.guarding import Guarding, Place
from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.geometry import SE3
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.contracts.skill import SkillCall
from diarchy.contracts.world import Newcomers
from diarchy.skills.execution import TickCommand
from diarchy.skills.specs import HAND_OVER, NAVIGATE_TO
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
ZONE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
STILL = Action(np.zeros(2), np.zeros(len(SPEC.joints)), 0.05)


class Listening:
    """A chain that lets everything through and keeps what it was told."""

    def __init__(self) -> None:
        self.contexts: list[GuardContext] = []

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        self.contexts.append(context)
        return Verdict(action)

    def before(self, proprio: Proprio) -> Action | None:
        return None


def thing(name: str, cls: str, kind: Any, x: float, **more: Any) -> Entity:
    return Entity(id=name, cls=cls, kind=kind, position=(x, 0.0, 0.8), **more)


def world_of(held: str | None = None, *, loaded: bool = False) -> Any:
    entities = (
        thing("mug_1", "Mug", "object", 1.0, can_hold=("in",)),
        thing("person_1", "Person", "person", 3.0),
        thing("person_2", "Person", "person", 4.0),
        thing("spoon_1", "Spoon", "object", 1.05),
    )

    def truth(condition: Any) -> Truth:
        return Truth.of(loaded and condition.predicate.args == ("spoon_1", "mug_1"))

    return SimpleNamespace(
        map_from_base=SE3.identity,
        held=lambda: held,
        entities=lambda: entities,
        in_gripper=lambda name: SE3.from_xyz_yaw(0.0, 0.0, 0.0, 0.3),
        truth=truth,
        newcomers=Newcomers.none,
    )


def heard(
    world: Any, *calls: tuple[Any, SkillCall], command: TickCommand | None = None
) -> GuardContext:
    chain: Any = Listening()
    guarding = Guarding(chain, SPEC, Place((-9, -9, 9, 9), (ZONE,)))
    for spec, call in calls:
        guarding.serve(spec, call)
    command = command or TickCommand(STILL, "motion:pick", 1, "chunk", False, 3)
    guarding.check(command, sample_proprio(SPEC, tick=203), world, now=1.265)
    return chain.contexts[-1]


def test_people_come_from_the_belief_and_zones_from_the_map() -> None:
    context = heard(world_of())
    assert context.people == ((3.0, 0.0), (4.0, 0.0))
    assert context.keep_out == (ZONE,)
    assert context.feeling_age == pytest.approx(0.25)


def test_only_a_hand_over_has_a_receiver_and_only_while_it_runs() -> None:
    give = (HAND_OVER, SkillCall(skill="hand_over", args={"object": "mug_1", "person": "person_2"}))
    drive = (NAVIGATE_TO, SkillCall(skill="navigate_to", args={"target": "person_2"}))
    assert heard(world_of(), give).receiver == (4.0, 0.0)
    assert heard(world_of(), give).force_limit == HAND_OVER.force_limit
    assert heard(world_of(), give, drive).receiver is None


@pytest.mark.parametrize(
    ("held", "loaded", "stays"),
    [("mug_1", True, True), ("mug_1", False, False), (None, True, False)],
)
def test_a_vessel_with_something_in_it_must_stay_upright(
    held: str | None, loaded: bool, stays: bool
) -> None:
    assert (heard(world_of(held, loaded=loaded)).upright is not None) is stays


@pytest.mark.parametrize(("source", "age"), [("vla:pick_flow", 1.0), ("motion:pick", 0.0)])
def test_the_chunk_of_a_policy_ages_and_a_planned_motion_does_not(source: str, age: float) -> None:
    command = TickCommand(STILL, source, 1, "chunk", False, 3)
    assert heard(world_of(), command=command).chunk_age == pytest.approx(age)
