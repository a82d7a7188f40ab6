"""Makes the pictures that the detector is trained on: random homes through the robot's own cameras.

    diarchy collect detector --episodes 200 --out data/detector

An episode is a home. Training pictures go to ``train/``, those of the held-out layouts to ``held_out/``. Shards
that exist are not made again.

What counts as ground truth: a movable thing of at least 60 visible pixels (of 640 by 480) that shows at
least a fifth of its outline; a fixture or person of at least 400 pixels and a twentieth of its outline, or of 6000
pixels. Whatever shows less, or fills more than 92% of the picture, is neither asked for nor held against the
detector.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.agent.learning.photos import HAND, HEAD, Photographer
from diarchy.agent.learning.random_homes import ATTEMPTS, random_home
from diarchy.contracts.entity import class_words
from diarchy.contracts.errors import BadInputError, DiarchyError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.learned.labels import CLEANLINESS, NAME, TEMPERATURES, Labels
from diarchy.perception.learned.shards import HEIGHT, WIDTH, Picture, count_classes, write
from diarchy.robots.home.catalog import FIXTURE_CLASSES, OBJECT_CLASSES
from diarchy.robots.home.household import SWITCHED
from diarchy.robots.home.instances import InstanceLabel
from diarchy.robots.home.looks import COLOURS

_LOG = logging.getLogger(__name__)
FIRST_SEED, HELD_OUT_SEED = 300_000, 390_000
VIEWS, ARRANGEMENTS, STATE_VIEWS = 24, 2, 3
"""Pictures of a home, how often its things are put elsewhere, and how often its states change."""
OBJECT_RULE, FIXTURE_RULE, LARGE, FILLED = (60, 0.20), (400, 0.05), 6000, 0.92
_KINDS = ("object", "fixture", "person", "held", "hand", "any")
_SHARES = (0.56, 0.15, 0.04, 0.08, 0.09, 0.08)


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


def collect(out: Path, homes: int, *, first_seed: int | None = None, held_out: bool = False) -> int:
    """Take pictures of so many homes, a shard each; returns how many pictures there are."""
    labels = home_labels()
    folder = out / ("held_out" if held_out else "train")
    folder.mkdir(parents=True, exist_ok=True)
    (out / NAME).write_text(labels.dumps(), encoding="utf-8")
    first = first_seed if first_seed is not None else HELD_OUT_SEED if held_out else FIRST_SEED
    total = 0
    for seed in range(first, first + homes):
        path = folder / f"home-{seed:06d}.npz"
        if not path.exists():
            try:
                counts = count_classes(folder, len(labels.classes))
                pictures = list(photograph(seed, labels, counts, held_out=held_out))
            except DiarchyError as error:
                _LOG.info("seed %d was left out: %s", seed, error)
                continue
            write(path, pictures)
            total += len(pictures)
        _LOG.info("%s: %d new pictures so far", path.name, total)
    return total


def photograph(
    seed: int,
    labels: Labels,
    counts: npt.NDArray[np.int64],
    *,
    held_out: bool = False,
    views: int = VIEWS,
) -> Iterator[Picture]:
    """Take pictures of one home; classes that ``counts`` ``[C]`` says are rare are looked at more."""
    robot = _furnished(seed, held_out)
    rng = np.random.default_rng([seed, 43])
    with closing(robot):
        robot.prepare(rng)
        taken = tried = 0
        while taken < views and tried < 3 * views:
            if tried and tried % (views // ARRANGEMENTS or 1) == 0:
                robot.rearrange()
            if tried % STATE_VIEWS == 0:
                robot.shuffle_states()
            tried += 1
            picture = _take(robot, labels, counts, rng)
            if picture is not None:
                for cls in picture.rows[picture.rows[:, 2] > 0, 1].astype(int):
                    counts[cls] += 1
                taken += 1
                yield picture


def _furnished(seed: int, held_out: bool) -> Photographer:
    for attempt in range(ATTEMPTS):
        try:
            scene = random_home(seed, held_out=held_out, attempt=attempt)
            return Photographer(scene, seed, odometry_noise=False)
        except BadInputError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _take(
    robot: Photographer, labels: Labels, counts: npt.NDArray[np.int64], rng: np.random.Generator
) -> Picture | None:
    """One picture, or None if what it was to show is hidden."""
    kind = str(rng.choice(_KINDS, p=_SHARES))
    shown = robot.instances
    group = {"held": "object", "hand": "object"}.get(kind, kind)
    choices = [i for i, label in shown.items() if label.kind == group]
    restore, camera, target = robot.remember(), HEAD, None
    if kind == "any" or not choices:
        robot.look_about()
    else:
        weights = np.array(
            [1.0 / (counts[labels.classes.index(shown[i].cls)] + 5) for i in choices]
        )
        target = int(rng.choice(choices, p=weights / weights.sum()))
        camera = _aim(robot, kind, shown[target], rng)
    frame = robot.frame(camera)
    picture = picture_of(frame, robot, labels)
    wanted = target is None or bool(np.any(picture.ids == target + 1))
    restore()
    return _compact(picture) if wanted else None


def _aim(robot: Photographer, kind: str, label: InstanceLabel, rng: np.random.Generator) -> str:
    """Put the robot before a thing; returns the camera that sees it."""
    point, size = _centre(robot, label)
    if kind == "hand":
        robot.reach_out(point)
        return HAND
    if kind == "held":
        robot.look_about()
        robot.hold(label.entity_id)
        robot.look_at(robot.truth.gripper().translation)
        return HEAD if rng.random() < 0.8 else HAND
    if kind == "object":
        robot.stand_before(point, 0.45, 3.2 if max(size) > 0.1 else 2.4)
    else:
        robot.stand_before(point, 0.6, 4.0)
    return HEAD


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
    size = _centre(robot, label)[1]
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


def _centre(robot: Photographer, label: InstanceLabel) -> tuple[FloatArray, tuple[float, ...]]:
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


def _compact(picture: Picture) -> Picture:
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
