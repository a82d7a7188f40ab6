"""Things of a living room, a bedroom and a desk."""

from __future__ import annotations

from diarchy.robots.home.objects.model import THIN, object_class
from diarchy.robots.home.objects.shapes import core, disc, turned
from diarchy.robots.home.parts import Part, box

_QUARTER = 1.5707963


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


@object_class((0.145, 0.068, 0.014), 0.16, ("black", "white", "red"), THIN)
def cell_phone(color: str) -> tuple[Part, ...]:
    """Return a phone with a lit screen full of icons."""
    icons = tuple(
        box((0.011, 0.011, 0.0004), (x, y, 0.0142), paint, solid=False)
        for x, row in (
            (0.040, ("paint_green", "paint_yellow", "paint_red")),
            (0.020, ("paint_white", "paint_blue", "paint_orange")),
            (-0.050, ("paint_white", "paint_green", "paint_white")),
        )
        for y, paint in zip((0.018, 0.0, -0.018), row, strict=True)
    )
    return (
        box((0.145, 0.068, 0.014), (0.0, 0.0, 0.007), f"paint_{color}"),
        box((0.128, 0.060, 0.0004), (0.0, 0.0, 0.0141), "window", solid=False),
        *icons,
    )


@object_class((0.092, 0.036, 0.014), 0.06, ("red", "blue", "yellow"), THIN)
def key_chain(color: str) -> tuple[Part, ...]:
    """Return a leather fob, a ring and two keys."""
    keys = (
        Part("cylinder", (0.020, 0.020, 0.005), (0.018, 0.007, 0.0115), "steel", solid=False),
        Part("cylinder", (0.007, 0.007, 0.0054), (0.018, 0.007, 0.0115), "dark", solid=False),
        box((0.034, 0.006, 0.004), (0.030, 0.010, 0.0115), "steel", solid=False, yaw=0.2),
        box((0.005, 0.008, 0.004), (0.041, 0.015, 0.0115), "steel", solid=False, yaw=0.2),
        box((0.004, 0.007, 0.004), (0.035, 0.0135, 0.0115), "steel", solid=False, yaw=0.2),
        Part(
            "cylinder", (0.020, 0.020, 0.005), (0.016, -0.008, 0.007), "paint_yellow", solid=False
        ),
        box((0.034, 0.006, 0.004), (0.030, -0.010, 0.007), "paint_yellow", solid=False, yaw=-0.15),
        box((0.005, 0.008, 0.004), (0.042, -0.014, 0.007), "paint_yellow", solid=False, yaw=-0.15),
    )
    return (
        box((0.046, 0.036, 0.014), (-0.023, 0.0, 0.007), f"paint_{color}"),
        Part("cylinder", (0.014, 0.014, 0.001), (-0.022, 0.0, 0.0141), "paint_white", solid=False),
        Part("cylinder", (0.022, 0.022, 0.003), (0.006, 0.0, 0.0125), "trim", solid=False),
        Part("cylinder", (0.016, 0.016, 0.0034), (0.006, 0.0, 0.0125), "dark", solid=False),
        Part("box", (0.046, 0.028, 0.012), (0.023, 0.0, 0.006), "steel", visible=False),
        *keys,
    )


@object_class((0.170, 0.080, 0.030), 0.22, ("blue", "red", "green"))
def book(color: str) -> tuple[Part, ...]:
    """Return a pocket book lying flat, its spine along y = -0.04, a title on its cover."""
    paint = f"paint_{color}"
    return (
        Part("box", (0.170, 0.080, 0.030), (0.0, 0.0, 0.015), paint, visible=False),
        box((0.164, 0.075, 0.022), (0.0, 0.001, 0.015), "trim", solid=False),
        box((0.170, 0.080, 0.004), (0.0, 0.0, 0.002), paint, solid=False),
        box((0.170, 0.080, 0.004), (0.0, 0.0, 0.028), paint, solid=False),
        box((0.170, 0.005, 0.030), (0.0, -0.0375, 0.015), paint, solid=False),
        box((0.012, 0.048, 0.0006), (0.052, 0.0, 0.0301), "paint_white", solid=False),
        box((0.006, 0.036, 0.0006), (0.034, 0.0, 0.0301), "paint_yellow", solid=False),
        Part("cylinder", (0.040, 0.040, 0.0006), (-0.030, 0.0, 0.0301), "paint_white", solid=False),
    )


@object_class((0.056, 0.056, 0.115), 0.16, ("white", "red", "yellow"))
def candle(color: str) -> tuple[Part, ...]:
    """Return a thick candle on a steel saucer, with a flame."""
    return (
        core(0.056, 0.0, 0.090),
        disc(0.056, 0.0, 0.006, "steel"),
        disc(0.050, 0.0, 0.088, f"paint_{color}"),
        disc(0.043, 0.080, 0.0885, "trim"),
        Part("capsule", (0.003, 0.003, 0.016), (0.0, 0.0, 0.094), "dark", solid=False),
        Part("ellipsoid", (0.013, 0.013, 0.028), (0.0, 0.0, 0.107), "paint_orange", solid=False),
        Part("ellipsoid", (0.007, 0.007, 0.015), (0.0, 0.0, 0.112), "paint_yellow", solid=False),
    )


@object_class((0.080, 0.080, 0.180), 0.40, ("blue", "orange", "white"))
def vase(color: str) -> tuple[Part, ...]:
    """Return a bellied vase with a narrow neck and a flared mouth, two bands round it."""
    profile = (
        (0.0, 0.0), (0.024, 0.0), (0.032, 0.020), (0.040, 0.065), (0.038, 0.085), (0.020, 0.130),
        (0.018, 0.150), (0.030, 0.180), (0.026, 0.180), (0.014, 0.152), (0.0, 0.150),
    )  # fmt: skip
    band = "paint_white" if color != "white" else "paint_blue"
    return (
        turned(profile, f"paint_{color}"),
        core(0.058, 0.0, 0.045),
        core(0.080, 0.045, 0.090),
        core(0.042, 0.090, 0.165),
        disc(0.0806, 0.058, 0.064, band),
        disc(0.0806, 0.070, 0.076, band),
    )


@object_class((0.060, 0.060, 0.165), 0.45, ("white", "brown", "black"))
def statue(color: str) -> tuple[Part, ...]:
    """Return a bust on a plinth."""
    stone = f"paint_{color}"
    return (
        box((0.060, 0.060, 0.050), (0.0, 0.0, 0.025), "dark" if color == "brown" else "walnut"),
        core(0.046, 0.050, 0.165),
        disc(0.030, 0.050, 0.072, stone),
        Part("ellipsoid", (0.034, 0.060, 0.050), (0.0, 0.0, 0.086), stone, solid=False),
        Part("capsule", (0.020, 0.020, 0.040), (0.0, 0.0, 0.116), stone, solid=False),
        Part("ellipsoid", (0.040, 0.035, 0.050), (0.002, 0.0, 0.140), stone, solid=False),
        Part("ellipsoid", (0.012, 0.008, 0.012), (0.022, 0.0, 0.137), stone, solid=False),
    )


@object_class((0.052, 0.090, 0.110), 0.25, ("red", "blue", "black"))
def alarm_clock(color: str) -> tuple[Part, ...]:
    """Return a clock that looks along +x: a round face, two bells, two feet."""
    paint, out = f"paint_{color}", (0.0, _QUARTER, 0.0)
    hands = (
        box((0.002, 0.004, 0.026), (0.0257, 0.0, 0.061), "dark", solid=False),
        box((0.002, 0.020, 0.004), (0.0257, 0.010, 0.050), "dark", solid=False),
    )
    ticks = tuple(
        box((0.002, 0.005, 0.005), (0.0255, y, 0.050 + z), "dark", solid=False)
        for y, z in ((0.030, 0.0), (-0.030, 0.0), (0.0, 0.030), (0.0, -0.030))
    )
    sides = tuple(
        part
        for s in (-1.0, 1.0)
        for part in (
            Part("sphere", (0.034, 0.034, 0.034), (0.0, s * 0.026, 0.092), "steel", solid=False),
            Part("capsule", (0.008, 0.008, 0.030), (0.0, s * 0.030, 0.014), "dark",
                 (s * 0.5, 0.0, 0.0), solid=False),
        )
    )  # fmt: skip
    return (
        Part("box", (0.050, 0.080, 0.100), (0.0, 0.0, 0.050), paint, visible=False),
        Part("cylinder", (0.084, 0.084, 0.046), (0.0, 0.0, 0.050), paint, out, solid=False),
        Part("cylinder", (0.072, 0.072, 0.051), (0.0, 0.0, 0.050), "trim", out, solid=False),
        *hands,
        *ticks,
        *sides,
    )


@object_class((0.175, 0.012, 0.012), 0.02, ("yellow", "red", "blue"), THIN)
def pencil(color: str) -> tuple[Part, ...]:
    """Return a thick pencil that cannot roll: square to the touch, its tip at +x."""
    along = (0.0, _QUARTER, 0.0)
    return (
        Part("box", (0.175, 0.012, 0.012), (0.0, 0.0, 0.006), "oak", visible=False),
        box((0.135, 0.012, 0.008), (-0.004, 0.0, 0.006), f"paint_{color}", solid=False),
        box((0.135, 0.008, 0.012), (-0.004, 0.0, 0.006), f"paint_{color}", solid=False),
        Part("capsule", (0.011, 0.011, 0.036), (0.064, 0.0, 0.006), "oak", along, solid=False),
        Part("capsule", (0.005, 0.005, 0.016), (0.0805, 0.0, 0.006), "dark", along, solid=False),
        Part("cylinder", (0.012, 0.012, 0.008), (-0.074, 0.0, 0.006), "steel", along, solid=False),
        Part("cylinder", (0.011, 0.011, 0.010), (-0.0825, 0.0, 0.006), "terracotta", along,
             solid=False),
    )  # fmt: skip


@object_class((0.086, 0.070, 0.130), 0.12, ("brown", "white"))
def teddy_bear(color: str) -> tuple[Part, ...]:
    """Return a bear that sits and looks along +x."""
    fur, muzzle = f"paint_{color}", "trim" if color == "brown" else "paint_brown"

    def ball(size: tuple[float, float, float], at: tuple[float, float, float], skin: str) -> Part:
        return Part("ellipsoid", size, at, skin, solid=False)

    sides = tuple(
        part
        for s in (-1.0, 1.0)
        for part in (
            ball((0.052, 0.026, 0.026), (0.018, s * 0.022, 0.014), fur),
            ball((0.012, 0.022, 0.022), (0.040, s * 0.022, 0.014), muzzle),
            ball((0.024, 0.022, 0.042), (0.008, s * 0.027, 0.056), fur),
            ball((0.012, 0.022, 0.024), (-0.006, s * 0.020, 0.119), fur),
            ball((0.006, 0.007, 0.007), (0.021, s * 0.011, 0.106), "dark"),
        )
    )
    return (
        Part("cylinder", (0.064, 0.064, 0.070), (-0.004, 0.0, 0.035), fur, visible=False),
        Part("cylinder", (0.054, 0.054, 0.056), (-0.006, 0.0, 0.098), fur, visible=False),
        ball((0.058, 0.056, 0.076), (-0.008, 0.0, 0.042), fur),
        ball((0.056, 0.058, 0.054), (-0.006, 0.0, 0.098), fur),
        ball((0.024, 0.026, 0.020), (0.020, 0.0, 0.092), muzzle),
        ball((0.008, 0.011, 0.008), (0.031, 0.0, 0.096), "dark"),
        *sides,
    )
