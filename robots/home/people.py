"""A standing person made of simple shapes, both open palms held out to take what is handed over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diarchy.contracts.entity import Surface
from diarchy.contracts.geometry import SE3
from diarchy.robots.home.parts import Contact, Part, Vec3, box

PERSON_EXTENT: Vec3 = (0.36, 0.56, 1.72)
PALMS_AT: Vec3 = (0.52, 0.0, 0.95)
"""Middle of the palms' upper side in the person's frame: feet at the origin, facing +x."""
PALMS_SIZE = (0.22, 0.28)
HELD_OUT = "{}/arms"
"""Body of forearms and palms. It is no part of the person's silhouette: see `Instances`."""
PALMS_ROOM = 0.8
"""Free height above the palms, m; nothing but air is there up to the eyes."""
SOFT = Contact(condim=6, friction=(1.2, 0.02, 0.004), solref=(0.01, 1.0))
"""Skin: what is put on it stays."""

_SKIN, _SHIRT, _TROUSERS, _HAIR = "skin", "paint_green", "denim", "paint_brown"


def hands_at(person: SE3) -> Surface:
    """Return the palms of a person as a surface; ``person`` is ``map_from_person``."""
    return Surface(person @ SE3.from_translation(PALMS_AT), PALMS_SIZE, PALMS_ROOM, "on", "top")


def person_parts() -> tuple[Part, ...]:
    """Return the body, feet at the origin, facing +x: all but what is held out."""
    parts = [
        Part("capsule", (0.30, 0.30, 0.56), (0.0, 0.0, 1.16), _SHIRT),
        Part("capsule", (0.10, 0.10, 0.40), (0.0, 0.0, 1.37), _SHIRT, (1.5708, 0.0, 0.0)),
        Part("capsule", (0.26, 0.26, 0.36), (0.0, 0.0, 0.92), _TROUSERS),
        Part("capsule", (0.10, 0.10, 0.16), (0.0, 0.0, 1.46), _SKIN),
        Part("sphere", (0.21, 0.21, 0.21), (0.01, 0.0, 1.60), _SKIN),
        Part("ellipsoid", (0.23, 0.22, 0.19), (-0.015, 0.0, 1.64), _HAIR, solid=False),
        Part("sphere", (0.03, 0.03, 0.03), (0.112, 0.0, 1.59), _SKIN, solid=False),
    ]
    for side in (-1, 1):
        y = side * 0.10
        shoulder = (0.0, side * 0.23, 1.37)
        parts += [
            Part("capsule", (0.15, 0.15, 0.90), (0.0, y, 0.48), _TROUSERS),
            box((0.26, 0.10, 0.08), (0.04, y, 0.04), "paint_black"),
            _limb(shoulder, (0.10, side * 0.24, 1.05), 0.095, _SHIRT),
            Part("sphere", (0.022, 0.022, 0.022), (0.100, side * 0.036, 1.62), "paint_black", solid=False),
        ]  # fmt: skip
    return tuple(parts)


def forearm_parts() -> tuple[Part, ...]:
    """Return the sleeves between elbows and palms."""
    return tuple(
        _limb((0.10, side * 0.24, 1.05), (0.415, side * 0.125, 0.945), 0.070, _SHIRT)
        for side in (-1, 1)
    )


def palm_parts() -> tuple[Part, ...]:
    """Return both hands side by side: one even, hidden hull carries; fingers and palms are its skin.

    Heels, outer edges and bent fingertips stand up by a few millimetres: what is round stays.
    """
    x, _, z = PALMS_AT
    deep, wide = PALMS_SIZE
    hull = Part("box", (deep, wide, 0.03), (x, 0.0, z - 0.015), _SKIN, visible=False)
    tips = Part(
        "capsule", (0.02, 0.02, wide), (x + deep / 2, 0.0, z - 0.002), _SKIN, (np.pi / 2, 0.0, 0.0),
        visible=False,
    )  # fmt: skip
    parts = [hull, tips]
    for side in (-1, 1):
        y, edge, heel = side * (wide / 4 + 0.001), side * wide / 2, x - deep / 2 + 0.005
        palm = box((deep - 0.09, wide / 2 - 0.006, 0.026), (x - 0.045, y, z - 0.0125), _SKIN)
        parts.append(replace(palm, solid=False))
        for i in range(4):
            across, long = y + (i - 1.5) * 0.0325, x + 0.098 - 0.008 * abs(i - 1.5)
            root, knuckle = (x - 0.01, across, z - 0.014), (long - 0.025, across, z - 0.014)
            tip = (long, across, z - 0.006)
            parts += [replace(_limb(*ends, 0.029, _SKIN), solid=False)
                      for ends in ((root, knuckle), (knuckle, tip))]  # fmt: skip
        parts.append(_limb((heel, edge, z - 0.006), (x + 0.02, edge, z - 0.006), 0.026, _SKIN))
        parts.append(_limb((heel, y - 0.05, z - 0.006), (heel, y + 0.05, z - 0.006), 0.026, _SKIN))
    return tuple(parts)


def _limb(start: Vec3, end: Vec3, thick: float, material: str) -> Part:
    """Return a capsule between two points."""
    a, b = np.array(start), np.array(end)
    x, y, z = b - a
    length = float(np.linalg.norm(b - a))
    middle = (a + b) / 2
    return Part(
        "capsule",
        (thick, thick, length + thick),
        (float(middle[0]), float(middle[1]), float(middle[2])),
        material,
        (0.0, float(np.arctan2(np.hypot(x, y), z)), float(np.arctan2(y, x))),
    )
