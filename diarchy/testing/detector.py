"""Conformance kit for `Detector`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from diarchy.contracts.entity import Detection
from diarchy.contracts.perception import Detector
from diarchy.contracts.robot import CameraFrame
from diarchy.testing.clauses import require, require_members, require_name

ORACLE = "oracle"


def check_detector(detector: Detector, frame: CameraFrame) -> None:
    """Check a detector on one image and on an empty one.

    Raises:
        AssertionError: a clause of `diarchy.contracts.perception.Detector` is broken.
    """
    require_members(detector, "Detector", ("name", "classes", "detect"))
    require_name(detector.name, "detector")
    classes = detector.classes
    require(
        isinstance(classes, tuple) and bool(classes) and len(set(classes)) == len(classes),
        "detector.classes is not a tuple of different class names",
        "list every class it can name exactly once",
    )
    before = _bytes(frame)
    found = detector.detect(frame)
    require(
        _bytes(frame) == before,
        "detect changed the image it was given",
        "work on a copy: other consumers read the same frame",
    )
    _require_detections(detector, found, frame)
    _require_repeatable(detector, frame, found)
    _require_only_what_a_camera_gives(detector, frame, found)
    nothing = detector.detect(_blank(frame))
    require(
        len(nothing) == 0,
        f"an empty image gave {len(nothing)} detection(s)",
        "return an empty sequence when nothing is seen; raise the score threshold if it imagines things",
    )


def _require_detections(detector: Detector, found: Sequence[Detection], frame: CameraFrame) -> None:
    for d in found:
        require(
            d.cls in detector.classes,
            f"it detected the class {d.cls!r}, which detector.classes does not list",
            "list it, or map it to a class that is listed",
        )
        require(
            0.0 <= d.score <= 1.0,
            f"the score of {d.cls} is {d.score}, not in [0, 1]",
            "return a probability or confidence in [0, 1]",
        )
        require(
            d.mask.dtype == np.bool_ and d.mask.shape == frame.depth.shape,
            f"the mask of {d.cls} is {d.mask.dtype}{list(d.mask.shape)}, "
            f"the image has {list(frame.depth.shape)}",
            "return a bool mask of the size of the image it was given",
        )
        require(
            bool(d.mask.any()),
            f"the mask of {d.cls} is empty",
            "drop detections that cover no pixel",
        )
        require(
            d.instance is None or detector.name == ORACLE,
            f"it names the instance {d.instance!r}, which no camera can see",
            f"leave instance None, or call the detector '{ORACLE}' if it reads the simulator",
        )
    scores = [d.score for d in found]
    require(
        scores == sorted(scores, reverse=True),
        "detections are not in order of their score",
        "sort them, best first",
    )


def _require_repeatable(detector: Detector, frame: CameraFrame, found: Sequence[Detection]) -> None:
    require(
        _same(found, detector.detect(frame)),
        "the same image gave two different answers",
        "seed what is random, and keep no state between calls",
    )


def _require_only_what_a_camera_gives(
    detector: Detector, frame: CameraFrame, found: Sequence[Detection]
) -> None:
    if detector.name == ORACLE or frame.instance_ids is None:
        return
    camera_only = replace(frame, instance_ids=None)
    require(
        _same(found, detector.detect(camera_only)),
        "without the simulator's instance ids it sees something else, so it reads them",
        f"use the colour and depth alone, or call the detector '{ORACLE}'",
    )


def _same(first: Sequence[Detection], second: Sequence[Detection]) -> bool:
    return len(first) == len(second) and all(
        a.cls == b.cls
        and a.score == b.score
        and a.attributes == b.attributes
        and np.array_equal(a.mask, b.mask)
        for a, b in zip(first, second, strict=True)
    )


def _blank(frame: CameraFrame) -> CameraFrame:
    ids = None if frame.instance_ids is None else np.full_like(frame.instance_ids, -1)
    return replace(
        frame,
        rgb=np.full_like(frame.rgb, 235),
        depth=np.full_like(frame.depth, 3.0),
        instance_ids=ids,
    )


def _bytes(frame: CameraFrame) -> tuple[bytes, bytes]:
    return frame.rgb.tobytes(), frame.depth.tobytes()
