"""A tokenizer and a tiny network with fresh weights: enough to test everything but what was learned."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from diarchy.planners.embedded.language import Reading, Wish, write
from diarchy.planners.embedded.modeling import Size, build, describe, save_weights
from diarchy.planners.embedded.prompt import Scene, chat
from diarchy.planners.embedded.weights import pack
from diarchy.planners.embedded.words import encoder, save_tokenizer, train_tokenizer

SCENE = Scene(("Apple", "Mug", "Plate"), ("DeskLamp", "DiningTable", "Fridge"), ("kitchen",))
READINGS = [
    Reading((Wish("put", "Apple", many="two", where="DiningTable", to="Fridge"),)),
    Reading((Wish("heat", "Mug", color="red"), Wish("give", "Mug", color="red"))),
    Reading((Wish("put", "Apple", to="Plate"), Wish("put", "Plate", to="DiningTable"))),
    Reading((Wish("show", "Mug", many="a", to="DeskLamp"), Wish("turn off", "DeskLamp"))),
    Reading((Wish("put", "everything", where="DiningTable", left_out="Mug", to="kitchen"),)),
    Reading((Wish("go", "person"), Wish("wait", "30"), Wish("turn on", "Fridge"))),
    Reading((Wish("put", "Mug", many="all", left_out="green", near="Apple"),)),
    Reading(code="unknown_word"),
    Reading(code="unsafe"),
    Reading(),
]
TINY = {"hidden": 64, "layers": 2, "heads": 1, "inner": 96, "vision_hidden": 32, "vision_layers": 2, "vision_heads": 2, "vision_inner": 48, "context": 1024}  # fmt: skip


@pytest.fixture(scope="session")
def tokenizer():
    texts = [write(r) for r in READINGS] + [chat(SCENE, "put the red mug on the table")]
    return train_tokenizer(texts * 3, 600)


@pytest.fixture(scope="session")
def encode(tokenizer):
    return encoder(tokenizer)


@pytest.fixture(scope="session")
def size(tokenizer):
    return Size(vocabulary=tokenizer.get_vocab_size(), **TINY)


@pytest.fixture(scope="session")
def network(size):
    return build(size, seed=3).eval()


@pytest.fixture(scope="session")
def checkpoint(tokenizer, network, size, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint")
    save_tokenizer(tokenizer, folder / "words")
    save_weights(network.state_dict(), folder / "trained")
    (folder / "trained" / "metrics.json").write_text(json.dumps({"size": describe(size)}))
    return pack(folder / "trained", folder / "words", folder / "packed")
