"""Things to look at only: they touch nothing and are on no map."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.geometry import SE3
from diarchy.robots.home.parts import Part, box
from diarchy.robots.home.scene import DecorSpec

HANGING_HEIGHT = 1.55


def decor_parts(item: DecorSpec) -> list[tuple[Part, SE3]]:
    """Return the parts of one item, each with ``map_from_item``; x looks off the wall."""
    width, height = item.size
    yaw = float(np.radians(item.yaw_deg))
    if item.cls == "Rug":
        pose = SE3.from_xyz_yaw(item.x, item.y, 0.0, yaw)
        rug = (
            box((width, height, 0.004), (0.0, 0.0, 0.0025), "rug_border", solid=False),
            box((width - 0.20, height - 0.20, 0.004), (0.0, 0.0, 0.0035), "rug", solid=False),
            box(
                (width - 0.44, height - 0.44, 0.004), (0.0, 0.0, 0.0045), "rug_border", solid=False
            ),
            box((width - 0.50, height - 0.50, 0.004), (0.0, 0.0, 0.0055), "rug", solid=False),
        )
        return [(part, pose) for part in rug]
    pose = SE3.from_xyz_yaw(item.x, item.y, HANGING_HEIGHT, yaw)
    parts = _window(width, height) if item.cls == "Window" else _picture(width, height)
    return [(part, pose) for part in parts]


def _window(width: float, height: float) -> list[Part]:
    frame, bar = 0.06, 0.035
    parts = [box((0.01, width, height), (0.005, 0.0, 0.0), "window", solid=False)]
    for s in (-1, 1):
        parts.append(
            box((0.05, frame, height + frame), (0.025, s * width / 2, 0.0), "trim", solid=False)
        )
        parts.append(box((0.05, width, frame), (0.025, 0.0, s * height / 2), "trim", solid=False))
    parts.append(box((0.03, bar, height), (0.015, 0.0, 0.0), "trim", solid=False))
    parts.append(box((0.03, width, bar), (0.015, 0.0, 0.0), "trim", solid=False))
    parts.append(
        box((0.12, width + 0.14, 0.03), (0.06, 0.0, -height / 2 - 0.04), "trim", solid=False)
    )
    return parts


def _picture(width: float, height: float) -> list[Part]:
    inner_w, inner_h = width - 0.14, height - 0.14
    return [
        box((0.03, width, height), (0.015, 0.0, 0.0), "walnut", solid=False),
        box((0.03, width - 0.06, height - 0.06), (0.017, 0.0, 0.0), "trim", solid=False),
        box((0.03, inner_w, inner_h), (0.019, 0.0, 0.0), "window", solid=False),
        box((0.03, inner_w, inner_h * 0.40), (0.021, 0.0, -inner_h * 0.30), "leaf", solid=False),
        box((0.03, inner_w * 0.5, inner_h * 0.22), (0.022, inner_w * 0.25, -inner_h * 0.02), "paint_purple", solid=False),
        Part("cylinder", (0.14 * height, 0.14 * height, 0.03),
             (0.021, -inner_w * 0.22, inner_h * 0.25), "paint_yellow", (0.0, 1.5708, 0.0), solid=False),
    ]  # fmt: skip
