"""What stands between any action and the robot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy.typing as npt

from diarchy.contracts.entity import Solid, Zone
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Action, Pose2, Proprio, RobotSpec


@runtime_checkable
class DistanceField(Protocol):
    """Distance to what was perceived as solid."""

    @property
    def stamp(self) -> float:
        """Seconds on the robot's clock of the newest evidence in it."""
        ...

    def distance(self, points: npt.ArrayLike) -> FloatArray:
        """Signed distance ``[N]`` m of points ``[N, 3]`` in ``map``."""
        ...


@dataclass(frozen=True)
class GuardContext:
    """What a guard may know beside the action and the robot's own state.

    Attributes:
        spec: the embodiment.
        base_pose: estimate of ``map_from_base``; None when not localised.
        keep_in: ``(xmin, ymin, xmax, ymax)`` in ``map`` the base must stay in; None: anywhere.
        keep_out: zones in ``map`` that the base must not enter.
        obstacles: what is solid around the robot; the same sequence as long as nothing has changed.
        distance_field: built from what was perceived; None when there is none.
        allowed_contacts: entity ids (or classes) that the running skill may touch.
        force_limit: largest allowed gripper or contact force, N.
        held: id of what is in the gripper.
        people: positions ``[2]`` m in ``map`` of people.
        receiver: the one of them that the running skill hands something to; None: no one.
        upright: direction ``[3]`` in the gripper's frame that must point up while it is held; None: any may.
        source: who made the action.
        feeling_age: seconds since proprioception was taken.
        chunk_age: seconds since the observation that a policy's action was computed from; 0: it does not age.
        before: the action applied before ``proprio.commanded``, one tick earlier; None when not known.
    """

    spec: RobotSpec
    base_pose: Pose2 | None = None
    keep_in: tuple[float, float, float, float] | None = None
    keep_out: Sequence[Zone] = ()
    obstacles: Sequence[Solid] = ()
    distance_field: DistanceField | None = None
    allowed_contacts: frozenset[str] = frozenset()
    force_limit: float = float("inf")
    held: str | None = None
    people: Sequence[tuple[float, float]] = ()
    receiver: tuple[float, float] | None = None
    upright: FloatArray | None = None
    source: str = ""
    feeling_age: float = 0.0
    chunk_age: float = 0.0
    before: Action | None = None


_NO_CHANGES: Mapping[str, float] = MappingProxyType({})


class Verdict(NamedTuple):
    """What the guard decided; a tuple, because each guard makes one at every tick.

    Attributes:
        action: what may be applied.
        status: the action passed, was modified, or the robot was stopped instead.
        magnitude: largest relative change of a component, as a fraction of its range; 0 for a pass.
        guard: which guard decided; empty for a pass.
        reason: why, in words; empty for a pass.
        changes: guard name to magnitude for every guard that changed something.
    """

    action: Action
    status: Literal["pass", "modified", "stopped"] = "pass"
    magnitude: float = 0.0
    guard: str = ""
    reason: str = ""
    changes: Mapping[str, float] = _NO_CHANGES


@runtime_checkable
class ActionGuard(Protocol):
    """Checks one action; never waits, never raises on a bad action, keeps no reference to it."""

    @property
    def name(self) -> str:
        """Name in reports."""
        ...

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        """Decide on the action of one tick."""
        ...
