"""Small things of a kitchen: drinks, shakers, cutlery, the sponge."""

from __future__ import annotations

from diarchy.robots.home.objects.model import THIN, object_class
from diarchy.robots.home.objects.shapes import Profile, core, disc, turned
from diarchy.robots.home.parts import Part, box


@object_class((0.066, 0.066, 0.122), 0.35, ("red", "green", "blue"))
def soda_can(color: str) -> tuple[Part, ...]:
    """Return a full drinks can with bright ends."""
    return (
        Part("cylinder", (0.066, 0.066, 0.122), (0.0, 0.0, 0.061), "steel", visible=False),
        Part("cylinder", (0.066, 0.066, 0.102), (0.0, 0.0, 0.061), f"paint_{color}", solid=False),
        Part("cylinder", (0.0665, 0.0665, 0.030), (0.0, 0.0, 0.065), "paint_white", solid=False),
        Part("cylinder", (0.060, 0.060, 0.122), (0.0, 0.0, 0.061), "steel", solid=False),
    )


def _shaker(body: str, cap: str) -> tuple[Part, ...]:
    return (
        Part("cylinder", (0.044, 0.044, 0.095), (0.0, 0.0, 0.0475), "steel", visible=False),
        Part("cylinder", (0.044, 0.044, 0.070), (0.0, 0.0, 0.035), body, solid=False),
        Part("cylinder", (0.040, 0.040, 0.014), (0.0, 0.0, 0.076), cap, solid=False),
        Part("ellipsoid", (0.040, 0.040, 0.026), (0.0, 0.0, 0.082), cap, solid=False),
    )


@object_class((0.044, 0.044, 0.095), 0.15, ("white", "grey"))
def salt_shaker(color: str) -> tuple[Part, ...]:
    """Return a slim pot with a domed steel cap."""
    return _shaker(f"paint_{color}", "steel")


@object_class((0.048, 0.048, 0.120), 0.18, ("brown", "black"))
def pepper_shaker(color: str) -> tuple[Part, ...]:
    """Return a turned mill: a waisted body under a knob."""
    profile = (
        (0.0, 0.0), (0.024, 0.0), (0.024, 0.012), (0.016, 0.040), (0.017, 0.058), (0.023, 0.080),
        (0.016, 0.092), (0.0, 0.094),
    )  # fmt: skip
    return (
        core(0.044, 0.0, 0.120),
        turned(profile, f"paint_{color}"),
        Part("sphere", (0.030, 0.030, 0.030), (0.0, 0.0, 0.100), f"paint_{color}", solid=False),
        Part("sphere", (0.011, 0.011, 0.011), (0.0, 0.0, 0.1155), "steel", solid=False),
    )


@object_class((0.105, 0.068, 0.036), 0.06, ("yellow",))
def dish_sponge(color: str) -> tuple[Part, ...]:
    """Return a block with a green scouring side."""
    return (
        box((0.105, 0.068, 0.036), (0.0, 0.0, 0.018), f"paint_{color}"),
        box((0.1052, 0.0682, 0.010), (0.0, 0.0, 0.0312), "paint_green", solid=False),
    )


def _metal(color: str) -> str:
    return "steel" if color == "grey" else f"paint_{color}"


@object_class((0.170, 0.036, 0.014), 0.05, ("grey", "red"), THIN)
def spoon(color: str) -> tuple[Part, ...]:
    """Return a spoon: a sturdy handle and a hollow-looking bowl at +x."""
    metal = _metal(color)
    return (
        box((0.110, 0.013, 0.011), (-0.030, 0.0, 0.0055), metal),
        Part("capsule", (0.015, 0.015, 0.020), (-0.080, 0.0, 0.0075), metal, (0.0, 1.5708, 0.0),
             solid=False),
        Part("ellipsoid", (0.060, 0.036, 0.014), (0.055, 0.0, 0.007), metal),
        Part("ellipsoid", (0.046, 0.025, 0.006), (0.056, 0.0, 0.0125), "paint_grey", solid=False),
    )  # fmt: skip


@object_class((0.170, 0.030, 0.011), 0.05, ("grey", "blue"), THIN)
def fork(color: str) -> tuple[Part, ...]:
    """Return a fork with three tines at +x."""
    metal = _metal(color)
    tines = tuple(
        box((0.040, 0.006, 0.010), (0.065, y, 0.005), metal) for y in (-0.012, 0.0, 0.012)
    )
    return (
        box((0.110, 0.013, 0.011), (-0.030, 0.0, 0.0055), metal),
        box((0.022, 0.030, 0.010), (0.036, 0.0, 0.005), metal),
        Part("capsule", (0.015, 0.015, 0.020), (-0.077, 0.0, 0.0075), metal, (0.0, 1.5708, 0.0),
             solid=False),
        *tines,
    )  # fmt: skip


def _bottle(
    profile: Profile, material: str, body: float, neck: float, shoulder: float
) -> list[Part]:
    """A turned bottle: its skin, and two cylinders that touch things."""
    height = max(p[1] for p in profile)
    return [turned(profile, material), core(body, 0.0, shoulder), core(neck, shoulder, height)]


@object_class((0.066, 0.066, 0.200), 0.35, ("white", "blue"))
def glass_bottle(color: str) -> tuple[Part, ...]:
    """Return a milk bottle: a wide mouth with a red cap over sloping shoulders."""
    profile = (
        (0.0, 0.0), (0.031, 0.0), (0.033, 0.004), (0.033, 0.105), (0.020, 0.150), (0.020, 0.180),
        (0.0, 0.180),
    )  # fmt: skip
    return (
        *_bottle(profile, f"paint_{color}", 0.066, 0.040, 0.110),
        disc(0.046, 0.178, 0.200, "paint_red", solid=True),
    )


@object_class((0.072, 0.072, 0.260), 0.50, ("green", "red", "black"))
def wine_bottle(color: str) -> tuple[Part, ...]:
    """Return a dark bottle with a pale label and a long thin neck."""
    profile = (
        (0.0, 0.0), (0.034, 0.0), (0.036, 0.004), (0.036, 0.145), (0.030, 0.165), (0.015, 0.185),
        (0.013, 0.250), (0.0, 0.250),
    )  # fmt: skip
    return (
        *_bottle(profile, f"paint_{color}", 0.072, 0.028, 0.160),
        disc(0.0735, 0.045, 0.115, "trim"),
        disc(0.0738, 0.070, 0.084, "paint_orange"),
        disc(0.030, 0.222, 0.260, "paint_orange" if color == "black" else "dark"),
    )
