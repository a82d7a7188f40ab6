import gzip
import json

import numpy as np
import pytest

pytest.importorskip("tokenizers")

from diarchy.agent.learning.sentences import alfred
from diarchy.agent.learning.sentences.build import build, tokens_of
from diarchy.agent.learning.sentences.household import HOME_PLACES, Speaker, generate
from diarchy.agent.learning.sentences.naming import plural
from diarchy.contracts.errors import BadInputError
from diarchy.planners.embedded.grammar import Grammar, matches
from diarchy.planners.embedded.language import Reading, Wish, goal_of, parse, write
from diarchy.planners.embedded.prompt import Scene, normal
from diarchy.planners.embedded.samples import Samples
from diarchy.planners.embedded.words import encoder, load_tokenizer

OBJECTS = ("Apple", "Bowl", "Cup", "Fork", "KeyChain", "Mug", "Plate", "Potato", "Book")


def _row(number, scene="FloorPlan1", target="Mug", parent="Shelf", **change):
    row = {
        "task": f"trial_{number}",
        "type": "pick_and_place_simple",
        "goal": {"object_target": target, "parent_target": parent, "mrecep_target": "", "toggle_target": "", "object_sliced": False},
        "scene": scene,
        "instruction": f"Move a {target.lower()} from the desk to the {parent.lower()}.",
        "steps": ["Turn left.", f"Pick up the {target.lower()}.", "Go on.", f"Put it on the {parent.lower()}."],
        "plan": [["GotoLocation", "desk"], ["PickupObject", target.lower()], ["GotoLocation", parent.lower()], ["PutObject", target.lower(), parent.lower()], ["NoOp"]],
        "objects": list(OBJECTS),
    }  # fmt: skip
    return row | change


@pytest.fixture
def rows():
    targets, parents = OBJECTS[:6], ("Shelf", "Dresser", "Bed", "Sofa")
    return [
        _row(i, f"FloorPlan{i % 30}", targets[i % 6], parents[(i // 6) % 4]) for i in range(400)
    ]


def test_each_task_is_in_one_part_and_all_parts_are_there(rows):
    parts = alfred.splits(rows)
    assert set(parts.values()) == set(alfred.SPLITS)
    assert parts == alfred.splits(list(reversed(rows)))


def test_held_out_floor_plans_and_combinations_occur_nowhere_else(rows):
    parts = alfred.splits(rows)
    for part, key in (("floorplans", lambda r: r["scene"]), ("combinations", alfred.goal)):
        held = {key(r) for r in rows if parts[r["task"]] == part}
        others = {key(r) for r in rows if parts[r["task"]] in ("train", "val")}
        assert held
        assert not held & others


def test_words_of_held_out_combinations_are_trained_on(rows):
    parts = alfred.splits(rows)
    trained = [alfred.goal(r) for r in rows if parts[r["task"]] == "train"]
    for goal in {alfred.goal(r) for r in rows if parts[r["task"]] == "combinations"}:
        for slot, value in enumerate(goal):
            assert any(g[slot] == value for g in trained)


def test_a_task_does_not_give_away_its_own_places():
    rows = [_row(1, parent="Shelf"), _row(2, parent="Bed")]
    found = alfred.places(rows)
    assert found == {"trial_1": ("Bed", "Desk"), "trial_2": ("Desk", "Shelf")}


def test_a_row_gives_the_sentence_the_steps_and_single_steps():
    said = list(alfred.sentences([_row(1)]))
    assert [s.kind for s in said] == ["goal", "steps", "step", "step"]
    assert said[0].reading.steps == (Wish("put", "Mug", "a", where="Desk", to="Shelf"),)
    assert [s.reading.steps[0].do for s in said[2:]] == ["hold", "put"]


def test_a_source_that_nobody_names_is_not_asked_for():
    said = next(iter(alfred.sentences([_row(1, instruction="Put a mug on the shelf")])))
    assert said.reading.steps[0].where == ""


@pytest.mark.parametrize("text", ["", "no json", '{"task": 1}'])
def test_another_file_is_an_error(tmp_path, text):
    path = tmp_path / "rows.gz"
    path.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(BadInputError, match=r"rows\.gz"):
        alfred.load(path)


def test_generated_sentences_repeat_by_seed():
    first, again, other = (list(generate(40, seed, OBJECTS)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("odd", [False, True])
def test_generated_answers_can_be_written_in_their_home(odd, tmp_path, rows):
    path = tmp_path / "rows.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(r) for r in rows[:40]).encode()))
    build(path, tmp_path, OBJECTS, commands=200, odd=50)
    tokenizer = load_tokenizer(tmp_path)
    encode, end = encoder(tokenizer), tokenizer.token_to_id("<|im_end|>")
    for said in generate(300, 5, OBJECTS, odd=odd):
        grammar = Grammar(Scene(said.objects, said.places, said.rooms, said.person))
        answer = [*encode(write(said.reading)), end]
        assert matches(grammar, encode, end, answer), said


def test_everything_that_can_be_done_is_said():
    said = list(generate(1500, 3, OBJECTS))
    done = {w.do for s in said for w in s.reading.steps}
    assert done == {"put", "give", "hold", "find", "look", "push", "heat", "cool", "clean", "slice", "open", "close", "turn on", "turn off", "go", "show", "wait"}  # fmt: skip
    assert {w.many for s in said for w in s.reading.steps} == {"", "a", "two", "all"}


def test_odd_sentences_get_every_refusal_and_a_question():
    codes = {s.reading.code for s in generate(300, 3, OBJECTS, odd=True)}
    assert codes == {None, "unsafe", "no_skill", "not_understood", "unknown_word"}


def test_what_is_said_names_what_is_meant():
    speaker = Speaker(np.random.default_rng(0), OBJECTS, HOME_PLACES, ("kitchen",))
    sentences = [speaker._put_several() for _ in range(50)]
    assert all(wishes[0].many in ("two", "all") for _, wishes in sentences)
    assert any("forks" in sentence for sentence, wishes in sentences if wishes[0].object == "Fork")


@pytest.mark.parametrize(
    ("one", "many"),
    [("mug", "mugs"), ("bar of soap", "bars of soap"), ("glass", "glasses"), ("keys", "keys"), ("knife", "knives"), ("tomato", "tomatoes")],
)  # fmt: skip
def test_plurals(one, many):
    assert plural(one) == many


def test_a_file_holds_every_sentence_with_its_answer(tmp_path, rows):
    path = tmp_path / "rows.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(r) for r in rows).encode()))
    built = build(path, tmp_path, OBJECTS, commands=100, odd=20)
    samples, tokenizer = Samples.load(tmp_path / "samples.npz"), load_tokenizer(tmp_path)
    assert len(samples) == len(built) == 4 * len(rows) + 120
    goals = {}
    for i in samples.of("val", "goal").tolist():
        row = samples.row(i)
        goals[tokenizer.decode(row.sentence)] = goal_of(parse(tokenizer.decode(row.answer)))
    parts = alfred.splits(rows)
    held = {normal(r["instruction"]): alfred.goal(r) for r in rows if parts[r["task"]] == "val"}
    assert goals == held


def test_step_by_step_words_that_never_end_are_left_out(tmp_path, rows):
    path = tmp_path / "rows.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(r) for r in rows[:40]).encode()))
    build(path, tmp_path, OBJECTS, commands=50, odd=10)
    tokenizer = load_tokenizer(tmp_path)
    long = alfred.Said("go on and on " * 40, Reading(code="no_skill"), ("Mug",), ("Shelf",), kind="steps")  # fmt: skip
    short = alfred.Said("go", Reading(code="no_skill"), ("Mug",), ("Shelf",))
    assert len(tokens_of([long, short], encoder(tokenizer), tokenizer.get_vocab_size())) == 1
