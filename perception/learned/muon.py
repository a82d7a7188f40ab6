"""Muon: momentum made orthogonal, for the filters of convolutions (Jordan et al. 2024; scaled as Liu et al. 2025).

Every direction of a filter bank is moved equally far in a step, so that rare directions are learned as fast as
common ones. Filters of one shape are worked on together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

STEPS = 5
"""Of the Newton-Schulz iteration; its factors are those of Jordan's."""
FACTORS = (3.4445, -4.7750, 2.0315)
RMS = 0.2
"""Root mean square of an update at a rate of 1, about that of Adam's: one rate serves both."""


class Muon(torch.optim.Optimizer):
    """Moves filters ``[out, in, h, w]``.

    Args:
        parameters: what is moved.
        lr: rate.
        momentum: of the gradients.
        decay: of the weights, times the rate.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 2e-3,
        momentum: float = 0.95,
        decay: float = 0.02,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Move all filters that have gradients."""
        for group in self.param_groups:
            lr, momentum = group["lr"], group["momentum"]
            filters = [p for p in group["params"] if p.grad is not None]
            gradients = [p.grad for p in filters]
            for p in filters:
                if not self.state[p]:
                    self.state[p]["momentum"] = torch.zeros_like(p)
            kept = [self.state[p]["momentum"] for p in filters]
            torch._foreach_lerp_(kept, gradients, 1.0 - momentum)
            # Nesterov's look ahead.
            ahead = torch._foreach_lerp(gradients, kept, momentum)
            torch._foreach_mul_(filters, 1.0 - lr * group["decay"])  # the rate may be a tensor
            shapes: dict[tuple[int, int], list[int]] = {}
            for i, p in enumerate(filters):
                shapes.setdefault((p.shape[0], p[0].numel()), []).append(i)
            for (out, inside), members in shapes.items():
                stack = torch.stack([ahead[i].reshape(out, inside) for i in members])
                moved = orthogonal(stack).float() * (lr * RMS * max(out, inside) ** 0.5)
                for i, update in zip(members, moved.unbind(), strict=True):
                    filters[i].sub_(update.reshape(filters[i].shape))


def orthogonal(matrices: Tensor) -> Tensor:
    """Nearly the nearest orthogonal matrices ``[N, out, in]``, by Newton and Schulz."""
    x = matrices.bfloat16() if matrices.is_cuda else matrices
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) * 1.01 + 1e-7)
    a, b, c = FACTORS
    for _ in range(STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * (square @ square)) @ x
    found: Tensor = x.mT if tall else x
    return found
