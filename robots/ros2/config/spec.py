"""From a robot's file to its `RobotSpec`."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import BaseSpec, GripperSpec, JointSpec, RobotSpec
from diarchy.robots.ros2.config.schema import Ros2Config
from diarchy.robots.ros2.urdf import Urdf


def build_spec(config: Ros2Config, description: str | None = None) -> RobotSpec:
    """Build the description that every floor above sees.

    Args:
        config: the robot's file.
        description: URDF text from the robot_description topic, if the file says so.

    Raises:
        BadInputError: a model file is missing or malformed, or limits are neither in the file nor in it.
    """
    urdf = _urdf(config, description)
    joints = tuple(_joint(config, name, urdf) for name in config.joints)
    names = [j.name for j in joints]
    base, gripper = config.base, config.gripper
    spec = RobotSpec(
        name=config.robot,
        joints=joints,
        groups={g: tuple(names.index(n) for n in members) for g, members in config.groups.items()},
        postures={
            p: np.array([values[n] for n in names], dtype=np.float64)
            for p, values in config.postures.items()
        },
        base=BaseSpec(
            linear_velocity=base.linear_velocity,
            angular_velocity=base.angular_velocity,
            linear_acceleration=base.linear_acceleration,
            angular_acceleration=base.angular_acceleration,
            linear_braking=base.linear_braking,
            angular_braking=base.angular_braking,
            radius=base.radius,
        ),
        gripper=GripperSpec(
            gripper.max_width, gripper.speed, gripper.max_force, gripper.finger_depth
        ),
        model_xml=_model(config, urdf),
        gripper_site=config.model.gripper_site,
        cameras=tuple(config.cameras),
        head_camera=config.head_camera,
        control_hz=config.control_hz,
    )
    _check_postures(spec)
    return spec


def _urdf(config: Ros2Config, description: str | None) -> Urdf | None:
    model = config.model
    if model.urdf is not None:
        return Urdf.parse(_text(config.folder / model.urdf), str(model.urdf))
    if model.robot_description is None:
        return None
    if description is None:
        raise BadInputError(
            f"no URDF came on {model.robot_description}: is robot_state_publisher running?"
        )
    return Urdf.parse(description, model.robot_description)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"the robot's model {path} cannot be read: {error}") from error


def _joint(config: Ros2Config, name: str, urdf: Urdf | None) -> JointSpec:
    part = config.joints[name]
    known = urdf.limits(part.ros or name) if urdf is not None else None
    values = []
    for i, key in enumerate(("lower", "upper", "velocity")):
        value = getattr(part, key)
        if value is None and known is not None:
            value = known[i]
        if value is None:
            raise BadInputError(f"joints.{name}: say its {key}; no URDF tells it")
        values.append(float(value))
    if not values[0] < values[1]:
        raise BadInputError(f"joints.{name}: lower {values[0]} is not below upper {values[1]}")
    motor = math.inf if part.motor_acceleration is None else part.motor_acceleration
    return JointSpec(name, values[0], values[1], values[2], part.acceleration, motor)


def _model(config: Ros2Config, urdf: Urdf | None) -> str:
    model = config.model
    if model.shipped == "fetch":
        from diarchy.robots.home.fetch import fetch_mjcf

        return fetch_mjcf()
    if model.mjcf is not None:
        return _text(config.folder / model.mjcf)
    assert urdf is not None
    names = {part.ros or name: name for name, part in config.joints.items()}
    return urdf.mjcf(
        root=config.frames.base,
        joints=names,
        gripper_link=model.gripper_link or "",
        gripper_site=model.gripper_site,
        xyz=model.gripper_xyz,
        rpy=model.gripper_rpy,
    )


def _check_postures(spec: RobotSpec) -> None:
    lower, upper = spec.limits("lower"), spec.limits("upper")
    for posture, values in spec.postures.items():
        outside = [
            n
            for n, v, lo, hi in zip(spec.joint_names, values, lower, upper, strict=True)
            if not lo <= v <= hi
        ]
        if outside:
            raise BadInputError(f"postures.{posture}: {', '.join(outside)} is outside its limits")
