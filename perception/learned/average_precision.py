"""Average precision at one overlap, with truth that is to be ignored, as COCO measures it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RECALLS = np.linspace(0.0, 1.0, 101)


class Scorer:
    """Gathers detections and truth picture by picture; `average_precision` says how good they were.

    Args:
        classes: how many there are.
        overlap: intersection over union from which a detection counts.
    """

    def __init__(self, classes: int, overlap: float = 0.5) -> None:
        self._overlap = overlap
        self.truth = np.zeros(classes, dtype=np.int64)
        self._scores: list[list[float]] = [[] for _ in range(classes)]
        self._hits: list[list[bool]] = [[] for _ in range(classes)]

    def add(
        self,
        overlaps: Floats,
        found: Ints,
        scores: Floats,
        truth: Ints,
        ignored: npt.NDArray[np.bool_],
    ) -> Ints:
        """Add one picture.

        Args:
            overlaps: ``[D, G]`` of detections and truth.
            found: ``[D]`` classes of the detections.
            scores: ``[D]`` confidences.
            truth: ``[G]`` classes.
            ignored: ``[G]`` neither asked for nor held against who finds it.

        Returns:
            For each detection the truth that it was matched to, ``[D]``; -1: none.
        """
        np.add.at(self.truth, truth[~ignored], 1)
        matched = np.full(len(found), -1, dtype=np.int64)
        free = np.ones(len(truth), dtype=bool)
        for d in np.argsort(-scores, kind="stable"):
            right = (truth == found[d]) & (overlaps[d] >= self._overlap)
            asked = np.flatnonzero(right & free & ~ignored)
            if len(asked):
                matched[d] = asked[np.argmax(overlaps[d, asked])]
                free[matched[d]] = False
            elif np.any(right & ignored):
                continue
            self._scores[found[d]].append(float(scores[d]))
            self._hits[found[d]].append(bool(len(asked)))
        return matched

    def average_precision(self) -> Floats:
        """Return ``[C]``: area under precision over recall at 101 recalls; nan: no truth of that class."""
        found = [
            average_precision(np.array(s), np.array(h, dtype=bool), int(n))
            for s, h, n in zip(self._scores, self._hits, self.truth, strict=True)
        ]
        return np.array(found)


def average_precision(scores: Floats, hits: npt.NDArray[np.bool_], truth: int) -> float:
    """Average precision of detections ``[D]`` of one class of which ``truth`` are to be found."""
    if truth == 0:
        return float("nan")
    if not len(scores):
        return 0.0
    hits = hits[np.argsort(-scores, kind="stable")]
    true = np.cumsum(hits)
    recall = true / truth
    precision = true / np.arange(1, len(hits) + 1)
    # The best precision at this recall or a higher one.
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    values = np.where(at < len(envelope), envelope[np.minimum(at, len(envelope) - 1)], 0.0)
    return float(values.mean())


def box_overlaps(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> Floats:
    """Intersection over union ``[D, G]`` of corner boxes ``[D, 4]`` and ``[G, 4]``."""
    a, b = np.asarray(first, np.float64)[:, None], np.asarray(second, np.float64)[None]
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    shared = np.clip(high - low, 0.0, None).prod(-1)
    area = np.clip(a[..., 2:] - a[..., :2], 0.0, None).prod(-1)
    other = np.clip(b[..., 2:] - b[..., :2], 0.0, None).prod(-1)
    return np.asarray(shared / (area + other - shared + 1e-9))
