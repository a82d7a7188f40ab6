from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from diarchy.contracts.errors import BadInputError, MissingExtraError
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.ultralytics_detector import UltralyticsDetector
from diarchy.testing import check_detector

NAMES = {0: "cup", 1: "dog"}


class FakeYolo:
    """Answers as the package does: one cup where the picture is blue, a dog beside it."""

    def __init__(self, weights: str) -> None:
        self.weights, self.names, self.asked = weights, dict(NAMES), list[dict[str, Any]]()

    def set_classes(self, words: list[str]) -> None:
        self.names = dict(enumerate(words))

    def predict(self, picture: Any, **asked: Any) -> list[Any]:
        self.asked.append(asked)
        # Blue first: a blue pixel has its largest value in the first channel.
        blue = picture[..., 0].astype(int) - picture[..., 2] > 100
        count = int(blue.any())
        boxes = SimpleNamespace(
            cls=np.array([0.0, 1.0][: 2 * count]), conf=np.array([0.6, 0.9][: 2 * count])
        )
        masks = SimpleNamespace(data=np.stack([blue, ~blue]).astype(float)) if count else None
        return [SimpleNamespace(boxes=boxes, masks=masks, names=self.names)]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = ModuleType("ultralytics")
    package.YOLO = FakeYolo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ultralytics", package)
    path = tmp_path / "yolo-test.pt"
    path.write_bytes(b"weights")
    return path


def frame() -> CameraFrame:
    rgb = np.full((48, 64, 3), 120, dtype=np.uint8)
    rgb[10:20, 30:40] = (20, 20, 220)
    depth = np.ones((48, 64), dtype=np.float32)
    return CameraFrame(
        "head_camera", 0.0, rgb, depth, Intrinsics.from_fovy(64, 48, 50.0), SE3.identity()
    )


def test_names_are_ours_and_what_has_none_is_dropped(weights: Path) -> None:
    detector = UltralyticsDetector(weights, names={"cup": "Cup"})
    (found,) = detector.detect(frame())
    assert (found.cls, found.score) == ("Cup", 0.6)
    assert found.mask[10:20, 30:40].all()
    assert found.mask.sum() == 100


def test_it_keeps_the_contract_of_a_detector(weights: Path) -> None:
    check_detector(UltralyticsDetector(weights), frame())


def test_an_open_model_looks_for_the_words_it_is_given(weights: Path) -> None:
    assert UltralyticsDetector(weights, vocabulary=["mug", "sink"]).classes == ("mug", "sink")


def test_a_closed_model_refuses_a_vocabulary(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeYolo, "set_classes")
    with pytest.raises(BadInputError, match="no vocabulary"):
        UltralyticsDetector(weights, vocabulary=["mug"])


def test_missing_weights_and_a_missing_package_say_so(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInputError, match="no ultralytics weights"):
        UltralyticsDetector(weights.with_name("none.pt"))
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(MissingExtraError, match="ultralytics"):
        UltralyticsDetector(weights)
