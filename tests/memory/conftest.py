"""A small synthetic home, seen through the real pipeline by ray casting."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from diarchy.contracts.entity import (
    Box,
    Control,
    Entity,
    FixtureInfo,
    Hinge,
    Slide,
    StaticMap,
    Surface,
)
from diarchy.contracts.geometry import SE3, FloatArray, Intrinsics
from diarchy.contracts.robot import (
    Action,
    BaseSpec,
    GripperSpec,
    JointSpec,
    LidarScan,
    Observation,
    Pose2,
    Proprio,
    RobotSpec,
)
from diarchy.memory import WorldModel
from diarchy.perception import OracleDetector, Percept, Perception
from diarchy.perception.boxes import fixture_boxes
from diarchy.perception.raycast import depth_frame, look_from

HAND = SE3.from_translation([0.6, 0.0, 0.9])
CAMERA = Intrinsics.from_fovy(200, 150, 55.0)


@dataclass(frozen=True)
class Label:
    entity_id: str
    cls: str
    attributes: dict[str, str] = field(default_factory=dict)
    opening: float | None = None
    power: bool | None = None


def _box(x: float, y: float, z: float, size: tuple[float, float, float]) -> Box:
    return Box(SE3.from_xyz_yaw(x, y, z, 0.0), np.array(size))


def _table() -> FixtureInfo:
    entity = Entity(
        id="table_1", cls="Table", kind="fixture", position=(1.5, 0, 0.35), extent=(0.6, 1.0, 0.7), can_hold=("on",)
    )  # fmt: skip
    top = Surface(SE3.from_xyz_yaw(1.5, 0, 0.7, 0), (0.6, 1.0), 1.0, "on", "top")
    return FixtureInfo(
        entity, (_box(1.5, 0, 0.35, (0.6, 1.0, 0.7)),), np.array([-1.0, 0.0]), (top,)
    )


def _fridge() -> FixtureInfo:
    """Opens towards -x; the inside is a shaft from 0.6 to 1.2 m."""
    panel = _box(4.0, 0.0, 0.9, (0.04, 0.6, 0.6))
    parts = (
        panel,
        _box(4.3, 0.0, 0.3, (0.56, 0.6, 0.6)), _box(4.56, 0.0, 0.9, (0.04, 0.6, 0.6)),
        _box(4.3, 0.28, 0.9, (0.56, 0.04, 0.6)), _box(4.3, -0.28, 0.9, (0.56, 0.04, 0.6)),
        _box(4.3, 0.0, 1.22, (0.56, 0.6, 0.04)),
    )  # fmt: skip
    entity = Entity(
        id="fridge_1", cls="Fridge", kind="fixture", position=(4.28, 0, 0.62), extent=(0.6, 0.6, 1.24),
        can_hold=("in",), openable=True,
    )  # fmt: skip
    inner = Surface(SE3.from_xyz_yaw(4.28, 0, 0.6, 0), (0.48, 0.5), 0.6, "in", "front")
    hinge = Hinge(
        np.array([4.0, 0.3, 0.0]), -1, np.array([3.95, -0.2, 0.9]), np.array([-1.0, 0, 0]),
        np.array([0.0, 0, 1.0]), 1.9, panel,
    )  # fmt: skip
    return FixtureInfo(entity, parts, np.array([-1.0, 0.0]), (inner,), hinge, moving=(0,))


def _cupboard(name: str, cls: str, x: float, y: float, *, switch: bool) -> FixtureInfo:
    """A box at 0.9 to 1.3 m with a door towards -x, on a plinth."""
    panel = _box(x - 0.31, y, 1.1, (0.02, 0.6, 0.4))
    parts = (
        panel,
        _box(x, y, 0.45, (0.6, 0.6, 0.9)), _box(x + 0.29, y, 1.1, (0.02, 0.6, 0.4)),
        _box(x, y + 0.29, 1.1, (0.6, 0.02, 0.4)), _box(x, y - 0.29, 1.1, (0.6, 0.02, 0.4)),
        _box(x, y, 1.31, (0.6, 0.6, 0.02)),
    )  # fmt: skip
    entity = Entity(
        id=name, cls=cls, kind="fixture", position=(x, y, 0.66), extent=(0.64, 0.6, 1.32),
        can_hold=("in",), openable=True, switchable=switch,
    )  # fmt: skip
    inner = Surface(SE3.from_xyz_yaw(x, y, 0.9, 0), (0.5, 0.5), 0.4, "in", "front")
    hinge = Hinge(
        np.array([x - 0.31, y + 0.3, 0.0]), -1, np.array([x - 0.35, y - 0.2, 1.1]),
        np.array([-1.0, 0, 0]), np.array([0.0, 0, 1.0]), 1.9, panel,
    )  # fmt: skip
    button = Control("button", np.array([x - 0.32, y, 0.8]), np.array([-1.0, 0, 0]), 0.01)
    front = np.array([-1.0, 0.0])
    control = button if switch else None
    return FixtureInfo(entity, parts, front, (inner,), hinge, control=control, moving=(0,))


def _drawer(name: str, x: float, y: float) -> FixtureInfo:
    """A tray with its floor at 0.7 m that comes out towards -x; the cabinet over it hides what is in it."""
    face = _box(x - 0.16, y, 0.76, (0.02, 0.5, 0.16))
    parts = (face, _box(x, y, 0.69, (0.30, 0.46, 0.02)), _box(x, y, 0.88, (0.30, 0.5, 0.02)))
    entity = Entity(
        id=name, cls="Drawer", kind="fixture", position=(x, y, 0.76), extent=(0.34, 0.5, 0.16),
        can_hold=("in",), openable=True, part_of="dresser_1",
    )  # fmt: skip
    inner = Surface(SE3.from_xyz_yaw(x, y, 0.7, 0), (0.28, 0.44), 0.15, "in", "top")
    out = np.array([-1.0, 0, 0])
    slide = Slide(out, np.array([x - 0.2, y, 0.76]), np.array([0, 1.0, 0]), 0.3, face)
    return FixtureInfo(entity, parts, np.array([-1.0, 0.0]), (inner,), slide=slide, moving=(0, 1))


def _sink() -> FixtureInfo:
    """A basin 0.14 m deep, its rim at 0.88 m."""
    x, y = 1.5, 2.0
    parts = (
        _box(x, y, 0.36, (0.6, 0.7, 0.74)), _box(x - 0.27, y, 0.81, (0.06, 0.7, 0.16)),
        _box(x + 0.27, y, 0.81, (0.06, 0.7, 0.16)), _box(x, y + 0.32, 0.81, (0.6, 0.06, 0.16)),
        _box(x, y - 0.32, 0.81, (0.6, 0.06, 0.16)),
    )  # fmt: skip
    entity = Entity(
        id="sink_basin_1", cls="SinkBasin", kind="fixture", position=(x, y, 0.44),
        extent=(0.6, 0.7, 0.89), can_hold=("in",), switchable=True,
    )  # fmt: skip
    inner = Surface(SE3.from_xyz_yaw(x, y, 0.73, 0), (0.46, 0.56), 0.5, "in", "top")
    lever = Control(
        "lever", np.array([x, y, 1.0]), np.array([-1.0, 0, 0]), 0.6, np.array([x, y, 1])
    )
    return FixtureInfo(entity, parts, np.array([-1.0, 0.0]), (inner,), control=lever)


def _lamp() -> FixtureInfo:
    """Stands on the table; its head is at 1.05 m."""
    entity = Entity(
        id="desk_lamp_1", cls="DeskLamp", kind="fixture", position=(1.7, 0.4, 0.9),
        extent=(0.2, 0.2, 0.4), switchable=True, part_of="table_1",
    )  # fmt: skip
    button = Control("button", np.array([1.6, 0.4, 0.72]), np.array([0, 0, 1.0]), 0.01)
    part = _box(1.7, 0.4, 0.9, (0.06, 0.06, 0.4))
    return FixtureInfo(entity, (part,), np.array([-1.0, 0.0]), control=button)


HOUSEHOLD = {
    "sink_basin_1": _sink(),
    "microwave_1": _cupboard("microwave_1", "Microwave", 1.5, -2.0, switch=True),
    "drawer_1": _drawer("drawer_1", 1.5, 1.2),
    "desk_lamp_1": _lamp(),
}
HANDS = Surface(SE3.from_xyz_yaw(1.6, 2.7, 0.95, 0), (0.28, 0.22), 0.6, "on", "top")


def tiny_spec() -> RobotSpec:
    return RobotSpec(
        name="tiny", joints=(JointSpec("a", -1, 1, 1, 1),), groups={"arm": (0,)}, postures={}, base=BaseSpec(),
        gripper=GripperSpec(), model_xml="", gripper_site="gripper", cameras=("head_camera",), head_camera="head_camera",
    )  # fmt: skip


@dataclass
class Fixed:
    """A localizer that knows."""

    pose: SE3

    def predict(self, proprio: Proprio) -> SE3:
        return self.pose

    def correct(self, proprio: Proprio, scan: LidarScan) -> SE3:
        return self.pose


class Lab:
    """A home whose things can be moved by the test, and a robot that looks where it is told."""

    def __init__(self, *, identify: bool = True, household: bool = False) -> None:
        fixtures = {"fridge_1": _fridge(), "table_1": _table()} | (HOUSEHOLD if household else {})
        person = Entity(
            id="person_1", cls="Person", kind="person", position=(2, 2, 0.8), extent=(0.4, 0.4, 1.6)
        )
        hands = {"person_1": HANDS} if household else {}
        rooms = {"kitchen": (-1.0, -3.0, 6.0, 3.0)}
        self.static_map = StaticMap((-1, -3, 6, 3), rooms, (), fixtures, (person,), hands)
        self.things: dict[str, tuple[str, dict[str, str], Box]] = {}
        self.screens: list[Box] = []
        self.openings = {name: 0.0 for name, info in fixtures.items() if info.openable}
        self.power = {name: False for name, info in fixtures.items() if info.control}
        self.base = Pose2(0.5, 0.0, 0.0)
        self.width, self.force, self.commanded = 0.1, 0.0, 0.1
        self.still = True
        self.now = 0.0
        self.identify = identify
        self.world = WorldModel(self.static_map, tiny_spec(), base_from_gripper=lambda p: HAND)
        self._localizer = Fixed(self.base.se3())
        self._labels: dict[int, Label] = {}
        detector = OracleDetector(lambda: self._labels, min_pixels=12)
        self.perception = Perception(tiny_spec(), detector, self._localizer, self.static_map)

    @property
    def door(self) -> float:
        """Angle of the fridge's door, rad."""
        return self.openings["fridge_1"]

    @door.setter
    def door(self, angle: float) -> None:
        self.openings["fridge_1"] = angle

    def put(
        self, name: str, x: float, y: float, bottom: float, size: tuple[float, float, float] = (0.08, 0.08, 0.1),
        color: str = "red", **states: str,
    ) -> None:  # fmt: skip
        cls = "".join(w.capitalize() for w in name.rsplit("_", 1)[0].split("_"))
        self.things[name] = (
            cls,
            {"color": color, **states},
            _box(x, y, bottom + size[2] / 2, size),
        )

    def proprio(self) -> Proprio:
        zero = np.zeros(1)
        moving = np.zeros(2) if self.still else np.array([0.3, 0.0])
        action = Action(np.zeros(2), zero, self.commanded)
        return Proprio(
            self.now, round(self.now * 200), zero, zero, zero, self.width, self.force, self.base, moving, action
        )  # fmt: skip

    def feel(self, times: int = 1) -> None:
        """Track some ticks without looking."""
        for _ in range(times):
            self.now += 0.05
            self._localizer.pose = self.base.se3()
            proprio = self.proprio()
            self.world.track(proprio, self.perception.track(proprio))

    def wait(self, seconds: float) -> None:
        """Track, once a second, without looking."""
        for _ in range(int(seconds)):
            self.now += 0.95
            self.feel()

    def look(self, *target: float) -> Percept:
        """Look at a point in the map with the head camera and believe it."""
        self.feel()
        eye = np.array([self.base.x, self.base.y, 1.3])
        camera = self.base.se3().inverse() @ look_from(eye, target)
        boxes, ids = self._scene()
        frame = depth_frame(boxes, camera, self.base.se3(), CAMERA, stamp=self.now, ids=ids)
        percept = self.perception.digest(Observation(self.proprio(), {"head_camera": frame}))
        if not self.identify:
            percept = _anonymous(percept)
        self.world.integrate(percept)
        return percept

    def _scene(self) -> tuple[list[Box], list[int]]:
        boxes, ids = (
            [_box(2.0, 0.0, -0.05, (12.0, 8.0, 0.1)), *self.screens],
            [-1] * (1 + len(self.screens)),
        )
        labels: list[Label] = []
        for name, info in self.static_map.fixtures.items():
            opening = self.openings.get(name)
            parts = fixture_boxes(info, opening)
            boxes += parts
            ids += [len(labels)] * len(parts)
            labels.append(Label(name, info.entity.cls, {}, opening, self.power.get(name)))
        for name, (cls, attributes, shape) in self.things.items():
            boxes.append(shape)
            ids.append(len(labels))
            labels.append(Label(name, cls, attributes))
        self._labels = dict(enumerate(labels))
        return boxes, ids


def _anonymous(percept: Percept) -> Percept:
    """What a camera's detector would give: no identities, no door angles."""
    sightings = tuple(
        replace(s, detection=replace(s.detection, instance=None)) for s in percept.sightings
    )
    fixtures = tuple(
        replace(f, detection=replace(f.detection, instance=None)) for f in percept.fixtures
    )
    return replace(percept, sightings=sightings, fixtures=fixtures)


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def household() -> Lab:
    """The lab with a sink, a microwave, a drawer, a lamp and a person's open hands."""
    return Lab(household=True)


@pytest.fixture
def anonymous_lab() -> Lab:
    return Lab(identify=False)


@pytest.fixture
def hand() -> FloatArray:
    """Where the gripper is relative to the base."""
    return HAND.translation
