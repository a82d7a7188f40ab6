"""The detector kit passes a good detector and says what is broken about each bad one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from diarchy.contracts.entity import Detection
from diarchy.contracts.perception import Detector
from diarchy.contracts.robot import CameraFrame
from diarchy.testing import check_detector, sample_frame


class RedThings:
    """Detects what is red; a real, if modest, detector."""

    name = "red"
    classes: tuple[str, ...] = ("Mug",)

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        mask = (frame.rgb[..., 0] > 150) & (frame.rgb[..., 1] < 80)
        return [Detection("Mug", 0.9, mask)] if mask.any() else []


class Spoilt(RedThings):
    """A red detector whose answer is spoilt afterwards."""

    def __init__(
        self, spoil: Callable[[list[Detection], CameraFrame], Sequence[Detection]]
    ) -> None:
        self._spoil = spoil

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        return self._spoil(list(super().detect(frame)), frame)


def each(**changes: object) -> Detector:
    return Spoilt(lambda found, _: [replace(d, **changes) for d in found])  # type: ignore[arg-type]


def paints(found: list[Detection], frame: CameraFrame) -> Sequence[Detection]:
    frame.rgb[0, 0] = 0
    return found


def reads_the_simulator(found: list[Detection], frame: CameraFrame) -> Sequence[Detection]:
    return [] if frame.instance_ids is None else found


def imagines(found: list[Detection], frame: CameraFrame) -> Sequence[Detection]:
    return found or [Detection("Mug", 0.5, np.ones(frame.depth.shape, dtype=bool))]


def worst_first(found: list[Detection], _: CameraFrame) -> Sequence[Detection]:
    return [replace(d, score=0.1) for d in found] + found


class Restless(RedThings):
    """Never the same answer twice."""

    def __init__(self) -> None:
        self._calls = 0

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        self._calls += 1
        return [replace(d, score=0.9 / self._calls) for d in super().detect(frame)]


class Nameless(RedThings):
    """Has no name."""

    name = " "


class NoClasses(RedThings):
    """Names no class."""

    classes = ()


def test_a_good_detector_passes() -> None:
    check_detector(RedThings(), sample_frame())


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        pytest.param(object(), "is no Detector", id="lacks its members"),
        pytest.param(Nameless(), "not a name", id="has no name"),
        pytest.param(NoClasses(), "tuple of different class names", id="lists no classes"),
        pytest.param(each(cls="Dragon"), "does not list", id="names a class it does not list"),
        pytest.param(each(score=1.5), "not in", id="is more than certain"),
        pytest.param(each(mask=np.ones((2, 2), bool)), "the image has", id="mask of another size"),
        pytest.param(each(mask=np.zeros((120, 160), bool)), "is empty", id="mask without a pixel"),
        pytest.param(each(instance="mug_7"), "no camera can see", id="knows the instance"),
        pytest.param(Spoilt(paints), "changed the image", id="paints on the image"),
        pytest.param(Spoilt(worst_first), "order of their score", id="worst first"),
        pytest.param(Spoilt(imagines), "an empty image gave 1", id="imagines things"),
        pytest.param(Spoilt(reads_the_simulator), "so it reads them", id="reads the simulator"),
        pytest.param(Restless(), "two different answers", id="never answers the same twice"),
    ],
)
def test_the_kit_says_what_is_wrong_with_a_detector_that(detector: Detector, words: str) -> None:
    with pytest.raises(AssertionError, match=words) as caught:
        check_detector(detector, sample_frame())
    assert "To mend it: " in str(caught.value)
