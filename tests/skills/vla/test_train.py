"""Training: seeded, resumable, and it learns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from diarchy.contracts.errors import BadInputError
from diarchy.skills.vla.flow.configuration import PROPRIO_DIM, TARGET_DIM, FlowConfig
from diarchy.skills.vla.flow.weights import load_policy
from diarchy.skills.vla.train import Demonstrations, Trainer, TrainSettings, schedule

CONFIG = FlowConfig(width=32, depth=1, heads=2, horizon=6, max_delay=2)
SETTINGS = TrainSettings(steps=20, batch=16, warmup=4, save_every=5)


def write_shards(folder: Path, episodes: int = 24) -> Path:
    """Straight ways from the present place to the target: easy to learn."""
    rng = np.random.default_rng(0)
    for shard in range(2):
        lengths = rng.integers(4, 9, episodes // 2)
        proprio = rng.normal(size=(lengths.sum(), PROPRIO_DIM)).astype(np.float32)
        way = np.linspace(0.0, 1.0, CONFIG.horizon)[None, :, None]
        actions = (proprio[:, None, :10] * (1.0 - way)).astype(np.float32)
        targets = rng.normal(size=(len(lengths), TARGET_DIM)).astype(np.float32)
        np.savez_compressed(
            folder / f"s{shard}.npz",
            lengths=lengths, targets=targets, proprio=proprio, actions=actions,
        )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Demonstrations:
    return Demonstrations.load(write_shards(tmp_path_factory.mktemp("data")))


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.average.parameters()])


def test_shards_are_joined_and_rows_know_their_episode(data: Demonstrations) -> None:
    assert data.episodes == 24
    assert len(data.proprio) == len(data.target) == len(data.actions) == len(data.episode)
    first = data.target[data.episode == 3]
    assert np.all(first == first[0])


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="diarchy collect"):
        Demonstrations.load(tmp_path)


def test_the_same_seed_trains_the_same_weights_and_another_other_ones(data: Demonstrations) -> None:
    runs = []
    for seed in (0, 0, 1):
        trainer = Trainer(data, CONFIG, replace(SETTINGS, seed=seed))
        trainer.advance(8)
        runs.append(weights(trainer))
    assert torch.equal(runs[0], runs[1])
    assert not torch.allclose(runs[0], runs[2])


def test_a_resumed_run_is_the_uninterrupted_run(data: Demonstrations, tmp_path: Path) -> None:
    whole = Trainer(data, CONFIG, SETTINGS)
    whole.advance(20)
    half = Trainer(data, CONFIG, SETTINGS)
    half.advance(9)
    half.save(tmp_path / "c.safetensors")
    rest = Trainer(data, CONFIG, SETTINGS)
    rest.resume(tmp_path / "c.safetensors")
    assert rest.step == 9
    rest.advance(20)
    assert torch.equal(weights(whole), weights(rest))


def test_a_checkpoint_of_another_network_is_refused(data: Demonstrations, tmp_path: Path) -> None:
    Trainer(data, CONFIG, SETTINGS).save(tmp_path / "c.safetensors")
    other = Trainer(data, replace(CONFIG, width=64), SETTINGS)
    with pytest.raises(BadInputError, match="another network"):
        other.resume(tmp_path / "c.safetensors")


def test_training_lowers_the_held_out_loss(data: Demonstrations) -> None:
    settings = replace(SETTINGS, steps=150, batch=32, rate=3e-3)
    trainer = Trainer(data, CONFIG, settings)
    before = trainer.validation_loss()
    trainer.advance(150)
    assert trainer.validation_loss() < 0.6 * before


def test_what_is_exported_can_be_loaded(data: Demonstrations, tmp_path: Path) -> None:
    trainer = Trainer(data, CONFIG, SETTINGS)
    trainer.advance(3)
    trainer.export(tmp_path / "p.safetensors")
    net, processor = load_policy(tmp_path / "p.safetensors")
    assert net.config == CONFIG
    assert np.allclose(processor.action.low, trainer.processor.action.low, atol=1e-6)


def test_the_rate_rises_then_falls_to_zero() -> None:
    rates = [schedule(step, SETTINGS) for step in range(SETTINGS.steps + 1)]
    assert rates[SETTINGS.warmup - 1] == 1.0
    assert rates[0] < rates[1]
    assert all(
        a >= b for a, b in zip(rates[SETTINGS.warmup :], rates[SETTINGS.warmup + 1 :], strict=False)
    )
    assert rates[-1] == pytest.approx(0.0)
