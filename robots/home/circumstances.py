"""What the laws of the home ask of the physics: who is in what, what is shut, what is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diarchy.contracts.entity import StaticMap, Surface
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.household import PROCESSES
from diarchy.robots.home.furnish import furnish
from diarchy.robots.home.household import SWITCHED, Circumstances
from diarchy.robots.home.joints import control_joint, opening_joint
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.scene import Scene

SHUT_RAD = 0.08
"""A door that is open no further counts as shut."""
REACH_UP = 0.40
"""How high above the floor of an open container (m) a thing's centre can be and be in it."""
UNDER_WATER = 0.24
"""How high above the floor of a basin (m) running water still reaches a thing's centre."""


class Witness:
    """Reads from the simulator's state what the laws depend on; a few microseconds a call.

    Args:
        model: the compiled scene.
        scene: its description.
        placed: its movable things.
        home: its map.
    """

    def __init__(self, model: Any, scene: Scene, placed: Sequence[Placed], home: StaticMap) -> None:
        fixtures = furnish(scene)
        known = SWITCHED | set(PROCESSES)
        self.devices = {f.entity_id: f.cls for f in fixtures if f.cls in known}
        self._things = [p.id for p in placed]
        self._bodies = np.array([model.body(p.id).id for p in placed], dtype=np.int64)
        self._half = np.array([OBJECT_CLASSES[p.cls].extent[2] / 2 for p in placed])
        self._doors = {
            f.entity_id: _address(model, str(opening_joint(f)))
            for f in fixtures
            if f.entity_id in self.devices and f.model.door is not None
        }
        self._controls = {
            f.entity_id: (_address(model, str(control_joint(f))), f.model.control.travel)
            for f in fixtures
            if f.entity_id in self.devices and f.model.control is not None
        }
        self._spaces = {
            name: [s for s in home.fixtures[name].surfaces if s.relation == "in"]
            for name, cls in self.devices.items()
            if cls in PROCESSES
        }
        self._thing_of = np.full(model.ngeom, -1, dtype=np.int64)
        for i, body in enumerate(self._bodies):
            self._thing_of[model.geom_bodyid == body] = i
        bins = [model.body(f.entity_id).id for f in fixtures if f.cls == "GarbageCan"]
        self._is_bin = np.isin(model.geom_bodyid, bins)
        self._bins = [
            s
            for f in fixtures
            if f.cls == "GarbageCan"
            for s in home.fixtures[f.entity_id].surfaces
        ]

    def shut(self, data: Any) -> dict[str, bool]:
        """Tell of every device with a door whether it is shut."""
        return {n: abs(float(data.qpos[i])) <= SHUT_RAD for n, i in self._doors.items()}

    def travel(self, data: Any) -> dict[str, float]:
        """Return how far each control has gone, as a fraction of its travel."""
        return {n: abs(float(data.qpos[i])) / most for n, (i, most) in self._controls.items()}

    def circumstances(self, data: Any) -> Circumstances:
        """Tell which things are in which device and which touch a garbage can."""
        if not self._things:
            return Circumstances()
        centres = self.centres(data)
        inside = {}
        for name, spaces in self._spaces.items():
            least = UNDER_WATER if self.devices[name] == "SinkBasin" else REACH_UP
            found = np.zeros(len(centres), dtype=bool)
            for space in spaces:
                found |= contained(space, centres, least)
            inside[name] = [self._things[i] for i in np.flatnonzero(found)]
        # What has come to rest in a can sleeps, and has no contacts.
        binned = np.zeros(len(centres), dtype=bool)
        for space in self._bins:
            binned |= contained(space, centres, REACH_UP)
        dirt = sorted({*np.flatnonzero(binned).tolist(), *self._soiled(data)})
        return Circumstances(inside, [self._things[i] for i in dirt])

    def centres(self, data: Any) -> FloatArray:
        """Return the centres ``[N, 3]`` of all things in ``map``."""
        up = data.xmat[self._bodies][:, [2, 5, 8]]
        return np.asarray(data.xpos[self._bodies] + up * self._half[:, None], dtype=np.float64)

    def _soiled(self, data: Any) -> set[int]:
        """Return the numbers of the things that touch a can just now."""
        pairs = data.contact.geom
        first, second = pairs[:, 0], pairs[:, 1]
        if (pairs < 0).any():  # soft bodies have no geom; the home has none of them
            return set()
        dirt = np.concatenate(
            [
                self._thing_of[first][self._is_bin[second]],
                self._thing_of[second][self._is_bin[first]],
            ]
        )
        return set(dirt[dirt >= 0].tolist())


def contained(space: Surface, centres: FloatArray, most: float) -> np.ndarray[Any, Any]:
    """Tell which centres ``[N, 3]`` are over a surface and at most ``most`` m (or its clearance) above it."""
    # Things are hardly ever near: to ask that first is all that most calls need.
    away = np.abs(centres - space.pose.translation).max(axis=1)
    if away.min(initial=np.inf) > _reach(space, most):
        return np.zeros(len(centres), dtype=bool)
    level, height = space.above(centres, 0.01)
    return np.asarray(level & (height >= -0.01) & (height <= min(space.clearance, most)))


def _reach(space: Surface, most: float) -> float:
    """No point in a space, with a few centimetres of tolerance, is farther (m) from the middle of its floor than this."""
    wide = float(np.hypot(*space.size)) / 2.0 if space.radius is None else space.radius
    return wide + max(min(space.clearance, most), 0.0) + 0.05


def _address(model: Any, joint: str) -> int:
    return int(model.joint(joint).qposadr[0])
