"""The action expert: a small diffusion transformer over the rows of a chunk.

Each row is a token with its OWN time (1 in the clean prefix, tau elsewhere) through adaLN-Zero; rows
attend to each other and to the context, whose keys and values are computed once per inference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from diarchy.skills.vla.flow.configuration import FlowConfig

MIN_PERIOD, MAX_PERIOD = 4e-3, 4.0
MODULATIONS = 9


def time_features(tau: Tensor, width: int) -> Tensor:
    """Return sines and cosines ``[..., width]`` of times, periods from 4e-3 to 4."""
    exponents = torch.linspace(0.0, 1.0, width // 2, dtype=tau.dtype)
    periods = MIN_PERIOD * (MAX_PERIOD / MIN_PERIOD) ** exponents
    angles = tau[..., None] * (2.0 * math.pi / periods)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


@dataclass(frozen=True)
class ContextCache:
    """Keys and values ``[B, heads, C, width / heads]`` of the context tokens, one pair per block."""

    pairs: tuple[tuple[Tensor, Tensor], ...]


class Attention(nn.Module):
    """Multi-head attention without masks; queries from ``x``, keys and values given."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def _split(self, x: Tensor) -> Tensor:
        batch, rows, width = x.shape
        return x.view(batch, rows, self.heads, width // self.heads).transpose(1, 2)

    def keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Project tokens ``[B, C, W]``."""
        key, value = self.key_value(tokens).chunk(2, dim=-1)
        return self._split(key), self._split(value)

    def forward(self, x: Tensor, pair: tuple[Tensor, Tensor]) -> Tensor:
        """Attend from ``x`` ``[B, H, W]``."""
        mixed = functional.scaled_dot_product_attention(self._split(self.query(x)), *pair)
        projected: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return projected


class Block(nn.Module):
    """Self-attention, cross-attention and a perceptron, each modulated by the row's time."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        width = config.width
        self.attention = Attention(width, config.heads)
        self.cross = Attention(width, config.heads)
        self.perceptron = nn.Sequential(
            nn.Linear(width, config.mlp_ratio * width),
            nn.GELU(approximate="tanh"),
            nn.Linear(config.mlp_ratio * width, width),
        )
        self.modulation = nn.Linear(width, MODULATIONS * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, table: Tensor, pair: tuple[Tensor, Tensor]) -> Tensor:
        """Update rows ``[B, H, W]`` under modulations ``[B, H, 9 W]``."""
        shift_a, scale_a, gate_a, shift_c, scale_c, gate_c, shift_m, scale_m, gate_m = table.chunk(
            MODULATIONS, dim=-1
        )
        h = _modulate(x, shift_a, scale_a)
        x = x + gate_a * self.attention(h, self.attention.keys_values(h))
        x = x + gate_c * self.cross(_modulate(x, shift_c, scale_c), pair)
        following: Tensor = x + gate_m * self.perceptron(_modulate(x, shift_m, scale_m))
        return following


def _modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:]) * (1.0 + scale) + shift


class FlowTransformer(nn.Module):
    """Velocity of a noisy chunk given the context.

    A clean row and a noisy row differ only in their time, so per batch element just two
    modulation tables are computed and each row picks its own.
    """

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.embed = nn.Linear(config.action_dim, width)
        self.position = nn.Parameter(0.02 * torch.randn(config.horizon, width))
        self.proprio = _encoder(config.proprio_dim, width)
        self.target = _encoder(config.target_dim, width)
        self.joint = _encoder(config.proprio_dim + config.target_dim, width)
        self.time = nn.Sequential(
            nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()
        )
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.final = nn.Linear(width, 2 * width)
        self.head = nn.Linear(width, config.action_dim)
        for layer in (self.final, self.head):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def encode(self, proprio: Tensor, target: Tensor) -> ContextCache:
        """Turn context ``[B, P]``, ``[B, T]`` into keys and values, once per inference."""
        both = torch.cat([proprio, target], dim=-1)
        tokens = torch.stack([self.proprio(proprio), self.target(target), self.joint(both)], dim=1)
        return ContextCache(tuple(block.cross.keys_values(tokens) for block in self._blocks()))

    def tables(self, tau: Tensor) -> tuple[Tensor, ...]:
        """Modulations for times ``[K]``: one ``[K, 9 W]`` per block, then ``[K, 2 W]`` of the head."""
        condition = self.time(time_features(tau, self.config.width))
        return (*(block.modulation(condition) for block in self._blocks()), self.final(condition))

    def forward(self, noisy: Tensor, tau: Tensor, clean: Tensor, context: ContextCache) -> Tensor:
        """Velocity ``[B, H, D]`` of ``noisy`` ``[B, H, D]`` at ``tau`` ``[B]``, rows ``clean`` at 1."""
        noisy_table = self.tables(tau)
        clean_table = self.tables(torch.ones(1, dtype=tau.dtype))
        pick = clean[..., None]
        chosen = [
            torch.where(pick, c[:, None], n[:, None])
            for c, n in zip(clean_table, noisy_table, strict=True)
        ]
        return self.rows(noisy, chosen, context)

    def rows(self, noisy: Tensor, tables: list[Tensor], context: ContextCache) -> Tensor:
        """Velocity of rows under modulations given per row, ``[B, H, ...]`` each."""
        x = self.embed(noisy) + self.position
        for block, table, pair in zip(self._blocks(), tables[:-1], context.pairs, strict=True):
            x = block(x, table, pair)
        shift, scale = tables[-1].chunk(2, dim=-1)
        velocity: Tensor = self.head(_modulate(x, shift, scale))
        return velocity

    def _blocks(self) -> list[Block]:
        return [block for block in self.blocks if isinstance(block, Block)]

    def parameter_count(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.parameters())


def _encoder(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, 2 * width), nn.SiLU(), nn.Linear(2 * width, width), nn.LayerNorm(width)
    )
