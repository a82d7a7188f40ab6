"""How the weights are moved: Muon for filters between maps, AdamW for the rest, as one recorded piece on a GPU."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn

from diarchy.perception.learned.muon import Muon

_LOG = logging.getLogger(__name__)
FASTER = 2.0
"""How much larger the rate of Muon is than that of AdamW."""
CLIPPED = 10.0
"""Largest norm of the gradient."""


class Descent:
    """Moves a network's weights along their gradients.

    Args:
        net: the network.
        decay: of the weights of convolutions, times the rate; biases and normalisations do not decay.
        muon: filters are moved by Muon, else all by AdamW.
        recorded: record the work once and repeat it, on a GPU: launching it takes longer than doing it.
    """

    def __init__(self, net: nn.Module, *, decay: float, muon: bool, recorded: bool) -> None:
        filters, heavy, light = _sorted(net, muon)
        self._parameters = [*filters, *heavy, *light]
        device = self._parameters[0].device
        self._recorded = recorded and device.type == "cuda"
        groups = [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]
        self._rate = torch.zeros((), device=device)
        self._optimizers: list[tuple[torch.optim.Optimizer, Tensor, float]] = []
        adam = torch.optim.AdamW(
            groups, lr=1e-3, betas=(0.9, 0.99), fused=True, capturable=self._recorded
        )
        self._add(adam, 1.0)
        if filters:
            self._add(Muon(filters, decay=decay), FASTER)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._gradients: list[Tensor] = []

    def clear(self) -> None:
        """Forget the gradients."""
        for p in self._parameters:
            p.grad = None

    def step(self, rate: float) -> None:
        """Move the weights at a rate."""
        for optimizer, kept, factor in self._optimizers:
            kept.fill_(rate * factor)
            for group in optimizer.param_groups:
                group["lr"] = kept if self._recorded else rate * factor
        if self._recorded and self._graph is None:
            self._record()
        if self._graph is None:
            self._move()
            return
        given = [p.grad for p in self._parameters if p.grad is not None]
        torch._foreach_copy_(self._gradients, given)
        self._graph.replay()

    def _add(self, optimizer: torch.optim.Optimizer, factor: float) -> None:
        self._optimizers.append((optimizer, self._rate.clone(), factor))

    def _move(self) -> None:
        nn.utils.clip_grad_norm_(self._parameters, CLIPPED)
        for optimizer, _, _ in self._optimizers:
            optimizer.step()

    def _record(self) -> None:
        """Move the weights a few times, as they are moved then anyway, and record it."""
        self._gradients = [
            torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in self._parameters
        ]
        for p, gradient in zip(self._parameters, self._gradients, strict=True):
            p.grad = gradient
        try:
            aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(3):
                    self._move()
            torch.cuda.current_stream().wait_stream(aside)
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self._move()
            self._graph = graph
        except RuntimeError as error:
            _LOG.warning("not recorded: %s", error)
            self._recorded = False
            for optimizer, _, _ in self._optimizers:
                for group in optimizer.param_groups:
                    group["lr"], group["capturable"] = float(group["lr"]), False
        # The recorded work keeps its own; what comes is given in `step`.
        for p, gradient in zip(self._parameters, self._gradients, strict=True):
            p.grad = gradient.clone()


def _sorted(net: nn.Module, muon: bool) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Filters between maps if they are Muon's, other weights of convolutions, and the rest."""
    filters: list[Tensor] = []
    heavy: list[Tensor] = []
    light: list[Tensor] = []
    for name, module in net.named_modules():
        for value in module.parameters(recurse=False):
            inner = isinstance(module, nn.Conv2d) and module.groups == 1 and module.bias is None
            if muon and inner and not name.startswith("stem"):
                filters.append(value)
            else:
                (heavy if value.ndim > 1 else light).append(value)
    return filters, heavy, light
