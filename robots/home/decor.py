"""Things to look at only: they touch nothing and are on no map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.contracts.geometry import SE3
from diarchy.robots.home.parts import Part, Vec3, box
from diarchy.robots.home.rooms import WALL_HEIGHT
from diarchy.robots.home.scene import DecorSpec

HANGING_HEIGHT = 1.55
PENDANT_BOTTOM = 1.70
_UPRIGHT: Vec3 = (0.0, 1.5707963, 0.0)
"""Turns a disc so that it faces along x."""


def decor_parts(item: DecorSpec) -> list[tuple[Part, SE3]]:
    """Return the parts of one item, each with ``map_from_item``; x looks off the wall."""
    height, build = _BUILDERS[item.cls]
    pose = SE3.from_xyz_yaw(item.x, item.y, height, float(np.radians(item.yaw_deg)))
    return [(part, pose) for part in build(*item.size)]


def _box(size: Vec3, at: Vec3, material: str) -> Part:
    return box(size, at, material, solid=False)


def _disc(across: float, thick: float, at: Vec3, material: str, euler: Vec3 = _UPRIGHT) -> Part:
    return Part("cylinder", (across, across, thick), at, material, euler, solid=False)


def _rug(width: float, height: float) -> list[Part]:
    layers = ((0.0, "rug_border"), (0.20, "rug"), (0.44, "rug_border"), (0.50, "rug"))
    return [
        _box((width - less, height - less, 0.004), (0.0, 0.0, 0.0025 + 0.001 * i), material)
        for i, (less, material) in enumerate(layers)
        if min(width, height) > less + 0.05
    ]


def _round_rug(width: float, height: float) -> list[Part]:
    across = min(width, height)
    layers = ((1.0, "rug"), (0.86, "rug_border"), (0.72, "rug"), (0.30, "rug_border"))
    return [
        _disc(across * part, 0.004, (0.0, 0.0, 0.0025 + 0.001 * i), material, (0.0, 0.0, 0.0))
        for i, (part, material) in enumerate(layers)
    ]


def _window(width: float, height: float) -> list[Part]:
    frame, bar = 0.06, 0.035
    parts = [_box((0.01, width, height), (0.005, 0.0, 0.0), "window")]
    for s in (-1, 1):
        parts.append(_box((0.05, frame, height + frame), (0.025, s * width / 2, 0.0), "trim"))
        parts.append(_box((0.05, width, frame), (0.025, 0.0, s * height / 2), "trim"))
    parts.append(_box((0.03, bar, height), (0.015, 0.0, 0.0), "trim"))
    parts.append(_box((0.03, width, bar), (0.015, 0.0, 0.0), "trim"))
    parts.append(_box((0.12, width + 0.14, 0.03), (0.06, 0.0, -height / 2 - 0.04), "trim"))
    return parts


def _curtains(width: float, height: float) -> list[Part]:
    """Two gathered curtains beside a window of that size, on a rod."""
    low, high, folds, fold = height / 2 + 0.12, height / 2 + 0.14, 4, 0.065
    rod = Part(
        "cylinder", (0.024, 0.024, width + 0.75), (0.09, 0.0, high), "steel", (1.5707963, 0.0, 0.0),
        solid=False,
    )  # fmt: skip
    parts = [rod]
    for side in (-1, 1):
        for i in range(folds):
            y = side * (width / 2 + 0.03 + i * fold)
            depth = 0.05 if i % 2 else 0.075
            material = "fabric" if i % 2 else "fabric_light"
            parts.append(_box((depth, fold, low + high - 0.02), (0.07, y, -0.01), material))
    return parts


def _picture(width: float, height: float) -> list[Part]:
    inner_w, inner_h = width - 0.14, height - 0.14
    hill, roof = -inner_h * 0.30, inner_w * 0.25
    return [
        _box((0.03, width, height), (0.015, 0.0, 0.0), "walnut"),
        _box((0.03, width - 0.06, height - 0.06), (0.017, 0.0, 0.0), "trim"),
        _box((0.03, inner_w, inner_h), (0.019, 0.0, 0.0), "window"),
        _box((0.03, inner_w, inner_h * 0.40), (0.021, 0.0, hill), "leaf"),
        _box((0.03, inner_w * 0.5, inner_h * 0.22), (0.022, roof, -inner_h * 0.02), "paint_purple"),
        _disc(0.14 * height, 0.03, (0.021, -inner_w * 0.22, inner_h * 0.25), "paint_yellow"),
    ]


def _mirror(width: float, height: float) -> list[Part]:
    return [
        _box((0.03, width, height), (0.015, 0.0, 0.0), "oak"),
        _box((0.03, width - 0.08, height - 0.08), (0.018, 0.0, 0.0), "window"),
        Part(
            "box", (0.031, 0.05, height * 0.6), (0.0181, width * 0.12, 0.0), "trim",
            (0.6, 0.0, 0.0), solid=False,
        ),
    ]  # fmt: skip


def _clock(width: float, height: float) -> list[Part]:
    across = min(width, height)
    ticks = [
        _box((0.034, 0.016, 0.016), (0.02, 0.38 * across * c, 0.38 * across * s), "dark")
        for c, s in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
    ]
    hour = _box((0.036, 0.018, 0.24 * across), (0.02, 0.0, 0.11 * across), "dark")
    minute = _box((0.038, 0.34 * across, 0.012), (0.02, -0.16 * across, 0.0), "paint_red")
    rim, face = (
        _disc(across, 0.03, (0.015, 0.0, 0.0), "walnut"),
        _disc(across * 0.88, 0.03, (0.018, 0.0, 0.0), "trim"),
    )
    return [rim, face, *ticks, hour, minute]


def _pendant(width: float, height: float) -> list[Part]:
    """A lamp that hangs over a table: its shade is ``width`` wide and ``height`` high."""
    cord = WALL_HEIGHT - PENDANT_BOTTOM - height
    flat = (0.0, 0.0, 0.0)
    return [
        _disc(width, height * 0.45, (0.0, 0.0, height * 0.225), "fabric", flat),
        _disc(width * 0.66, height * 0.35, (0.0, 0.0, height * 0.6), "fabric", flat),
        _disc(width * 0.28, height * 0.25, (0.0, 0.0, height * 0.875), "fabric", flat),
        _disc(width * 0.80, 0.02, (0.0, 0.0, -0.004), "paint_yellow", flat),
        _disc(0.012, cord, (0.0, 0.0, height + cord / 2), "dark", flat),
    ]


_BUILDERS: dict[str, tuple[float, Callable[[float, float], list[Part]]]] = {
    "Rug": (0.0, _rug),
    "RoundRug": (0.0, _round_rug),
    "Window": (HANGING_HEIGHT, _window),
    "Curtains": (HANGING_HEIGHT, _curtains),
    "Picture": (HANGING_HEIGHT, _picture),
    "Mirror": (HANGING_HEIGHT, _mirror),
    "Clock": (HANGING_HEIGHT + 0.2, _clock),
    "Pendant": (PENDANT_BOTTOM, _pendant),
}
"""Height of the item's origin, and what builds it of a width and a height."""
