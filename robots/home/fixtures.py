"""The furniture: one builder per class, in a registry; sizes that a Fetch can work at.

A fixture's frame lies on the floor under its middle, x towards its front. Builders return plain
parts; `world` makes geoms of them and `static_map` makes the map of them, so the two agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from diarchy.robots.home.parts import Part, Vec3, box


@dataclass(frozen=True)
class LocalSurface:
    """A surface in the fixture's frame: centre, full x and y, free height; the edges hands reach over."""

    at: Vec3
    size: tuple[float, float]
    clearance: float
    relation: Literal["on", "in"] = "on"
    approach: Literal["top", "front"] = "top"
    edges: tuple[Literal["front", "back", "left", "right"], ...] = ("front",)
    random: bool = True


@dataclass(frozen=True)
class LocalDoor:
    """A door in the fixture's frame, closed: vertical axis, parts, bar handle, panel."""

    axis: Vec3
    sign: int
    max_angle: float
    panel: Part
    handle: Vec3
    parts: tuple[Part, ...]
    mass: float = 6.0


@dataclass(frozen=True)
class FixtureModel:
    """What a builder returns: full bounding ``size`` (x depth, y width, z height), parts, places, door."""

    size: Vec3
    parts: tuple[Part, ...]
    surfaces: tuple[LocalSurface, ...] = ()
    door: LocalDoor | None = None


Builder = Callable[[], FixtureModel]
FIXTURE_CLASSES: dict[str, Builder] = {}


def fixture_class(builder: Builder) -> Builder:
    """Register a builder under its name in CamelCase."""
    FIXTURE_CLASSES["".join(w.capitalize() for w in builder.__name__.split("_"))] = builder
    return builder


def _legs(depth: float, width: float, height: float, leg: float, material: str) -> list[Part]:
    x, y = (depth - leg) / 2 - 0.02, (width - leg) / 2 - 0.02
    return [
        box((leg, leg, height), (sx * x, sy * y, height / 2), material)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]


@fixture_class
def counter_top() -> FixtureModel:
    """Return a kitchen counter, 0.88 m high, with a raised back so that everything is in reach."""
    depth, width, height, slab, ledge = 0.60, 1.80, 0.88, 0.04, 0.14
    front = depth / 2
    parts = [
        box((depth - 0.06, width, 0.09), (-0.03, 0.0, 0.045), "dark"),
        box((depth - 0.02, width, height - slab - 0.09), (-0.01, 0.0, 0.44 + 0.025), "cabinet"),
        box((depth, width + 0.02, slab), (0.0, 0.0, height - slab / 2), "worktop"),
        box((ledge, width, 0.12), (-front + ledge / 2, 0.0, height + 0.06), "cabinet"),
        box((ledge, width, 0.02), (-front + ledge / 2, 0.0, height + 0.13), "worktop"),
    ]
    for i in range(3):
        y = (i - 1) * width / 3
        face = (0.016, width / 3 - 0.02, height - slab - 0.12)
        parts.append(box(face, (front - 0.017, y, 0.465), "cabinet_face", solid=False))
        parts.append(box((0.018, 0.16, 0.014), (front - 0.005, y, 0.76), "steel", solid=False))
    surface = LocalSurface((ledge / 2, 0.0, height), (depth - ledge, width), 1.2)
    return FixtureModel((depth, width, height + 0.14), tuple(parts), (surface,))


@fixture_class
def dining_table() -> FixtureModel:
    """Return a wooden table on four legs, 0.74 m high."""
    depth, width, height = 0.75, 1.30, 0.74
    parts = [
        box((depth, width, 0.035), (0.0, 0.0, height - 0.0175), "oak"),
        box((depth - 0.12, width - 0.12, 0.06), (0.0, 0.0, height - 0.065), "walnut"),
        *_legs(depth, width, height - 0.035, 0.06, "walnut"),
    ]
    surface = LocalSurface((0.0, 0.0, height), (depth, width), 1.4, edges=("front",))
    return FixtureModel((depth, width, height), tuple(parts), (surface,))


@fixture_class
def coffee_table() -> FixtureModel:
    """Return a low table, 0.46 m high, with a shelf under its top."""
    depth, width, height = 0.55, 1.00, 0.46
    parts = [
        box((depth, width, 0.03), (0.0, 0.0, height - 0.015), "walnut"),
        box((depth - 0.10, width - 0.10, 0.02), (0.0, 0.0, 0.14), "oak"),
        *_legs(depth, width, height - 0.03, 0.045, "oak"),
    ]
    surface = LocalSurface((0.0, 0.0, height), (depth, width), 1.6, edges=("front",))
    return FixtureModel((depth, width, height), tuple(parts), (surface,))


@fixture_class
def shelf() -> FixtureModel:
    """Return a bookcase whose top board, 0.80 m high, is free; books stand below."""
    depth, width, height, board = 0.36, 1.00, 0.80, 0.03
    parts = [box((0.012, width, height - board), (-depth / 2 + 0.006, 0.0, height / 2), "walnut")]
    parts += [
        box(
            (depth, board, height - board),
            (0.0, s * (width - board) / 2, height / 2 - 0.015),
            "oak",
        )
        for s in (-1, 1)
    ]
    parts += [
        box((depth, width, board), (0.0, 0.0, z), "oak") for z in (0.045, 0.40, height - board / 2)
    ]
    paints = ("red", "blue", "white", "green", "yellow", "purple", "grey", "orange")
    for row, base in enumerate((0.06, 0.415)):
        y = -width / 2 + 0.05
        for i in range(13 - 3 * row):
            thick, tall = 0.035 + 0.007 * ((i * 5 + row) % 4), 0.20 + 0.02 * ((i * 3 + row) % 4)
            paint = f"paint_{paints[(i * 3 + row) % len(paints)]}"
            parts.append(box((0.20, thick, tall), (-0.05, y + thick / 2, base + tall / 2), paint))
            y += thick + 0.004
    surface = LocalSurface((0.0, 0.0, height), (depth, width), 1.3)
    return FixtureModel((depth, width, height), tuple(parts), (surface,))


@fixture_class
def garbage_can() -> FixtureModel:
    """Return an open eight-sided bin, 0.45 m high."""
    import numpy as np

    across, height, wall = 0.38, 0.45, 0.012
    side = across * float(np.tan(np.pi / 8))
    floor = 0.06
    size, middle = (across - 0.02, across - 0.02, floor), (0.0, 0.0, floor / 2)
    parts = [Part("cylinder", size, middle, "bin", stiff=True)]
    for i in range(8):
        angle = i * np.pi / 4
        r = (across - wall) / 2
        at = (r * float(np.cos(angle)), r * float(np.sin(angle)), height / 2)
        parts.append(box((wall, side, height), at, "bin", yaw=float(angle)))
        rim = (at[0], at[1], height - 0.01)
        parts.append(box((wall + 0.008, side + 0.008, 0.02), rim, "dark", yaw=float(angle)))
    inner = (across - 2 * wall) * 0.80
    surface = LocalSurface((0.0, 0.0, floor), (inner, inner), 1.5, "in", random=False)
    return FixtureModel((across, across, height), tuple(parts), (surface,))


@fixture_class
def fridge() -> FixtureModel:
    """Return a fridge: a freezer box below, one hinged door above with a vertical bar handle."""
    depth, width, height, wall, door = 0.60, 0.64, 1.46, 0.04, 0.06
    back, front = -depth / 2, depth / 2 - door
    low = 0.68
    body, middle = front - back, (front + back) / 2
    parts = [
        box((body, width, low), (middle, 0.0, low / 2), "enamel"),
        box((0.012, width - 0.03, low - 0.10), (front + 0.006, 0.0, low / 2 + 0.02), "enamel"),
        box((0.02, 0.30, 0.02), (front + 0.02, 0.0, low - 0.09), "steel", solid=False),
        box((wall, width, height - low), (back + wall / 2, 0.0, (low + height) / 2), "enamel"),
        box((body, width, wall), (middle, 0.0, height - wall / 2), "enamel"),
        box((body - wall, width - 2 * wall, 0.006),
            (middle + wall / 2, 0.0, low + 0.003), "enamel_inside"),
        box((body - 0.20, width - 2 * wall, 0.012), (middle - 0.06, 0.0, 1.17), "enamel_inside"),
    ]  # fmt: skip
    parts += [
        box(
            (body, wall, height - low),
            (middle, s * (width - wall) / 2, (low + height) / 2),
            "enamel",
        )
        for s in (-1, 1)
    ]
    floor = low + 0.006
    inner = (body - wall - 0.02, width - 2 * wall - 0.02)
    surface = LocalSurface(
        (middle + wall / 2, 0.0, floor), inner, 1.164 - floor, "in", "front", random=False
    )
    return FixtureModel(
        (depth, width, height),
        tuple(parts),
        (surface,),
        _fridge_door(front, width, low, height, door),
    )


def _fridge_door(front: float, width: float, low: float, height: float, thick: float) -> LocalDoor:
    bottom = low + 0.01
    panel = box(
        (thick - 0.005, width, height - bottom),
        (front + thick / 2 + 0.0025, 0.0, (bottom + height) / 2),
        "enamel",
    )
    x, y, z, length = front + thick + 0.055, -width / 2 + 0.07, 1.02, 0.36
    bar = Part("capsule", (0.024, 0.024, length), (x, y, z), "steel")
    posts = tuple(
        box((0.055, 0.018, 0.022), (x - 0.0275, y, z + s * (length / 2 - 0.025)), "steel")
        for s in (-1, 1)
    )
    axis = (front + 0.01, width / 2 - 0.012, 0.0)
    return LocalDoor(axis, +1, 1.92, panel, (x, y, z), (panel, bar, *posts))


@fixture_class
def sofa() -> FixtureModel:
    """Return a two-seat sofa; nothing is put on it."""
    depth, width = 0.85, 1.70
    parts = [
        box((depth, width, 0.16), (0.0, 0.0, 0.16), "fabric"),
        box((0.22, width, 0.50), (-depth / 2 + 0.11, 0.0, 0.49), "fabric"),
        *(box((depth, 0.18, 0.34), (0.0, s * (width / 2 - 0.09), 0.41), "fabric") for s in (-1, 1)),
        *(box((0.62, 0.66, 0.17), (0.11, s * 0.335, 0.32), "fabric_light") for s in (-1, 1)),
        *_legs(depth, width, 0.09, 0.05, "walnut"),
        box((0.14, 0.40, 0.34), (-0.16, 0.45, 0.56), "rug", solid=False, yaw=0.0),
    ]
    return FixtureModel((depth, width, 0.74), tuple(parts))


@fixture_class
def house_plant() -> FixtureModel:
    """Return a potted plant that fills a corner."""
    leaves = (
        (0.0, 0.0, 0.95), (0.12, 0.05, 0.80), (-0.10, 0.09, 0.84), (0.02, -0.12, 0.78),
        (-0.06, -0.08, 0.98), (0.09, 0.10, 0.98),
    )  # fmt: skip
    parts = [
        Part("cylinder", (0.30, 0.30, 0.34), (0.0, 0.0, 0.17), "terracotta"),
        Part("cylinder", (0.34, 0.34, 0.05), (0.0, 0.0, 0.33), "terracotta"),
        Part("capsule", (0.03, 0.03, 0.60), (0.0, 0.0, 0.60), "paint_brown"),
        *(Part("ellipsoid", (0.26, 0.22, 0.30), at, "leaf") for at in leaves),
    ]
    return FixtureModel((0.44, 0.44, 1.13), tuple(parts))
