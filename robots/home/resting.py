"""What rests on or in what: surfaces of furniture, open hands, plates, bowls and boxes. For the judge."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.entity import Surface
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.objects.model import ObjectClass

RIM = 0.012
"""How far above its rim (m) the lowest point of what lies on a plate can be: it leans on the edge."""
UPRIGHT = 0.7
"""A vessel holds nothing any more when the cosine of its tilt is smaller."""


def over(surface: Surface, centre: FloatArray, size: float) -> bool:
    """Tell whether a thing of that size (m) with that centre rests on, or is in, a surface's room."""
    inside, height = surface.above(centre, 0.01)
    most = min(surface.clearance, 0.40) if surface.relation == "in" else size
    return bool(inside and -0.01 <= height <= most)


def carried_by(
    thing: ObjectClass, pose: SE3, holder: ObjectClass, holder_pose: SE3, relation: str
) -> bool:
    """Tell whether a thing lies on (a plate) or in (a bowl, a box) another movable thing.

    Poses are ``map_from_object``, at the bottom centre. On: the lowest point is at the height of the
    plate, the centre above it. In: the centre is over the hollow, and the thing reaches into its lower
    half or has its centre below the rim; what merely sits on the rim is not in it.
    """
    if relation not in holder.holds or holder_pose.rotation[2, 2] < UPRIGHT:
        return False
    middle = pose.apply([0.0, 0.0, thing.extent[2] / 2])
    local = holder_pose.inverse().apply(middle)
    across = (holder_pose.rotation.T @ pose.rotation)[2] * np.array(thing.extent) / 2
    lowest = float(local[2] - np.linalg.norm(across))
    height = holder.extent[2]
    if not _within(holder, local):
        return False
    if relation == "on":
        return bool(local[2] > height / 2 and -0.005 <= lowest <= height + RIM)
    deep = lowest <= height / 2 or local[2] <= height
    return bool(deep and lowest >= -0.005 and local[2] <= height + 0.04)


def _within(holder: ObjectClass, local: FloatArray) -> bool:
    """Tell whether a point is over the hollow or top: round if it was turned, else a rectangle."""
    across, along = holder.extent[0] / 2, holder.extent[1] / 2
    if any(part.shape == "lathe" for part in holder.parts(holder.colors[0])):
        # A mug's extent along x has its handle in it.
        return bool(np.hypot(local[0], local[1]) <= min(across, along))
    return bool(abs(local[0]) <= across and abs(local[1]) <= along)
