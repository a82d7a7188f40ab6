from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from squares import LABELS, picture

from diarchy.contracts.errors import BadInputError, MissingExtraError
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.learned.detector import DetectorSettings, LearnedDetector
from diarchy.perception.learned.export import export
from diarchy.perception.learned.network import NetConfig, Segmenter
from diarchy.testing import check_detector

TINY = NetConfig(3, 2, widths=(8, 16, 16, 16), class_width=16, box_width=16, prototypes=8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that was never trained and is made to see an apple everywhere."""
    torch.manual_seed(0)
    net = Segmenter(TINY)
    with torch.no_grad():
        for head in net.heads:
            head.classes.bias[0] = 2.0  # type: ignore[union-attr,index,operator]
    path = tmp_path_factory.mktemp("weights") / "tiny.onnx"
    export(net, LABELS, path, height=120, width=160)
    return path


def frame(height: int = 480, width: int = 640) -> CameraFrame:
    rgb = np.asarray(np.resize(picture(np.random.default_rng(4)).rgb, (height, width, 3)))
    return CameraFrame(
        "head_camera",
        0.0,
        rgb,
        np.full((height, width), 2.0, dtype=np.float32),
        Intrinsics.from_fovy(width, height, 50.0),
        SE3.identity(),
    )


def test_masks_have_the_size_of_the_image_whatever_its_shape(weights: Path) -> None:
    detector = LearnedDetector(weights)
    for height, width in ((480, 640), (300, 300), (120, 400)):
        found = detector.detect(frame(height, width))
        assert found
        assert all(d.mask.shape == (height, width) and d.mask.any() for d in found)
        assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)


def test_it_says_no_more_than_it_is_sure_of(weights: Path) -> None:
    sure = DetectorSettings(sure=1.0, vague=0.0, shut=1.1)
    for detection in LearnedDetector(weights, sure).detect(frame()):
        assert detection.attributes == {}
        assert detection.opening is None
        assert detection.power is None
        assert detection.instance is None


def test_it_reads_neither_depth_nor_instance_ids(weights: Path) -> None:
    detector, one = LearnedDetector(weights), frame()
    other = CameraFrame(
        "head_camera",
        0.0,
        one.rgb,
        np.zeros_like(one.depth),
        one.intrinsics,
        one.base_from_camera,
        np.ones(one.depth.shape, dtype=np.int32),
    )
    first, second = detector.detect(one), detector.detect(other)
    assert len(first) == len(second)
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(first, second, strict=True))


def test_it_keeps_the_contract_of_a_detector(weights: Path) -> None:
    # Never trained, it believes in nothing at this score, on any image.
    check_detector(LearnedDetector(weights, DetectorSettings(score=0.999)), frame())


def test_the_shipped_one_keeps_the_contract_of_a_detector() -> None:
    check_detector(LearnedDetector(), frame())


def test_one_thing_is_not_a_mug_and_a_cup_but_a_drawer_may_fill_its_dresser() -> None:
    detector = LearnedDetector()
    classes = np.array([detector.classes.index(c) for c in ("Mug", "Cup", "Dresser", "Drawer")])
    boxes = np.array([[10, 10, 40, 50], [11, 10, 40, 51]] * 2, dtype=np.float32)
    assert detector._apart(boxes, classes).tolist() == [0, 2, 3]


def test_missing_weights_say_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="train detector"):
        LearnedDetector(tmp_path / "none.onnx")


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(BadInputError, match="no ONNX file"):
        LearnedDetector(tmp_path / "bad.onnx")


def test_without_onnxruntime_the_extra_is_named(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="detect"):
        LearnedDetector(weights)


def test_an_opening_is_told_if_it_is_shut_or_surely_is_not() -> None:
    detector = LearnedDetector()

    def reading(*likely: float) -> float | None:
        return detector._opening(np.array(likely, dtype=np.float32))

    assert reading(0.6, 0.1, 0.1, 0.1, 0.1) == 0.0
    assert reading(0.0, 0.0, 0.1, 0.4, 0.5) == pytest.approx(0.85)
    assert reading(0.35, 0.2, 0.15, 0.15, 0.15) is None
    assert reading(0.0, 0.3, 0.0, 0.0, 0.7) is None
