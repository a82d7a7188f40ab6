"""The Fetch mobile manipulator: its MJCF made fit for contact manipulation, and its `RobotSpec`.

The wheel's description is meant for a mocap-driven gripper on a fixed base. What is changed: the
mocap weld, the slide joints and the giant dampings go; every joint gets an armature and a damping
of its own; the fingers get 0.2 kg and a contact that holds; gravity is compensated, as the real
arm's controller does; the base stands 1 cm higher so that its hull does not scrape the floor; the
head camera leaves the inside of the head; the gripper camera sits on the wrist and looks at the
fingertips.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import lru_cache
from pathlib import Path

import numpy as np

from diarchy.contracts.robot import BaseSpec, GripperSpec, JointSpec, RobotSpec
from diarchy.robots.home.assets import fetch_assets
from diarchy.robots.home.fetch_data import (
    ARM_GROUP,
    EXCLUDED_PAIRS,
    FINGER_CONTACT,
    FINGERS,
    GRIPPER_CAMERA,
    GROUPS,
    HEAD_CAMERA,
    JOINTS,
    POSTURES,
    ROBOT_GROUP,
)

PREFIX = "robot0:"
BASE_HEIGHT = 0.01
HEAD_CAMERA_SHIFT = 0.08


@lru_cache(maxsize=1)
def fetch_spec() -> RobotSpec:
    """Return the description of the Fetch as every floor above sees it.

    Raises:
        MissingExtraError: the ``sim`` extra is not installed.
    """
    joints = tuple(
        JointSpec(j.name, j.lower, j.upper, j.velocity, j.acceleration, j.motor_acceleration)
        for j in JOINTS
    )
    postures = {name: np.array(values, dtype=np.float64) for name, values in POSTURES.items()}
    for posture in postures.values():
        posture.setflags(write=False)
    return RobotSpec(
        name="fetch",
        joints=joints,
        groups=dict(GROUPS),
        postures=postures,
        base=BaseSpec(
            linear_velocity=1.0,
            angular_velocity=2.0,
            linear_acceleration=0.75,
            angular_acceleration=2.5,
            linear_braking=2.0,
            angular_braking=6.0,
        ),
        gripper=GripperSpec(),
        model_xml=fetch_mjcf(),
        gripper_site="gripper",
        cameras=(HEAD_CAMERA, GRIPPER_CAMERA),
        head_camera=HEAD_CAMERA,
    )


@lru_cache(maxsize=1)
def fetch_mjcf() -> str:
    """Return the MJCF of the robot alone: base frame at the world origin, absolute mesh paths."""
    folder = fetch_assets()
    root = ET.Element("mujoco", model="fetch")
    ET.SubElement(root, "compiler", angle="radian", autolimits="true")
    ET.SubElement(
        root, "option", timestep="0.0025", integrator="implicitfast", cone="elliptic", impratio="10"
    )
    _add_meshes(root, folder)
    world = ET.SubElement(root, "worldbody")
    base = ET.SubElement(world, "body", name="base", pos="0 0 0")
    source = ET.parse(folder / "fetch" / "robot.xml").getroot()
    link = next(b for b in source.findall("body") if b.get("name") == f"{PREFIX}base_link")
    base.append(_cleaned(link))
    link.set("pos", f"0 0 {BASE_HEIGHT}")
    _set_joints(base)
    _set_fingers(base)
    _set_cameras(base)
    _add_wheels(link)
    contact = ET.SubElement(root, "contact")
    for first, second in EXCLUDED_PAIRS:
        ET.SubElement(contact, "exclude", body1=first, body2=second)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _add_meshes(root: ET.Element, folder: Path) -> None:
    asset = ET.SubElement(root, "asset")
    shared = ET.parse(folder / "fetch" / "shared.xml").getroot()
    for mesh in shared.iter("mesh"):
        name = mesh.get("name", "").removeprefix(PREFIX)
        file = (folder / "stls" / "fetch" / mesh.get("file", "")).resolve()
        ET.SubElement(asset, "mesh", name=name, file=str(file))
    for name, specular, shininess in (("painted", "0.35", "0.4"), ("rubber", "0.05", "0.05")):
        ET.SubElement(asset, "material", name=name, specular=specular, shininess=shininess)


def _cleaned(link: ET.Element) -> ET.Element:
    """Strip the prefix, the classes, the materials and the bodies that only mocap control needs."""
    colours = {"robot0:blue": "0.10 0.42 0.70 1", "robot0:grey": "0.30 0.31 0.33 1"}
    for parent in list(link.iter("body")):
        for child in list(parent):
            slide = child.tag == "joint" and "slide" in child.get("name", "")
            if (
                slide
                or child.tag == "camera"
                or child.get("name") == "robot0:external_camera_body_0"
            ):
                parent.remove(child)
    for element in link.iter():
        for key in ("childclass", "user"):
            element.attrib.pop(key, None)
        for key in ("name", "mesh"):
            if key in element.attrib:
                element.set(key, element.attrib[key].removeprefix(PREFIX))
        if element.tag == "geom":
            _clean_geom(element, colours)
        if element.tag == "body":
            element.set("gravcomp", "1")
    return link


def _clean_geom(geom: ET.Element, colours: dict[str, str]) -> None:
    colour = colours.get(geom.attrib.pop("class", ""), geom.get("rgba", "0.93 0.93 0.92 1"))
    if "mesh" in geom.attrib:
        geom.set("type", "mesh")
    geom.set("rgba", colour)
    geom.set("material", "painted")
    geom.set("group", str(ROBOT_GROUP))
    geom.set("solref", "0.01 1")


def _set_joints(base: ET.Element) -> None:
    by_name = {j.name: j for j in JOINTS}
    for element in base.iter("joint"):
        for key in ("ref", "stiffness", "frictionloss", "limited"):
            element.attrib.pop(key, None)
        joint = by_name.get(element.get("name", ""))
        if joint is None:
            continue
        element.set("range", f"{joint.lower} {joint.upper}")
        element.set("armature", str(joint.armature))
        element.set("damping", str(joint.damping))


def _set_fingers(base: ET.Element) -> None:
    for body in base.iter("body"):
        if body.get("name") not in {f"{side}_gripper_finger_link" for side in "rl"}:
            continue
        for child in body:
            if child.tag == "inertial":
                child.attrib.update(mass="0.2", diaginertia="1e-4 1e-4 1e-4", pos="0 0 0")
            if child.tag == "joint":
                child.attrib.update(FINGERS.joint)
            if child.tag == "geom":
                child.attrib.update(FINGER_CONTACT)
                child.attrib.update(rgba="0.16 0.16 0.17 1", material="rubber")
    gripper = _body(base, "gripper_link")
    for site in gripper.findall("site"):
        gripper.remove(site)
    ET.SubElement(gripper, "site", name="gripper", pos="0.02 0 0", size="0.005", group="4")


def _set_cameras(base: ET.Element) -> None:
    link = _body(base, "head_camera_link")
    x, y, z = (float(v) for v in link.get("pos", "0 0 0").split())
    link.set("pos", f"{x + HEAD_CAMERA_SHIFT} {y} {z}")
    optical = _body(base, "head_camera_rgb_optical_frame")
    ET.SubElement(optical, "camera", name=HEAD_CAMERA, quat="0 1 0 0", fovy="50")
    gripper = _body(base, "gripper_link")
    for body in gripper.findall("body"):
        if body.get("name") == "gripper_camera_link":
            gripper.remove(body)
    # Camera x points to the gripper's -y, y is up: level would look along +x; pitched 28 degrees down.
    pitch = np.radians(28.0)
    up = f"{np.sin(pitch):.6f} 0 {np.cos(pitch):.6f}"
    ET.SubElement(
        gripper,
        "camera",
        name=GRIPPER_CAMERA,
        pos="-0.07 0 0.085",
        xyaxes=f"0 -1 0 {up}",
        fovy="60",
    )
    ET.SubElement(
        gripper,
        "geom",
        name="gripper_camera_housing",
        type="box",
        size="0.012 0.022 0.012",
        pos="-0.088 0 0.085",
        rgba="0.1 0.1 0.1 1",
        material="painted",
        group=str(ROBOT_GROUP),
        mass="0",
        contype="0",
        conaffinity="0",
    )


def _add_wheels(link: ET.Element) -> None:
    for side, y in (("l", 0.18738), ("r", -0.18738)):
        ET.SubElement(
            link,
            "geom",
            name=f"{side}_wheel_link",
            type="mesh",
            mesh=f"{side}_wheel_link",
            pos=f"0.0013 {y} {0.0553 - BASE_HEIGHT}",
            rgba="0.12 0.12 0.12 1",
            material="rubber",
            group=str(ROBOT_GROUP),
            mass="0",
            contype="0",
            conaffinity="0",
        )


def _body(base: ET.Element, name: str) -> ET.Element:
    return next(b for b in base.iter("body") if b.get("name") == name)


__all__ = ["ARM_GROUP", "fetch_mjcf", "fetch_spec"]
