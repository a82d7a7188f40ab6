import json

import pytest

from diarchy.planners.embedded.evaluate import figures
from diarchy.planners.embedded.language import Reading, Wish, write
from diarchy.planners.embedded.modeling import Size, special_ids
from diarchy.planners.embedded.samples import PARTS, Frame, Mix, Sample, Samples, gather, name_list
from diarchy.planners.embedded.train import Settings, fit
from diarchy.planners.embedded.weights import load, pack
from diarchy.planners.embedded.words import encoder, save_tokenizer
from tests.planners.embedded.conftest import SCENE, TINY


def _record(wanted, written, confidence=1.0):
    return {"wanted": write(wanted), "written": written if isinstance(written, str) else write(written), "confidence": confidence}  # fmt: skip


def test_figures_count_goals_slots_and_what_is_no_answer():
    mug, cup = (Reading((Wish("put", c, to="Desk"),)) for c in ("Mug", "Cup"))
    said_more = Reading((Wish("put", "Mug", "a", to="Desk"),))
    records = [_record(mug, said_more), _record(mug, cup, 0.2), _record(mug, "{", 0.1), _record(mug, Reading(), 0.3)]  # fmt: skip
    result = figures(records)
    assert result["exact_goal"] == 0.25
    assert result["exact_answer"] == 0.0
    assert (result["invalid"], result["refused_or_asked"]) == (1, 1)
    assert result["wrong_slots"]["object"] == 3
    assert result["exact_goal_of_most_confident"]["50%"] == 0.5


def test_a_refusal_is_right_by_its_code_only():
    unsafe, unknown = Reading(code="unsafe"), Reading(code="unknown_word")
    assert figures([_record(unsafe, unsafe), _record(unsafe, unknown)])["exact_goal"] == 0.5


@pytest.fixture
def folder(tmp_path, tokenizer):
    encode, end = encoder(tokenizer), tokenizer.token_to_id("<|im_end|>")
    names = name_list([*SCENE.objects, *SCENE.places])
    number = {n: i for i, n in enumerate(names)}
    unknown = (*encode(write(Reading(code="unknown_word"))), end)
    ids = special_ids(tokenizer.get_vocab_size())
    frame = Frame(tuple(encode(p) for p in PARTS), unknown, ids["pad"])
    rows = [
        Sample(
            encode(f"put the {o.lower()} on the {p.lower()}"),
            (*encode(write(Reading((Wish("put", o, to=p),)))), end),
            [number[x] for x in SCENE.objects], [number[x] for x in SCENE.places],
            (), [number[o], number[p]], -1, split=split,
        )
        for split in (0, 1) for o in SCENE.objects for p in SCENE.places
    ]  # fmt: skip
    tokens = [encode(f" {n}") for n in names]
    samples = Samples(frame, names, tokens, ["goal"], ["train", "val"], gather(rows))
    samples.save(tmp_path / "samples.npz")
    save_tokenizer(tokenizer, tmp_path)
    return tmp_path


def test_special_tokens_stand_where_the_configuration_says(tokenizer):
    ids = special_ids(tokenizer.get_vocab_size())
    assert tokenizer.token_to_id("<|im_end|>") == ids["end"]
    assert tokenizer.token_to_id("<|endoftext|>") == ids["pad"]
    assert tokenizer.token_to_id("<|image_pad|>") == ids["image"]
    assert tokenizer.token_to_id("<|vision_start|>") == ids["vision_start"]


def test_a_tiny_network_learns_nine_sentences_by_heart_and_is_packed(folder, tokenizer):
    size = Size(vocabulary=tokenizer.get_vocab_size(), **TINY)
    mix = Mix({"goal": 1.0}, batch=9, words=0.0, names=0.0, missing=0.0, read=0.0)
    settings = Settings(minutes=5.0, steps=150, rate=2e-3, warmup=20, decay=0.0, average=0.9, dropout=0.0, smoothing=0.0, looks=1, mix=mix)  # fmt: skip
    metrics = fit(folder, folder / "out", size, settings, device="cpu")
    assert metrics["results"]["val/goal"]["exact_goal"] == 1.0
    assert json.loads((folder / "out" / "metrics.json").read_text())["steps"] == 150
    network, words = load(pack(folder / "out", folder, folder / "packed"))
    assert network.config.vision_config.depth == TINY["vision_layers"]
    assert words.get_vocab_size() == tokenizer.get_vocab_size()
