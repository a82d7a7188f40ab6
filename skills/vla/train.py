"""Trains the action expert on recorded demonstrations; seeded, resumable, with averaged weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from diarchy.contracts.errors import BadInputError
from diarchy.skills.vla.flow.configuration import FlowConfig
from diarchy.skills.vla.flow.matching import flow_loss
from diarchy.skills.vla.flow.modeling import FlowTransformer
from diarchy.skills.vla.flow.processing import Processor
from diarchy.skills.vla.flow.weights import save_policy

_HELD_OUT = 20
"""Every so many episodes one is kept for the validation loss."""


@dataclass(frozen=True)
class TrainSettings:
    """How long and how fast.

    Attributes:
        steps, batch: of the optimiser.
        rate, warmup, decay: peak learning rate, steps to reach it, weight decay; cosine to zero.
        average: of the exponential moving average of the weights.
        jitter: noise on the normalised context, against copying its last digits.
        seed: of weights, batches and noise.
        save_every: steps between checkpoints.
    """

    steps: int = 2000
    batch: int = 128
    rate: float = 1.5e-3
    warmup: int = 150
    decay: float = 1e-3
    average: float = 0.998
    jitter: float = 0.02
    seed: int = 0
    save_every: int = 500


@dataclass(frozen=True)
class Demonstrations:
    """Rows of all episodes: ``proprio`` ``[N, P]``, ``target`` ``[N, T]``, ``actions`` ``[N, H, D]``.

    ``episode`` ``[N]`` tells which demonstration a row belongs to.
    """

    proprio: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    target: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    actions: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    episode: np.ndarray[tuple[int, ...], np.dtype[np.int64]]

    @property
    def episodes(self) -> int:
        """Number of demonstrations."""
        return int(self.episode[-1]) + 1

    @staticmethod
    def load(folder: Path) -> Demonstrations:
        """Read all shards of a folder.

        Raises:
            BadInputError: there are none.
        """
        parts: list[list[np.ndarray[Any, Any]]] = [[], [], [], []]
        count = 0
        for path in sorted(folder.glob("*.npz")):
            with np.load(path, allow_pickle=False) as shard:
                lengths = shard["lengths"]
                if not len(lengths):
                    continue
                parts[0].append(shard["proprio"])
                parts[1].append(np.repeat(shard["targets"], lengths, axis=0))
                parts[2].append(shard["actions"])
                parts[3].append(np.repeat(np.arange(len(lengths)) + count, lengths))
                count += len(lengths)
        if not count:
            raise BadInputError(
                f"no demonstrations under '{folder}'; collect some with 'diarchy collect pick'"
            )
        return Demonstrations(*(np.concatenate(p) for p in parts))


class Trainer:
    """One training run; `advance` does some steps, `save` and `resume` carry it over interruptions.

    Every step draws from a generator seeded by (seed, step), so that a resumed run is the same run.
    """

    def __init__(self, data: Demonstrations, config: FlowConfig, settings: TrainSettings) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.step = settings, 0
        self.net = FlowTransformer(config)
        self.average = FlowTransformer(config)
        self.average.load_state_dict(self.net.state_dict())
        self.processor = Processor.fit(
            data.proprio, data.target, data.actions.reshape(-1, config.action_dim)
        )
        self._proprio = _tensor(self.processor.proprio.normalise(data.proprio))
        self._target = _tensor(self.processor.target.normalise(data.target))
        self._actions = _tensor(self.processor.action.normalise(data.actions))
        held = data.episode % _HELD_OUT == _HELD_OUT - 1
        self._rows = torch.from_numpy(np.flatnonzero(~held))
        self._held = torch.from_numpy(np.flatnonzero(held))
        self._optimizer = torch.optim.AdamW(
            self.net.parameters(), lr=settings.rate, weight_decay=settings.decay, betas=(0.9, 0.95)
        )

    def advance(self, until: int, report: Callable[[int, float], None] | None = None) -> None:
        """Train up to a step; ``report`` gets the step and its loss."""
        while self.step < min(until, self.settings.steps):
            loss = self._one()
            self.step += 1
            if report is not None:
                report(self.step, loss)

    def validation_loss(self, batches: int = 4) -> float:
        """Return the averaged network's loss on held-out episodes; it does not rank policies."""
        if not len(self._held):
            return math.nan
        generator = torch.Generator().manual_seed(self.settings.seed)
        with torch.inference_mode():
            losses = [
                float(self._loss(self.average, self._pick(self._held, generator), generator, 0.0))
                for _ in range(batches)
            ]
        return float(np.mean(losses))

    def _one(self) -> float:
        settings = self.settings
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + self.step)
        for group in self._optimizer.param_groups:
            group["lr"] = settings.rate * schedule(self.step, settings)
        rows = self._pick(self._rows, generator)
        loss = self._loss(self.net, rows, generator, settings.jitter)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimizer.step()
        # Early averages would remember the random start for long: begin short.
        share = min(settings.average, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mean, new in zip(self.average.parameters(), self.net.parameters(), strict=True):
                mean.lerp_(new, 1.0 - share)
        return float(loss.detach())

    def _pick(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        return rows[torch.randint(len(rows), (self.settings.batch,), generator=generator)]

    def _loss(
        self, net: FlowTransformer, rows: Tensor, generator: torch.Generator, jitter: float
    ) -> Tensor:
        proprio, target = self._proprio[rows], self._target[rows]
        proprio = proprio + jitter * torch.randn(proprio.shape, generator=generator)
        target = target + jitter * torch.randn(target.shape, generator=generator)
        context = net.encode(proprio, target)
        return flow_loss(
            lambda noisy, tau, clean: net(noisy, tau, clean, context),
            self._actions[rows],
            net.config.max_delay,
            generator,
        )

    def save(self, path: Path) -> None:
        """Write a checkpoint (safetensors; no pickle)."""
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        names = [name for name, _ in self.net.named_parameters()]
        for name, parameter in zip(names, self.net.parameters(), strict=True):
            state = self._optimizer.state.get(parameter, {})
            tensors |= {f"adam.{name}.{k}": v for k, v in state.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".partial")
        tensors["step"] = torch.tensor(self.step)
        save_file({k: v.contiguous().clone() for k, v in tensors.items()}, temporary)
        temporary.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint of the same configuration and data.

        Raises:
            BadInputError: it does not fit this network.
        """
        tensors = load_file(path)
        try:
            for prefix, net in (("net.", self.net), ("average.", self.average)):
                net.load_state_dict(
                    {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
                )
        except RuntimeError as error:
            raise BadInputError(f"checkpoint '{path}' is of another network: {error}") from error
        for name, parameter in self.net.named_parameters():
            prefix = f"adam.{name}."
            state = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            if state:
                self._optimizer.state[parameter] = state
        self.step = int(tensors["step"])

    def export(self, path: Path) -> None:
        """Write the averaged weights as a policy."""
        save_policy(path, self.average, self.processor)


def schedule(step: int, settings: TrainSettings) -> float:
    """Return the share of the peak learning rate: linear warm-up, then half a cosine to zero."""
    if step < settings.warmup:
        return (step + 1) / settings.warmup
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))


def _tensor(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))
