"""Shapes that fixtures and objects are made of, and how they become MuJoCo geoms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import SE3, FloatArray

Vec3 = tuple[float, float, float]
Shape = Literal["box", "cylinder", "capsule", "sphere", "ellipsoid", "lathe"]

FIXED_GROUP, VISUAL_GROUP, COLLISION_GROUP, WALL_GROUP = 0, 1, 3, 5
"""Geom groups: visible fixtures, visible skins, hidden collision shapes, walls of the open side."""

FINGER_BITS = (2, 3)
"""``contype`` and ``conaffinity`` of fingers: they touch everything but round geoms, see `_add_facets`."""
_ROUND_BITS, _FACET_BITS = (4, 5), (0, 2)
_FACETS = 6
"""Boxes turned about a cylinder, whose flat sides are where its round one is; the edges stand out by 3.5%."""


@dataclass(frozen=True)
class Part:
    """One primitive in the frame of what it belongs to.

    ``size`` is FULL: x, y, z of a box or ellipsoid; diameter, diameter, length along the part's z of a
    cylinder or capsule (its caps included); the diameter thrice of a sphere. ``profile`` holds the
    ``(radius, height)`` points of a lathed skin. ``euler`` is roll, pitch, yaw in radians.
    """

    shape: Shape
    size: Vec3
    at: Vec3
    material: str
    euler: Vec3 = (0.0, 0.0, 0.0)
    solid: bool = True
    visible: bool = True
    stiff: bool = False
    profile: tuple[tuple[float, float], ...] = ()


def box(size: Vec3, at: Vec3, material: str, *, solid: bool = True, yaw: float = 0.0) -> Part:
    """Return a box part."""
    return Part("box", size, at, material, (0.0, 0.0, yaw), solid)


@dataclass(frozen=True)
class Contact:
    """Contact parameters of a movable thing."""

    condim: int = 4
    friction: Vec3 = (0.9, 0.01, 0.0005)
    solref: tuple[float, float] = (0.01, 1.0)


def part_pose(part: Part) -> SE3:
    """Return the pose of a part in the frame of what it belongs to."""
    return SE3(_rotation(part.euler), np.array(part.at, dtype=np.float64))


def add_part(
    spec: Any,
    body: Any,
    part: Part,
    name: str,
    *,
    contact: Contact | None = None,
    mass: float = 0.0,
) -> None:
    """Add a part to an `MjsBody`; ``contact`` marks a movable thing, whose skin and hull may differ."""
    import mujoco

    types = {
        "box": mujoco.mjtGeom.mjGEOM_BOX,
        "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
        "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
        "sphere": mujoco.mjtGeom.mjGEOM_SPHERE,
        "ellipsoid": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
        "lathe": mujoco.mjtGeom.mjGEOM_MESH,
    }
    geom = body.add_geom(
        name=name, type=types[part.shape], pos=part.at, quat=part_pose(part).quat()
    )
    if part.shape == "lathe":
        _add_lathe(spec, name, part)
        geom.meshname = name
    else:
        geom.size = _half_size(part)
    geom.material = part.material
    geom.mass = mass
    if part.solid:
        geom.group = (VISUAL_GROUP if contact else FIXED_GROUP) if part.visible else COLLISION_GROUP
    else:
        geom.group, geom.contype, geom.conaffinity, geom.mass = VISUAL_GROUP, 0, 0, 0.0
    if part.stiff:
        # A thing that is dropped on a soft contact sinks past its own middle and is pushed out below.
        hard = Contact(solref=(0.005, 1.0))
        geom.priority, geom.solref = 2, hard.solref
        geom.condim, geom.friction = hard.condim, hard.friction
    if contact is not None:
        geom.condim, geom.friction, geom.solref = contact.condim, contact.friction, contact.solref
        if part.solid and part.shape == "cylinder":
            geom.contype, geom.conaffinity = _ROUND_BITS
            _add_facets(body, part, name)


def _add_facets(body: Any, part: Part, name: str) -> None:
    """Give a movable cylinder flat sides, of boxes that only fingers touch.

    Between a box and a cylinder the contacts come and go with the smallest turn, until two fingers that press with
    60 N have sunk into it by centimetres; between boxes they are exact.
    """
    import mujoco

    radius, half = part.size[0] / 2.0, np.pi / (2 * _FACETS)
    for k in range(_FACETS):
        turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, 2.0 * half * k)
        geom = body.add_geom(
            name=f"{name}/facet{k}",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=part.at,
            quat=(part_pose(part) @ turn).quat(),
        )
        geom.size = [radius, radius * np.tan(half), part.size[2] / 2.0]
        geom.mass, geom.group = 0.0, COLLISION_GROUP
        geom.contype, geom.conaffinity = _FACET_BITS


def lathe(
    profile: tuple[tuple[float, float], ...], segments: int = 32
) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """Turn a closed outline of ``(radius, height)`` about z; returns vertices ``[N, 3]``, faces ``[M, 3]``.

    The outline runs counter-clockwise seen with the radius to the right and the height up.
    """
    angles = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    rings = [
        np.stack([r * np.cos(angles), r * np.sin(angles), np.full(segments, z)], axis=1)
        for r, z in profile
    ]
    faces: list[tuple[int, int, int]] = []
    count = len(profile)
    for i in range(count):
        j = (i + 1) % count
        for s in range(segments):
            t = (s + 1) % segments
            a, b = i * segments + s, i * segments + t
            c, d = j * segments + s, j * segments + t
            if profile[i][0] > 1e-9:
                faces.append((a, b, d))
            if profile[j][0] > 1e-9:
                faces.append((a, d, c))
    return np.concatenate(rings), np.array(faces, dtype=np.int32)


def _add_lathe(spec: Any, name: str, part: Part) -> None:
    import mujoco

    vertices, faces = lathe(part.profile)
    spec.add_mesh(
        name=name,
        uservert=vertices.ravel(),
        userface=faces.ravel(),
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
    )


def _half_size(part: Part) -> list[float]:
    x, y, z = part.size
    if part.shape in ("box", "ellipsoid"):
        return [x / 2, y / 2, z / 2]
    if part.shape == "cylinder":
        return [x / 2, z / 2, 0.0]
    if part.shape == "capsule":
        return [x / 2, (z - x) / 2, 0.0]
    return [x / 2, 0.0, 0.0]


def _rotation(euler: Vec3) -> FloatArray:
    roll, pitch, yaw = euler
    cr, sr, cp, sp, cy, sy = (
        np.cos(roll), np.sin(roll), np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw),
    )  # fmt: skip
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )
