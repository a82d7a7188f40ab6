import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.planners.embedded.grammar import Grammar, Machine, matches
from diarchy.planners.embedded.language import Reading, Wish, parse, write
from diarchy.planners.embedded.prompt import Scene
from tests.planners.embedded.conftest import READINGS, SCENE


@pytest.mark.parametrize("reading", READINGS)
def test_every_answer_can_be_written_as_the_tokenizer_cuts_it(reading, encode, tokenizer):
    end = tokenizer.token_to_id("<|im_end|>")
    assert matches(Grammar(SCENE), encode, end, [*encode(write(reading)), end])


@pytest.mark.parametrize(
    "reading",
    [
        Reading((Wish("put", "Banana", to="Fridge"),)),
        Reading((Wish("put", "Apple", to="Sofa"),)),
        Reading((Wish("heat", "Fridge"),)),
        Reading((Wish("show", "Apple", to="Fridge"),)),
        Reading((Wish("put", "Apple", to="Apple"),)),
    ],
)
def test_what_this_home_has_not_cannot_be_written(reading, encode, tokenizer):
    end = tokenizer.token_to_id("<|im_end|>")
    assert not matches(Grammar(SCENE), encode, end, [*encode(write(reading)), end])


def test_an_answer_that_breaks_off_is_none(encode, tokenizer):
    end = tokenizer.token_to_id("<|im_end|>")
    assert not matches(Grammar(SCENE), encode, end, encode(write(READINGS[0])))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_whatever_is_chosen_ends_as_an_answer_about_this_home(encode, tokenizer, seed):
    rng = np.random.default_rng(seed)
    end = tokenizer.token_to_id("<|im_end|>")
    machine = Machine(Grammar(SCENE), encode, end)
    tokens = []
    while not machine.done:
        tokens.append(int(rng.choice(machine.allowed())))
        machine.advance(tokens[-1])
    reading = parse(tokenizer.decode(tokens[:-1]))
    known = {*SCENE.objects, *SCENE.places, *SCENE.rooms, "everything", "person", ""}
    assert all({w.to, w.where, w.near} <= known for w in reading.steps)
    assert all(w.object in known or w.do == "wait" for w in reading.steps)


def test_a_home_with_nothing_in_it_still_has_answers(encode, tokenizer):
    machine = Machine(Grammar(Scene((), (), (), False)), encode, tokenizer.token_to_id("<|im_end|>"))  # fmt: skip
    while not machine.done:
        machine.advance(machine.allowed()[0])


def test_a_token_that_is_not_allowed_is_an_error(encode, tokenizer):
    end = tokenizer.token_to_id("<|im_end|>")
    with pytest.raises(ValueError, match="not allowed"):
        Machine(Grammar(SCENE), encode, end).advance(end)


def test_names_that_begin_alike_can_both_be_written(encode, tokenizer):
    end = tokenizer.token_to_id("<|im_end|>")
    scene = Scene(("Cup", "CupBoard", "CupBoardKey"), ("Table",))
    for name in scene.objects:
        answer = write(Reading((Wish("put", name, to="Table"),)))
        assert matches(Grammar(scene), encode, end, [*encode(answer), end])
