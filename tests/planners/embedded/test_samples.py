import numpy as np
import pytest

from diarchy.planners.embedded.language import Reading, Wish, write
from diarchy.planners.embedded.prompt import chat
from diarchy.planners.embedded.samples import (
    IGNORED,
    PARTS,
    Batches,
    Frame,
    Mix,
    Sample,
    Samples,
    gather,
    name_list,
)
from tests.planners.embedded.conftest import SCENE


@pytest.fixture(scope="module")
def samples(encode, tokenizer):
    names = name_list([*SCENE.objects, *SCENE.places, *SCENE.rooms])
    number = {n: i for i, n in enumerate(names)}
    end = tokenizer.token_to_id("<|im_end|>")
    unknown = (*encode(write(Reading(code="unknown_word"))), end)
    frame = Frame(tuple(encode(p) for p in PARTS), unknown, tokenizer.token_to_id("<|endoftext|>"))
    answer = (*encode(write(Reading((Wish("put", "Mug", to="Fridge"),)))), end)
    rows = [
        Sample(
            encode("put the mug in the fridge"), answer, [number[o] for o in SCENE.objects],
            [number[p] for p in SCENE.places], [number["kitchen"]], [number["Mug"], number["Fridge"]],
            number["Mug"], kind=0, split=0,
        ),
        Sample(encode("go"), unknown, [], [number["Fridge"]], kind=1, split=1),
    ]  # fmt: skip
    tokens = [encode(f" {n}") for n in names]
    return Samples(frame, names, tokens, ["goal", "other"], ["train", "val"], gather(rows))


def _batches(samples, **mix):
    quiet = {"words": 0.0, "names": 0.0, "missing": 0.0, "batch": 8} | mix
    return Batches(samples, Mix({"goal": 1.0}, **quiet), seed=1)


def test_a_prompt_is_what_the_planner_will_write(samples, encode):
    row = samples.row(0)
    text = chat(samples.scene(row), "Put the mug in the fridge.")
    assert samples.prompt(row) == list(encode(text))


def test_a_file_brings_everything_back(samples, tmp_path):
    samples.save(tmp_path / "samples.npz")
    again = Samples.load(tmp_path / "samples.npz")
    assert [again.row(i) for i in range(2)] == [samples.row(i) for i in range(2)]
    assert (again.names, again.kinds, again.splits) == (samples.names, samples.kinds, samples.splits)  # fmt: skip
    assert again.frame == samples.frame


def test_the_same_number_gives_the_same_batch_and_another_another(samples):
    first, again, other = (_batches(samples)[i] for i in (5, 5, 6))
    assert np.array_equal(first.tokens, again.tokens)
    assert first.tokens.shape != other.tokens.shape or not np.array_equal(first.tokens, other.tokens)  # fmt: skip


def test_answers_count_fully_and_sentences_a_little(samples):
    batch = _batches(samples, read=0.25)[0]
    answer = np.array(samples.row(0).answer)
    full = batch.labels[0][batch.weights[0] == 1.0]
    assert np.array_equal(full, answer)
    some = batch.labels[0][batch.weights[0] == 0.25]
    assert np.array_equal(some[: len(samples.row(0).sentence)], samples.row(0).sentence)
    assert set(batch.labels[batch.weights == 0.0].tolist()) == {IGNORED}


def test_a_label_is_the_token_after(samples):
    batch = _batches(samples)[0]
    for tokens, labels in zip(batch.tokens, batch.labels, strict=True):
        at = np.flatnonzero(labels[:-1] != IGNORED)
        assert np.array_equal(labels[at][:-1], tokens[at + 1][:-1])


def test_what_the_answer_needs_is_never_left_out(samples):
    number = samples.names.index("Fridge")
    wanted = samples.name_tokens[number]
    for batch in (_batches(samples, names=1.0)[i] for i in range(4)):
        for row in batch.tokens.tolist():
            assert any(tuple(row[i : i + len(wanted)]) == wanted for i in range(len(row)))


def test_a_thing_that_is_missing_is_unknown(samples):
    batch = _batches(samples, missing=1.0)[0]
    mug = samples.name_tokens[samples.names.index("Mug")]
    for tokens, labels, weights in zip(*batch, strict=True):
        assert tuple(labels[weights == 1.0]) == samples.frame.unknown
        listed = tokens.tolist()[: len(tokens) // 2]
        assert not any(tuple(listed[i : i + len(mug)]) == mug for i in range(len(listed)))


def test_held_out_samples_are_never_drawn(samples):
    assert samples.of("val").tolist() == [1]
    mix = Mix({"goal": 0.5, "other": 0.5}, batch=4)
    assert "other" not in Batches(samples, mix, 0)._pools
