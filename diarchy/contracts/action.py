"""Chunks of actions addressed by absolute tick, and the Protocol of a System 1 policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Observation

Representation = Literal["joint", "ee_pose"]


def _no_tail() -> FloatArray:
    return np.zeros((0, 0))


@dataclass(frozen=True)
class ActionChunk:
    """Actions for the ticks ``start_tick + i * stride``, i = 0 .. H-1.

    Attributes:
        representation: ``joint``: rows are `Action.vector` (``D = 2 + J + 1``); ``ee_pose``: rows are
            gripper pose in ``frame`` as translation ``[3]``, 6D rotation ``[6]``, opening m (``D = 10``).
        frame: ``joint``, or the frame of the poses (``base`` or ``map``).
        values: ``[H, D]``.
        start_tick: absolute control tick of the first row.
        stride: ticks between rows; rows between are interpolated, the last row is held for ``stride`` ticks.
        epoch: the subtask execution this serves; a chunk of an older epoch is refused.
        source: who made it, for example ``motion:pick`` or ``vla:pick_flow``.
        tail: ``[B, D]`` braking tail, one row a tick, that brings the robot to rest inside its
            limits if nothing follows (``joint`` chunks only; empty: hold the last joints, base zero).
    """

    representation: Representation
    frame: str
    values: FloatArray
    start_tick: int
    stride: int
    epoch: int
    source: str
    tail: FloatArray = field(default_factory=_no_tail)

    @property
    def end_tick(self) -> int:
        """First tick after the chunk."""
        return self.start_tick + len(self.values) * self.stride


@dataclass(frozen=True)
class PolicyContext:
    """What a policy is conditioned on for one subtask; constant during it.

    Attributes:
        skill: name of the skill it stands in for.
        words: the atomic command, for example "pick the red mug".
        target: the grounded target in ``map``, as perceived.
        destination: where it shall go, for placing skills.
        epoch: the epoch its chunks carry.
    """

    skill: str
    words: str
    target: Entity
    destination: Entity | None
    epoch: int


@runtime_checkable
class Policy(Protocol):
    """A System 1 policy: chunks of future actions from what is sensed now."""

    @property
    def name(self) -> str:
        """Name for traces and reports."""
        ...

    @property
    def stride(self) -> int:
        """Control ticks between two rows of a chunk."""
        ...

    @property
    def horizon(self) -> int:
        """Rows in a chunk."""
        ...

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
        """Return the chunk that starts at ``start_tick``.

        Args:
            context: the subtask.
            observation: what is sensed now.
            map_from_base: present estimate of the base pose.
            prefix: ``[d, D]`` rows already committed from ``start_tick`` on, which the chunk must
                repeat (real-time chunking); None at the start of a subtask.
            start_tick: absolute tick of the first row.
            seed: of the noise; the same inputs and seed give the same chunk.
        """
        ...
