"""The skill kit passes a good skill and says what is broken about each bad one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import (
    Ask,
    Cause,
    Command,
    Look,
    Outcome,
    Parameter,
    Postcondition,
    Skill,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.testing import SampleContext, check_skill

SPEC = SkillSpec(
    name="wave_at",
    sentence="Turn the head a little towards an object.",
    parameters=(Parameter(name="object", kind="object"),),
    preconditions=("located(object)",),
    postconditions=(Postcondition(template="seen(object)", transient=True),),
    timeout=5.0,
)


class WaveAt:
    """Looks, asks, turns the head over two chunks, and says so."""

    spec = SPEC
    backend = "motion"

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        context.world.entity(call.args["object"])
        proprio = yield Look()
        proprio = yield Ask("Shall I wave?", ("yes", "no"))
        if context.answer != "yes":
            return Outcome.failed(Cause.CANCELLED, "the person said no")
        for _ in range(2):
            proprio = yield chunk(context, proprio)
        return Outcome.done("waved")


def chunk(context: SkillContext, proprio: Proprio) -> ActionChunk:
    row = np.concatenate([np.zeros(2), proprio.q + 0.01, [0.05]])
    return ActionChunk(
        "joint", "joint", np.tile(row, (4, 1)), proprio.tick, 4, context.epoch, "motion:wave_at"
    )


Start = Callable[[SkillCall, SkillContext, Proprio], SkillRun]


def skill(start: Start, spec: SkillSpec = SPEC, backend: str = "motion") -> Skill:
    made = WaveAt()
    made.start = start  # type: ignore[method-assign, assignment]
    made.spec, made.backend = spec, backend
    return made


def yields(make: Callable[[SkillContext, Proprio], object]) -> Skill:
    def start(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        context.world.entity(call.args["object"])
        command: Command = make(context, proprio)  # type: ignore[assignment]
        yield command
        return Outcome.done()

    return skill(start)


def returns(outcome: object) -> Skill:
    def start(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        context.world.entity(call.args["object"])
        yield Look()
        return outcome  # type: ignore[return-value]

    return skill(start)


def clings(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
    try:
        yield Look()
    except GeneratorExit:
        yield Look()
    return Outcome.done()


def crashes(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
    found = {e.id: e for e in context.world.entities()}
    yield Look()
    return Outcome.done(found[call.args["object"]].describe())


def believes_anything(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
    yield Look()
    return Outcome.done("sure")


def no_generator(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
    return Outcome.done()  # type: ignore[return-value]


def spec_with(**changes: object) -> Skill:
    return skill(WaveAt().start, spec=SPEC.model_copy(update=changes))


def changed(**changes: object) -> Skill:
    return yields(lambda c, p: replace(chunk(c, p), **changes))  # type: ignore[arg-type]


def test_a_good_skill_passes() -> None:
    check_skill(WaveAt(), SampleContext)


def test_a_skill_that_runs_into_its_timeout_is_closed_and_passes() -> None:
    def start(call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        context.world.entity(call.args["object"])
        while True:
            proprio = yield chunk(context, replace(proprio, q=np.zeros(10)))

    check_skill(skill(start), SampleContext)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(object(), "is no Skill", id="lacks its members"),
        pytest.param(skill(WaveAt().start, backend="magic"), "'magic'", id="hides who acts"),
        pytest.param(spec_with(sentence=""), "sentence is empty", id="has no sentence"),
        pytest.param(
            spec_with(preconditions=("flying(object)",)),
            "no condition",
            id="has a predicate of its own",
        ),
        pytest.param(
            spec_with(deletes=("on(thing, *)",)), "is no parameter", id="names no parameter"
        ),
        pytest.param(skill(no_generator), "not a generator", id="returns at once"),
        pytest.param(yields(lambda c, p: "go"), "yielded str", id="yields a string"),
        pytest.param(
            yields(lambda c, p: Look(("eye",))), "does not have", id="looks with no camera"
        ),
        pytest.param(yields(lambda c, p: Ask("")), "asks nothing", id="asks nothing"),
        pytest.param(changed(epoch=9), "epoch 9", id="uses another epoch"),
        pytest.param(changed(start_tick=-1), "is before", id="commands the past"),
        pytest.param(changed(stride=0), "stride is 0", id="has no stride"),
        pytest.param(changed(values=np.zeros((0, 13))), "no rows", id="yields an empty chunk"),
        pytest.param(changed(values=np.full((2, 13), np.inf)), "not finite", id="yields infinity"),
        pytest.param(
            changed(values=np.full((2, 13), 5.0)), "outside the limits", id="leaves limits"
        ),
        pytest.param(returns(None), "returned None", id="ends without an outcome"),
        pytest.param(
            returns(Outcome(success=False)), "without a cause", id="fails without a cause"
        ),
        pytest.param(
            returns(Outcome(success=True, cause=Cause.TIMEOUT)),
            "with the cause",
            id="succeeds with a cause",
        ),
        pytest.param(skill(clings), "closing the skill", id="clings on when it is closed"),
        pytest.param(skill(crashes), "made the skill crash", id="crashes on an unknown thing"),
        pytest.param(skill(believes_anything), "claims success", id="claims success on nothing"),
    ],
)
def test_the_kit_says_what_is_wrong_with_a_skill_that(broken: Skill, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as caught:
        check_skill(broken, SampleContext)
    assert "To mend it: " in str(caught.value)
