"""The maths of flow matching, on distributions whose answer is known."""

import pytest
import torch
from torch import Tensor, nn

from diarchy.skills.vla.flow.matching import (
    flow_loss,
    integrate,
    interpolate,
    sample_clean,
    sample_tau,
)


class _ToyField(nn.Module):
    """A perceptron over the flattened rows, their times and nothing else."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(3 * rows, 64),
            nn.SiLU(),
            nn.Linear(64, 64),
            nn.SiLU(),
            nn.Linear(64, 2 * rows),
        )

    def forward(self, noisy: Tensor, tau: Tensor, clean: Tensor) -> Tensor:
        times = torch.where(clean, 1.0, tau[:, None])
        out: Tensor = self.net(torch.cat([noisy.flatten(1), times], dim=1))
        return out.view_as(noisy)


def _train(field: nn.Module, draw, *, max_delay: int, steps: int = 500) -> None:  # type: ignore[no-untyped-def]
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(field.parameters(), 3e-3)
    for _ in range(steps):
        loss = flow_loss(field, draw(256, generator), max_delay, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _two_modes(count: int, generator: torch.Generator) -> Tensor:
    side = torch.randint(0, 2, (count, 1), generator=generator) * 2.0 - 1.0
    centre = torch.cat([side, torch.zeros_like(side)], dim=1)
    return (centre + 0.05 * torch.randn((count, 2), generator=generator))[:, None]


def test_learns_both_modes_of_a_bimodal_distribution_and_nothing_between() -> None:
    torch.manual_seed(0)
    field = _ToyField(rows=1)
    _train(field, _two_modes, max_delay=0)
    noise = torch.randn((512, 1, 2), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        x = integrate(field, noise, 20)[:, 0]
    left, right = (x[:, 0] < -0.6).float().mean(), (x[:, 0] > 0.6).float().mean()
    assert float(left + right) > 0.9
    assert 0.35 < float(left) < 0.65
    assert float(x[:, 1].abs().mean()) < 0.2


def test_a_clean_prefix_decides_which_mode_the_rest_takes() -> None:
    """Two rows that always agree: given the first, the second must follow it."""
    torch.manual_seed(0)
    field = _ToyField(rows=2)
    _train(field, lambda n, g: _two_modes(n, g).expand(-1, 2, -1), max_delay=1, steps=700)
    noise = torch.randn((256, 2, 2), generator=torch.Generator().manual_seed(1))
    for side in (-1.0, 1.0):
        prefix = torch.tensor([side, 0.0]).expand(256, 1, 2)
        with torch.inference_mode():
            x = integrate(field, noise, 10, prefix)
        assert torch.equal(x[:, :1], prefix)
        assert float((x[:, 1, 0] * side > 0.4).float().mean()) > 0.9


def test_time_runs_from_noise_at_0_to_data_at_1() -> None:
    actions, noise = torch.ones(1, 2, 1), torch.zeros(1, 2, 1)
    none = torch.zeros(1, 2, dtype=torch.bool)
    assert torch.equal(interpolate(actions, noise, torch.zeros(1), none), noise)
    assert torch.equal(interpolate(actions, noise, torch.ones(1), none), actions)
    quarter = interpolate(actions, noise, torch.full((1,), 0.25), none)
    assert torch.allclose(quarter, torch.full((1, 2, 1), 0.25))


def test_the_true_velocity_carries_noise_exactly_to_the_data_in_any_number_of_steps() -> None:
    actions = torch.tensor([[[0.3, -2.0]]])
    noise = torch.tensor([[[1.0, 1.0]]])
    for steps in (1, 4, 5):
        seen: list[float] = []

        def field(noisy: Tensor, tau: Tensor, clean: Tensor, seen: list[float] = seen) -> Tensor:
            seen.append(float(tau[0]))
            assert torch.allclose(noisy, (1 - tau) * noise + tau * actions, atol=1e-6)
            return actions - noise

        assert torch.allclose(integrate(field, noise, steps), actions, atol=1e-6)
        assert seen == pytest.approx([k / steps for k in range(steps)])


def test_the_loss_is_zero_for_the_true_velocity_and_ignores_the_prefix() -> None:
    actions = torch.randn((64, 6, 3), generator=torch.Generator().manual_seed(3))

    def field(noisy: Tensor, tau: Tensor, clean: Tensor) -> Tensor:
        assert torch.equal(noisy[clean], actions[clean])
        true = (actions - noisy) / (1.0 - tau[:, None, None])  # since A = (1 - t) e + t a
        return torch.where(clean[..., None], torch.full_like(true, 1e6), true)

    loss = flow_loss(field, actions, 4, torch.Generator().manual_seed(0))
    assert float(loss) < 1e-6


def test_training_times_follow_the_mirrored_beta_and_stay_inside_the_interval() -> None:
    tau = sample_tau(20_000, torch.Generator().manual_seed(0))
    assert float(tau.min()) >= 0.0
    assert float(tau.max()) <= 0.999
    assert float(tau.mean()) == pytest.approx(1.0 - (0.999 * 0.6 + 0.001), abs=0.01)


def test_delays_are_uniform_and_always_a_prefix() -> None:
    clean = sample_clean(5000, 8, 3, torch.Generator().manual_seed(0))
    lengths = clean.sum(dim=1)
    assert set(lengths.tolist()) == {0, 1, 2, 3}
    assert bool((clean[:, :-1] | ~clean[:, 1:]).all())
    counts = torch.bincount(lengths) / len(lengths)
    assert float(counts.min()) > 0.2


def test_a_prefix_longer_than_the_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        integrate(lambda x, t, c: x, torch.zeros(1, 2, 1), 2, torch.zeros(1, 3, 1))
