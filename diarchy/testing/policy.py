"""Conformance kit for `Policy`."""

from __future__ import annotations

import copy

import numpy as np

from diarchy.contracts.action import ActionChunk, Policy, PolicyContext
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation, RobotSpec
from diarchy.testing.clauses import require, require_chunk, require_members, require_name
from diarchy.testing.samples import sample_entities, sample_frame, sample_proprio

_MEMBERS = ("name", "stride", "horizon", "infer")
_EPOCH = 7
_START = 40
_PREFIX = 2


def check_policy(
    policy: Policy,
    spec: RobotSpec,
    *,
    context: PolicyContext | None = None,
    observation: Observation | None = None,
) -> None:
    """Check a policy on one observation, with and without a committed prefix.

    Args:
        policy: what to check.
        spec: the embodiment it acts on.
        context: a subtask it knows; default: pick the red mug of the samples.
        observation: what it is used to see; default: the sample image for every camera.

    Raises:
        AssertionError: a clause of `diarchy.contracts.action.Policy` is broken.
    """
    require_members(policy, "Policy", _MEMBERS)
    require_name(policy.name, "policy")
    require(
        policy.stride >= 1, f"policy.stride is {policy.stride}", "say the ticks between two rows"
    )
    require(policy.horizon >= 1, f"policy.horizon is {policy.horizon}", "say the rows of a chunk")
    context = context or _context()
    observation = observation or _observation(spec)
    kept = copy.deepcopy(observation.proprio)
    chunk = _infer(policy, context, observation, None, seed=0)
    _require_chunk(policy, chunk, context, spec)
    require(
        bool(np.array_equal(kept.q, observation.proprio.q)),
        "infer changed the observation it was given",
        "work on a copy",
    )
    again = _infer(policy, context, observation, None, seed=0)
    require(
        bool(np.array_equal(chunk.values, again.values)),
        "the same inputs and seed gave two different chunks",
        "draw the noise from a generator seeded with the argument, keep no state between calls, "
        "and put the network into evaluation mode",
    )
    _require_prefix(policy, context, observation, chunk)


def _require_chunk(
    policy: Policy, chunk: ActionChunk, context: PolicyContext, spec: RobotSpec
) -> None:
    require_chunk(chunk, spec, epoch=context.epoch, earliest=_START)
    require(
        chunk.start_tick == _START,
        f"the chunk starts at tick {chunk.start_tick}, asked was {_START}",
        "start at start_tick: the executor has already allowed for the time it takes to think",
    )
    require(
        chunk.stride == policy.stride and len(chunk.values) == policy.horizon,
        f"the chunk has {len(chunk.values)} rows at stride {chunk.stride}, the policy says "
        f"{policy.horizon} at {policy.stride}",
        "let horizon and stride say what infer returns",
    )


def _require_prefix(
    policy: Policy, context: PolicyContext, observation: Observation, chunk: ActionChunk
) -> None:
    """Commit slightly other rows than the policy would choose, and expect them back."""
    count = min(_PREFIX, policy.horizon)
    prefix = chunk.values[:count] + 1e-3
    answer = _infer(policy, context, observation, prefix, seed=0)
    require(
        answer.values.shape == chunk.values.shape,
        "with a prefix the chunk has another shape",
        "return the whole horizon, the prefix at its head",
    )
    require(
        bool(np.allclose(answer.values[:count], prefix, atol=1e-5)),
        "the chunk does not repeat the prefix that is already committed",
        "overwrite the first rows with the prefix before each denoising step and after the last",
    )


def _infer(
    policy: Policy,
    context: PolicyContext,
    observation: Observation,
    prefix: FloatArray | None,
    *,
    seed: int,
) -> ActionChunk:
    given = None if prefix is None else prefix.copy()
    chunk = policy.infer(context, observation, SE3.identity(), given, start_tick=_START, seed=seed)
    require(
        isinstance(chunk, ActionChunk),
        f"infer returned {type(chunk).__name__}",
        "return an ActionChunk",
    )
    return chunk


def _context() -> PolicyContext:
    mug = next(e for e in sample_entities() if e.cls == "Mug")
    near = mug.model_copy(update={"position": (0.7, 0.0, 0.8)})
    return PolicyContext("pick", "pick the red mug", near, None, _EPOCH)


def _observation(spec: RobotSpec) -> Observation:
    frame = sample_frame()
    return Observation(sample_proprio(spec, tick=_START), dict.fromkeys(spec.cameras, frame))
