"""Coloured squares on grey, as a data set that needs no simulator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from diarchy.perception.learned.labels import NAME, Labels
from diarchy.perception.learned.shards import HEIGHT, WIDTH, Picture, Pictures, write
from diarchy.perception.learned.store import Store

LABELS = Labels(
    classes=("Apple", "Fridge", "Person"),
    colors=("red", "green"),
    movable=("Apple",),
    max_opening={"Fridge": 2.0},
    switched=(),
)
_PAINT = ((200, 30, 30), (40, 150, 50))


def picture(rng: np.random.Generator, things: int = 3) -> Picture:
    """Squares are apples; the last one is a fridge, half open."""
    rgb = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
    ids = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    rows = []
    for i in range(1, things + 1):
        side = int(rng.integers(60, 140))
        x, y = int(rng.integers(WIDTH - side)), int(rng.integers(HEIGHT - side))
        color = int(rng.integers(2))
        rgb[y : y + side, x : x + side] = _PAINT[color] if i < things else (235, 235, 240)
        ids[y : y + side, x : x + side] = i
        apple = i < things
        looks = [color, 0.0, 1.0, -1.0, -1.0] if apple else [-1.0, -1.0, -1.0, -1.0, 0.5]
        rows.append([i, 0.0 if apple else 1.0, 1.0, *looks, float(side * side)])
    kept = [r for r in rows if np.any(ids == r[0])]
    return Picture(rgb, ids, np.array(kept, dtype=np.float32), "squares")


def data_set(folder: Path, count: int = 4, seed: int = 0) -> Path:
    """Write ``train`` and ``held_out``, the same pictures in both."""
    rng = np.random.default_rng(seed)
    pictures = [picture(rng) for _ in range(count)]
    for part in ("train", "held_out"):
        (folder / part).mkdir(parents=True)
        write(folder / part / "squares.npz", pictures)
    (folder / NAME).write_text(LABELS.dumps(), encoding="utf-8")
    return folder


def store_of(count: int) -> Store:
    """A store of so many pictures."""
    rng = np.random.default_rng(5)
    made = [picture(rng) for _ in range(count)]
    rows = np.concatenate([np.insert(p.rows, 0, i, 1) for i, p in enumerate(made)])
    pictures = Pictures(
        np.stack([p.rgb for p in made]), np.stack([p.ids for p in made]), rows.astype(np.float32)
    )
    return Store(pictures, LABELS, torch.device("cpu"))
