"""Ways of the arm on which a load stays level, and the boxes of hollow things."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.entity import Entity
from diarchy.contracts.geometry import SE3
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.carry import attached_now, upright
from diarchy.skills.motion.hollow import hollow_solids
from diarchy.skills.motion.level import LEVEL, level_path
from tests.skills.motion.bare_arm import bare_arm


@pytest.fixture
def arm() -> Arm:
    return bare_arm(force=20.0)


def _vessel(cls: str, extent: tuple[float, float, float]) -> Entity:
    return Entity(id="v", cls=cls, kind="object", position=(0.6, 0.1, 0.8), yaw=0.4, extent=extent)


def test_a_level_way_keeps_the_lean_and_arrives(arm: Arm) -> None:
    begin = arm.kinematics.gripper_pose(arm.q)
    spot = begin.translation + np.array([-0.08, 0.25, 0.12])
    turned = SE3.from_xyz_yaw(0.0, 0.0, 0.0, 0.6).rotation @ begin.rotation
    goal = arm.kinematics.solve(SE3(turned, spot), arm.q)
    assert goal is not None
    assert arm.free(goal), "the goal of this test must be free"
    path = level_path(arm, goal)
    assert path is not None
    np.testing.assert_allclose(path[-1], arm.gaze_kept(goal), atol=1e-9)
    up = begin.rotation.T @ np.array([0.0, 0.0, 1.0])
    for a, b in pairwise(path):
        for part in np.linspace(0.0, 1.0, 5):
            direction = arm.kinematics.gripper_pose(a + part * (b - a)).rotation @ up
            assert np.arccos(np.clip(direction[2], -1.0, 1.0)) < LEVEL + np.radians(2.0)


def test_there_is_no_level_way_to_where_the_hand_leans(arm: Arm) -> None:
    goal = arm.q.copy()
    goal[6] += 0.5
    assert level_path(arm, goal, iterations=5) is None


def test_what_is_aboard_makes_the_held_box_larger(arm: Arm) -> None:
    gripper = arm.base @ arm.kinematics.gripper_pose(arm.proprio.q)
    x, y, z = (float(v) for v in gripper.apply([0.05, 0.0, 0.0]))
    plate = Entity(
        id="p", cls="Plate", kind="object", position=(x, y, z), yaw=0.3, extent=(0.2, 0.2, 0.03)
    )
    apple = plate.model_copy(
        update={"id": "a", "position": (x, y, z + 0.04), "extent": (0.07, 0.07, 0.07)}
    )
    alone, loaded = attached_now(arm, plate), attached_now(arm, plate, (apple,))
    np.testing.assert_allclose(alone.size, [0.2, 0.2, 0.03])
    np.testing.assert_allclose(loaded.size, [0.2, 0.2, 0.09], atol=1e-9)
    top = (gripper @ loaded.pose).translation[2] + 0.045
    assert top == pytest.approx(z + 0.075, abs=1e-6)


@pytest.mark.parametrize(
    ("cls", "extent"),
    [("Bowl", (0.15, 0.15, 0.06)), ("Box", (0.16, 0.12, 0.08)), ("Plate", (0.2, 0.2, 0.034))],
)
def test_a_hollow_thing_is_empty_inside_and_solid_at_its_wall(
    cls: str, extent: tuple[float, float, float]
) -> None:
    entity = _vessel(cls, extent)
    boxes = [solid.box for solid in hollow_solids(entity)]

    def inside(local: list[float]) -> bool:
        point = entity.pose().apply(np.array(local))
        return any(np.all(np.abs(b.pose.inverse().apply(point)) <= b.size / 2.0) for b in boxes)

    assert not inside([0.0, 0.0, 0.2 * extent[2]])
    assert inside([0.0, 0.0, -0.49 * extent[2]])
    assert inside([extent[0] / 2.0 - 0.004, 0.0, 0.49 * extent[2]])
    for box in boxes:
        rotation = box.pose.rotation
        np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
        assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_what_is_not_hollow_is_one_box() -> None:
    brick = _vessel("Apple", (0.07, 0.07, 0.07))
    assert [tuple(s.box.size) for s in hollow_solids(brick)] == [(0.07, 0.07, 0.07)]


def test_a_thing_is_upright_as_it_was_taken_however_the_hand_leans_now(arm: Arm) -> None:
    taken = arm.kinematics.gripper_pose(arm.q).inverse() @ SE3.from_translation([0.7, 0.0, 0.8])
    arm.context.world.taken = SE3(taken.rotation, np.array([0.02, 0.0, 0.0]))  # type: ignore[attr-defined]
    arm.q = arm.q.copy()
    arm.q[6] += 0.6
    up = (SE3(upright(arm, "cup_1"), np.zeros(3)) @ taken).rotation[:, 2]
    assert up == pytest.approx([0.0, 0.0, 1.0], abs=1e-9)
    leaning = (arm.kinematics.gripper_pose(arm.q) @ taken).rotation[2, 2]
    assert leaning < 0.9, "else this proves nothing"
