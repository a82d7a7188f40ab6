"""The robot's own solid parts in MuJoCo: which may touch each other, and how far they are from boxes beside them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray

HELD = "held_object"
_NUDGES = np.array([[7e-5, 9e-5, -8e-5], [-2e-4, 1e-4, 3e-4], [5e-4, -6e-4, 4e-4]])


@lru_cache(maxsize=8)
def with_boxes(model_xml: str, count: int, holder: str | None = None) -> mujoco.MjModel:
    """Compile a robot's model with boxes ``pool_0`` ... in the world; copy it before you change it.

    Args:
        model_xml: the robot's.
        count: of boxes.
        holder: a site whose body carries one more box, `HELD`; None: none.
    """
    spec = mujoco.MjSpec.from_string(model_xml)
    # A size and a pose of no symmetry keep the compiler from storing shortcuts for them.
    shape: dict[str, Any] = {
        "type": mujoco.mjtGeom.mjGEOM_BOX,
        "size": [0.01, 0.011, 0.012],
        "pos": [9.0, 1.0, 2.0],
        "quat": [0.9, 0.1, 0.2, 0.3],
        "contype": 0,
        "conaffinity": 0,
        "mass": 0.0,
    }
    for i in range(count):
        spec.worldbody.add_geom(name=f"pool_{i}", **shape)
    if holder is not None:
        carrier = next(s for s in spec.sites if s.name == holder).parent
        carrier.add_geom(name=HELD, **shape)
    return spec.compile()


def solid_geoms(model: mujoco.MjModel) -> list[int]:
    """Return the ids of the geoms that can touch anything."""
    return [g for g in range(model.ngeom) if model.geom_contype[g] or model.geom_conaffinity[g]]


def hand_bodies(model: mujoco.MjModel, gripper_site: str) -> set[int]:
    """Return the bodies welded to the gripper, and the fingers that hang on them."""
    weld = model.body_weldid
    hand = weld[model.site_bodyid[model.site(gripper_site).id]]
    return {b for b in range(model.nbody) if hand in (weld[b], weld[model.body_parentid[weld[b]]])}


def descends(model: mujoco.MjModel, geom: int, ancestor: int) -> bool:
    """Tell whether a geom is moved by a body."""
    body = int(model.geom_bodyid[geom])
    while body > ancestor:
        body = int(model.body_parentid[body])
    return body == ancestor


def self_pairs(model: mujoco.MjModel) -> npt.NDArray[np.intp]:
    """Return the pairs of geoms ``[S, 2]`` of the robot itself that MuJoCo would let collide."""
    weld, body = model.body_weldid, model.geom_bodyid
    parent = [int(weld[model.body_parentid[weld[b]]]) for b in range(model.nbody)]
    excluded = {(int(s) >> 16, int(s) & 0xFFFF) for s in model.exclude_signature}
    pairs = []
    for i, first in enumerate(geoms := solid_geoms(model)):
        for second in geoms[i + 1 :]:
            a, b = int(body[first]), int(body[second])
            joined = weld[a] == weld[b] or parent[a] == weld[b] or parent[b] == weld[a]
            if not joined and (a, b) not in excluded and (b, a) not in excluded:
                pairs.append((first, second))
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def distance(
    model: mujoco.MjModel,
    data: mujoco.MjData,
    first: int,
    second: int,
    reach: float,
    line: FloatArray | None = None,
) -> float:
    """Return the distance (m) of two geoms as placed, ``reach`` if they are farther; ``line`` ``[6]`` takes its ends.

    In one call of a thousand MuJoCo's solver stalls and answers exactly zero for things that are well
    apart; a tenth of a millimetre beside it seldom does.
    """
    found = mujoco.mj_geomDistance(model, data, first, second, reach, line)
    if found == 0.0:
        where = data.geom_xpos[second].copy()
        for nudge in _NUDGES:
            data.geom_xpos[second] = where + nudge
            found = mujoco.mj_geomDistance(model, data, first, second, reach, line)
            if found != 0.0:
                break
        data.geom_xpos[second] = where
    return float(found)
