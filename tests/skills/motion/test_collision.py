from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from diarchy.contracts.entity import Box, Entity, FixtureInfo, Hinge, Surface
from diarchy.contracts.geometry import SE3
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.motion.collision import (
    Attached,
    PlanningScene,
    Solid,
    fixture_solids,
)

SPEC = fetch_spec()
HERE = SE3.identity()
READY = np.array([0.25, 0.0, -0.6, 0.0, 1.4, 0.0, 0.77, 0.0, 0.0, 0.6])


class Nothing:
    """A world with nothing in it."""

    class static_map:
        walls = ()
        fixtures: ClassVar[dict[str, FixtureInfo]] = {}
        hands: ClassVar[dict[str, Surface]] = {}

    def entities(self) -> list[Entity]:
        return []

    def opening(self, entity_id: str) -> None:
        return None


def cube(owner: str, at: tuple[float, float, float], size: float = 0.1) -> Solid:
    return Solid(owner, Box(SE3.from_translation(at), np.full(3, size)))


@pytest.fixture(scope="module")
def scene() -> PlanningScene:
    return PlanningScene(SPEC)


def put(scene: PlanningScene, *solids: Solid) -> None:
    scene.attach(None)
    scene.update(Nothing(), extra=list(solids))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(SPEC.postures))
def test_named_postures_do_not_touch_the_robot_itself(scene: PlanningScene, name: str) -> None:
    put(scene)
    assert not scene.in_collision(SPEC.postures[name], HERE)


def test_a_box_in_the_hand_s_place_is_a_collision_and_one_far_away_is_not(
    scene: PlanningScene,
) -> None:
    put(scene, cube("a", (0.66, 0.0, 0.69)))
    assert scene.in_collision(READY, HERE)
    assert scene.touching(READY, HERE) == {"a"}
    put(scene, cube("a", (1.5, 0.0, 0.2)))
    assert not scene.in_collision(READY, HERE)


def test_what_may_be_touched_does_not_count(scene: PlanningScene) -> None:
    put(scene, cube("a", (0.66, 0.0, 0.69)))
    assert not scene.in_collision(READY, HERE, allow={"a"})


def test_distance_is_metric(scene: PlanningScene) -> None:
    put(scene, cube("a", (0.66, 0.0, 0.40)))
    near = scene.clearance(READY, HERE, upto=1.0)
    put(scene, cube("a", (0.66, 0.0, 0.37)))
    assert scene.clearance(READY, HERE, upto=1.0) - near == pytest.approx(0.03, abs=2e-3)


def test_moving_the_base_moves_the_arm(scene: PlanningScene) -> None:
    put(scene, cube("a", (5.66, 2.0, 0.69)))
    assert not scene.in_collision(READY, HERE)
    assert scene.in_collision(READY, SE3.from_xyz_yaw(5.0, 2.0, 0.0, 0.0))


def test_a_held_box_collides_where_the_empty_hand_would_not(scene: PlanningScene) -> None:
    put(scene, cube("a", (0.66, 0.0, 0.45)))
    assert not scene.in_collision(READY, HERE)
    scene.attach(Attached("b", SE3.from_translation([0.08, 0.0, 0.0]), np.array([0.3, 0.06, 0.06])))
    assert scene.in_collision(READY, HERE)
    scene.attach(None)
    assert not scene.in_collision(READY, HERE)


def test_an_arm_that_touches_the_body_with_its_load_may_leave_that_posture(
    scene: PlanningScene,
) -> None:
    put(scene)
    scene.attach(Attached("b", SE3.from_translation([0.0, 0.0, 0.0]), np.array([0.9, 0.9, 0.9])))
    assert scene.in_collision(READY, HERE)
    scene.prepare(READY, READY, HERE)
    assert not scene.in_collision(READY, HERE)
    scene.attach(None)


def test_what_a_hand_touches_at_the_start_it_may_leave_and_not_go_through(
    scene: PlanningScene,
) -> None:
    put(scene, cube("a", (0.66, 0.0, 0.50)))
    heights = np.arange(0.386, 0.05, -0.001)
    start, away, through = (np.array([0.0, *READY[1:]]) for _ in range(3))
    for start[0] in heights:
        if scene.in_collision(start, HERE):
            break
    away[0], through[0] = start[0] + 0.03, start[0] - 0.008
    assert scene.clearance(through, HERE) > 0.0
    scene.prepare(start, start, HERE)
    assert not scene.in_collision(start, HERE)
    assert not scene.in_collision(away, HERE)
    assert scene.in_collision(through, HERE)
    scene.relax()
    assert scene.in_collision(start, HERE)


def test_an_open_door_is_where_it_was_seen_and_not_where_it_was_closed() -> None:
    panel = Box(SE3.from_translation([0.0, 0.0, 1.0]), np.array([0.05, 0.6, 0.8]))
    body = Box(SE3.from_translation([-0.3, 0.0, 1.0]), np.array([0.5, 0.6, 0.8]))
    hinge = Hinge(
        origin=np.array([0.0, 0.3, 0.0]),
        sign=1,
        handle=np.array([0.1, -0.25, 1.0]),
        handle_normal=np.array([1.0, 0.0, 0.0]),
        handle_axis=np.array([0.0, 0.0, 1.0]),
        max_angle=1.9,
        panel=panel,
    )
    entity = Entity(id="f", cls="Fridge", kind="fixture", position=(0.0, 0.0, 1.0))
    info = FixtureInfo(entity, (body, panel), np.array([1.0, 0.0]), (), hinge, moving=(1,))
    closed = fixture_solids(info, None)
    np.testing.assert_allclose(closed[1].box.pose.translation, [0.0, 0.0, 1.0])
    opened = fixture_solids(info, np.pi / 2)
    np.testing.assert_allclose(opened[0].box.pose.translation, [-0.3, 0.0, 1.0])
    np.testing.assert_allclose(opened[1].box.pose.translation, [0.3, 0.3, 1.0], atol=1e-9)
