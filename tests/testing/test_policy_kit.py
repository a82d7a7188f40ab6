"""The policy kit passes a good policy and says what is broken about each bad one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from diarchy.contracts.action import ActionChunk, Policy, PolicyContext
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation
from diarchy.testing import check_policy, sample_spec

SPEC = sample_spec()


class Wiggle:
    """Noise around the present joints, seeded, with the committed prefix at its head."""

    name = "wiggle"
    stride = 8
    horizon = 16

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
        rng = np.random.default_rng(seed)
        q = observation.proprio.q
        values = np.zeros((self.horizon, len(q) + 3))
        values[:, 2:-1] = np.clip(q + 0.01 * rng.random((self.horizon, len(q))), 0.0, 0.4)
        if prefix is not None:
            values[: len(prefix)] = prefix
        return ActionChunk(
            "joint", "joint", values, start_tick, self.stride, context.epoch, "vla:wiggle"
        )


class Spoilt(Wiggle):
    """A wiggle whose chunk is spoilt afterwards."""

    def __init__(self, spoil: Callable[[ActionChunk], ActionChunk]) -> None:
        self._spoil = spoil

    def infer(self, *args: Any, **kwargs: Any) -> ActionChunk:
        return self._spoil(super().infer(*args, **kwargs))


def with_values(change: Callable[[FloatArray], FloatArray]) -> Policy:
    return Spoilt(lambda chunk: replace(chunk, values=change(chunk.values.copy())))


class ForgetsPrefix(Wiggle):
    """Ignores what is committed."""

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
        return super().infer(
            context, observation, map_from_base, None, start_tick=start_tick, seed=seed
        )


class Unseeded(Wiggle):
    """Another chunk each time."""

    def __init__(self) -> None:
        self._calls = 0

    def infer(self, *args: Any, seed: int, **kwargs: Any) -> ActionChunk:
        self._calls += 1
        return super().infer(*args, seed=self._calls, **kwargs)


class Overwrites(Wiggle):
    """Writes into the observation."""

    def infer(
        self, context: PolicyContext, observation: Observation, *args: Any, **kwargs: Any
    ) -> ActionChunk:
        observation.proprio.q[:] = 0.1
        return super().infer(context, observation, *args, **kwargs)


def moving_tail(chunk: ActionChunk) -> ActionChunk:
    return replace(chunk, tail=np.full((3, chunk.values.shape[1]), 0.1))


def test_a_good_policy_passes() -> None:
    check_policy(Wiggle(), SPEC)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        pytest.param(object(), "is no Policy", id="lacks its members"),
        pytest.param(with_values(lambda v: v * np.nan), "not finite", id="returns NaN"),
        pytest.param(with_values(lambda v: v[:, 1:]), "the contract says", id="is too narrow"),
        pytest.param(with_values(lambda v: v[:3]), "the policy says", id="returns fewer rows"),
        pytest.param(with_values(lambda v: v + 9.0), "outside the limits", id="leaves the limits"),
        pytest.param(Spoilt(lambda c: replace(c, epoch=99)), "epoch", id="serves another epoch"),
        pytest.param(
            Spoilt(lambda c: replace(c, start_tick=41)), "asked was", id="starts a tick late"
        ),
        pytest.param(
            Spoilt(lambda c: replace(c, start_tick=0)), "is before", id="starts in the past"
        ),
        pytest.param(Spoilt(lambda c: replace(c, frame="odom")), "frame", id="has a wrong frame"),
        pytest.param(Spoilt(lambda c: replace(c, source="")), "source", id="does not sign"),
        pytest.param(Spoilt(moving_tail), "still moving", id="has a tail that ends in motion"),
        pytest.param(ForgetsPrefix(), "does not repeat the prefix", id="forgets the prefix"),
        pytest.param(Unseeded(), "two different chunks", id="ignores the seed"),
        pytest.param(Overwrites(), "changed the observation", id="overwrites the observation"),
    ],
)
def test_the_kit_says_what_is_wrong_with_a_policy_that(policy: Policy, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as caught:
        check_policy(policy, SPEC)
    assert "To mend it: " in str(caught.value)
