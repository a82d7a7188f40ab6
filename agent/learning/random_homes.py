"""Homes to take pictures of: the shipped layouts and rooms furnished at random, full of things."""

from __future__ import annotations

from typing import Any

import numpy as np

from diarchy.robots.home.catalog import FIXTURE_CLASSES, FLOORS, LIGHTING, OBJECT_CLASSES, STYLES
from diarchy.robots.home.scene import Scene, layout_names, numbered, parse_scene, with_children

HELD_OUT = ("linden", "mill")
"""Layouts that no training picture shows."""
STUDIO = "studio"
_STUDIOS = 0.45
"""Share of training homes that are furnished at random."""
_FULL = ((26, 5), (22, 4), (20, 2), (16, 1), (12, 0), (8, 0))
"""Things on open surfaces and others in containers, by attempt."""
ATTEMPTS = len(_FULL)
_BETWEEN = ("DiningTable", "CoffeeTable")
_ALONG = tuple(c for c in FIXTURE_CLASSES if c not in _BETWEEN)
_KEEPERS = ("SinkBasin", "Fridge", "Microwave", "Cabinet", "Drawer", "GarbageCan", "CoffeeMachine")


def random_home(seed: int, *, held_out: bool = False, attempt: int = 0) -> Scene:
    """Draw a home full of things, everything randomised; ``held_out``: in a held-out layout.

    A later ``attempt`` is the same home with fewer things, for when they found no room.

    Raises:
        BadInputError: the scene is not consistent.
    """
    rng = np.random.default_rng([seed, 41])
    base = _held_out(rng) if held_out else _training(rng)
    count, more = _FULL[min(attempt, len(_FULL) - 1)]
    content = {**base, "objects": _things(base, count, more, rng), "randomize": "all"}
    return parse_scene(content, f"home {seed}", seed)


def _held_out(rng: np.random.Generator) -> dict[str, Any]:
    return {"name": "photo", "layout": HELD_OUT[int(rng.integers(len(HELD_OUT)))]}


def _training(rng: np.random.Generator) -> dict[str, Any]:
    if rng.random() < _STUDIOS:
        return _studio(rng)
    names = [n for n in layout_names() if n not in HELD_OUT]
    return {"name": "photo", "layout": names[int(rng.integers(len(names)))]}


def _studio(rng: np.random.Generator) -> dict[str, Any]:
    """One room with furniture along its walls, a table or two between, and a person."""
    wide, deep = (float(v) for v in rng.uniform(4.6, 6.4, 2))
    room = {
        "bounds": [0.0, 0.0, wide, deep],
        "floor": FLOORS[int(rng.integers(len(FLOORS)))],
    }
    fixtures = _along_walls(wide, deep, rng)
    x, y = wide / 2 + float(rng.uniform(-0.2, 0.2)), deep / 2 + float(rng.uniform(-0.2, 0.2))
    table = _BETWEEN[int(rng.integers(2))]
    fixtures.append(_fixture(table, x, y, float(rng.choice([0, 90, 180, 270]))))
    start = {"x": wide / 2 + 1.1 if wide > deep else wide / 2, "yaw_deg": 0.0}
    start["y"] = deep / 2 if wide > deep else deep / 2 + 1.1
    person = {
        "x": wide - start["x"],
        "y": deep - start["y"],
        "yaw_deg": float(rng.uniform(-180, 180)),
    }
    return {
        "name": STUDIO,
        "rooms": {"room": room},
        "fixtures": fixtures,
        "people": [person],
        "style": sorted(STYLES)[int(rng.integers(len(STYLES)))],
        "lighting": sorted(LIGHTING)[int(rng.integers(len(LIGHTING)))],
        "robot": start,
    }


def _along_walls(wide: float, deep: float, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Fill each wall from a corner on, with gaps, every class about equally often."""
    # Length, a point on it and its inward normal, the direction along it, where furniture looks.
    walls = (
        (wide, (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), 90.0),
        (wide, (0.0, deep), (0.0, -1.0), (1.0, 0.0), -90.0),
        (deep, (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), 0.0),
        (deep, (wide, 0.0), (-1.0, 0.0), (0.0, 1.0), 180.0),
    )
    waiting = [str(c) for c in rng.permutation(_ALONG)]
    found = []
    for i, (length, begin, inward, direction, yaw) in enumerate(walls):
        # The corners belong to the first two walls.
        along = (0.15 if i < 2 else 0.95) + float(rng.uniform(0.0, 0.3))
        end = length - (0.15 if i < 2 else 0.95)
        for cls in list(waiting):
            size = FIXTURE_CLASSES[cls]().size
            if size[0] > 1.2 or along + size[1] > end:
                continue
            out, side = 0.07 + size[0] / 2, along + size[1] / 2
            x, y = (
                b + out * i + side * d for b, i, d in zip(begin, inward, direction, strict=True)
            )
            found.append(_fixture(cls, x, y, yaw))
            waiting.remove(cls)
            along += size[1] + float(rng.uniform(0.08, 0.5))
    return found


def _fixture(cls: str, x: float, y: float, yaw: float) -> dict[str, Any]:
    return {"class": cls, "x": x, "y": y, "yaw_deg": yaw}


def _things(
    base: dict[str, Any], count: int, more: int, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Different things on open surfaces; ``more`` in containers and on each other."""
    classes = [str(c) for c in rng.permutation(list(OBJECT_CLASSES))]
    things = [{"class": c, "color": "random", "where": "random"} for c in classes[:count]]
    holders = [n for n in numbered(classes[:count]) if OBJECT_CLASSES[_cls(n, classes)].holds]
    keepers = [n for n in _places(base) if n.rpartition("_")[0] in map(_snake, _KEEPERS)]
    small = [c for c, o in OBJECT_CLASSES.items() if o.footprint < 0.05]
    for _ in range(more):
        where = str(
            rng.choice(holders if holders and rng.random() < 0.3 else keepers or ["random"])
        )
        among = small if where != "random" else list(OBJECT_CLASSES)
        things.append({"class": str(rng.choice(among)), "color": "random", "where": where})
    return things


def _places(base: dict[str, Any]) -> list[str]:
    from diarchy.robots.home.scene import load_layout

    if "layout" in base:
        return list(load_layout(base["layout"]).place_ids)
    return list(numbered(c for f in base["fixtures"] for c in with_children(f["class"])))


def _cls(name: str, classes: list[str]) -> str:
    return next(c for c in classes if _snake(c) == name.rpartition("_")[0])


def _snake(cls: str) -> str:
    from diarchy.robots.home.scene import snake

    return snake(cls)
