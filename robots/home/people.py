"""A standing person made of capsules: kind ``person``, never moved, never touched on purpose."""

from __future__ import annotations

from diarchy.robots.home.parts import Part, Vec3, box

PERSON_EXTENT: Vec3 = (0.36, 0.56, 1.72)


def person_parts() -> tuple[Part, ...]:
    """Return the parts of a person whose feet are at the origin and who faces +x."""
    skin, shirt, trousers, hair = "skin", "paint_green", "denim", "paint_brown"
    parts = [
        Part("capsule", (0.30, 0.30, 0.56), (0.0, 0.0, 1.16), shirt),
        Part("capsule", (0.10, 0.10, 0.40), (0.0, 0.0, 1.37), shirt, (1.5708, 0.0, 0.0)),
        Part("capsule", (0.26, 0.26, 0.36), (0.0, 0.0, 0.92), trousers),
        Part("capsule", (0.10, 0.10, 0.16), (0.0, 0.0, 1.46), skin),
        Part("sphere", (0.21, 0.21, 0.21), (0.01, 0.0, 1.60), skin),
        Part("ellipsoid", (0.23, 0.22, 0.19), (-0.015, 0.0, 1.64), hair, solid=False),
        Part("sphere", (0.03, 0.03, 0.03), (0.112, 0.0, 1.59), skin, solid=False),
    ]
    for side in (-1, 1):
        y = side * 0.10
        parts += [
            Part("capsule", (0.15, 0.15, 0.90), (0.0, y, 0.48), trousers),
            box((0.26, 0.10, 0.08), (0.04, y, 0.04), "paint_black"),
            Part("capsule", (0.09, 0.09, 0.62), (0.0, side * 0.23, 1.09), shirt, (side * 0.10, 0.0, 0.0)),
            Part("sphere", (0.09, 0.09, 0.09), (0.0, side * 0.255, 0.77), skin),
            Part("sphere", (0.022, 0.022, 0.022), (0.100, side * 0.036, 1.62), "paint_black", solid=False),
        ]  # fmt: skip
    return tuple(parts)
