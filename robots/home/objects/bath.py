"""Things of a bathroom: soap, a soap dispenser, paper."""

from __future__ import annotations

from diarchy.robots.home.objects.model import object_class
from diarchy.robots.home.objects.shapes import core, disc, turned
from diarchy.robots.home.parts import Part, box


@object_class((0.092, 0.060, 0.034), 0.10, ("white", "green", "purple"))
def soap_bar(color: str) -> tuple[Part, ...]:
    """Return a rounded bar with a stamped oval."""
    paint, stamp = f"paint_{color}", "paint_blue" if color == "white" else "paint_white"
    return (
        Part("box", (0.088, 0.056, 0.034), (0.0, 0.0, 0.017), paint, visible=False),
        box((0.092, 0.046, 0.026), (0.0, 0.0, 0.017), paint, solid=False),
        box((0.078, 0.060, 0.026), (0.0, 0.0, 0.017), paint, solid=False),
        box((0.080, 0.048, 0.034), (0.0, 0.0, 0.017), paint, solid=False),
        Part("ellipsoid", (0.058, 0.032, 0.004), (0.0, 0.0, 0.034), stamp, solid=False),
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
    """Return an upright roll with its cardboard core and a loose sheet."""
    return (
        core(0.082, 0.0, 0.090),
        disc(0.082, 0.0, 0.089, f"paint_{color}"),
        disc(0.034, 0.06, 0.0895, "paint_brown"),
        disc(0.028, 0.06, 0.090, "dark"),
        box((0.0012, 0.036, 0.090), (0.041, 0.016, 0.045), "trim", solid=False),
    )


@object_class((0.110, 0.070, 0.075), 0.10, ("blue", "green", "purple"))
def tissue_box(color: str) -> tuple[Part, ...]:
    """Return a box with a tissue standing out of it."""
    return (
        box((0.110, 0.070, 0.060), (0.0, 0.0, 0.030), f"paint_{color}"),
        Part("ellipsoid", (0.070, 0.034, 0.004), (0.0, 0.0, 0.060), "trim", solid=False),
        Part("ellipsoid", (0.046, 0.010, 0.034), (0.0, 0.0, 0.058), "paint_white", (0.3, 0.0, 0.2),
             solid=False),
        Part("ellipsoid", (0.036, 0.012, 0.028), (0.004, 0.0, 0.060), "trim", (-0.4, 0.0, -0.3),
             solid=False),
    )  # fmt: skip
