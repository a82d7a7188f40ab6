"""Random commands in random states of the whole home: every plan works under the simulator."""

from __future__ import annotations

from household import brief
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whole_home import command, home

from diarchy.contracts.effects import holds, simulate
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Plan, Question, Refusal
from diarchy.contracts.world import WorldSnapshot
from diarchy.skills.specs import BUILTIN

THINGS = (
    "the potato", "the red apple", "a mug", "the blue mug", "the fork", "the cup", "the egg", "the bowl", "the plate",
    "the book", "both apples", "all mugs", "the food", "a pencil", "the spoon and the candle", "it", "them",
)  # fmt: skip
PLACES = (
    "in the fridge", "in the microwave", "in the sink", "in the cabinet", "in the top drawer of the dresser", "on the desk",
    "on the dining table", "on the plate", "in the cup", "in the bowl", "in a drawer", "to me", "on the bed", "in the bin",
)  # fmt: skip
DEVICES = ("the faucet", "the desk lamp", "the microwave")
FACTS = (
    "open(fridge_1)", "open(microwave_1)", "open(drawer_1)", "open(cabinet_1)", "running(sink_basin_1)", "running(desk_lamp_1)",
    "hot(potato_1)", "cold(apple_1)", "clean(mug_1)",
)  # fmt: skip


@st.composite
def clauses(draw: st.DrawFn) -> str:
    thing, place = draw(st.sampled_from(THINGS)), draw(st.sampled_from(PLACES))
    return draw(
        st.sampled_from([
            f"put {thing} {place}", f"bring {thing} {place}", f"heat {thing}", f"cool {thing}", f"wash {thing}",
            f"pick up {thing}", f"find {thing}", f"push {thing} aside", f"look at {thing} under the lamp", f"give me {thing}",
            f"put a clean {thing.split()[-1]} {place}", f"turn on {draw(st.sampled_from(DEVICES))}",
            f"turn off {draw(st.sampled_from(DEVICES))}", "open the cabinet", "close the microwave", "go to the bedroom",
        ])
    )  # fmt: skip


@st.composite
def states_of_the_home(draw: st.DrawFn) -> WorldSnapshot:
    facts = draw(st.lists(st.sampled_from(FACTS), unique=True))
    held = draw(st.sampled_from([None, "book_1", "plate_1", "apple_1", "mug_1"]))
    return home(true=facts, held=held, person=draw(st.booleans()))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(clauses(), min_size=1, max_size=4), states_of_the_home())
def test_every_plan_works_and_reaches_its_goals(parts: list[str], world: WorldSnapshot) -> None:
    sentence = ", then ".join(parts)
    answer = command(sentence, world)
    assert isinstance(answer, Plan | Question | Refusal)
    if not isinstance(answer, Plan):
        return
    result = simulate(answer.model_copy(update={"complete": True}), BUILTIN, world)
    assert result.violations == (), (sentence, brief(answer))
    known = {e.id for e in world.entities} | {"*"}
    for goal in answer.goals:
        if answer.complete and set(goal.predicate.args) <= known:
            assert holds(goal, result.final) is Truth.TRUE, (sentence, goal)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(clauses(), min_size=1, max_size=3))
def test_nothing_that_was_opened_on_the_way_stays_open_when_the_hand_is_free(
    parts: list[str],
) -> None:
    world = home()
    answer = command(", then ".join(parts), world)
    if not isinstance(answer, Plan) or not answer.complete or "open the" in " ".join(parts):
        return
    final = simulate(answer, BUILTIN, world).final
    if any(p.name == "hand_empty" for p in final.true):
        assert [p for p in final.true if p.name == "open"] == [], (parts, brief(answer))
