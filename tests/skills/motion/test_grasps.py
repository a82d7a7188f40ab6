from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity
from diarchy.contracts.robot import GripperSpec
from diarchy.skills.motion.grasps import RIM_OPENING, grasp_candidates, spread
from diarchy.skills.motion.rims import body_centre

GRIPPER, TIP = GripperSpec(), 0.0185
ROBOT = np.array([0.0, 0.0])


def thing(cls: str, extent: tuple[float, float, float], yaw: float = 0.0) -> Entity:
    position = (0.6, 0.1, 0.74 + extent[2] / 2)
    return Entity(id="x", cls=cls, kind="object", position=position, yaw=yaw, extent=extent)


sizes = st.tuples(st.floats(0.03, 0.2), st.floats(0.03, 0.2), st.floats(0.02, 0.15))


@settings(max_examples=80, deadline=None)
@given(sizes, st.floats(-3.1, 3.1))
def test_every_grasp_fits_between_the_fingers_and_above_the_table(
    extent: tuple[float, float, float], yaw: float
) -> None:
    entity = thing("Brick", extent, yaw)
    for grasp in grasp_candidates(entity, ROBOT, GRIPPER, TIP):
        rotation = grasp.pose.rotation
        np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
        assert abs(rotation[2, 1]) < 1e-9, "the fingers open horizontally"
        assert rotation[2, 0] < 0.0, "the hand comes from above, if only a little"
        assert grasp.width < grasp.opening <= GRIPPER.max_width
        tip = grasp.pose.translation + TIP * rotation[:, 0]
        assert tip[2] > entity.bottom
        assert np.linalg.norm(tip[:2] - np.array(entity.position[:2])) < 0.02
        palm = grasp.pose.translation - 0.052 * rotation[:, 0] - 0.04 * np.abs(rotation[:, 2])
        assert palm[2] > entity.bottom, "the palm stays above the table"


@settings(max_examples=40, deadline=None)
@given(st.floats(-3.1, 3.1))
def test_a_long_thing_is_taken_across_its_narrow_side(yaw: float) -> None:
    best = grasp_candidates(
        thing("RemoteControl", (0.165, 0.048, 0.024), yaw), ROBOT, GRIPPER, TIP
    )[0]
    along = np.array([np.cos(yaw), np.sin(yaw)])
    assert abs(best.pose.rotation[:2, 1] @ along) < 1e-6
    assert best.kind == "top"


def test_what_is_wider_than_the_hand_and_not_hollow_cannot_be_grasped() -> None:
    assert grasp_candidates(thing("Brick", (0.2, 0.2, 0.1)), ROBOT, GRIPPER, TIP) == []


def test_what_is_nearly_round_is_also_taken_across_its_narrower_side() -> None:
    roll = thing("ToiletPaper", (0.094, 0.082, 0.09), 0.5)
    grasps = grasp_candidates(roll, ROBOT, GRIPPER, TIP)
    assert grasps
    assert all(abs(g.width - 0.082) < 1e-9 for g in grasps)


def test_a_tall_thing_can_be_taken_from_the_side_facing_the_robot() -> None:
    grasps = grasp_candidates(thing("WineBottle", (0.07, 0.07, 0.26)), ROBOT, GRIPPER, TIP)
    side = min((g for g in grasps if g.kind == "side"), key=lambda g: g.cost)
    away = np.array([0.6, 0.1]) / np.hypot(0.6, 0.1)
    assert side.pose.rotation[:2, 0] @ away > 0.98 * np.cos(np.radians(10.0))


@pytest.mark.parametrize(
    ("cls", "extent"), [("Bowl", (0.15, 0.15, 0.06)), ("Plate", (0.2, 0.2, 0.034))]
)
def test_a_leaning_rim_is_pinched_along_the_wall(
    cls: str, extent: tuple[float, float, float]
) -> None:
    entity = thing(cls, extent)
    grasps = grasp_candidates(entity, ROBOT, GRIPPER, TIP)
    assert grasps
    for grasp in grasps:
        assert "rim" in grasp.kind
        assert grasp.opening <= RIM_OPENING
        tip = grasp.pose.translation + TIP * grasp.pose.rotation[:, 0]
        assert entity.bottom < tip[2] < entity.top
        radial = tip[:2] - np.array([0.6, 0.1])
        assert 0.7 * extent[0] / 2 < np.linalg.norm(radial) < extent[0] / 2
        # Coming down along the wall means coming from outside: the foot is narrower than the rim.
        if grasp.kind == "rim":
            assert grasp.pose.rotation[:2, 0] @ radial < -0.02


def test_the_rim_of_a_box_is_pinched_square_to_its_walls() -> None:
    entity = thing("Box", (0.16, 0.12, 0.08), 0.7)
    grasps = grasp_candidates(entity, ROBOT, GRIPPER, TIP)
    along = np.array([np.cos(0.7), np.sin(0.7)])
    assert len(grasps) >= 12
    for grasp in grasps:
        opening = grasp.pose.rotation[:2, 1] / np.linalg.norm(grasp.pose.rotation[:2, 1])
        turned = abs(float(opening @ along))
        assert turned < 1e-9 or turned > 1.0 - 1e-9


def test_a_rim_is_taken_away_from_what_lies_in_the_thing() -> None:
    bowl = thing("Bowl", (0.15, 0.15, 0.06))
    egg = np.array([0.63, 0.1, 0.76])
    best = grasp_candidates(bowl, ROBOT, GRIPPER, TIP, content=[egg])[0]
    assert best.pose.translation[0] < 0.6
    egg = np.array([0.57, 0.1, 0.76])
    best = grasp_candidates(bowl, ROBOT, GRIPPER, TIP, content=[egg])[0]
    assert best.pose.translation[0] > 0.6


def test_a_mug_is_not_pinched_where_its_handle_is_and_its_body_is_beside_it() -> None:
    mug = thing("Mug", (0.112, 0.074, 0.092))
    for grasp in (g for g in grasp_candidates(mug, ROBOT, GRIPPER, TIP) if "rim" in g.kind):
        assert abs(grasp.pose.rotation[0, 1]) < 0.4
    np.testing.assert_allclose(body_centre(mug)[:2], [0.6 - 0.019, 0.1], atol=1e-9)


def test_backing_off_goes_against_the_approach() -> None:
    grasp = grasp_candidates(thing("Can", (0.066, 0.066, 0.122)), ROBOT, GRIPPER, TIP)[0]
    shift = grasp.backed_off(0.1).translation - grasp.pose.translation
    np.testing.assert_allclose(shift, -0.1 * grasp.pose.rotation[:, 0], atol=1e-12)


def test_spreading_takes_turns_between_kinds() -> None:
    grasps = grasp_candidates(thing("Mug", (0.112, 0.074, 0.092)), ROBOT, GRIPPER, TIP)
    first = spread(grasps, 3)
    assert len({g.kind for g in first}) == 3, [g.kind for g in first]
