"""Random worlds, goals and words: every plan works under the simulator, and nothing crashes."""

from __future__ import annotations

from household import VOCABULARY, ask, known_words, world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarchy.contracts.effects import holds, simulate, violations
from diarchy.contracts.entity import Truth, class_words
from diarchy.contracts.plan import Plan, Question, Refusal
from diarchy.contracts.world import WorldSnapshot
from diarchy.planners.symbolic.lexicon import lexicon_for
from diarchy.planners.symbolic.syntax import parse
from diarchy.planners.symbolic.tagging import tag
from diarchy.skills.specs import BUILTIN

CLASSES = ("Apple", "Mug", "SodaCan", "Potato", "Cup")
PLACES = (
    "on counter_top_1",
    "on dining_table_1",
    "on coffee_table_1",
    "on shelf_1",
    "in fridge_1",
    "in garbage_can_1",
    "",
)
TARGETS = (
    "in the fridge",
    "on the shelf",
    "on the counter",
    "in the bin",
    "on the coffee table",
    "to me",
    "on the sofa",
)
VERBS = ("put", "move", "place", "take", "bring")


@st.composite
def worlds(draw: st.DrawFn) -> WorldSnapshot:
    """Draw a home: each object somewhere, perhaps in the hand; the fridge open, closed or unknown."""
    present = draw(st.lists(st.sampled_from(CLASSES), unique=True))
    objects = {f"{c} {c.lower()}_1": draw(st.sampled_from(PLACES)) for c in present}
    loose = [key.split()[-1] for key, where in objects.items() if not where]
    held = draw(st.sampled_from([None, *loose]))
    door = draw(st.sampled_from(["open", "closed", "unknown"]))
    return world(
        objects,
        held=held,
        true=["open(fridge_1)"] if door == "open" else [],
        unknown=["open(fridge_1)"] if door == "unknown" else [],
        inspected=draw(
            st.lists(
                st.sampled_from(["coffee_table_1", "shelf_1", "counter_top_1", "fridge_1"]),
                unique=True,
            )
        ),
        at=(draw(st.floats(0, 8)), draw(st.floats(0, 5))),
    )


@st.composite
def commands(draw: st.DrawFn) -> str:
    """Draw one to three clauses about things and places of the home."""
    clauses = []
    for _ in range(draw(st.integers(1, 3))):
        thing = class_words(draw(st.sampled_from(CLASSES)))
        form = draw(st.integers(0, 5))
        clauses.append(
            [
                f"{draw(st.sampled_from(VERBS))} the {thing} {draw(st.sampled_from(TARGETS))}",
                f"pick up the {thing}",
                f"find the {thing}",
                draw(st.sampled_from(["open the fridge", "close the fridge", "go to the sofa"])),
                f"throw the {thing} away",
                f"move everything from the coffee table {draw(st.sampled_from(TARGETS[:5]))}",
            ][form]
        )
    return " and then ".join(clauses)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(commands(), worlds())
def test_every_plan_has_no_violations_and_reaches_its_goals(
    sentence: str, home: WorldSnapshot
) -> None:
    answer = ask(sentence, home)
    assert isinstance(answer, Plan | Question | Refusal)
    if not isinstance(answer, Plan):
        return
    assert violations(answer, BUILTIN, home) == []
    if answer.complete:
        final = simulate(answer, BUILTIN, home).final
        assert all(holds(goal, final) is Truth.TRUE for goal in answer.goals)
    ids = [s.id for s in answer.subtasks]
    assert len(set(ids)) == len(ids)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_what_a_plan_opened_it_closes_when_the_hand_is_free(home: WorldSnapshot) -> None:
    answer = ask("put the apple in the fridge and go to the sofa", home)
    if isinstance(answer, Plan) and any(s.skill == "open" for s in answer.subtasks):
        assert any(s.skill == "close" for s in answer.subtasks)


WORDS = st.sampled_from(
    [*known_words(), "put", "place", "the", "a", "in", "on", "and", "then", "it", "them", "to", "from", "with",
     "all", "two", "everything", "me", "kitchen", "red", "slice", "of", "next to", "turn", "off", "while",
     "clean", "back", "top", ",", ".", "?", "zorp", "quux", "'", "other", "both", "one", "10", "lamp", "under"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=14))
def test_no_sentence_of_random_words_crashes(words: list[str]) -> None:
    answer = ask(" ".join(words))
    assert isinstance(answer, Plan | Question | Refusal)
    assert answer.reading is not None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_at_all_crashes(text: str) -> None:
    assert isinstance(ask(text), Plan | Question | Refusal)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=12))
def test_whatever_tagging_lets_through_can_be_parsed(words: list[str]) -> None:
    lexicon = lexicon_for((*VOCABULARY.object_classes, *VOCABULARY.fixture_classes))
    parse(tag(" ".join(words), lexicon))
