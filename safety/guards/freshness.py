"""Age of what an action is based on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.robot import Action, Proprio
from diarchy.safety.braking import braked
from diarchy.safety.limits import Limits, commanded_rate


@dataclass(frozen=True)
class Freshness:
    """Brakes to rest while the robot's feeling or the chunk is too old, and lets go on when it is not.

    Nothing is latched. The rows of a stale chunk are not put off: they pass by while the robot stands, so
    that nothing old is caught up with later.

    Attributes:
        limits: of the embodiment.
        oldest_feeling: s since proprioception was taken from which on the robot does not know where it is.
        oldest_chunk: s since the observation behind a policy's chunk from which on the chunk is history. A
            planned motion has no such age (`GuardContext.chunk_age` is 0): it holds until the plan changes.
    """

    limits: Limits
    oldest_feeling: float = 0.25
    oldest_chunk: float = 1.5
    name: str = "freshness"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Pass what is fresh; brake else."""
        # Written so that an age that is not a number is stale.
        if context.feeling_age <= self.oldest_feeling and context.chunk_age <= self.oldest_chunk:
            return Verdict(action)
        rate = commanded_rate(proprio, context, self.limits)
        if rate is None:
            rate = np.zeros_like(self.limits.lower)
        safe = braked(rate, proprio, self.limits)
        magnitude = self.limits.magnitude(action, safe)
        return Verdict(
            safe, "stopped", magnitude, self.name, self._why(context), {self.name: magnitude}
        )

    def _why(self, context: GuardContext) -> str:
        if not context.feeling_age <= self.oldest_feeling:
            return (
                f"what the robot feels is {context.feeling_age:.2f} s old, "
                f"at most {self.oldest_feeling:.2f} s is fresh"
            )
        return (
            f"the chunk rests on an observation {context.chunk_age:.2f} s old, "
            f"at most {self.oldest_chunk:.2f} s is fresh"
        )
