"""How long a policy thinks, measured from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

from diarchy.contracts.action import ActionChunk, Policy, PolicyContext
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation


class TimedPolicy:
    """A policy that tells how long each inference took; what it answers is the policy's own."""

    def __init__(self, policy: Policy, on_infer: Callable[[float], None]) -> None:
        self._policy, self._on_infer = policy, on_infer

    @property
    def name(self) -> str:
        """Name of the policy."""
        return self._policy.name

    @property
    def stride(self) -> int:
        """Control ticks between two rows of a chunk."""
        return self._policy.stride

    @property
    def horizon(self) -> int:
        """Rows in a chunk."""
        return self._policy.horizon

    def infer(
        self,
        context: PolicyContext,
        observation: Observation,
        map_from_base: SE3,
        prefix: FloatArray | None,
        *,
        start_tick: int,
        seed: int,
    ) -> ActionChunk:
        """Infer and report the seconds it took."""
        began = time.perf_counter()
        chunk = self._policy.infer(
            context, observation, map_from_base, prefix, start_tick=start_tick, seed=seed
        )
        self._on_infer(time.perf_counter() - began)
        return chunk
