from __future__ import annotations

import numpy as np
import pytest

from diarchy.perception.learned.average_precision import (
    Scorer,
    average_precision,
    box_overlaps,
)


def test_perfect_detections_score_one_and_none_score_zero() -> None:
    assert average_precision(np.array([0.9, 0.8]), np.array([True, True]), 2) == 1.0
    assert average_precision(np.array([]), np.array([], dtype=bool), 3) == 0.0
    assert np.isnan(average_precision(np.array([0.5]), np.array([False]), 0))


def test_a_worked_example() -> None:
    # Right, wrong, right of two: precision 1 up to recall 0.5 (51 of 101 points), then 2/3.
    found = average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 2)
    assert found == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_low_confidence_mistake_costs_nothing_a_high_one_does() -> None:
    low = average_precision(np.array([0.9, 0.1]), np.array([True, False]), 1)
    high = average_precision(np.array([0.1, 0.9]), np.array([True, False]), 1)
    assert low == 1.0
    assert high == pytest.approx(0.5)


def _add(
    scorer: Scorer, found: list[list[float]], truth: list[list[float]], **kw: object
) -> object:
    boxes, real = np.array(found, dtype=float), np.array(truth, dtype=float)
    return scorer.add(
        box_overlaps(boxes.reshape(-1, 4), real.reshape(-1, 4)),
        np.array(kw.get("cls", [0] * len(found)), dtype=np.int64),
        np.array(kw.get("scores", [0.9] * len(found)), dtype=float),
        np.zeros(len(truth), dtype=np.int64),
        np.array(kw.get("ignored", [False] * len(truth)), dtype=bool),
    )


def test_two_detections_of_one_thing_are_one_hit_and_one_mistake() -> None:
    scorer = Scorer(1)
    matched = _add(scorer, [[0, 0, 10, 10], [0, 0, 10, 9]], [[0, 0, 10, 10]], scores=[0.8, 0.9])
    assert list(matched) == [-1, 0]  # type: ignore[call-overload]
    assert scorer.average_precision()[0] == 1.0


def test_the_wrong_class_is_a_mistake() -> None:
    scorer = Scorer(2)
    _add(scorer, [[0, 0, 10, 10]], [[0, 0, 10, 10]], cls=[1])
    found = scorer.average_precision()
    assert found[0] == 0.0
    assert np.isnan(found[1])


def test_what_is_ignored_is_neither_asked_for_nor_held_against_who_finds_it() -> None:
    scorer = Scorer(1)
    truth = [[0, 0, 10, 10], [50, 50, 60, 60]]
    _add(scorer, truth, truth, scores=[0.5, 0.9], ignored=[False, True])
    assert scorer.truth[0] == 1
    assert scorer.average_precision()[0] == 1.0


def test_overlap_of_boxes() -> None:
    found = box_overlaps(np.array([[0, 0, 10, 10.0]]), np.array([[0, 0, 10, 10], [5, 0, 15, 10.0]]))
    np.testing.assert_allclose(found, [[1.0, 1 / 3]], atol=1e-6)
