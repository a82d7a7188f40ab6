from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from simple import SimplePeer

from diarchy.contracts.errors import BadInputError
from diarchy.robots.ros2.config import Ros2Config, example_names, load_config
from diarchy.robots.ros2.config.load import parse_config
from diarchy.robots.ros2.config.spec import build_spec
from diarchy.robots.ros2.doctor import examine
from diarchy.robots.ros2.fake import FakeNetwork, FakePort
from diarchy.robots.ros2.urdf import Urdf

URDF = """<robot name="small"><link name="base_link"><collision><geometry><box size="0.4 0.4 0.2"/></geometry>
</collision></link><link name="arm"><collision><geometry><mesh filename="package://x/arm.stl"/></geometry></collision></link>
<link name="hand"/><joint name="lift" type="prismatic"><parent link="base_link"/><child link="arm"/>
<origin xyz="0.1 0 0.2" rpy="0 0 1.5707963"/><axis xyz="0 0 1"/><limit lower="0" upper="0.5" velocity="0.1" effort="1"/></joint>
<joint name="turn" type="continuous"><parent link="arm"/><child link="hand"/><origin xyz="0.3 0 0" rpy="0 0.5 0"/>
<axis xyz="1 0 0"/><limit velocity="2.0" effort="1"/></joint></robot>"""


@pytest.fixture
def content(config: Ros2Config) -> dict[str, Any]:
    dumped: dict[str, Any] = config.model_dump(mode="json", exclude={"folder"})
    return copy.deepcopy(dumped)


@pytest.mark.parametrize("name", example_names())
def test_an_example_is_valid_and_guarded(name: str) -> None:
    assert load_config(name).unguarded() == ()


def test_the_three_robots_of_the_manual_are_there() -> None:
    assert {"fetch", "tiago", "turtlebot4_arm", "home"} <= set(example_names())


def change(content: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for key in way:
        content = content[key]
    content[last] = value


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("robott", 1, "robott: no such key; did you mean 'robot'"),
        ("base.comand", {}, "base.comand: no such key; did you mean 'command'"),
        ("control_hz", 5, "control_hz: .*greater than or equal to 20.*, got 5"),
        ("base.radius", -1, "base.radius: .*greater than 0"),
        (
            "groups",
            {"arm": ["elbow_flx_joint"], "head": []},
            "groups.arm: no 'elbow_flx_joint'; did you mean 'elbow_flex_joint'",
        ),
        ("groups", {"arm": []}, "'head' is needed"),
        ("postures", {"tuck": {}}, "'ready' is needed"),
        ("head_camera", "hand", "head_camera: no 'hand'"),
        ("model", {}, "give one of mjcf, shipped, urdf, robot_description; got none"),
        ("model", {"urdf": "a.urdf"}, "needs gripper_link"),
        ("joint_states.topic", "joint states", "joint_states.topic"),
        ("gripper.scale", 0.0, "cannot be 0"),
    ],
)
def test_a_mistake_is_told_where_it_is(
    content: dict[str, Any], path: str, value: Any, why: str
) -> None:
    change(content, path, value)
    with pytest.raises(BadInputError, match=why):
        parse_config(content)


def test_every_joint_is_moved_by_one_controller(content: dict[str, Any]) -> None:
    content["controllers"][0]["joints"] = ["head_pan_joint"]
    with pytest.raises(BadInputError, match="head_pan_joint belongs to two"):
        parse_config(content)
    del content["controllers"][0]
    with pytest.raises(BadInputError, match="nobody moves torso_lift_joint"):
        parse_config(content)


def test_files_that_are_not_there_or_no_yaml_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no robot file fetsh.*did you mean 'fetch'"):
        load_config("fetsh")
    broken = tmp_path / "robot.yaml"
    broken.write_text("a: [1", encoding="utf-8")
    with pytest.raises(BadInputError, match="cannot be read as YAML"):
        load_config(broken)
    broken.write_text("just words", encoding="utf-8")
    with pytest.raises(BadInputError, match="got str"):
        load_config(broken)


def test_the_file_becomes_the_same_description_as_the_simulated_home(config: Ros2Config) -> None:
    from diarchy.robots.home.fetch import fetch_spec

    mine, other = build_spec(config), fetch_spec()
    assert mine.joints == other.joints
    assert mine.groups == other.groups
    assert mine.base == other.base
    assert mine.gripper == other.gripper
    assert (mine.cameras, mine.control_hz) == (other.cameras, other.control_hz)
    assert mine.model_xml == other.model_xml
    for name, posture in other.postures.items():
        assert np.array_equal(mine.postures[name], posture)


def small_robot(content: dict[str, Any], folder: Path) -> Ros2Config:
    """A robot of two joints whose kinematics come from URDF."""
    (folder / "small.urdf").write_text(URDF, encoding="utf-8")
    content["model"] = {"urdf": "small.urdf", "gripper_link": "hand", "gripper_xyz": [0.1, 0, 0]}
    content["joints"] = {"lift": {}, "wrist": {"ros": "turn", "lower": -1.0, "upper": 1.0}}
    content["groups"] = {"arm": ["lift", "wrist"], "head": []}
    content["postures"] = {p: {"lift": 0.1, "wrist": 0.0} for p in ("tuck", "ready")}
    content["controllers"] = [{"joints": ["lift", "wrist"], "topic": "/arm/joint_trajectory"}]
    file = folder / "robot.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_config(file)


def test_limits_and_kinematics_come_from_urdf(content: dict[str, Any], tmp_path: Path) -> None:
    import mujoco

    spec = build_spec(small_robot(content, tmp_path))
    assert [(j.lower, j.upper, j.velocity) for j in spec.joints] == [
        (0.0, 0.5, 0.1),
        (-1.0, 1.0, 2.0),
    ]
    model = mujoco.MjModel.from_xml_string(spec.model_xml)
    data = mujoco.MjData(model)
    data.joint("lift").qpos[0], data.joint("wrist").qpos[0] = 0.2, np.pi / 2
    mujoco.mj_forward(model, data)
    # base -> lift (0.1, 0, 0.2 + 0.2), turned 90 degrees about z; then 0.3 along x, pitched by 0.5, 0.1 along x.
    reach = 0.3 + 0.1 * np.cos(0.5)
    assert np.allclose(data.site("gripper").xpos, [0.1, reach, 0.4 - 0.1 * np.sin(0.5)], atol=1e-6)


def test_what_a_urdf_does_not_have_is_told(content: dict[str, Any], tmp_path: Path) -> None:
    config = small_robot(content, tmp_path)
    urdf = Urdf.parse(URDF, "small.urdf")
    urdf.mjcf(
        root="base_link",
        joints={},
        gripper_link="hand",
        gripper_site="g",
        xyz=(0, 0, 0),
        rpy=(0, 0, 0),
    )
    assert urdf.unresolved == ["arm: arm.stl"]
    with pytest.raises(BadInputError, match="no joint 'turm'; did you mean 'turn'"):
        urdf.limits("turm")
    with pytest.raises(BadInputError, match="is no URDF"):
        Urdf.parse("<robot", "x")
    (tmp_path / "small.urdf").unlink()
    with pytest.raises(BadInputError, match=r"small\.urdf cannot be read"):
        build_spec(config)
    topic = config.model.model_copy(
        update={"urdf": None, "robot_description": "/robot_description"}
    )
    with pytest.raises(BadInputError, match="is robot_state_publisher running"):
        build_spec(config.model_copy(update={"model": topic}))


def test_doctor_says_what_is_missing(
    network: FakeNetwork, peer: SimplePeer, config: Ros2Config
) -> None:
    checks = {c.name: c for c in examine(config, FakePort(network), seconds=1.0)}
    assert checks["input /joint_states"].detail == "200 Hz"
    assert checks["frames odom <- base_link"].ok
    assert checks["frames base_link <- laser_link"].ok
    assert checks["action /gripper_controller/gripper_cmd"].ok
    assert checks["model and limits"].ok
    # What this simple robot does not have, with what to do.
    missing = checks["topic /head_camera/rgb/image_rect"]
    assert not missing.ok
    assert "start its node" in missing.remedy
    assert not checks["action /navigate_to_pose"].needed
    assert not checks["action /navigate_to_pose"].ok


def test_doctor_finds_wrong_types_late_data_and_lost_joints(
    network: FakeNetwork, peer: SimplePeer, config: Ros2Config
) -> None:
    network.types["/odom"] = "geometry_msgs/msg/PoseStamped"
    network.faults["/scan"] = lambda message, now: []
    peer.names = ("other", *peer.names[1:])
    checks = {c.name: c for c in examine(config, FakePort(network), seconds=1.0)}
    assert (
        checks["topic /odom"].detail
        == "is geometry_msgs/msg/PoseStamped, expected nav_msgs/msg/Odometry"
    )
    assert "nothing came yet" in checks["input /scan"].detail
    assert checks["joints"].detail == "no word of torso_lift_joint"


def test_doctor_lists_a_path_that_no_guard_sees(
    network: FakeNetwork, peer: SimplePeer, content: dict[str, Any]
) -> None:
    content["navigation"]["cmd_vel_in"] = None
    content["safety"]["allow_unguarded"] = ["navigation"]
    checks = examine(parse_config(content), FakePort(network), seconds=0.2)
    told = [c for c in checks if c.name == "unguarded path"]
    assert [c.detail for c in told] == ["navigation: /navigate_to_pose drives /cmd_vel itself"]
