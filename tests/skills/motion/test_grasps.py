from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity
from diarchy.contracts.robot import GripperSpec
from diarchy.skills.motion.grasps import RIM_OPENING, grasp_candidates, spread

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
    entity = thing("Box", extent, yaw)
    for grasp in grasp_candidates(entity, ROBOT, GRIPPER, TIP):
        rotation = grasp.pose.rotation
        np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
        assert abs(rotation[2, 1]) < 1e-9, "the fingers open horizontally"
        assert rotation[2, 0] < 0.0, "the hand comes from above"
        assert grasp.width < grasp.opening <= GRIPPER.max_width
        tip = grasp.pose.translation + TIP * rotation[:, 0]
        assert tip[2] > entity.bottom
        assert np.linalg.norm(tip[:2] - np.array(entity.position[:2])) < 0.02


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
    assert grasp_candidates(thing("Box", (0.2, 0.2, 0.1)), ROBOT, GRIPPER, TIP) == []


def test_a_bowl_is_pinched_by_its_rim_with_narrow_fingers() -> None:
    grasps = grasp_candidates(thing("Bowl", (0.15, 0.15, 0.06)), ROBOT, GRIPPER, TIP)
    assert grasps
    assert all(g.kind == "rim" and g.opening == RIM_OPENING for g in grasps)
    for grasp in grasps:
        radial = grasp.pose.translation[:2] - np.array([0.6, 0.1])
        assert 0.05 < np.linalg.norm(radial) < 0.075


def test_a_mug_is_not_pinched_where_its_handle_is() -> None:
    grasps = grasp_candidates(thing("Mug", (0.112, 0.074, 0.092)), ROBOT, GRIPPER, TIP)
    for grasp in (g for g in grasps if g.kind == "rim"):
        assert abs(grasp.pose.rotation[0, 1]) < 0.4


def test_backing_off_goes_against_the_approach() -> None:
    grasp = grasp_candidates(thing("Can", (0.066, 0.066, 0.122)), ROBOT, GRIPPER, TIP)[0]
    shift = grasp.backed_off(0.1).translation - grasp.pose.translation
    np.testing.assert_allclose(shift, -0.1 * grasp.pose.rotation[:, 0], atol=1e-12)


def test_spreading_takes_turns_between_kinds() -> None:
    grasps = grasp_candidates(thing("Mug", (0.112, 0.074, 0.092)), ROBOT, GRIPPER, TIP)
    first = spread(grasps, 3)
    assert len({g.kind for g in first}) == 3
