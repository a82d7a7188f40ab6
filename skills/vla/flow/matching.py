"""Flow matching with a clean prefix, in ONE time convention: data at ``tau = 1``, noise at 0.

``A_tau = (1 - tau) eps + tau a``, the network learns ``v = a - eps`` and sampling integrates
``A += v / N`` from tau 0 to 1 (openpi and SmolVLA, mirrored). Training-time real-time chunking
(arXiv 2512.05964): the first ``d`` rows, already committed to the robot, are given clean with their
own time 1 and carry no loss; at inference they are overwritten before each Euler step.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

VelocityField = Callable[[Tensor, Tensor, Tensor], Tensor]
"""``(noisy [B, H, D], tau [B], clean [B, H] bool) -> velocity [B, H, D]``."""


def sample_tau(batch: int, generator: torch.Generator) -> Tensor:
    """Draw training times ``[B]``: ``1 - (0.999 Beta(1.5, 1) + 0.001)``, so mostly near the noise."""
    # Beta(a, 1) has the distribution function x^a: its inverse needs one uniform draw and no rejection.
    beta = torch.rand(batch, generator=generator).pow(1.0 / 1.5)
    return 1.0 - (0.999 * beta + 0.001)


def sample_clean(batch: int, horizon: int, max_delay: int, generator: torch.Generator) -> Tensor:
    """Draw which rows are a clean prefix ``[B, H]`` bool: ``d`` uniform in ``0 .. max_delay``."""
    delay = torch.randint(0, max_delay + 1, (batch, 1), generator=generator)
    return torch.arange(horizon)[None, :] < delay


def interpolate(actions: Tensor, noise: Tensor, tau: Tensor, clean: Tensor) -> Tensor:
    """Return ``A_tau`` ``[B, H, D]`` with clean rows left as the data."""
    t = tau[:, None, None]
    mixed = (1.0 - t) * noise + t * actions
    return torch.where(clean[..., None], actions, mixed)


def flow_loss(
    field: VelocityField, actions: Tensor, max_delay: int, generator: torch.Generator
) -> Tensor:
    """Return the mean squared error of the velocity over the rows that are not prefix."""
    batch, horizon, _ = actions.shape
    tau = sample_tau(batch, generator)
    clean = sample_clean(batch, horizon, max_delay, generator)
    noise = torch.randn(actions.shape, generator=generator)
    velocity = field(interpolate(actions, noise, tau, clean), tau, clean)
    error = (velocity - (actions - noise)).square().mean(dim=-1)
    return error.masked_fill(clean, 0.0).sum() / (~clean).sum()


def integrate(
    field: VelocityField, noise: Tensor, steps: int, prefix: Tensor | None = None
) -> Tensor:
    """Carry noise ``[B, H, D]`` to data with ``steps`` Euler steps.

    Args:
        field: the velocity.
        noise: standard normal.
        steps: ``N``.
        prefix: ``[B, d, D]`` committed rows, repeated exactly in the result; None: none.

    Raises:
        ValueError: the prefix is longer than the horizon.
    """
    delay = 0 if prefix is None else prefix.shape[1]
    if delay > noise.shape[1]:
        raise ValueError(f"a prefix of {delay} rows does not fit {noise.shape[1]} rows")
    clean = (torch.arange(noise.shape[1]) < delay).expand(noise.shape[0], -1)
    sample = noise.clone()
    for step in range(steps):
        if prefix is not None:
            sample[:, :delay] = prefix
        tau = torch.full((noise.shape[0],), step / steps, dtype=noise.dtype)
        sample = sample + field(sample, tau, clean) / steps
    if prefix is not None:
        sample[:, :delay] = prefix
    return sample
