"""URDF to the kinematic MJCF that a `RobotSpec` carries: links, joints, and what collides.

Only what kinematics and self-collision need: boxes, cylinders and spheres as they are; a mesh becomes a
sphere-free gap unless its file can be found, because a robot's description names files of packages that
may not be installed here. `Urdf.unresolved` lists those, and doctor says so.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from diarchy.contracts.errors import BadInputError, did_you_mean

_MOVING = {"revolute": "hinge", "continuous": "hinge", "prismatic": "slide"}
_TURNS = 2.0 * math.pi
Triple = tuple[float, float, float]


@dataclass
class Urdf:
    """A robot description."""

    name: str
    links: dict[str, ET.Element]
    joints: dict[str, ET.Element]
    unresolved: list[str] = field(default_factory=list)

    @staticmethod
    def parse(text: str, name: str) -> Urdf:
        """Read URDF text.

        Raises:
            BadInputError: it is no URDF.
        """
        try:
            root = ET.fromstring(text)
        except ET.ParseError as error:
            raise BadInputError(f"{name} is no URDF: {error}") from error
        links = {e.get("name", ""): e for e in root.findall("link")}
        joints = {e.get("name", ""): e for e in root.findall("joint")}
        if root.tag != "robot" or not links:
            raise BadInputError(f"{name} is no URDF: it has no <robot> with links")
        return Urdf(name, links, joints)

    def limits(self, joint: str) -> tuple[float, float, float] | None:
        """Return lower, upper and velocity of a joint; None if it does not tell them.

        Raises:
            BadInputError: there is no such joint.
        """
        element = self.joints.get(joint)
        if element is None:
            raise BadInputError(
                f"{self.name} has no joint '{joint}'; {did_you_mean(joint, self.joints)}"
            )
        limit = element.find("limit")
        velocity = float(limit.get("velocity", "1.0")) if limit is not None else 1.0
        if element.get("type") == "continuous":
            return -_TURNS, _TURNS, velocity
        if limit is None or "upper" not in limit.attrib:
            return None
        return float(limit.get("lower", "0")), float(limit.get("upper", "0")), velocity

    def mjcf(
        self,
        *,
        root: str,
        joints: dict[str, str],
        gripper_link: str,
        gripper_site: str,
        xyz: Triple,
        rpy: Triple,
    ) -> str:
        """Write MJCF with the frame ``root`` at the origin.

        Args:
            root: link that becomes the base.
            joints: URDF names of the joints that move, to the names they get; others stay at 0.
            gripper_link: link that carries the site between the fingertips.
            gripper_site: its name.
            xyz: m in that link.
            rpy: rad, fixed axes.

        Raises:
            BadInputError: a link does not exist.
        """
        for link in (root, gripper_link):
            if link not in self.links:
                raise BadInputError(
                    f"{self.name} has no link '{link}'; {did_you_mean(link, self.links)}"
                )
        self.unresolved.clear()
        top = ET.Element("mujoco", model="robot")
        ET.SubElement(top, "compiler", angle="radian", autolimits="true", eulerseq="XYZ")
        world = ET.SubElement(top, "worldbody")
        self._body(world, root, None, joints)
        body = next(b for b in top.iter("body") if b.get("name") == gripper_link)
        ET.SubElement(
            body, "site", name=gripper_site, pos=_words(xyz), euler=_words(rpy), size="0.005"
        )
        ET.indent(top)
        return ET.tostring(top, encoding="unicode")

    def _body(
        self, parent: ET.Element, link: str, via: ET.Element | None, joints: dict[str, str]
    ) -> None:
        body = ET.SubElement(parent, "body", name=link)
        _place(body, via)
        # MuJoCo wants a mass on what moves; kinematics do not depend on it.
        ET.SubElement(body, "inertial", pos="0 0 0", mass="1", diaginertia="0.01 0.01 0.01")
        if via is not None and via.get("name", "") in joints and via.get("type") in _MOVING:
            self._joint(body, via, joints[via.get("name", "")])
        for collision in self.links[link].findall("collision"):
            self._geom(body, collision)
        for element in self.joints.values():
            above, below = element.find("parent"), element.find("child")
            if above is not None and below is not None and above.get("link") == link:
                self._body(body, below.get("link", ""), element, joints)

    def _joint(self, body: ET.Element, element: ET.Element, name: str) -> None:
        axis = element.find("axis")
        limits = self.limits(element.get("name", "")) or (-_TURNS, _TURNS, 1.0)
        ET.SubElement(
            body,
            "joint",
            name=name,
            type=_MOVING[element.get("type", "")],
            axis=axis.get("xyz", "1 0 0") if axis is not None else "1 0 0",
            range=f"{limits[0]} {limits[1]}",
        )

    def _geom(self, body: ET.Element, collision: ET.Element) -> None:
        geometry = collision.find("geometry")
        if geometry is None:
            return
        box, cylinder, sphere = (geometry.find(k) for k in ("box", "cylinder", "sphere"))
        if box is not None:
            half = [0.5 * float(v) for v in box.get("size", "0 0 0").split()]
            geom = ET.SubElement(body, "geom", type="box", size=_words(half))
        elif cylinder is not None:
            size = (float(cylinder.get("radius", "0")), 0.5 * float(cylinder.get("length", "0")))
            geom = ET.SubElement(body, "geom", type="cylinder", size=_words(size))
        elif sphere is not None:
            geom = ET.SubElement(body, "geom", type="sphere", size=sphere.get("radius", "0"))
        else:
            mesh = geometry.find("mesh")
            self.unresolved.append(
                f"{body.get('name')}: {Path(mesh.get('filename', '') if mesh is not None else '').name}"
            )
            return
        _place(geom, collision)


def _place(element: ET.Element, of: ET.Element | None) -> None:
    origin = of.find("origin") if of is not None else None
    if origin is None:
        return
    element.set("pos", origin.get("xyz", "0 0 0"))
    element.set("euler", _turned(origin.get("rpy", "0 0 0")))


def _turned(rpy: str) -> str:
    """URDF's fixed-axis roll, pitch, yaw in MuJoCo's order: ``eulerseq`` XYZ means fixed axes too."""
    return " ".join(rpy.split())


def _words(values: object) -> str:
    return " ".join(f"{v:.9g}" for v in values)  # type: ignore[attr-defined]
