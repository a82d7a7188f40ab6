"""What states look like: steam, frost, dirt, droplets, running water, a lit oven, a lit lamp.

They are drawn into the picture alone, after the scene and before the colours are rendered: the
physics, the depth image and the segmentation know nothing of them, and what has no state costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.household import LAMPS
from diarchy.robots.home.furnish import Furnishing, bulb, furnish
from diarchy.robots.home.household import Household, Thing
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.parts import COLLISION_GROUP
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.skin import Spot, spots

Rgba = tuple[float, float, float, float]

STEAM: Rgba = (0.96, 0.97, 1.0, 0.30)
FROST: Rgba = (0.62, 0.83, 1.0, 1.0)
DIRT: Rgba = (0.27, 0.16, 0.06, 1.0)
MUD: Rgba = (0.50, 0.36, 0.18, 1.0)
DROP: Rgba = (0.80, 0.93, 1.0, 0.85)
WATER: Rgba = (0.50, 0.72, 0.92, 0.45)
GLOW: Rgba = (1.0, 0.76, 0.38, 1.0)
PUFFS, RISE, PUFF_S = 4, 0.16, 1.6
"""Puffs over a hot thing; how high (m) each rises, in how many seconds."""
FROSTED = 0.55
"""How far the colour of a cold thing is drawn towards that of frost."""


@dataclass(frozen=True)
class Blob:
    """One shape to be drawn: full size in m, placed in ``map``; ``emission`` makes it shine."""

    shape: str
    size: tuple[float, float, float]
    pose: SE3
    rgba: Rgba
    emission: float = 0.0


class Effects:
    """Draws the visible states of a household into a MuJoCo scene.

    Args:
        model: the compiled scene.
        scene: its description.
        placed: its movable things.
        household: the states.
    """

    def __init__(
        self, model: Any, scene: Scene, placed: Sequence[Placed], household: Household
    ) -> None:
        self._model, self._household = model, household
        self._placed = {p.id: p for p in placed}
        self._furniture = {f.entity_id: f for f in furnish(scene)}
        devices = [self._furniture[name] for name in household.devices]
        self._devices = {f.entity_id: f for f in devices}
        self._skin = {p.id: _visible(model, p.id) for p in placed}
        self._lit = {
            f.entity_id: _made_of(model, f.entity_id, ("oven_glass", "lamp_shade")) for f in devices
        }
        self._spots: dict[str, tuple[Spot, ...]] = {}

    @contextmanager
    def drawn(self, data: Any, scene: Any) -> Iterator[None]:
        """Show every state in a scene that was just updated (``mujoco.MjvScene``), for one picture."""
        geoms, lights = scene.ngeom, scene.nlight
        time = float(data.time)
        for name, thing in self._household.things.items():
            if thing.attributes():
                for blob in self._on_thing(name, thing, data, time):
                    _add(scene, blob)
        for name, fixture in self._devices.items():
            if self._household.devices[name].running:
                for blob in self._on_device(fixture, time):
                    _add(scene, blob)
                if fixture.cls in LAMPS:
                    _shine(scene, bulb(fixture))
        self._tint(scene, geoms)
        try:
            yield
        finally:
            scene.ngeom, scene.nlight = geoms, lights

    def _on_thing(self, name: str, thing: Thing, data: Any, time: float) -> Iterator[Blob]:
        cls = OBJECT_CLASSES[self._placed[name].cls]
        body = data.body(name)
        pose = SE3(np.array(body.xmat).reshape(3, 3), np.array(body.xpos))
        if thing.hot:
            top = pose.apply([0.0, 0.0, cls.extent[2] / 2])
            reach = float(np.abs(pose.rotation[2]) @ np.array(cls.extent)) / 2
            yield from _steam(top + np.array([0.0, 0.0, reach]), time)
        if not (thing.cold or thing.dirty or thing.clean):
            return
        if name not in self._spots:
            self._spots[name] = spots(self._model, data, self._skin[name], pose, cls.extent)
        small = min(1.0, float(np.sqrt(cls.extent[0] * cls.extent[1])) / 0.075)
        for i, spot in enumerate(self._spots[name]):
            at = pose @ spot.pose
            if thing.dirty and i % 2 == 0:
                size = 0.024 * small * (0.7 + 0.5 * ((i * 7) % 5) / 4)
                yield Blob("ellipsoid", (size, 0.7 * size, 0.003), at, MUD if spot.dark else DIRT)
            elif thing.clean and i % 2 == 1:
                size = 0.011 * small * (0.7 + 0.5 * ((i * 3) % 4) / 3)
                yield Blob("ellipsoid", (size, size, 0.8 * size), at, DROP, 0.35)
            if thing.cold and i % 3 == 0:
                size = 0.020 * small
                yield Blob("ellipsoid", (size, size, 0.002), at, (0.95, 0.98, 1.0, 0.8), 0.2)

    def _on_device(self, fixture: Furnishing, time: float) -> Iterator[Blob]:
        if fixture.cls == "SinkBasin":
            yield from _water(fixture, time)
        elif fixture.cls in LAMPS:
            yield from _lamplight(fixture, self._furniture.get(fixture.part_of or ""))

    def _tint(self, scene: Any, count: int) -> None:
        """Draw the colours of what is cold towards that of frost, and light what shines from inside."""
        household = self._household
        frosted = {g for n, thing in household.things.items() if thing.cold for g in self._skin[n]}
        lit = {g for n, geoms in self._lit.items() if household.devices[n].running for g in geoms}
        if not frosted and not lit:
            return
        for geom in scene.geoms[:count]:
            if geom.objid in frosted:
                geom.rgba[:] = (1 - FROSTED) * geom.rgba + FROSTED * np.array(FROST)
            elif geom.objid in lit:
                geom.rgba[:], geom.emission = GLOW, 0.7


def _steam(at: FloatArray, time: float) -> Iterator[Blob]:
    """Puffs that rise, grow, sway and fade, each at its own phase."""
    for i in range(PUFFS):
        phase = (time / PUFF_S + i / PUFFS) % 1.0
        sway = 0.012 * np.sin(2 * np.pi * (phase + 0.37 * i))
        away = at + np.array([sway, 0.6 * sway * (-1) ** i, 0.015 + RISE * phase])
        wide = 0.022 + 0.038 * phase
        red, green, blue, alpha = STEAM
        fading = alpha * (1.0 - 0.75 * phase)
        yield Blob(
            "ellipsoid",
            (wide, wide, 1.5 * wide),
            SE3.from_translation(away),
            (red, green, blue, fading),
            0.5,
        )


def _lamplight(fixture: Furnishing, desk: Furnishing | None) -> Iterator[Blob]:
    """The light on the desk: a lamp lights faces at their corners only, and a desk has four."""
    x, y, _ = bulb(fixture)
    below = SE3.from_translation([x, y, float(fixture.pose.translation[2]) + 0.002])
    for wide, alpha in ((0.16, 0.20), (0.24, 0.14)):
        yield Blob("cylinder", (wide, wide, 0.002), below, (1.0, 0.90, 0.55, alpha), 0.6)
    if desk is not None:
        deep, wide, _ = desk.model.size
        level = desk.pose @ SE3.from_translation([0.0, 0.0, desk.model.surfaces[0].at[2]])
        yield Blob("box", (deep, wide, 0.001), level, (1.0, 0.90, 0.55, 0.16), 0.5)


def _water(fixture: Furnishing, time: float) -> Iterator[Blob]:
    """A stream from the spout's mouth, a ripple where it strikes, and shallow water on the floor."""
    basin = fixture.model.surfaces[0]
    pipes = [p for p in fixture.model.parts if p.shape == "cylinder" and p.material == "steel"]
    spout = max(pipes, key=lambda p: p.at[2])
    x, y, mouth = spout.at[0], spout.at[1], spout.at[2] - spout.size[2] / 2
    floor = basin.at[2]
    tall = mouth - floor
    wide = 0.016 + 0.002 * float(np.sin(9.0 * time))
    stream = SE3.from_translation([x, y, floor + tall / 2])
    yield Blob("cylinder", (wide, wide, tall), fixture.pose @ stream, WATER, 0.35)
    for i in range(2):
        ring = 0.03 + 0.08 * ((1.3 * time + 0.5 * i) % 1.0)
        at = fixture.pose @ SE3.from_translation([x, y, floor + 0.010])
        yield Blob("ellipsoid", (ring, ring, 0.006), at, (0.9, 0.97, 1.0, 0.35), 0.4)
    shallow = fixture.pose @ SE3.from_translation([basin.at[0], basin.at[1], floor + 0.004])
    yield Blob("box", (basin.size[0] + 0.03, basin.size[1] + 0.03, 0.008), shallow, WATER)


def _shine(scene: Any, at: FloatArray) -> None:
    """Add a lamp's light; the number that OpenGL takes is small, so only while there is room."""
    import mujoco

    if scene.nlight >= 8:
        return
    light = scene.lights[scene.nlight]
    light.pos[:], light.dir[:] = at - np.array([0.0, 0.0, 0.05]), (0.0, 0.0, -1.0)
    light.type = int(mujoco.mjtLightType.mjLIGHT_SPOT)
    light.attenuation[:] = (1.0, 0.0, 2.0)
    light.cutoff, light.exponent, light.castshadow, light.headlight = 80.0, 2.0, 0, 0
    light.ambient[:], light.diffuse[:], light.specular[:] = 0.0, (0.9, 0.75, 0.45), 0.1
    light.bulbradius, light.intensity, light.range, light.texid = 0.02, 0.0, 3.0, -1
    scene.nlight += 1


def _add(scene: Any, blob: Blob) -> None:
    import mujoco

    if scene.ngeom >= scene.maxgeom:
        return
    kind = getattr(mujoco.mjtGeom, f"mjGEOM_{blob.shape.upper()}")
    x, y, z = (v / 2 for v in blob.size)
    half = (x, z, 0.0) if blob.shape == "cylinder" else (x, y, z)
    geom = scene.geoms[scene.ngeom]
    mujoco.mjv_initGeom(
        geom,
        kind,
        np.array(half),
        blob.pose.translation,
        blob.pose.rotation.ravel(),
        np.array(blob.rgba, dtype=np.float32),
    )
    geom.emission, geom.specular = blob.emission, 0.3
    geom.category = int(mujoco.mjtCatBit.mjCAT_DECOR)
    scene.ngeom += 1


def _visible(model: Any, body: str) -> list[int]:
    """Geoms of a body that a camera sees."""
    mine = np.flatnonzero(model.geom_bodyid == model.body(body).id)
    return [int(i) for i in mine if model.geom_group[i] != COLLISION_GROUP]


def _made_of(model: Any, entity_id: str, materials: Sequence[str]) -> list[int]:
    """Geoms of an entity, its door too, of those materials."""
    wanted = {model.material(name).id for name in materials}
    owners = [model.body(int(b)).name.split("/")[0] for b in model.geom_bodyid]
    return [
        i for i, owner in enumerate(owners) if owner == entity_id and model.geom_matid[i] in wanted
    ]
