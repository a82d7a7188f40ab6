"""Things that hold others: mug, cup, bowl, plate, pot, box.

They are really hollow. Walls are at least 4 mm, those of what is new 5 mm: thinner ones slip through
the solver's fingers.
"""

from __future__ import annotations

import numpy as np

from diarchy.robots.home.objects.model import THIN, object_class
from diarchy.robots.home.objects.shapes import disc, ring, turned, vessel
from diarchy.robots.home.parts import Part, Vec3, box


@object_class(
    (0.112, 0.074, 0.092), 0.25, ("red", "blue", "yellow", "white", "green"), holds=("in",)
)
def mug(color: str) -> tuple[Part, ...]:
    """Return a hollow cylinder with a handle along +x."""
    paint = f"paint_{color}"
    handle = (
        Part("capsule", (0.010, 0.010, 0.040), (0.050, 0.0, 0.072), paint, (0.0, np.pi / 2, 0.0)),
        Part("capsule", (0.010, 0.010, 0.040), (0.050, 0.0, 0.026), paint, (0.0, np.pi / 2, 0.0)),
        Part("capsule", (0.010, 0.010, 0.056), (0.065, 0.0, 0.049), paint),
    )
    return (*vessel(0.037, 0.037, 0.092, 0.005, 0.008, paint), *handle)


@object_class((0.072, 0.072, 0.110), 0.15, ("green", "purple", "white", "orange"), holds=("in",))
def cup(color: str) -> tuple[Part, ...]:
    """Return a tumbler: hollow, wider at the top, without a handle."""
    return tuple(vessel(0.028, 0.036, 0.110, 0.004, 0.008, f"paint_{color}"))


@object_class((0.150, 0.150, 0.060), 0.30, ("white", "blue", "yellow"), holds=("in",))
def bowl(color: str) -> tuple[Part, ...]:
    """Return a wide, shallow vessel to be taken by its rim."""
    return tuple(vessel(0.045, 0.075, 0.060, 0.005, 0.008, f"paint_{color}"))


@object_class((0.200, 0.200, 0.034), 0.25, ("white", "blue", "green"), THIN, holds=("on",))
def plate(color: str) -> tuple[Part, ...]:
    """Return a flat disc with a raised rim, which is how it is taken."""
    skin = (
        (0.0, 0.0), (0.082, 0.0), (0.100, 0.034), (0.094, 0.034), (0.079, 0.008), (0.0, 0.008),
    )  # fmt: skip
    stripe = disc(0.112, 0.006, 0.0084, "paint_grey" if color == "white" else "paint_white")
    well = disc(0.104, 0.006, 0.0086, f"paint_{color}")
    return (
        turned(skin, f"paint_{color}"),
        *ring(0.082, 0.100, 0.034, 0.006, 0.008, 16),
        stripe,
        well,
    )


@object_class((0.210, 0.150, 0.090), 0.45, ("grey", "red"), THIN, holds=("in",))
def pot(color: str) -> tuple[Part, ...]:
    """Return a small cooking pot with a black ear on either side, along x."""
    ears = tuple(
        part
        for sign in (-1.0, 1.0)
        for part in (
            box((0.030, 0.012, 0.012), (sign * 0.088, 0.028, 0.066), "dark"),
            box((0.030, 0.012, 0.012), (sign * 0.088, -0.028, 0.066), "dark"),
            box((0.012, 0.068, 0.012), (sign * 0.099, 0.0, 0.066), "dark"),
        )
    )
    skin = "steel" if color == "grey" else f"paint_{color}"
    return (*vessel(0.073, 0.075, 0.090, 0.006, 0.008, skin), *ears)


@object_class((0.160, 0.120, 0.080), 0.12, ("brown", "white"), THIN, holds=("in",), name="Box")
def cardboard_box(color: str) -> tuple[Part, ...]:
    """Return an open cardboard box with a strip of tape."""
    paint, wall = f"paint_{color}", 0.006
    length, width, height = 0.160, 0.120, 0.080
    sides: list[tuple[Vec3, Vec3]] = [
        ((wall, width, height - 0.003), (s * (length - wall) / 2, 0.0, (height + 0.003) / 2))
        for s in (-1.0, 1.0)
    ]
    sides += [
        ((length - 2 * wall, wall, height - 0.003), (0.0, s * (width - wall) / 2, (height + 0.003) / 2))
        for s in (-1.0, 1.0)
    ]  # fmt: skip
    tape = "paint_white" if color == "brown" else "paint_orange"
    return (
        box((length - 0.002, width - 0.002, 0.006), (0.0, 0.0, 0.003), paint),
        *(box(size, at, paint) for size, at in sides),
        *(
            box((0.0004, 0.022, 0.034), (s * 0.0801, 0.0, 0.0632), tape, solid=False)
            for s in (-1.0, 1.0)
        ),
        box((0.146, 0.024, 0.0006), (0.0, 0.0, 0.0061), tape, solid=False),
    )
