"""From what the network says to boxes and masks, in NumPy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


STRIDES = (10, 20, 40)
NEAREST = -1.0
"""Of a box's sides, in strides: see `network.NEAREST`."""


def grid(height: int, width: int) -> tuple[Floats, Floats]:
    """Centres ``[A, 2]`` px and strides ``[A]`` px of the cells of a picture, as `network.cells` has them."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[: height // stride, : width // stride]
        centres.append((np.stack([x.ravel(), y.ravel()], 1) + 0.5) * stride)
        strides.append(np.full(x.size, stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(strides).astype(np.float32)


def boxes_of(sides: Floats, centres: Floats, strides: Floats) -> Floats:
    """Expected boxes ``[N, 4]`` of the logits ``[4 * bins, N]`` of cells ``[N, 2]`` with their strides ``[N]``."""
    logits = sides.reshape(4, sides.shape[0] // 4, sides.shape[1])
    likely = softmax(logits, 1)
    values = np.arange(logits.shape[1], dtype=np.float32) + NEAREST
    reach = np.einsum("sbn,b->ns", likely, values) * strides[:, None]
    return np.concatenate([centres - reach[:, :2], centres + reach[:, 2:]], 1)


def softmax(logits: Floats, axis: int) -> Floats:
    """Probabilities along an axis."""
    high = np.exp(logits - logits.max(axis, keepdims=True))
    return np.asarray(high / high.sum(axis, keepdims=True))


def select(scores: Floats, *, least: float, most: int) -> tuple[Ints, Ints]:
    """Choose what to look at: cells and classes ``[N]`` of ``scores`` ``[C, A]`` from ``least`` on, best first.

    At most twenty for each of the ``most`` things that will be kept.
    """
    cls, cell = np.nonzero(scores >= least)
    order = np.argsort(-scores[cls, cell], kind="stable")[: 20 * most]
    return cell[order], cls[order]


def suppress(boxes: Floats, cls: Ints, overlap: float, most: int) -> Ints:
    """Indices of the boxes ``[N, 4]``, best first, that none of the same class before them covers."""
    low, high = boxes[:, :2], boxes[:, 2:]
    area = np.clip(high - low, 0.0, None).prod(1)
    alive = np.ones(len(boxes), dtype=bool)
    kept: list[int] = []
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        kept.append(i)
        if len(kept) == most:
            break
        rest = i + 1 + np.flatnonzero(alive[i + 1 :] & (cls[i + 1 :] == cls[i]))
        edges = np.minimum(high[i], high[rest]) - np.maximum(low[i], low[rest])
        shared = np.clip(edges, 0.0, None).prod(1)
        alive[rest[shared > overlap * (area[i] + area[rest] - shared)]] = False
    return np.array(kept, dtype=np.int64)


def paint(
    weights: Floats,
    prototypes: Floats,
    box: Floats,
    size: tuple[int, int],
    scale: tuple[float, float],
) -> npt.NDArray[np.bool_]:
    """Draw the mask of one thing at the size of the camera's image.

    Args:
        weights: ``[P]``.
        prototypes: ``[P, h, w]``.
        box: ``[4]`` corners in px of the image.
        size: height and width of the image.
        scale: px of the image per cell of the prototypes, down and right.

    Returns:
        ``[H, W]`` bool, false outside the box.
    """
    height, width = size
    mask = np.zeros((height, width), dtype=bool)
    left, top = (max(0, int(np.floor(v))) for v in box[:2])
    right, bottom = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    if right <= left or bottom <= top:
        return mask
    rows, down = _between(top, bottom, scale[0], prototypes.shape[1])
    columns, along = _between(left, right, scale[1], prototypes.shape[2])
    part = prototypes[:, rows.start : rows.stop, columns.start : columns.stop]
    logits = np.tensordot(weights, part, 1)
    mask[top:bottom, left:right] = down @ logits @ along.T > 0.0
    return mask


def _between(begin: int, end: int, scale: float, length: int) -> tuple[range, Floats]:
    """Linear interpolation of pixels ``begin`` to ``end`` from cells: which cells, and ``[N, cells]`` weights."""
    at = np.clip((np.arange(begin, end) + 0.5) / scale - 0.5, 0.0, length - 1.0)
    first, last = int(np.floor(at[0])), min(length - 1, int(np.floor(at[-1])) + 1)
    low = np.minimum(np.floor(at).astype(np.int64), last) - first
    part = (at - np.floor(at)).astype(np.float32)
    weights = np.zeros((end - begin, last - first + 1), dtype=np.float32)
    rows = np.arange(end - begin)
    weights[rows, low] = 1.0 - part
    inner = low < last - first
    weights[rows[inner], low[inner] + 1] += part[inner]
    weights[rows[~inner], low[~inner]] = 1.0
    return range(first, last + 1), weights
