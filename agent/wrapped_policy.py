"""A policy whose inferences are timed, or given a deadline; what it answers is its own."""

from __future__ import annotations

from collections.abc import Callable

from diarchy.contracts.action import ActionChunk, Policy, PolicyContext
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation

Inference = Callable[[], ActionChunk]


class WrappedPolicy:
    """Hands every inference of a policy to ``around``, which makes the call."""

    def __init__(self, policy: Policy, around: Callable[[Inference], ActionChunk]) -> None:
        self._policy, self._around = policy, around

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
        """Infer, by way of ``around``; it may raise what that raises."""
        return self._around(
            lambda: self._policy.infer(
                context, observation, map_from_base, prefix, start_tick=start_tick, seed=seed
            )
        )
