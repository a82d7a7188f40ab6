"""The movable things: ten classes with shapes, colours and masses of their own.

A class is a function from a colour to parts; its frame sits at the centre of the bottom, z up. Hollow
things are rings of thin boxes under a lathed skin, so that fingers really reach inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from diarchy.robots.home.parts import Contact, Part, Vec3, box

PartsOf = Callable[[str], tuple[Part, ...]]


@dataclass(frozen=True)
class ObjectClass:
    """One class of movable object: full ``extent`` in m, ``mass`` in kg, ``colors`` (first = default)."""

    name: str
    extent: Vec3
    mass: float
    colors: tuple[str, ...]
    parts: PartsOf
    contact: Contact = field(default_factory=Contact)

    @property
    def footprint(self) -> float:
        """Radius in m of the smallest upright cylinder around its own axis that contains it."""
        return float(np.hypot(self.extent[0], self.extent[1]) / 2.0)


OBJECT_CLASSES: dict[str, ObjectClass] = {}


def object_class(
    extent: Vec3, mass: float, colors: tuple[str, ...], contact: Contact | None = None
) -> Callable[[PartsOf], PartsOf]:
    """Register the decorated function as the object class of the same name."""

    def register(parts: PartsOf) -> PartsOf:
        name = "".join(word.capitalize() for word in parts.__name__.split("_"))
        OBJECT_CLASSES[name] = ObjectClass(name, extent, mass, colors, parts, contact or Contact())
        return parts

    return register


def _ring(
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


def _vessel(
    bottom_radius: float, top_radius: float, height: float, wall: float, base: float, color: str
) -> list[Part]:
    skin = (
        (0.0, 0.0),
        (bottom_radius, 0.0),
        (top_radius, height),
        (top_radius - wall, height),
        (bottom_radius - wall, base),
        (0.0, base),
    )
    visible = Part(
        "lathe", (2 * top_radius, 2 * top_radius, height), (0.0, 0.0, 0.0), f"paint_{color}",
        solid=False, profile=skin,
    )  # fmt: skip
    return [visible, *_ring(bottom_radius, top_radius, height, wall, base, 12)]


ROUND = Contact(condim=6, friction=(0.9, 0.01, 0.003))


@object_class((0.074, 0.074, 0.074), 0.15, ("red", "green"), ROUND)
def apple(color: str) -> tuple[Part, ...]:
    """Return a ball with a stem and a leaf."""
    return (
        Part("sphere", (0.074, 0.074, 0.074), (0.0, 0.0, 0.037), f"paint_{color}"),
        Part("capsule", (0.006, 0.006, 0.022), (0.0, 0.0, 0.077), "paint_brown", solid=False),
        Part("ellipsoid", (0.024, 0.012, 0.004), (0.012, 0.0, 0.082), "leaf", solid=False),
    )


@object_class((0.095, 0.066, 0.058), 0.20, ("brown",), ROUND)
def potato(color: str) -> tuple[Part, ...]:
    """Return an egg lying on its side."""
    return (Part("ellipsoid", (0.095, 0.066, 0.058), (0.0, 0.0, 0.029), f"paint_{color}"),)


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


@object_class((0.112, 0.074, 0.092), 0.25, ("red", "blue", "yellow", "white", "green"))
def mug(color: str) -> tuple[Part, ...]:
    """Return a hollow cylinder with a handle along +x."""
    paint = f"paint_{color}"
    handle = (
        Part("capsule", (0.010, 0.010, 0.040), (0.050, 0.0, 0.072), paint, (0.0, np.pi / 2, 0.0)),
        Part("capsule", (0.010, 0.010, 0.040), (0.050, 0.0, 0.026), paint, (0.0, np.pi / 2, 0.0)),
        Part("capsule", (0.010, 0.010, 0.056), (0.065, 0.0, 0.049), paint),
    )
    return (*_vessel(0.037, 0.037, 0.092, 0.005, 0.008, color), *handle)


@object_class((0.072, 0.072, 0.110), 0.15, ("green", "purple", "white", "orange"))
def cup(color: str) -> tuple[Part, ...]:
    """Return a tumbler: hollow, wider at the top, without a handle."""
    return tuple(_vessel(0.028, 0.036, 0.110, 0.004, 0.008, color))


@object_class((0.150, 0.150, 0.060), 0.30, ("white", "blue", "yellow"))
def bowl(color: str) -> tuple[Part, ...]:
    """Return a wide, shallow vessel to be taken by its rim."""
    return tuple(_vessel(0.045, 0.075, 0.060, 0.005, 0.008, color))


@object_class((0.066, 0.066, 0.122), 0.35, ("red", "green", "blue"))
def soda_can(color: str) -> tuple[Part, ...]:
    """Return a full drinks can with bright ends."""
    return (
        Part("cylinder", (0.066, 0.066, 0.122), (0.0, 0.0, 0.061), "steel", visible=False),
        Part("cylinder", (0.066, 0.066, 0.102), (0.0, 0.0, 0.061), f"paint_{color}", solid=False),
        Part("cylinder", (0.0665, 0.0665, 0.030), (0.0, 0.0, 0.065), "paint_white", solid=False),
        Part("cylinder", (0.060, 0.060, 0.122), (0.0, 0.0, 0.061), "steel", solid=False),
    )


@object_class((0.044, 0.044, 0.095), 0.15, ("white", "grey"))
def salt_shaker(color: str) -> tuple[Part, ...]:
    """Return a slim pot with a domed steel cap."""
    return (
        Part("cylinder", (0.044, 0.044, 0.095), (0.0, 0.0, 0.0475), "steel", visible=False),
        Part("cylinder", (0.044, 0.044, 0.070), (0.0, 0.0, 0.035), f"paint_{color}", solid=False),
        Part("cylinder", (0.040, 0.040, 0.014), (0.0, 0.0, 0.076), "steel", solid=False),
        Part("ellipsoid", (0.040, 0.040, 0.026), (0.0, 0.0, 0.082), "steel", solid=False),
    )


@object_class((0.105, 0.068, 0.036), 0.06, ("yellow",))
def dish_sponge(color: str) -> tuple[Part, ...]:
    """Return a block with a green scouring side."""
    return (
        box((0.105, 0.068, 0.036), (0.0, 0.0, 0.018), f"paint_{color}"),
        box((0.1052, 0.0682, 0.010), (0.0, 0.0, 0.0312), "paint_green", solid=False),
    )


@object_class((0.165, 0.048, 0.024), 0.12, ("black", "grey"))
def remote_control(color: str) -> tuple[Part, ...]:
    """Return a flat bar with rows of buttons."""
    buttons = tuple(
        Part("cylinder", (0.009, 0.009, 0.004), (x, y, 0.024), paint, solid=False)
        for x, paint in ((-0.05, "paint_white"), (-0.02, "paint_white"), (0.01, "paint_white"))
        for y in (-0.012, 0.0, 0.012)
    )
    power = Part("cylinder", (0.012, 0.012, 0.004), (0.06, 0.0, 0.024), "paint_red", solid=False)
    return (
        box((0.165, 0.048, 0.024), (0.0, 0.0, 0.012), f"paint_{color}"),
        *buttons,
        power,
    )
