"""Food: apple, tomato, potato, egg, bread."""

from __future__ import annotations

import numpy as np

from diarchy.robots.home.objects.model import ROUND, object_class
from diarchy.robots.home.parts import Contact, Part, box

_EGG = Contact(condim=6, friction=(0.9, 0.01, 0.005))


@object_class((0.074, 0.074, 0.074), 0.15, ("red", "green"), ROUND)
def apple(color: str) -> tuple[Part, ...]:
    """Return a ball with a stem and a leaf."""
    return (
        Part("sphere", (0.074, 0.074, 0.074), (0.0, 0.0, 0.037), f"paint_{color}"),
        Part("capsule", (0.006, 0.006, 0.022), (0.0, 0.0, 0.077), "paint_brown", solid=False),
        Part("ellipsoid", (0.024, 0.012, 0.004), (0.012, 0.0, 0.082), "leaf", solid=False),
    )


@object_class((0.078, 0.078, 0.062), 0.14, ("red", "yellow"), ROUND)
def tomato(color: str) -> tuple[Part, ...]:
    """Return a flattened ball under a green star."""
    leaves = tuple(
        Part(
            "ellipsoid",
            (0.030, 0.010, 0.003),
            (0.014 * float(np.cos(angle)), 0.014 * float(np.sin(angle)), 0.0592),
            "leaf",
            (0.0, 0.30, float(angle)),
            solid=False,
        )
        for angle in np.arange(5) * 2.0 * np.pi / 5
    )
    return (
        Part("ellipsoid", (0.078, 0.078, 0.062), (0.0, 0.0, 0.031), f"paint_{color}"),
        Part("capsule", (0.005, 0.005, 0.010), (0.0, 0.0, 0.064), "leaf", solid=False),
        *leaves,
    )


@object_class((0.095, 0.066, 0.058), 0.20, ("brown",), ROUND)
def potato(color: str) -> tuple[Part, ...]:
    """Return an egg lying on its side."""
    return (Part("ellipsoid", (0.095, 0.066, 0.058), (0.0, 0.0, 0.029), f"paint_{color}"),)


@object_class((0.060, 0.044, 0.044), 0.06, ("white", "brown"), _EGG)
def egg(color: str) -> tuple[Part, ...]:
    """Return an egg on its side, one end blunter than the other."""
    return (
        Part("ellipsoid", (0.060, 0.044, 0.044), (0.0, 0.0, 0.022), f"paint_{color}"),
        Part("sphere", (0.0425, 0.0425, 0.0425), (-0.006, 0.0, 0.022), f"paint_{color}",
             solid=False),
    )  # fmt: skip


@object_class((0.150, 0.078, 0.075), 0.35, ("orange",))
def bread(color: str) -> tuple[Part, ...]:
    """Return a loaf: a slab with a domed, slashed crust."""
    slashes = tuple(
        box((0.008, 0.05, 0.004), (x, 0.0, 0.0745), "paint_white", solid=False)
        for x in (-0.04, 0.0, 0.04)
    )
    return (
        box((0.150, 0.078, 0.050), (0.0, 0.0, 0.025), f"paint_{color}"),
        Part("ellipsoid", (0.150, 0.078, 0.050), (0.0, 0.0, 0.050), f"paint_{color}", solid=False),
        box((0.110, 0.050, 0.068), (0.0, 0.0, 0.038), f"paint_{color}"),
        *slashes,
    )
