"""`FlowPolicy`: the flow-matching action expert behind the `Policy` contract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diarchy.contracts.action import ActionChunk, PolicyContext
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation, RobotSpec
from diarchy.skills.vla.flow.matching import integrate
from diarchy.skills.vla.flow.modeling import ContextCache, FlowTransformer
from diarchy.skills.vla.flow.processing import (
    Processor,
    move_rows,
    proprio_features,
    target_features,
    target_frame,
)
from diarchy.skills.vla.flow.weights import load_policy

ForwardKinematics = Callable[[FloatArray], SE3]
"""``base_from_gripper`` of joint positions ``[J]``."""


class FlowPolicy:
    """Chunks of absolute gripper poses in ``base`` with the opening, ``ee_pose`` rows ``[H, 10]``.

    Inference runs on the calling thread; callers on a shared machine set
    ``torch.set_num_threads(1)`` once (a second thread costs far more than it brings).
    """

    def __init__(
        self,
        net: FlowTransformer,
        processor: Processor,
        spec: RobotSpec,
        forward: ForwardKinematics,
    ) -> None:
        self._net = net.eval()
        self._processor = processor
        self._forward = forward
        self._arm = [*spec.groups.get("torso", ()), *spec.groups["arm"]]
        self._max_width = spec.gripper.max_width
        self._tables = _precompute(net)

    @staticmethod
    def load(path: Path, spec: RobotSpec, forward: ForwardKinematics) -> FlowPolicy:
        """Read weights.

        Raises:
            BadInputError: the file is missing, malformed or does not fit; the message says what.
        """
        return FlowPolicy(*load_policy(path), spec, forward)

    @property
    def name(self) -> str:
        """Name for traces."""
        return self._net.config.name

    @property
    def stride(self) -> int:
        """Control ticks between rows."""
        return self._net.config.stride

    @property
    def horizon(self) -> int:
        """Rows of a chunk."""
        return self._net.config.horizon

    @property
    def max_delay(self) -> int:
        """Longest prefix (rows) it was trained for."""
        return self._net.config.max_delay

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
        """Return the chunk that starts at ``start_tick``; see `Policy.infer`.

        Raises:
            BadInputError: the prefix has the wrong shape or is longer than `max_delay`.
        """
        frame = target_frame(context.target, map_from_base)
        cache = self._encode(context, observation, map_from_base, frame)
        given = self._prefix(prefix, frame)
        rows = self._processor.action.restore(self._sample(cache, given, seed))
        values = move_rows(rows, frame)
        values[:, 9] = np.clip(values[:, 9], 0.0, self._max_width)
        if prefix is not None:
            values[: len(prefix)] = prefix
        return ActionChunk(
            "ee_pose", "base", values, start_tick, self.stride, context.epoch, f"vla:{self.name}"
        )

    def _encode(
        self, context: PolicyContext, observation: Observation, map_from_base: SE3, frame: SE3
    ) -> ContextCache:
        proprio = observation.proprio
        hand = proprio_features(proprio, self._arm, self._forward(proprio.q), frame)
        target = target_features(context.target, map_from_base)
        with torch.inference_mode():
            return self._net.encode(
                _batch(self._processor.proprio.normalise(hand)),
                _batch(self._processor.target.normalise(target)),
            )

    def _prefix(self, prefix: FloatArray | None, frame: SE3) -> Tensor | None:
        if prefix is None or not len(prefix):
            return None
        if prefix.ndim != 2 or prefix.shape[1] != self._net.config.action_dim:
            raise BadInputError(
                f"policy '{self.name}': prefix must be [d, {self._net.config.action_dim}],"
                f" got {prefix.shape}"
            )
        if len(prefix) > self.max_delay:
            raise BadInputError(
                f"policy '{self.name}' was trained for prefixes of up to {self.max_delay} rows,"
                f" got {len(prefix)}; lower the delay"
            )
        return _batch(self._processor.action.normalise(move_rows(prefix, frame.inverse())))

    def _sample(self, cache: ContextCache, prefix: Tensor | None, seed: int) -> FloatArray:
        config = self._net.config
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn((1, config.horizon, config.action_dim), generator=generator)

        def field(noisy: Tensor, tau: Tensor, clean: Tensor) -> Tensor:
            step = round(float(tau[0]) * config.euler_steps)
            which = torch.where(clean[0], config.euler_steps, step)
            return self._net.rows(noisy, [table[which][None] for table in self._tables], cache)

        with torch.inference_mode():
            return integrate(field, noise, config.euler_steps, prefix)[0].double().numpy()


def _precompute(net: FlowTransformer) -> tuple[Tensor, ...]:
    """Modulation tables of the fixed Euler times and, last, of time 1."""
    steps = net.config.euler_steps
    with torch.inference_mode():
        return net.tables(torch.arange(steps + 1, dtype=torch.float32) / steps)


def _batch(values: FloatArray) -> Tensor:
    return torch.from_numpy(np.atleast_2d(values).astype(np.float32))[None].reshape(
        1, *values.shape
    )
