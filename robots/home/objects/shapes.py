"""Shapes that several classes share: hollow vessels, turned bodies, upright cylinders."""

from __future__ import annotations

import numpy as np

from diarchy.robots.home.parts import Part

Profile = tuple[tuple[float, float], ...]


def ring(
    bottom_radius: float, top_radius: float, height: float, wall: float, base: float, count: int
) -> list[Part]:
    """Hidden collision wall of a hollow thing: thin boxes leaning outwards, and a solid bottom.

    Only the bottom stands on things: walls that reached down too would triple the contacts.
    """
    low = 0.003
    lean = float(np.arctan2(top_radius - bottom_radius, height))
    parts = [
        Part(
            "cylinder", (2 * bottom_radius - wall, 2 * bottom_radius - wall, base),
            (0.0, 0.0, base / 2), "trim", visible=False,
        )
    ]  # fmt: skip
    centre = (low + height) / 2
    middle = bottom_radius + (top_radius - bottom_radius) * centre / height - wall / 2
    width = 2 * max(top_radius, bottom_radius) * float(np.tan(np.pi / count))
    for i in range(count):
        angle = 2 * np.pi * (i + 0.5) / count
        parts.append(
            Part(
                "box",
                (wall, width, (height - low - wall * np.sin(lean)) / float(np.cos(lean))),
                (middle * float(np.cos(angle)), middle * float(np.sin(angle)), centre),
                "trim",
                (0.0, lean, angle),
                visible=False,
            )
        )
    return parts


def vessel(
    bottom_radius: float,
    top_radius: float,
    height: float,
    wall: float,
    base: float,
    material: str,
    *,
    count: int = 12,
) -> list[Part]:
    """Return a round hollow thing: a lathed skin over `ring`, so that fingers really reach inside."""
    skin = (
        (0.0, 0.0),
        (bottom_radius, 0.0),
        (top_radius, height),
        (top_radius - wall, height),
        (bottom_radius - wall, base),
        (0.0, base),
    )
    return [
        turned(skin, material),
        *ring(bottom_radius, top_radius, height, wall, base, count),
    ]


def turned(profile: Profile, material: str) -> Part:
    """Return a skin turned about z from ``(radius, height)`` points; nothing touches it."""
    radius, height = max(p[0] for p in profile), max(p[1] for p in profile)
    return Part(
        "lathe", (2 * radius, 2 * radius, height), (0.0, 0.0, 0.0), material,
        solid=False, profile=profile,
    )  # fmt: skip


def core(diameter: float, low: float, high: float) -> Part:
    """Return the hidden collision cylinder of an upright thing between two heights."""
    at = (0.0, 0.0, (low + high) / 2)
    return Part("cylinder", (diameter, diameter, high - low), at, "trim", visible=False)


def disc(diameter: float, low: float, high: float, material: str, *, solid: bool = False) -> Part:
    """Return an upright cylinder between two heights."""
    at = (0.0, 0.0, (low + high) / 2)
    return Part("cylinder", (diameter, diameter, high - low), at, material, solid=solid)
