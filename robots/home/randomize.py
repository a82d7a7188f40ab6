"""Domain randomisation: the seed changes how a home looks and how it behaves, as far as a scene asks.

Every aspect draws from a generator of its own: switching one on changes nothing about the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.freespace import FreeFloor
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.repaint import relight, retexture, retint
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.scene_parts import ObjectSpec, PersonSpec, Randomize, RobotStart
from diarchy.robots.home.static_map import static_map
from diarchy.robots.home.truth import FINGER_BODIES

PERSON_M, PERSON_DEG = 0.35, 25.0
START_M, START_DEG = 1.5, 180.0
"""How far people and the robot's start are moved and turned at strength 1."""
CAMERA_M, CAMERA_DEG = 0.005, 0.5
FRICTION, FINGER_FRICTION, MASS = 0.3, 0.2, 0.3
"""Largest part by which these change, either way."""
DELAY_TICKS = 2
_ARMS = 0.52
_TRIES = 80


@dataclass(frozen=True)
class Variation:
    """What was changed about a compiled model, and what others have to do their part of.

    Attributes:
        report: plain data for a trace.
        cameras: ``nominal_from_true`` of each camera: the robot knows the nominal mount alone.
        delay: control ticks between a command and the motors.
    """

    report: dict[str, Any] = field(default_factory=dict)
    cameras: Mapping[str, SE3] = field(default_factory=dict)
    delay: int = 0


def vary_scene(scene: Scene, seed: int) -> tuple[Scene, dict[str, Any]]:
    """Move people and the robot's start, and draw the colours that the scene leaves open.

    Returns:
        The scene, and what was drawn as plain data.
    """
    report: dict[str, Any] = {"layout": scene.layout} if scene.layout else {}
    changes: dict[str, Any] = {}
    switched = scene.randomize
    if switched.poses:
        people, start = _poses(scene, switched.poses, _rng(seed, "poses"))
        changes |= {"people": people, "robot": start}
        report["poses"] = {
            "robot": [round(v, 4) for v in (start.x, start.y, start.yaw_deg)],
            "people": [[round(v, 4) for v in (p.x, p.y, p.yaw_deg)] for p in people],
        }
    if switched.colours:
        changes["objects"] = _colours(scene.objects, _rng(seed, "colours"))
    return (scene.model_copy(update=changes) if changes else scene), report


def vary_model(
    model: Any, scene: Scene, placed: Sequence[Placed], cameras: Sequence[str], seed: int
) -> Variation:
    """Change colours, lights, textures, mounts, friction and masses of a compiled model in place.

    Args:
        model: `mujoco.MjModel`.
        scene: what is to be randomised, and how strongly.
        placed: the movable things.
        cameras: names of the robot's cameras.
        seed: decides.
    """
    on, report = scene.randomize, dict[str, Any]()
    mounts: dict[str, SE3] = {}
    if on.colours:
        report["colours"] = retint(model, on.colours, _rng(seed, "colours", 1))
    if on.textures:
        report["textures"] = retexture(model, on.textures, _rng(seed, "textures"))
    if on.lights:
        report["lights"] = relight(model, on.lights, _rng(seed, "lights"))
    if on.camera_jitter:
        mounts = _mounts(model, cameras, on.camera_jitter, _rng(seed, "camera_jitter"))
        report["camera_jitter"] = {
            name: [round(float(v), 5) for v in mount.translation] for name, mount in mounts.items()
        }
    if on.friction:
        report["friction"] = _friction(model, placed, on.friction, _rng(seed, "friction"))
    if on.mass:
        report["mass"] = _mass(model, placed, on.mass, _rng(seed, "mass"))
    delay = 0
    if on.actuator_delay:
        most = round(DELAY_TICKS * on.actuator_delay)
        delay = int(_rng(seed, "actuator_delay").integers(most + 1))
        report["actuator_delay_ticks"] = delay
    return Variation(report, mounts, delay)


def _rng(seed: int, aspect: str, part: int = 0) -> np.random.Generator:
    number = list(Randomize.model_fields).index(aspect)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8, number, part)))


def _poses(
    scene: Scene, strength: float, rng: np.random.Generator
) -> tuple[tuple[PersonSpec, ...], RobotStart]:
    """People stay where one can stand before them; the robot starts where it fits and gets around."""
    start = scene.robot
    floor = FreeFloor(static_map(scene), (start.x, start.y), people=False)
    people = tuple(_person(floor, person, strength, rng) for person in scene.people)
    moved = scene.model_copy(update={"people": people})
    floor = FreeFloor(static_map(moved), (start.x, start.y))
    for _ in range(_TRIES):
        x, y = np.array([start.x, start.y]) + rng.uniform(-START_M, START_M, 2) * strength
        yaw = start.yaw_deg + float(rng.uniform(-START_DEG, START_DEG)) * min(1.0, strength)
        if floor.met([[x, y]])[0] and floor.room([[x, y]])[0] > 0.45:
            placed = {"x": float(x), "y": float(y), "yaw_deg": (yaw + 180.0) % 360.0 - 180.0}
            return people, start.model_copy(update=placed)
    return people, start


def _person(
    floor: FreeFloor, person: PersonSpec, strength: float, rng: np.random.Generator
) -> PersonSpec:
    for _ in range(_TRIES):
        x, y = np.array([person.x, person.y]) + rng.uniform(-PERSON_M, PERSON_M, 2) * strength
        yaw = person.yaw_deg + float(rng.uniform(-PERSON_DEG, PERSON_DEG)) * strength
        ahead = np.array([np.cos(np.radians(yaw)), np.sin(np.radians(yaw))])
        before = np.array([x, y]) + np.outer([_ARMS, 1.0, 1.2], ahead)
        if floor.room([[x, y]])[0] > 0.30 and floor.met(before).all():
            return PersonSpec(x=float(x), y=float(y), yaw_deg=float(yaw))
    return person


def _colours(objects: Sequence[ObjectSpec], rng: np.random.Generator) -> tuple[ObjectSpec, ...]:
    drawn = []
    for thing in objects:
        colors = OBJECT_CLASSES[thing.cls].colors
        color = colors[int(rng.integers(len(colors)))]
        drawn.append(thing.model_copy(update={"color": thing.color or color}))
    return tuple(drawn)


def _mounts(
    model: Any, cameras: Sequence[str], strength: float, rng: np.random.Generator
) -> dict[str, SE3]:
    """Bend every camera's mount a little; returns ``nominal_from_true``."""
    found = {}
    for name in cameras:
        camera = model.camera(name)
        shift = strength * rng.uniform(-CAMERA_M, CAMERA_M, 3)
        turn = strength * np.radians(rng.uniform(-CAMERA_DEG, CAMERA_DEG, 3))
        bent = SE3(_small_rotation(turn), shift)
        nominal = SE3.from_quat(camera.pos, camera.quat)
        true = nominal @ bent
        model.cam_pos[camera.id], model.cam_quat[camera.id] = true.translation, true.quat()
        found[name] = bent
    return found


def _small_rotation(turn: FloatArray) -> FloatArray:
    """Rodrigues' formula: the rotation about an axis by the length of ``turn`` ``[3]`` rad."""
    angle = float(np.linalg.norm(turn))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = turn / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def _friction(
    model: Any, placed: Sequence[Placed], strength: float, rng: np.random.Generator
) -> dict[str, float]:
    found = {}
    for thing in placed:
        found[thing.id] = _rub(model, thing.id, 1.0 + strength * rng.uniform(-FRICTION, FRICTION))
    factor = 1.0 + strength * float(rng.uniform(-FINGER_FRICTION, FINGER_FRICTION))
    for body in FINGER_BODIES:
        found["fingers"] = _rub(model, body, factor)
    return found


def _rub(model: Any, body: str, factor: float) -> float:
    first, count = model.body(body).geomadr[0], model.body(body).geomnum[0]
    model.geom_friction[first : first + count] *= factor
    return round(float(factor), 3)


def _mass(
    model: Any, placed: Sequence[Placed], strength: float, rng: np.random.Generator
) -> dict[str, float]:
    import mujoco

    found = {}
    for thing in placed:
        factor = 1.0 + strength * float(rng.uniform(-MASS, MASS))
        body = model.body(thing.id).id
        model.body_mass[body] *= factor
        model.body_inertia[body] *= factor
        found[thing.id] = round(factor, 3)
    mujoco.mj_setConst(model, mujoco.MjData(model))
    return found
