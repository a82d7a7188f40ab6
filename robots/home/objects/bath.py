"""Things of a bathroom: soap, a soap dispenser, paper."""

from __future__ import annotations

from diarchy.robots.home.objects.model import object_class
from diarchy.robots.home.objects.shapes import core, disc, turned
from diarchy.robots.home.parts import Part, box


@object_class((0.092, 0.060, 0.034), 0.10, ("white", "green", "purple"))
def soap_bar(color: str) -> tuple[Part, ...]:
    """Return a rounded bar with a stamped oval."""
    paint, stamp = f"paint_{color}", "paint_blue" if color == "white" else "paint_white"
    corners = tuple(
        Part("cylinder", (0.022, 0.022, 0.030), (x * 0.035, y * 0.019, 0.017), paint, solid=False)
        for x in (-1.0, 1.0)
        for y in (-1.0, 1.0)
    )
    return (
        Part("box", (0.088, 0.056, 0.034), (0.0, 0.0, 0.017), paint, visible=False),
        box((0.092, 0.038, 0.030), (0.0, 0.0, 0.017), paint, solid=False),
        box((0.070, 0.060, 0.030), (0.0, 0.0, 0.017), paint, solid=False),
        *corners,
        Part("ellipsoid", (0.086, 0.054, 0.008), (0.0, 0.0, 0.031), paint, solid=False),
        Part("ellipsoid", (0.060, 0.034, 0.006), (0.0, 0.0, 0.0332), stamp, solid=False),
        Part("ellipsoid", (0.048, 0.024, 0.005), (0.0, 0.0, 0.0342), paint, solid=False),
    )


@object_class((0.062, 0.062, 0.170), 0.30, ("blue", "orange", "white"))
def soap_bottle(color: str) -> tuple[Part, ...]:
    """Return a dispenser: a round bottle with a pump and its spout."""
    profile = (
        (0.0, 0.0), (0.029, 0.0), (0.031, 0.003), (0.031, 0.100), (0.026, 0.112), (0.013, 0.120),
        (0.0, 0.120),
    )  # fmt: skip
    pump = "paint_white" if color != "white" else "dark"
    return (
        turned(profile, f"paint_{color}"),
        core(0.062, 0.0, 0.112),
        core(0.022, 0.112, 0.170),
        disc(0.0625, 0.035, 0.080, "trim" if color != "white" else "paint_blue"),
        disc(0.026, 0.114, 0.132, pump),
        disc(0.010, 0.130, 0.160, pump),
        disc(0.022, 0.156, 0.170, pump),
        box((0.034, 0.010, 0.009), (0.015, 0.0, 0.164), pump, solid=False),
    )


@object_class((0.082, 0.082, 0.090), 0.10, ("white",))
def toilet_paper(color: str) -> tuple[Part, ...]:
    """Return an upright roll around a cardboard core."""
    return (
        core(0.082, 0.0, 0.090),
        disc(0.082, 0.0, 0.089, f"paint_{color}"),
        disc(0.034, 0.06, 0.0895, "paint_brown"),
        disc(0.028, 0.06, 0.090, "dark"),
    )


@object_class((0.110, 0.070, 0.095), 0.10, ("blue", "green", "purple"))
def tissue_box(color: str) -> tuple[Part, ...]:
    """Return a box with a tissue standing out of it."""
    folds = tuple(
        Part(
            "ellipsoid", (0.044, 0.006, 0.058), (x, y, 0.066), skin, (tilt, lean, turn), solid=False
        )
        for x, y, skin, tilt, lean, turn in (
            (0.000, 0.002, "paint_white", 0.30, 0.25, 0.2),
            (0.004, -0.002, "trim", -0.35, -0.20, -0.5),
            (-0.006, 0.000, "paint_white", 0.10, -0.30, 0.9),
        )
    )
    return (
        box((0.110, 0.070, 0.065), (0.0, 0.0, 0.0325), f"paint_{color}"),
        box((0.1104, 0.0704, 0.014), (0.0, 0.0, 0.022), "paint_white", solid=False),
        Part("ellipsoid", (0.072, 0.036, 0.004), (0.0, 0.0, 0.065), "dark", solid=False),
        *folds,
    )
