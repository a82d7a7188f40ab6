"""One believed thing: a filtered box, when it was seen, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np

from diarchy.contracts.entity import Entity, Sighting, StaticMap, Vec3
from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.household import ATTRIBUTE, State

CAN_HOLD: dict[str, tuple[Literal["on", "in"], ...]] = {
    "Bowl": ("in",),
    "Box": ("in",),
    "Cup": ("in",),
    "Mug": ("in",),
    "Pan": ("in",),
    "Plate": ("on",),
    "Pot": ("in",),
    "Tray": ("on",),
}
"""Movable things that others can be put on or in."""

STATES: tuple[str, ...] = ("temperature", "cleanliness")
"""Attributes that change: what a fresh look does not show is not so any more."""
SURE = 0.5
"""Below this confidence the position of a thing does not count as known."""
MOVED = 0.05
"""A complete sighting at rest this far (m) from the belief means that the thing was moved."""
WALKED = 0.4
"""A person whose build is known from the map was seen this far (m) away: they walked."""
CLEAR = 80
"""From so many depth pixels on, its outline tells its size: below, a pixel more or less is much of it."""
SNAP_GAIN = 0.25
"""Smallest weight of a new complete sighting: the base pose drifts, so news outweighs an old mean."""

_TOPPLED, _LIKE, _POOR_GAIN = 0.35, 0.012, 0.25
"""A height that is so much another (fraction) is another side of it; sides (m) that are like the known
ones; weight of a place that was poorly seen."""
_SLENDER, _MOST_OF = 2.0, 0.8
"""Longer than wide by so much, a thing shows how it lies once that part of its length is seen."""


@dataclass
class Belief:
    """A movable thing or a person, as believed; mutable, owned by the world model.

    ``rest_seen`` is the stamp of the last sighting with the robot at rest, ``misses`` counts looks
    in a row that saw its place empty, ``complete`` that it was once seen whole, ``clear`` that it was
    also large enough in that image for its size to be known. ``carrier`` is the movable container it
    lies on or in, ``covered`` the stamp of the last look at rest that saw that container, and its wall
    hide the place where the thing is. ``shape`` is the extent it was seen whole with before the hand
    took it: a rigid thing keeps it, however little a cupboard shows. ``states`` holds the stamp of what
    is known of its temperature and cleanliness, by attribute.
    """

    id: str
    cls: str
    kind: Literal["object", "person"]
    position: FloatArray
    yaw: float
    extent: FloatArray
    attributes: dict[str, str] = field(default_factory=dict)
    instance: str | None = None
    last_seen: float | None = None
    rest_seen: float | None = None
    confidence: float = 1.0
    count: int = 0
    misses: float = 0.0
    complete: bool = False
    clear: bool = False
    shape: FloatArray | None = None
    carrier: str | None = None
    covered: float | None = None
    states: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def of(sighting: Sighting, entity_id: str, kind: Literal["object", "person"]) -> Belief:
        """Begin a belief with its first sighting."""
        seen = sighting.detection
        return Belief(
            id=entity_id,
            cls=seen.cls,
            kind=kind,
            position=sighting.position.copy(),
            yaw=sighting.yaw,
            extent=sighting.extent.copy(),
            attributes=dict(seen.attributes),
            instance=seen.instance,
        )

    def update(self, sighting: Sighting, *, at_rest: bool) -> None:
        """Take in a sighting. Cut-off ones move a belief only when they cannot be of the same place."""
        if self.kind == "person" and self.complete:
            self._stand(sighting)
        elif self.shape is not None and not self._looks_whole(sighting):
            self._keep_shape(sighting)
        else:
            self._lie(sighting)
        self.misses = 0.0
        self.last_seen = sighting.stamp
        if at_rest:
            self.rest_seen = sighting.stamp
        self.confidence = sighting.detection.score
        self.look(sighting, at_rest=at_rest)

    def _stand(self, sighting: Sighting) -> None:
        """A person's outline tells little of where the feet are; one who walked away is elsewhere."""
        gap = sighting.position[:2] - self.position[:2]
        if float(np.linalg.norm(gap)) > WALKED:
            self.position = self.position + np.array([*gap, 0.0])

    def _looks_whole(self, sighting: Sighting) -> bool:
        """Whether a sighting shows as much of it as there is, or shows that it lies on its side now."""
        assert self.shape is not None
        if sighting.truncated:
            return False
        if abs(float(sighting.extent[2] - self.shape[2])) > _TOPPLED * float(self.shape[2]):
            self.shape = None
            return True
        gap = np.abs(np.sort(sighting.extent[:2]) - np.sort(self.shape[:2]))
        return bool(gap.max() < _LIKE)

    def _keep_shape(self, sighting: Sighting) -> None:
        """Take the place from a poor sighting: where the hand let go of it, unless it is elsewhere.

        How a long thing lies shows even in a poor sighting, and as it fell it may have turned.
        """
        assert self.shape is not None
        foot_hidden = self._stands_up(sighting) or self.carrier is not None
        gap = sighting.position[:2] - self.position[:2]
        gain = 1.0 if float(np.linalg.norm(gap)) > MOVED else _POOR_GAIN
        bottom = float(sighting.position[2] - sighting.extent[2] / 2.0)
        # What stands in a vessel shows its upper end, at every look.
        top = float(sighting.position[2] + sighting.extent[2] / 2.0)
        height = (top if foot_hidden else bottom + self.shape[2]) - self.shape[2] / 2.0
        self.position = np.array([*(self.position[:2] + gain * gap), height])
        self.extent = self.shape.copy()
        if _shows_direction(self.shape, sighting):
            swapped = (self.shape[0] > self.shape[1]) != (sighting.extent[0] > sighting.extent[1])
            self.yaw = wrap_angle(sighting.yaw + (np.pi / 2.0 if swapped else 0.0))
        self.count += 1

    def _stands_up(self, sighting: Sighting) -> bool:
        """Turn its shape over if even the part that shows is higher than all of it was; tells whether it did."""
        assert self.shape is not None
        seen = float(sighting.extent[2])
        if seen < (1.0 + _TOPPLED) * float(self.shape[2]) + _LIKE:
            return False
        sides = sorted(float(side) for side in self.shape)
        up = next((k for k, side in enumerate(sides) if side > _MOST_OF * seen), len(sides) - 1)
        height = sides.pop(up)
        self.yaw = sighting.yaw
        level = sides if sighting.extent[0] < sighting.extent[1] else sides[::-1]
        self.shape = np.array([*level, height])
        return True

    def _lie(self, sighting: Sighting) -> None:
        whole = not sighting.truncated
        self.clear |= whole and sighting.points >= CLEAR
        away = float(np.linalg.norm(sighting.position - self.position))
        reach = MOVED if whole else MOVED + 0.5 * float(max(self.extent.max(), 0.04))
        if self.count == 0 or away > reach or (whole and not self.complete):
            self._replace(sighting)
        elif whole:
            self._blend(sighting, max(SNAP_GAIN, 1.0 / (self.count + 1.0)))
        elif not self.complete:
            self.extent = np.maximum(self.extent, sighting.extent)
        self.count += 1

    def glimpse(self, sighting: Sighting, *, at_rest: bool) -> None:
        """It was seen where it is known to be better than eyes can tell: in the hand."""
        self.last_seen = sighting.stamp
        if at_rest:
            self.rest_seen = sighting.stamp
        self.look(sighting, at_rest=at_rest)

    def look(self, sighting: Sighting, *, at_rest: bool) -> None:
        """Take in what it looks like: its states are news, its colour stays."""
        seen = dict(sighting.detection.attributes)
        if at_rest or not self.states:
            self.attributes = {k: v for k, v in self.attributes.items() if k not in STATES}
        else:
            seen = {k: v for k, v in seen.items() if k not in STATES}
        self.attributes |= seen
        if at_rest:
            self.states = dict.fromkeys(STATES, sighting.stamp)

    def become(self, state: State, stamp: float) -> None:
        """Believe that it has become hot, cold or clean, unless a newer look said otherwise."""
        attribute, value = ATTRIBUTE[state]
        if stamp > self.states.get(attribute, -np.inf):
            self.attributes[attribute] = value
            self.states[attribute] = stamp

    def has(self, state: State) -> bool:
        """Whether it is believed to be hot, cold or clean."""
        attribute, value = ATTRIBUTE[state]
        return self.attributes.get(attribute) == value

    def _replace(self, sighting: Sighting) -> None:
        self.position = sighting.position.copy()
        if not (sighting.truncated and self.complete):
            self.extent, self.yaw = sighting.extent.copy(), sighting.yaw
            self.complete = not sighting.truncated
        self.count = 0

    def _blend(self, sighting: Sighting, gain: float) -> None:
        self.position = self.position + gain * (sighting.position - self.position)
        if self.clear and sighting.points < CLEAR:
            return  # from so far away its size and turn are less well known than before
        turn = wrap_angle(self.yaw - sighting.yaw)
        # A box looks the same after quarter turns with x and y swapped: the new reading names the
        # axes, because it knows best at which end a handle is.
        quarter = int(np.round(turn / (np.pi / 2.0)))
        old = self.extent[[1, 0, 2]] if quarter % 2 else self.extent
        rest = wrap_angle(turn - quarter * np.pi / 2.0)
        self.yaw = wrap_angle(sighting.yaw + (1.0 - gain) * rest)
        self.extent = old + gain * (sighting.extent - old)

    def pose(self) -> SE3:
        """``map_from_entity`` of the box centre."""
        x, y, z = (float(v) for v in self.position)
        return SE3.from_xyz_yaw(x, y, z, self.yaw)

    def entity(self, static_map: StaticMap) -> Entity:
        """The same as immutable data."""
        x, y, z = self.position.tolist()
        ex, ey, ez = self.extent.tolist()
        return _as_entity(
            self.id,
            self.cls,
            self.kind,
            (x, y, z),
            float(self.yaw),
            (ex, ey, ez),
            tuple(sorted(self.attributes.items())),
            static_map.room_at(x, y),
            self.last_seen,
            self.confidence,
            self.complete and self.clear,
        )


@lru_cache(maxsize=1024)
def _as_entity(
    entity_id: str,
    cls: str,
    kind: Literal["object", "person"],
    position: Vec3,
    yaw: float,
    extent: Vec3,
    attributes: tuple[tuple[str, str], ...],
    room: str | None,
    last_seen: float | None,
    confidence: float,
    complete: bool,
) -> Entity:
    """Build an entity, once for the same words: it is asked for ten times a second, and changes by looks."""
    return Entity(
        id=entity_id,
        cls=cls,
        kind=kind,
        position=position,
        yaw=yaw,
        extent=extent,
        attributes=dict(attributes),
        room=room,
        last_seen=last_seen,
        confidence=confidence,
        can_hold=CAN_HOLD.get(cls, ()) if kind == "object" else (),
        movable=kind == "object",
        complete=complete,
    )


def _shows_direction(shape: FloatArray, sighting: Sighting) -> bool:
    """Tell whether a sighting shows most of the length of a thing that is much longer than wide."""
    if sighting.truncated:
        return False
    long, seen = float(max(shape[:2])), float(max(sighting.extent[:2]))
    slender = all(
        _SLENDER * float(min(e[:2])) < float(max(e[:2])) for e in (shape, sighting.extent)
    )
    return slender and seen > _MOST_OF * long


def snake(cls: str) -> str:
    """``RemoteControl`` becomes ``remote_control``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls).lower()
