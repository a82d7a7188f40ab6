"""Every piece of furniture of a scene, and what is built into it, each with its id and its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.fixtures import FIXTURE_CLASSES, FixtureModel
from diarchy.robots.home.scene import FixtureSpec, Scene


@dataclass(frozen=True)
class Furnishing:
    """One fixture entity: ``pose`` is ``map_from_fixture``; ``spec`` that of the fixture it came with.

    ``part_of`` is the id of the fixture it is built into, None if it stands by itself.
    """

    entity_id: str
    cls: str
    pose: SE3
    model: FixtureModel
    spec: FixtureSpec
    part_of: str | None = None


def furnish(scene: Scene) -> tuple[Furnishing, ...]:
    """Expand a scene's fixtures: each is followed by what is built into it."""
    return tuple(_expand(scene))


def fixture_pose(fixture: FixtureSpec) -> SE3:
    """Return ``map_from_fixture``; the fixture's x axis looks out of its front."""
    return SE3.from_xyz_yaw(fixture.x, fixture.y, 0.0, float(np.radians(fixture.yaw_deg)))


def bulb(lamp: Furnishing) -> FloatArray:
    """Return where the bulb of a lamp is, ``[3]`` in ``map``: the middle of its shade."""
    shade = next(p for p in lamp.model.parts if p.material == "lamp_shade")
    return lamp.pose.apply(shade.at)


def _expand(scene: Scene) -> Iterator[Furnishing]:
    ids = iter(scene.place_ids)
    for spec in scene.fixtures:
        parent, pose, model = next(ids), fixture_pose(spec), FIXTURE_CLASSES[spec.cls]()
        yield Furnishing(parent, spec.cls, pose, model, spec)
        for child in model.children:
            at = pose @ SE3.from_translation(child.at)
            yield Furnishing(next(ids), child.cls, at, child.model, spec, parent)
