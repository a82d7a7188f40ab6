"""The truth about a picture of the simulated home: who is where in it, and what counts as seen.

What counts as ground truth: a movable thing of at least 60 visible pixels (of 640 by 480) that shows at
least a fifth of its outline; a fixture or person of at least 400 pixels and a twentieth of its outline, or of 6000
pixels. Whatever shows less, or fills more than 92% of the picture, is neither asked for nor held against the
detector.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diarchy.agent.learning.photos import Photographer
from diarchy.contracts.entity import class_words
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.learned.labels import CLEANLINESS, TEMPERATURES, Labels
from diarchy.perception.learned.shards import HEIGHT, WIDTH, Picture
from diarchy.robots.home.catalog import FIXTURE_CLASSES, OBJECT_CLASSES
from diarchy.robots.home.household import SWITCHED
from diarchy.robots.home.instances import InstanceLabel
from diarchy.robots.home.looks import COLOURS

OBJECT_RULE, FIXTURE_RULE, LARGE, FILLED = (60, 0.20), (400, 0.05), 6000, 0.92


def home_labels() -> Labels:
    """What there is to be named in the simulated home."""
    models = [build() for build in FIXTURE_CLASSES.values()]
    parts = {child.cls: child.model for model in models for child in model.children}
    fixtures = {**dict(zip(FIXTURE_CLASSES, models, strict=True)), **parts}
    opening: dict[str, float] = {}
    for cls, model in fixtures.items():
        if model.door is not None:
            opening[cls] = float(model.door.max_angle)
        elif model.slide is not None:
            opening[cls] = float(model.slide.travel)
    return Labels(
        classes=(*sorted(OBJECT_CLASSES), *sorted(fixtures), "Person"),
        colors=tuple(COLOURS),
        movable=tuple(sorted(OBJECT_CLASSES)),
        max_opening=opening,
        switched=tuple(sorted(c for c in fixtures if c in SWITCHED)),
    )


def picture_of(frame: CameraFrame, robot: Photographer, labels: Labels) -> Picture:
    """Scale a frame to what the network looks at and write down the truth about it; ids are not compact."""
    from PIL import Image

    assert frame.instance_ids is not None
    size = (WIDTH, HEIGHT)
    rgb = np.asarray(Image.fromarray(frame.rgb).resize(size, Image.Resampling.BILINEAR))
    shifted = Image.fromarray((frame.instance_ids + 1).astype(np.uint8))
    ids = np.asarray(shifted.resize(size, Image.Resampling.NEAREST))
    seen, pixels = np.unique(frame.instance_ids, return_counts=True)
    camera = robot.camera_pose(frame.name)
    rows = [
        _row(i, count, robot, labels, frame, camera)
        for i, count in zip(seen.tolist(), pixels.tolist(), strict=True)
        if i >= 0
    ]
    table = np.array(rows, dtype=np.float32).reshape(-1, 9)
    return Picture(rgb, ids, table, robot.scene.layout or robot.scene.name)


def _row(
    i: int, pixels: int, robot: Photographer, labels: Labels, frame: CameraFrame, camera: SE3
) -> list[float]:
    label = robot.instances[i]
    size = centre_of(robot, label)[1]
    outline = outline_area(_pose(robot, label), np.array(size), camera, frame)
    least, share = OBJECT_RULE if label.kind == "object" else FIXTURE_RULE
    kept = pixels >= least and (pixels >= share * outline or pixels >= LARGE)
    kept = kept and pixels <= FILLED * frame.depth.size
    color, heat, dirt = -1.0, -1.0, -1.0
    if label.kind == "object":
        found = label.attributes
        color = float(labels.colors.index(found["color"]))
        heat = float(("", *TEMPERATURES).index(found.get("temperature", "")))
        dirt = float(("", *CLEANLINESS).index(found.get("cleanliness", "")))
    power = -1.0 if label.power is None else float(label.power)
    most = labels.max_opening.get(label.cls, 0.0)
    opening = -1.0 if label.opening is None or not most else min(1.0, label.opening / most)
    cls = float(labels.classes.index(label.cls))
    return [i + 1.0, cls, float(kept), color, heat, dirt, power, opening, float(pixels)]


def outline_area(pose: SE3, size: FloatArray, camera: SE3, frame: CameraFrame) -> float:
    """Pixels in the outline of a box as if nothing hid it and the image went on; 0 if it is beside the camera."""
    from scipy.spatial import ConvexHull, QhullError

    signs = np.array(np.meshgrid([-0.5, 0.5], [-0.5, 0.5], [-0.5, 0.5])).reshape(3, -1).T
    corners = camera.inverse().apply(pose.apply(signs * size))
    if corners[:, 2].min() < 0.05:
        return 0.0
    try:
        return float(ConvexHull(frame.intrinsics.project(corners)).volume)
    except QhullError:
        return 0.0


def centre_of(robot: Photographer, label: InstanceLabel) -> tuple[FloatArray, tuple[float, ...]]:
    """Middle ``[3]`` m in ``map`` and full size of a thing."""
    if label.kind == "object":
        return robot.truth.centre(label.entity_id), OBJECT_CLASSES[label.cls].extent
    entity = _entity(robot, label)
    return np.array(entity.position), entity.extent


def _pose(robot: Photographer, label: InstanceLabel) -> SE3:
    """``map_from_box`` of a thing's middle."""
    if label.kind == "object":
        return SE3(robot.truth.pose(label.entity_id).rotation, robot.truth.centre(label.entity_id))
    pose: SE3 = _entity(robot, label).pose()
    return pose


def _entity(robot: Photographer, label: InstanceLabel) -> Any:
    if label.kind == "fixture":
        return robot.static_map.fixtures[label.entity_id].entity
    return next(p for p in robot.static_map.people if p.id == label.entity_id)


def compact(picture: Picture) -> Picture:
    """Number what is seen 1, 2, 3 ...; what got lost in scaling has no row."""
    table = np.zeros(256, dtype=np.uint8)
    rows = picture.rows[np.isin(picture.rows[:, 0], np.unique(picture.ids))].copy()
    table[rows[:, 0].astype(int)] = np.arange(1, len(rows) + 1)
    rows[:, 0] = np.arange(1, len(rows) + 1)
    return Picture(picture.rgb, table[picture.ids], rows, picture.source)


def describe(row: FloatArray, labels: Labels) -> str:
    """Words for one row of the table: "dirty red mug"."""
    words = []
    if row[3] >= 0:
        states = (("", *TEMPERATURES)[int(row[4])], ("", *CLEANLINESS)[int(row[5])])
        words = [s for s in states if s] + [labels.colors[int(row[3])]]
    words.append(class_words(labels.classes[int(row[1])]))
    if row[6] >= 0:
        words.append("on" if row[6] else "off")
    if row[7] >= 0:
        words.append(f"open {row[7]:.2f}")
    return " ".join(words)
