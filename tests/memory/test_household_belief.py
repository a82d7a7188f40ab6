"""Drawers, devices, states, open hands and movable containers: belief from renders against the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy.contracts.entity import FixtureInfo, Truth
from diarchy.contracts.geometry import SE3
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Action
from diarchy.memory import WorldModel
from diarchy.perception import OracleDetector, Perception, ScanLocalizer
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.robot import HomeRobot
from diarchy.robots.home.scene import Scene, load_scene

pytestmark = pytest.mark.slow
HEAD, EYE = (8, 9), 1.2
JUST_ABOVE = np.array([0.0, 0.0, 0.01])


@contextmanager
def home(front_of: str, objects: Sequence[str], away: float = 0.65) -> Iterator[HomeRobot]:
    """A flat with objects on its counter, and the robot before a fixture or a person."""
    scene = load_scene("household_flat").model_dump(by_alias=True) | {"objects": (), "goals": ()}
    with closing(HomeRobot(Scene.model_validate(scene), seed=1)) as empty:
        x, y, yaw = place_before(empty, front_of, away)
    scene["objects"] = [{"class": c, "where": "counter_top_1"} for c in objects]
    scene["robot"] = {"x": x, "y": y, "yaw_deg": np.degrees(yaw)}
    with closing(HomeRobot(Scene.model_validate(scene), seed=1)) as robot:
        yield robot


@contextmanager
def closing(robot: HomeRobot) -> Iterator[HomeRobot]:
    try:
        yield robot
    finally:
        robot.close()


def place_before(robot: HomeRobot, name: str, away: float) -> tuple[float, float, float]:
    holder = robot.static_map.holder(name)
    assert holder is not None
    middle, half = target(holder)[:2], 0.0
    if holder.slide is None and holder.entity.kind == "fixture":
        middle, half = np.array(holder.entity.position[:2]), min(holder.entity.extent[:2]) / 2
    x, y = middle + holder.front * (half + away)
    return float(x), float(y), float(np.arctan2(-holder.front[1], -holder.front[0]))


def target(holder: FixtureInfo) -> np.ndarray:
    surfaces = holder.surfaces_at(holder.max_opening)
    return surfaces[0].pose.translation if surfaces else np.array(holder.entity.position)


class Eyes:
    """Perception and belief of one robot."""

    def __init__(self, robot: HomeRobot) -> None:
        self.robot = robot
        localizer = ScanLocalizer(robot.static_map, robot.start)
        self.perception = Perception(robot.spec, OracleDetector(lambda: robot.instances), localizer)
        self.world = WorldModel(robot.static_map, robot.spec)

    def look(self, point: np.ndarray) -> WorldModel:
        x, y, z = self.robot.truth.base().se3().inverse().apply(point)
        q = self.robot.proprio().q.copy()
        q[HEAD[0]] = np.arctan2(y, x)
        q[HEAD[1]] = np.arctan2(EYE - z, max(float(np.hypot(x, y)) - 0.15, 0.2))
        self.wait(1.2, q)
        percept = self.perception.digest(self.robot.sense(("head_camera",)))
        self.world.track(self.robot.proprio(), percept.map_from_base)
        self.world.integrate(percept)
        return self.world

    def wait(self, seconds: float, q: np.ndarray | None = None) -> None:
        goal = self.robot.proprio().q.copy() if q is None else q
        for _ in range(int(seconds * self.robot.spec.control_hz)):
            self.robot.apply(Action(np.zeros(2), goal, 0.1))

    def truth(self, text: str) -> Truth:
        return self.world.truth(Condition.parse(text))


def put(robot: HomeRobot, name: str, at: np.ndarray, yaw: float = 0.3) -> None:
    robot.move_object(name, [float(v) for v in at], yaw)


def test_a_drawer_is_read_and_what_lies_in_it_goes_with_it() -> None:
    with home("drawer_1", ["SaltShaker"]) as robot:
        info = robot.static_map.fixtures["drawer_1"]
        eyes = Eyes(robot)
        robot.set_door("drawer_1", info.max_opening)
        put(robot, "salt_shaker_1", target(info) + JUST_ABOVE)
        eyes.look(target(info))
        assert eyes.truth("open(drawer_1)") is Truth.TRUE
        assert eyes.truth("in(salt_shaker_1, drawer_1)") is Truth.TRUE
        assert robot.truth.holds("in", "salt_shaker_1", "drawer_1")
        robot.set_door("drawer_1", 0.0)
        eyes.wait(0.5)
        for _ in range(4):
            eyes.look(target(info))
        assert eyes.truth("shut(drawer_1)") is Truth.TRUE
        assert eyes.truth("in(salt_shaker_1, drawer_1)") is Truth.TRUE
        assert eyes.truth("accessible(salt_shaker_1)") is Truth.FALSE


@pytest.mark.parametrize("name", ["sink_basin_1", "microwave_1", "desk_lamp_1"])
def test_whether_a_device_runs_is_read_from_a_look(name: str) -> None:
    with home(name, []) as robot:
        info = robot.static_map.fixtures[name]
        eyes = Eyes(robot)
        for on in (False, True):
            robot.set_power(name, on)
            eyes.look(target(info))
            assert eyes.truth(f"running({name})") is Truth.of(on)
            assert eyes.truth(f"near({name})") is Truth.TRUE


def test_heat_is_seen_and_its_end_too() -> None:
    with home("counter_top_1", ["Potato"]) as robot:
        eyes = Eyes(robot)
        for degrees, hot in ((80.0, True), (21.0, False)):
            robot.set_state("potato_1", temperature=degrees)
            eyes.look(robot.truth.centre("potato_1"))
            assert eyes.truth("hot(potato_1)") is Truth.of(hot)


def test_what_lies_on_the_open_hands_is_given() -> None:
    with home("person_1", ["Apple"], away=0.7) as robot:
        eyes = Eyes(robot)
        hands = robot.static_map.hands["person_1"].pose.translation
        eyes.look(hands)
        assert eyes.truth("given(*, person_1)") is Truth.FALSE
        put(robot, "apple_1", hands + JUST_ABOVE)
        eyes.look(hands)
        assert robot.truth.holds("given", "apple_1", "person_1")
        assert eyes.truth("given(apple_1, person_1)") is Truth.TRUE
        assert eyes.truth("on(apple_1, person_1)") is Truth.FALSE


def test_a_thing_under_a_burning_lamp_is_lit() -> None:
    with home("desk_1", ["Book"]) as robot:
        eyes = Eyes(robot)
        (desk,) = robot.static_map.fixtures["desk_1"].surfaces
        put(robot, "book_1", desk.pose.translation + JUST_ABOVE)
        for on in (False, True):
            robot.set_power("desk_lamp_1", on)
            eyes.look(np.array(robot.static_map.fixtures["desk_lamp_1"].entity.position))
            eyes.look(robot.truth.centre("book_1"))
            assert eyes.truth("lit(book_1)") is Truth.of(robot.truth.holds("lit", "book_1"))
            assert eyes.truth("lit(book_1)") is Truth.of(on)


@pytest.mark.parametrize(
    ("container", "contents"),
    [
        ("Plate", ["Apple"]), ("Plate", ["Fork"]), ("Bowl", ["Apple"]), ("Bowl", ["Egg"]),
        ("Mug", ["Spoon"]), ("Cup", ["Pencil"]), ("Box", ["SaltShaker"]), ("Box", ["Egg", "Tomato"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_in_or_on_a_movable_container_is_seen_there(container, contents, seed) -> None:
    with home("counter_top_1", [container, *contents, "Potato"]) as robot:
        first, *inner, beside = robot.truth.objects
        rng = np.random.default_rng(seed)
        for name, shift in zip(inner, (-0.02, 0.03), strict=False):
            robot.truth.place(name, pose_inside(robot, first, name, shift, rng))
        eyes = Eyes(robot)
        eyes.wait(1.0)
        eyes.look(robot.truth.centre(first))
        relation = "on" if container == "Plate" else "in"
        for name in inner:
            assert eyes.truth(f"{relation}({name}, {first})") is Truth.TRUE
        eyes.look(robot.truth.centre(beside))
        assert eyes.truth(f"{relation}({beside}, {first})") is Truth.FALSE


def pose_inside(
    robot: HomeRobot, container: str, name: str, shift: float, rng: np.random.Generator
) -> SE3:
    """Above the container's floor; what is too long for a mug stands in it and leans."""
    base = robot.truth.pose(container).translation
    outer = OBJECT_CLASSES[robot.truth.attributes(container)["class"]].extent
    extent = OBJECT_CLASSES[robot.truth.attributes(name)["class"]].extent
    if extent[0] < min(outer[:2]) or outer[2] < 0.05:
        x, y, z = base + np.array([shift, 0.0, 0.015])
        return SE3.from_xyz_yaw(float(x), float(y), float(z), float(rng.uniform(-3.0, 3.0)))
    lean, turn = 0.2, rng.uniform(-np.pi, np.pi)
    along = np.array([np.sin(lean) * np.cos(turn), np.sin(lean) * np.sin(turn), np.cos(lean)])
    across = np.cross([0.0, 0.0, 1.0], along)
    across /= np.linalg.norm(across)
    up = np.cross(along, across)
    middle = base + [0.0, 0.0, 0.012] + along * extent[0] / 2 - up * extent[2] / 2
    return SE3(np.stack([along, across, up], axis=1), middle)
