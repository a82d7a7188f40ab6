from __future__ import annotations

import itertools

import mujoco
import numpy as np
import pytest

from diarchy.robots.home.fetch import fetch_mjcf, fetch_spec


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_string(fetch_spec().model_xml)


def _pose(model: mujoco.MjModel, q: np.ndarray, width: float = 0.08) -> mujoco.MjData:
    data = mujoco.MjData(model)
    for name, value in zip(fetch_spec().joint_names, q, strict=True):
        data.joint(name).qpos[0] = value
    for side in "rl":
        data.joint(f"{side}_gripper_finger_joint").qpos[0] = width / 2
    mujoco.mj_forward(model, data)
    return data


def test_the_robot_alone_has_no_planar_joints_and_the_specs_joint_names(
    model: mujoco.MjModel,
) -> None:
    names = {model.joint(i).name for i in range(model.njnt)}
    assert set(fetch_spec().joint_names) <= names
    assert not any(name.startswith("base") or "slide" in name for name in names)
    assert "robot0:" not in fetch_mjcf()


def test_limits_of_the_model_are_those_of_the_spec(model: mujoco.MjModel) -> None:
    for joint in fetch_spec().joints:
        np.testing.assert_allclose(model.joint(joint.name).range, [joint.lower, joint.upper])


def test_the_gripper_site_lies_between_the_pads_x_forward_y_along_the_opening(
    model: mujoco.MjModel,
) -> None:
    data = _pose(model, fetch_spec().postures["ready"])
    site = data.site("gripper")
    right, left = (data.geom(f"{s}_gripper_finger_link").xpos for s in "rl")
    rotation = site.xmat.reshape(3, 3)
    local = (np.array([right, left]) - site.xpos) @ rotation
    np.testing.assert_allclose(local.mean(axis=0)[1:], 0.0, atol=1e-6)
    assert abs(local[0, 1] - local[1, 1]) > 0.08
    np.testing.assert_allclose(rotation[:, 0], [0, 0, -1], atol=0.01)


def test_paths_between_all_postures_are_free_of_self_collision(model: mujoco.MjModel) -> None:
    postures = fetch_spec().postures
    for a, b in itertools.combinations_with_replacement(sorted(postures), 2):
        for t in np.linspace(0.0, 1.0, 40):
            data = _pose(model, postures[a] * (1 - t) + postures[b] * t)
            touching = [
                (model.geom(c.geom1).name, model.geom(c.geom2).name)
                for c in data.contact[: data.ncon]
            ]
            assert touching == [], (a, b, t)


@pytest.mark.parametrize("name", ["tuck", "carry"])
def test_the_arm_is_folded_beside_the_body_with_the_hand_above_tables(
    model: mujoco.MjModel, name: str
) -> None:
    data = _pose(model, fetch_spec().postures[name])
    grip = data.site("gripper").xpos
    assert np.hypot(grip[0], grip[1]) < 0.34
    assert grip[2] > 1.0
    for geom in range(model.ngeom):
        assert np.hypot(*data.geom_xpos[geom][:2]) < 0.38


@pytest.mark.parametrize("name", ["tuck", "carry"])
@pytest.mark.parametrize("pan", [-1.4, -0.7, 0.0, 0.7, 1.4])
def test_the_folded_arm_leaves_the_head_free(model: mujoco.MjModel, name: str, pan: float) -> None:
    for tilt in (-0.5, 0.0, 0.45, 0.9, 1.3):
        data = _pose(model, np.array([*fetch_spec().postures[name][:8], pan, tilt]))
        links = [model.body(int(model.geom_bodyid[g])).name for c in data.contact for g in c.geom]
        assert not any("head" in link for link in links), (tilt, links)


def test_ready_reaches_out_above_a_table(model: mujoco.MjModel) -> None:
    grip = _pose(model, fetch_spec().postures["ready"]).site("gripper").xpos
    np.testing.assert_allclose(grip, [0.60, 0.0, 0.97], atol=0.02)
