"""Composes the simulated world: Fetch, rooms, fixtures, objects and people in one MuJoCo model.

Every body of an entity is named after it (``fridge_1``, ``fridge_1/door``), so that the owner of any
geom can be told from the body's name alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarchy.contracts.geometry import SE3
from diarchy.robots.home.decor import decor_parts
from diarchy.robots.home.fetch import fetch_mjcf
from diarchy.robots.home.fetch_data import FINGERS, JOINTS
from diarchy.robots.home.furnish import furnish
from diarchy.robots.home.joints import add_moving_parts
from diarchy.robots.home.looks import add_lights, add_materials
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.parts import WALL_GROUP, Part, add_part, box
from diarchy.robots.home.people import (
    HELD_OUT,
    SOFT,
    forearm_parts,
    palm_parts,
    person_parts,
)
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.rooms import home_bounds, skirting, walls
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.sleep import let_sleep

PHYSICS_STEP = 0.0025
BASE_JOINTS = ("base_x", "base_y", "base_yaw")
_ROLLING, _ROLLS = 0.03, 10.0
"""Coefficient of rolling resistance of fruit and bottles on a floor; the speed (rad/s) at which it holds."""
FINGER_JOINTS = ("r_gripper_finger_joint", "l_gripper_finger_joint")


@dataclass(frozen=True)
class BaseServo:
    """Gains and force limit of one planar joint of the base."""

    kp: float
    kv: float
    force: float


# Stiff position hold: a velocity servo creeps centimetres under the load of a door.
BASE_SERVOS = (
    BaseServo(3e4, 3.6e3, 260.0),
    BaseServo(3e4, 3.6e3, 260.0),
    BaseServo(8e3, 5.0e2, 140.0),
)


def build_model(scene: Scene, placed: Iterable[Placed]) -> Any:
    """Compile the `mujoco.MjModel` of a scene with its objects at their starts.

    Raises:
        MissingExtraError: the ``sim`` extra is not installed.
    """
    import mujoco

    placed = list(placed)
    spec = mujoco.MjSpec.from_string(fetch_mjcf())
    spec.modelname = scene.name
    option = spec.option
    option.timestep = PHYSICS_STEP
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    # At 10 a mug creeps 8 mm out of the fingers in 15 s of carrying, at 50 it is 1.5 mm.
    option.impratio = 50.0
    let_sleep(option)
    spec.memory = 64 * 1024 * 1024
    _add_base_and_actuators(spec)
    add_materials(spec, scene.style)
    _add_rooms(spec, scene)
    for fixture in furnish(scene):
        body = _add_fixed(spec, fixture.entity_id, fixture.pose, fixture.model.parts)
        add_moving_parts(spec, body, fixture)
    for thing in placed:
        _add_object(spec, thing)
    for entity_id, person in zip(scene.person_ids, scene.people, strict=True):
        pose = SE3.from_xyz_yaw(person.x, person.y, 0.0, float(np.radians(person.yaw_deg)))
        _add_person(spec, entity_id, pose)
    model = spec.compile()
    _resist_rolling(model, placed)
    # Clipping planes are given in units of the model's extent: here 1 cm and 40 m.
    model.vis.map.znear, model.vis.map.zfar = 0.01 / model.stat.extent, 40.0 / model.stat.extent
    return model


def _resist_rolling(model: Any, placed: Iterable[Placed]) -> None:
    """Let what rolls come to rest: a bottle is no ball bearing.

    The torque of rolling resistance, mass times gravity times radius times its coefficient, is spread over the
    turning speed at which things roll about here, as the damping of the free joint's rotations (N m s / rad).
    That spares every contact the two dimensions of rolling friction.
    """
    for thing in placed:
        cls = OBJECT_CLASSES[thing.cls]
        weight = 9.81 * cls.mass
        joint = model.joint(thing.id)
        turning = slice(joint.dofadr[0] + 3, joint.dofadr[0] + 6)
        model.dof_damping[turning] = _ROLLING * weight * min(cls.extent) / 2.0 / _ROLLS


def _add_base_and_actuators(spec: Any) -> None:
    import mujoco

    base = spec.body("base")
    slide, hinge = mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE
    for name, kind, axis in zip(
        BASE_JOINTS, (slide, slide, hinge), ([1, 0, 0], [0, 1, 0], [0, 0, 1]), strict=True
    ):
        base.add_joint(name=name, type=kind, axis=axis, armature=1.0 if kind == slide else 0.2)
    for name, servo in zip(BASE_JOINTS, BASE_SERVOS, strict=True):
        _add_servo(spec, name, servo.kp, servo.kv, servo.force)
    for joint in JOINTS:
        _add_servo(spec, joint.name, joint.kp, joint.kv, joint.force)
    for name in FINGER_JOINTS:
        _add_servo(spec, name, FINGERS.kp, FINGERS.kv, FINGERS.force)


def _add_servo(spec: Any, joint: str, kp: float, kv: float, force: float) -> None:
    import mujoco

    actuator = spec.add_actuator(
        name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT, forcerange=[-force, force]
    )
    actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
    actuator.set_to_position(kp=kp, kv=kv)


def _add_rooms(spec: Any, scene: Scene) -> None:
    import mujoco

    world = spec.worldbody
    x0, y0, x1, y1 = home_bounds(scene)
    centre = ((x0 + x1) / 2, (y0 + y1) / 2)
    world.add_geom(
        name="ground",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        pos=[*centre, 0.0],
        size=[(x1 - x0) / 2 + 1.0, (y1 - y0) / 2 + 1.0, 1.0],
        rgba=[0.70, 0.69, 0.66, 1.0],
        condim=4,
    )
    for name, room in scene.rooms.items():
        a, b, c, d = room.bounds
        floor = box(
            (c - a, d - b, 0.002), ((a + c) / 2, (b + d) / 2, 0.0005), room.floor, solid=False
        )
        add_part(spec, world, floor, f"floor/{name}")
    for i, wall in enumerate(walls(scene)):
        # A body each: in one, whose box is as large as the home, everything always comes near to it.
        body = world.add_body(name=f"walls/{i}")
        add_part(spec, body, wall.part, f"wall_{i}")
        board = skirting(wall.part)
        if board is not None:
            add_part(spec, body, board, f"skirting_{i}")
        if wall.near_viewer:
            for geom in body.geoms:
                geom.group = WALL_GROUP
    for i, item in enumerate(scene.decor):
        for j, (part, pose) in enumerate(decor_parts(item)):
            holder = world.add_body(name=f"decor_{i}_{j}", pos=pose.translation, quat=pose.quat())
            add_part(spec, holder, part, f"decor_{i}_{j}")
    add_lights(spec, centre, scene.lighting)


def _add_fixed(spec: Any, entity_id: str, pose: SE3, parts: Iterable[Part]) -> Any:
    body = spec.worldbody.add_body(name=entity_id, pos=pose.translation, quat=pose.quat())
    for i, part in enumerate(parts):
        add_part(spec, body, part, f"{entity_id}/{i}")
    return body


def _add_person(spec: Any, entity_id: str, pose: SE3) -> None:
    """Stand a person there: nothing moves it but an event from outside."""
    body = _add_fixed(spec, entity_id, pose, person_parts())
    body.mocap = True
    name = HELD_OUT.format(entity_id)
    arms = body.add_body(name=name)
    for i, part in enumerate((*forearm_parts(), *palm_parts())):
        add_part(spec, arms, part, f"{name}/{i}")
        geom = arms.geoms[-1]
        geom.priority, geom.condim = 2, SOFT.condim
        geom.friction, geom.solref = SOFT.friction, SOFT.solref


def _add_object(spec: Any, thing: Placed) -> None:
    cls = OBJECT_CLASSES[thing.cls]
    body = spec.worldbody.add_body(
        name=thing.id, pos=thing.pose.translation, quat=thing.pose.quat()
    )
    body.add_freejoint(name=thing.id)
    parts = cls.parts(thing.color)
    solid = sum(part.solid for part in parts)
    for i, part in enumerate(parts):
        add_part(spec, body, part, f"{thing.id}/{i}", contact=cls.contact, mass=cls.mass / solid)
