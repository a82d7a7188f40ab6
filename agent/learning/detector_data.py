"""Makes the pictures that the detector is trained on: random homes through the robot's own cameras.

    diarchy collect detector --episodes 200 --out data/detector

An episode is a home. Training pictures go to ``train/``, those of the held-out layouts to ``held_out/``. Shards
that exist are not made again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from diarchy.agent.learning.labelling import centre_of, compact, home_labels, picture_of
from diarchy.agent.learning.photos import HAND, HEAD, Photographer
from diarchy.agent.learning.random_homes import ATTEMPTS, random_home
from diarchy.contracts.errors import BadInputError, DiarchyError
from diarchy.perception.learned.labels import NAME, Labels
from diarchy.perception.learned.shards import Picture, count_classes, write
from diarchy.robots.home.instances import InstanceLabel

_LOG = logging.getLogger(__name__)
FIRST_SEED, HELD_OUT_SEED = 300_000, 390_000
VIEWS, ARRANGEMENTS, STATE_VIEWS = 24, 2, 3
"""Pictures of a home, how often its things are put elsewhere, and how often its states change."""
_KINDS = ("object", "fixture", "person", "held", "hand", "any")
_SHARES = (0.56, 0.15, 0.04, 0.08, 0.09, 0.08)


def collect(
    out: Path,
    homes: int,
    *,
    first_seed: int | None = None,
    held_out: bool = False,
    step: int = 1,
    views: int = VIEWS,
    quick: bool = False,
) -> int:
    """Take pictures of so many homes, a shard each; returns how many pictures there are.

    Several processes share the work if each takes every ``step``-th seed; ``quick``: see `shards.write`.
    """
    labels = home_labels()
    folder = out / ("held_out" if held_out else "train")
    folder.mkdir(parents=True, exist_ok=True)
    (out / NAME).write_text(labels.dumps(), encoding="utf-8")
    first = first_seed if first_seed is not None else HELD_OUT_SEED if held_out else FIRST_SEED
    total = 0
    for seed in range(first, first + step * homes, step):
        path = folder / f"home-{seed:06d}.npz"
        if not path.exists():
            try:
                counts = count_classes(folder, len(labels.classes))
                pictures = list(photograph(seed, labels, counts, held_out=held_out, views=views))
            except DiarchyError as error:
                _LOG.info("seed %d was left out: %s", seed, error)
                continue
            write(path, pictures, quick=quick)
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
    return compact(picture) if wanted else None


def _aim(robot: Photographer, kind: str, label: InstanceLabel, rng: np.random.Generator) -> str:
    """Put the robot before a thing; returns the camera that sees it."""
    point, size = centre_of(robot, label)
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
