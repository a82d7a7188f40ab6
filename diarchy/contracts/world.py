"""What skills, guards and planners may read of the agent's belief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from diarchy.contracts.entity import Entity, StaticMap, Surface, Truth
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.predicate import Condition, ConditionField


class Remembered(BaseModel):
    """What an earlier run saw and this one has not seen yet: where to look first, never evidence of anything.

    ``thing.confidence`` is below what counts as known, ``thing.last_seen`` at most 0: it was before this
    run began. ``place`` is the id of the fixture that it was on or in, or that what it was in stood on.
    """

    model_config = ConfigDict(frozen=True)

    thing: Entity
    place: str | None = None


FAR = 10.0
"""Distance (m) where nothing solid was perceived."""


@dataclass(frozen=True)
class Newcomers:
    """What the lidar met lately that neither the map nor the belief explains; a `DistanceField` of it.

    Attributes:
        points: ``[N, 2]`` m in ``map``.
        stamp: s on the robot's clock of the newest scan; minus infinity before the first.
    """

    points: FloatArray
    stamp: float

    @staticmethod
    def none() -> Newcomers:
        """Of a robot that has no lidar, or has not read it yet."""
        return Newcomers(np.zeros((0, 2)), -np.inf)

    def distance(self, points: npt.ArrayLike) -> FloatArray:
        """Distance ``[N]`` m, seen from above, of points ``[N, 3]`` (or ``[N, 2]``) in ``map``."""
        flat = np.atleast_2d(np.asarray(points, dtype=np.float64))[:, :2]
        if not len(self.points):
            return np.full(len(flat), FAR)
        gaps = np.linalg.norm(flat[:, None] - self.points[None], axis=2)
        return np.asarray(gaps.min(axis=1))


@runtime_checkable
class WorldView(Protocol):
    """The present belief, read-only. Everything in it was perceived or given by the static map."""

    @property
    def static_map(self) -> StaticMap:
        """Rooms, walls, fixtures."""
        ...

    def map_from_base(self) -> SE3:
        """Best estimate of where the base is now."""
        ...

    def entities(self) -> Sequence[Entity]:
        """All believed entities, sorted by id: fixtures, people and objects."""
        ...

    def entity(self, entity_id: str) -> Entity:
        """Look one up.

        Raises:
            BadInputError: there is none of that id; the message lists what exists.
        """
        ...

    def lost(self) -> Sequence[Entity]:
        """What was known once and then seen to be gone, as it was at its last place, sorted by id."""
        ...

    def remembered(self) -> Sequence[Remembered]:
        """What an earlier run saw and this one has not, the surest first."""
        ...

    def truth(self, condition: Condition) -> Truth:
        """Evaluate a condition on what was perceived."""
        ...

    def held(self) -> str | None:
        """Id of what is in the gripper (``unknown_object`` if it cannot be told), None if empty."""
        ...

    def in_gripper(self, entity_id: str) -> SE3 | None:
        """``gripper_from_object`` of what is held, as it was when the fingers closed; None for anything else."""
        ...

    def opening(self, entity_id: str) -> float | None:
        """Opening of a door (rad) or drawer (m) as last perceived, None if never seen."""
        ...

    def surfaces(self, entity_id: str) -> tuple[Surface, ...]:
        """Where things can be put on or in it as it is now: a drawer pulled out, a plate's top, hands."""
        ...

    def inspected(self, entity_id: str) -> float | None:
        """Stamp of the last good look at the surfaces (or the open inside) of a fixture."""
        ...

    def unseen(self, entity_id: str) -> FloatArray:
        """Points ``[N, 3]`` m in ``map`` on the surfaces of a fixture that no look has reached yet."""
        ...

    def newcomers(self) -> Newcomers:
        """What the lidar met lately that is not known: it may be somebody who stepped in."""
        ...

    def let_go(self, entity_id: str) -> tuple[SE3, float] | None:
        """``map_from_gripper`` and opening (m) at which the hand let go of a thing, moved along with it if it slid a little.

        None if it is elsewhere.
        """
        ...


class Fact(BaseModel):
    """One predicate and what is believed of it; ``stamp`` is that of its evidence."""

    model_config = ConfigDict(frozen=True)

    condition: ConditionField
    truth: Truth
    stamp: float | None = None


class WorldSnapshot(BaseModel):
    """The belief as data, for planners, traces and reports.

    Facts that are not listed are false if all their arguments are entities that are listed and
    located, and unknown otherwise; ``inspected`` says which surfaces were looked at and when.
    What is ``remembered`` of an earlier run is no part of the entities, and no fact is about it.
    """

    model_config = ConfigDict(frozen=True)

    stamp: float
    robot_position: tuple[float, float, float]
    robot_room: str | None
    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    inspected: dict[str, float] = {}
    held: str | None = None
    remembered: tuple[Remembered, ...] = ()

    def entity(self, entity_id: str) -> Entity | None:
        """Look one up; None if it is not believed to exist."""
        return next((e for e in self.entities if e.id == entity_id), None)

    def of_class(self, cls: str) -> tuple[Entity, ...]:
        """All entities of a class."""
        return tuple(e for e in self.entities if e.cls == cls)

    def true_facts(self) -> frozenset[Condition]:
        """Conditions believed to be true."""
        return frozenset(f.condition for f in self.facts if f.truth is Truth.TRUE)
