"""Greedy decoding inside a grammar, many sentences at a time, with a cache of keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from diarchy.planners.embedded.grammar import Machine

LONGEST_ANSWER = 320


@dataclass
class Written:
    """One answer.

    Attributes:
        tokens: with the one that ends it, if it came to an end.
        confidence: product of the probabilities of what was chosen where there was a choice, among
            what was allowed.
        least: the smallest of them.
    """

    tokens: list[int]
    confidence: float = 1.0
    least: float = 1.0


@torch.inference_mode()
def decode(
    model: Any, prompts: Sequence[Sequence[int]], machines: Sequence[Machine], pad: int
) -> list[Written]:
    """Write the likeliest answer, token by token, to each prompt.

    Args:
        model: the network, in evaluation mode.
        prompts: tokens of each prompt; shorter ones are filled up on the left.
        machines: fresh, one for each; they are used up.
        pad: token to fill up with.
    """
    device = next(model.parameters()).device
    tokens, mask = _left(prompts, pad, device)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    written = [Written([]) for _ in prompts]
    cache: Any = None
    padded = bool((mask == 0).any())
    for _ in range(LONGEST_ANSWER):
        out = model(
            input_ids=tokens, attention_mask=mask if padded else None,
            position_ids=places[None].expand(3, -1, -1), past_key_values=cache, use_cache=True,
            logits_to_keep=1,
        )  # fmt: skip
        cache = out.past_key_values
        chosen = _choose(out.logits[:, -1].float(), machines, written)
        if all(m.done for m in machines):
            break
        tokens = torch.tensor([[c if c >= 0 else pad] for c in chosen], device=device)
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
        places = places[:, -1:] + 1
    return written


def _left(prompts: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Tensor, Tensor]:
    width = max(len(p) for p in prompts)
    rows = [[pad] * (width - len(p)) + list(p) for p in prompts]
    mask = [[0] * (width - len(p)) + [1] * len(p) for p in prompts]
    return torch.tensor(rows, device=device), torch.tensor(mask, device=device)


def _choose(logits: Tensor, machines: Sequence[Machine], written: Sequence[Written]) -> list[int]:
    """Choose the next token of each among what its machine allows; -1 for what is complete."""
    allowed = [m.allowed() for m in machines]
    most = max(len(a) for a in allowed)
    if most == 0:
        return [-1] * len(machines)
    index = torch.tensor([a + [0] * (most - len(a)) for a in allowed], device=logits.device)
    valid = torch.tensor([[1] * len(a) + [0] * (most - len(a)) for a in allowed], device=logits.device)  # fmt: skip
    scores = logits.gather(1, index).masked_fill(valid == 0, -1e9)
    best = scores.argmax(-1)
    chances = scores.softmax(-1).gather(1, best[:, None])[:, 0].tolist()
    chosen = []
    for machine, options, at, chance, out in zip(
        machines, allowed, best.tolist(), chances, written, strict=True
    ):
        if not options:
            chosen.append(-1)
            continue
        machine.advance(options[at])
        chosen.append(options[at])
        out.tokens.append(options[at])
        out.confidence *= chance
        out.least = min(out.least, chance)
    return chosen
