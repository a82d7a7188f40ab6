"""Places on the visible skin of a thing, found by rays from all around it: where dirt and drops sit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.parts import Vec3

COUNT = 18
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True)
class Spot:
    """A place on a skin in the thing's frame: z is the outward normal; ``dark``: the skin is dark there."""

    pose: SE3
    dark: bool


def spots(model: Any, data: Any, geoms: Sequence[int], pose: SE3, extent: Vec3) -> tuple[Spot, ...]:
    """Find up to `COUNT` places on the geoms of a thing, spread over its sides and top.

    Args:
        model: the compiled scene.
        data: its state.
        geoms: of the thing's visible skin.
        pose: ``map_from_object`` now, at the bottom centre.
        extent: full size, m.
    """
    found = []
    size = np.array(extent)
    middle = np.array([0.0, 0.0, extent[2] / 2])
    for i in range(COUNT):
        # Points spread over a sphere, from the top down to a little below its equator.
        z = 0.95 - 1.20 * (i + 0.5) / COUNT
        level = np.sqrt(1.0 - z * z)
        ray = np.array([level * np.cos(_GOLDEN * i), level * np.sin(_GOLDEN * i), z]) * size
        start, towards = pose.apply(middle + 1.5 * ray), -pose.rotation @ ray
        hit = _first_hit(model, data, geoms, start, towards)
        if hit is not None:
            found.append(hit)
    return tuple(_spot(model, pose, *hit) for hit in found)


def _first_hit(
    model: Any, data: Any, geoms: Sequence[int], start: FloatArray, ray: FloatArray
) -> tuple[int, FloatArray, FloatArray] | None:
    """Return the geom that a ray meets first, the place, and the outward normal there."""
    import mujoco

    best: tuple[float, int, FloatArray] | None = None
    for geom in geoms:
        normal = np.zeros(3)
        kind = int(model.geom_type[geom])
        if kind == int(mujoco.mjtGeom.mjGEOM_MESH):
            far = mujoco.mj_rayMesh(model, data, geom, start, ray, normal)
        else:
            at, turn, size = data.geom_xpos[geom], data.geom_xmat[geom], model.geom_size[geom]
            far = mujoco.mju_rayGeom(at, turn, size, start, ray, kind, normal)
        if far >= 0.0 and (best is None or far < best[0]):
            best = (far, geom, normal)
    if best is None or not np.any(best[2]):
        return None
    far, geom, normal = best
    return geom, start + far * ray, normal / np.linalg.norm(normal)


def _spot(model: Any, pose: SE3, geom: int, at: FloatArray, normal: FloatArray) -> Spot:
    helper = np.array([1.0, 0.0, 0.0]) if abs(normal[0]) < 0.8 else np.array([0.0, 1.0, 0.0])
    x = np.cross(helper, normal)
    x /= np.linalg.norm(x)
    turn = np.stack([x, np.cross(normal, x), normal], axis=1)
    material = int(model.geom_matid[geom])
    colour = model.mat_rgba[material] if material >= 0 else model.geom_rgba[geom]
    bright = float(np.array([0.3, 0.6, 0.1]) @ colour[:3])
    return Spot(pose.inverse() @ SE3(turn, at), bright < 0.35)
