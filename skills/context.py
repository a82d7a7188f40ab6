"""What a running skill has at hand, as a plain object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from diarchy.contracts.clock import Clock
from diarchy.contracts.robot import RobotSpec
from diarchy.contracts.world import WorldView


def _ignore_claim(entity_id: str | None) -> None:
    """Tell nobody."""


def _ignore_words(text: str) -> None:
    """Say it to nobody."""


@dataclass
class Context:
    """The `SkillContext` of one execution.

    ``on_claim`` is told what the gripper has just closed on (``WorldModel.claim_held``), ``on_say``
    takes what the skill says; ``answer`` is set by the agent before it resolves an `Ask`;
    ``destination`` is where the thing that is taken goes next, as far as the plan tells.
    """

    spec: RobotSpec
    clock: Clock
    world: WorldView
    epoch: int
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    on_claim: Callable[[str | None], None] = _ignore_claim
    on_say: Callable[[str], None] = _ignore_words
    answer: str | None = None
    destination: str | None = None

    def claim_held(self, entity_id: str | None) -> None:
        """Tell the belief what the gripper has just closed on (or let go: None)."""
        self.on_claim(entity_id)

    def say(self, text: str) -> None:
        """Tell the person something."""
        self.on_say(text)
