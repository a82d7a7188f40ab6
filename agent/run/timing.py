"""How long a policy thinks, measured from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

from diarchy.agent.wrapped_policy import Inference, WrappedPolicy
from diarchy.contracts.action import ActionChunk, Policy


def timed(policy: Policy, on_infer: Callable[[float], None]) -> WrappedPolicy:
    """Return the policy such that it tells how many seconds each inference took."""

    def around(infer: Inference) -> ActionChunk:
        began = time.perf_counter()
        chunk = infer()
        on_infer(time.perf_counter() - began)
        return chunk

    return WrappedPolicy(policy, around)
