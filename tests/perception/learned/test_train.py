from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from squares import LABELS, data_set

from diarchy.perception.learned.detector import SHIPPED
from diarchy.perception.learned.evaluate import evaluate
from diarchy.perception.learned.export import OUTPUTS, Deployed
from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.perception.learned.plan import NONE, AugmentSettings
from diarchy.perception.learned.shards import read
from diarchy.perception.learned.store import Store
from diarchy.perception.learned.train import load, save, train
from diarchy.perception.learned.trainer import Average, Trainer, TrainSettings

TINY = NetConfig(3, 2, widths=(8, 16, 16, 16), class_width=16, box_width=16, prototypes=8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = data_set(tmp_path_factory.mktemp("squares"))
    settings = TrainSettings(steps=3, batch=2, warmup=2)
    train(folder, folder / "net.safetensors", settings, config=TINY)
    return folder


def test_a_run_leaves_weights_metrics_and_an_onnx_file(trained: Path) -> None:
    metrics = json.loads((trained / "net.json").read_text())
    assert metrics["steps"] == 3
    assert set(metrics["classes"]) == set(LABELS.classes)
    assert metrics["classes"]["Person"]["box"] is None  # there is none
    assert sum(size["movable"]["truth"] for size in metrics["sizes"].values()) == sum(
        metrics["classes"][name]["truth"] for name in LABELS.movable
    )
    assert metrics["seen"]["box_map50"] == metrics["box_map50"]  # here both are the same pictures
    net, labels = load(trained / "net.safetensors")
    assert labels == LABELS
    assert net.config == TINY


def test_the_exported_file_says_what_the_network_says(trained: Path) -> None:
    net, _ = load(trained / "net.safetensors")
    session = onnxruntime.InferenceSession(str(trained / "net.onnx"))
    picture = read(trained / "train", threads=1).rgb[:1]
    said = session.run(None, {"image": picture})
    with torch.no_grad():
        expected = Deployed(net).eval()(torch.from_numpy(picture))
    for name, a, b in zip(OUTPUTS, said, expected, strict=True):
        # Weights were stored as halves.
        np.testing.assert_allclose(a, b.numpy(), rtol=0.02, atol=0.05, err_msg=name)


def test_training_goes_on_from_weights_kept_as_halves(trained: Path) -> None:
    net, labels = load(trained / "net.safetensors")
    save(net, labels, trained / "half.safetensors", half=True)
    settings = TrainSettings(steps=1, batch=2, rate=0.0)
    train(trained, trained / "on.safetensors", settings, start=trained / "half.safetensors")
    again, _ = load(trained / "on.safetensors")
    assert again.config == TINY
    for mine, theirs in zip(again.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-3, rtol=2e-3)


def test_the_shipped_weights_can_be_gone_on_from() -> None:
    net, labels = load(SHIPPED.with_suffix(".safetensors"))
    about = onnxruntime.InferenceSession(str(SHIPPED)).get_modelmeta().custom_metadata_map
    assert labels == Labels.loads(about["labels"])
    assert net.config == NetConfig(len(labels.classes), len(labels.colors))


def test_training_does_not_go_on_from_what_names_other_things(trained: Path) -> None:
    net, labels = load(trained / "net.safetensors")
    save(net, replace(labels, colors=("blue", "red")), trained / "other.safetensors")
    with pytest.raises(ValueError, match="other things"):
        train(
            trained, trained / "x.safetensors", TrainSettings(), start=trained / "other.safetensors"
        )


def test_the_same_seed_trains_the_same_network(trained: Path, tmp_path: Path) -> None:
    again = tmp_path / "net.safetensors"
    train(trained, again, TrainSettings(steps=3, batch=2, warmup=2), config=TINY)
    first, second = (load(p)[0].state_dict() for p in (trained / "net.safetensors", again))
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_the_loss_falls(tmp_path: Path) -> None:
    torch.manual_seed(0)
    folder = data_set(tmp_path)
    store = Store(read(folder / "train", threads=1), LABELS, torch.device("cpu"))
    settings = TrainSettings(steps=16, batch=2, warmup=2, rate=8e-3)
    trainer = Trainer(Segmenter(TINY), store, settings, NONE)
    losses = []
    while trainer.progress < 1.0:
        losses.append(trainer.run(2)["loss"])
    assert losses[-1] < 0.8 * losses[0]


def test_time_ends_a_run(tmp_path: Path) -> None:
    folder = data_set(tmp_path)
    store = Store(read(folder / "train", threads=1), LABELS, torch.device("cpu"))
    settings = TrainSettings(steps=10_000, batch=2, minutes=1e-6)
    trainer = Trainer(Segmenter(TINY), store, settings, AugmentSettings())
    trainer.run(10)
    assert trainer.progress == 1.0
    assert trainer.step <= 1


def test_the_average_comes_to_where_the_weights_stay() -> None:
    torch.manual_seed(1)
    net, other = Segmenter(TINY), Segmenter(TINY)
    average = Average(net, 0.9)
    net.load_state_dict(other.state_dict())
    for _ in range(60):
        average.update()
    mine, theirs = average.net.state_dict(), other.state_dict()
    for name, value in theirs.items():
        if value.dtype.is_floating_point:
            torch.testing.assert_close(mine[name], value, atol=1e-3, rtol=1e-3)


def test_a_network_that_knows_nothing_scores_nothing(tmp_path: Path) -> None:
    folder = data_set(tmp_path, count=2)
    store = Store(read(folder / "train", threads=1), LABELS, torch.device("cpu"))
    assert evaluate(Segmenter(TINY), store, LABELS)["box_map50"] == 0.0
