"""Contact and friction alone lift things: the recipe of docs/scenes.md on every graspable class."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import mujoco
import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

mink = pytest.importorskip("mink")

from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot, Scene

DOWN = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])


class Hand:
    """A minimal Cartesian controller for tests: differential IK on the commanded joints, 50 Hz."""

    def __init__(self, robot: HomeRobot) -> None:
        self.robot = robot
        self.model = mujoco.MjModel.from_xml_string(robot.spec.model_xml)
        self.configuration = mink.Configuration(self.model)
        self.address = [self.model.joint(n).qposadr[0] for n in robot.spec.joint_names]
        self.task = mink.FrameTask("gripper", "site", position_cost=1.0, orientation_cost=0.5)
        self.posture = mink.PostureTask(self.model, cost=2e-3)
        speeds = {j.name: j.velocity / 3 for j in robot.spec.joints}
        self.limits = [
            mink.ConfigurationLimit(self.model),
            mink.VelocityLimit(self.model, speeds),
        ]

    def unfold(self, width: float) -> None:
        start, goal = self.robot.proprio().q, self.robot.spec.postures["ready"]
        for i in range(600):
            t = min(1.0, (i + 1) / 560)
            self.robot.apply(Action(np.zeros(2), start + (goal - start) * t, width))
        q = self.configuration.q.copy()
        q[self.address] = goal
        self.configuration.update(q)
        self.posture.set_target(q)
        pose = self.configuration.get_transform_frame_to_world("gripper", "site")
        self.at = pose.translation()

    def go(
        self,
        target: np.ndarray,
        seconds: float,
        width: float,
        turn: tuple[np.ndarray, np.ndarray] = (DOWN, DOWN),
    ) -> None:
        start, steps = self.at.copy(), round(seconds * 50)
        turns = Slerp([0.0, 1.0], Rotation.from_matrix(np.array(turn)))
        for i in range(steps):
            t = (i + 1) / steps
            t = 3 * t * t - 2 * t**3
            self.step(start + (target - start) * t, turns(t).as_matrix(), width)
        self.at = target.copy()

    def step(self, point: np.ndarray, rotation: np.ndarray, width: float) -> None:
        goal = mink.SO3.from_matrix(rotation)
        self.task.set_target(mink.SE3.from_rotation_and_translation(goal, point))
        tasks = [self.task, self.posture]
        for _ in range(3):
            velocity = mink.solve_ik(self.configuration, tasks, 0.02, "daqp", limits=self.limits)
            self.configuration.integrate_inplace(velocity, 0.02)
        self.hold(4, width)

    def hold(self, ticks: int, width: float) -> None:
        q = self.configuration.q[self.address].copy()
        for _ in range(ticks):
            self.robot.apply(Action(np.zeros(2), q, width))


@pytest.fixture
def lifted(small_scene: Callable[..., Scene]) -> Iterator[Callable[..., tuple[HomeRobot, Hand]]]:
    robots: list[HomeRobot] = []

    def lift(cls: str, offset: tuple[float, float, float], width: float) -> tuple[HomeRobot, Hand]:
        thing = {"class": cls, "where": [1.32, 2.5, 0.741], "yaw_deg": 0}
        robot = HomeRobot(small_scene(objects=[thing]))
        robots.append(robot)
        hand = Hand(robot)
        hand.unfold(width)
        name = robot.truth.objects[0]
        base: SE3 = robot.truth.base().se3()
        target = base.inverse().apply(robot.truth.centre(name)) + np.array(offset)
        hand.go(target + np.array([0.0, 0.0, 0.12]), 1.6, width)
        hand.go(target, 1.6, width)
        hand.hold(160, 0.0)
        hand.go(target + np.array([0.0, 0.0, 0.14]), 2.0, 0.0)
        hand.hold(160, 0.0)
        return robot, hand

    yield lift
    for robot in robots:
        robot.close()


def test_a_can_is_lifted_by_friction_and_does_not_creep(
    lifted: Callable[..., tuple[HomeRobot, Hand]],
) -> None:
    robot, hand = lifted("SodaCan", (0.0, 0.0, 0.01), 0.10)
    truth, feels = robot.truth, robot.proprio()
    assert truth.holds("holding", "soda_can_1")
    assert not truth.holds("on", "soda_can_1", "dining_table_1")
    assert truth.centre("soda_can_1")[2] > 0.74 + 0.061 + 0.12
    assert feels.gripper_width == pytest.approx(0.066, abs=0.002)
    assert 30.0 < feels.gripper_force <= 60.0
    before = truth.gripper().inverse().apply(truth.centre("soda_can_1"))
    hand.hold(1600, 0.0)
    after = truth.gripper().inverse().apply(truth.centre("soda_can_1"))
    assert np.linalg.norm(after - before) < 0.002


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cls", "offset", "width"),
    [
        ("Apple", (0, 0, 0), 0.10),
        ("Potato", (0, 0, 0), 0.10),
        ("Bread", (0, 0, 0.005), 0.10),
        ("SaltShaker", (0, 0, 0.01), 0.10),
        ("DishSponge", (0, 0, 0), 0.10),
        ("RemoteControl", (0, 0, 0), 0.10),
        ("Cup", (0, 0, 0.02), 0.10),
        ("Mug", (0, 0.034, 0.03), 0.045),
        ("Bowl", (0, 0.070, 0.015), 0.045),
    ],
)
def test_every_class_can_be_lifted(
    lifted: Callable[..., tuple[HomeRobot, Hand]],
    cls: str,
    offset: tuple[float, float, float],
    width: float,
) -> None:
    robot, _ = lifted(cls, offset, width)
    assert robot.truth.holds("holding", robot.truth.objects[0])


def knocked_out(robot: HomeRobot, hand: Hand) -> None:
    name = robot.truth.objects[0]
    high = robot.truth.centre(name)[2]
    assert robot.knock_from_hand() == name
    hand.hold(20, 0.0)
    assert robot.truth.centre(name)[2] < high - 0.03
    hand.hold(300, 0.0)
    assert not robot.truth.holds("holding", name)
    assert robot.truth.holds("on", name, "dining_table_1")
    assert robot.proprio().gripper_width < 0.01


def test_what_is_knocked_out_of_the_hand_falls_and_the_hand_closes_on_nothing(
    lifted: Callable[..., tuple[HomeRobot, Hand]],
) -> None:
    knocked_out(*lifted("SodaCan", (0.0, 0.0, 0.01), 0.10))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cls", "offset", "width"),
    [
        ("Apple", (0, 0, 0), 0.10),
        ("Mug", (0, 0.034, 0.03), 0.045),
        ("Bowl", (0, 0.070, 0.015), 0.045),
        ("RemoteControl", (0, 0, 0), 0.10),
    ],
)
def test_no_grip_withstands_a_knock(
    lifted: Callable[..., tuple[HomeRobot, Hand]],
    cls: str,
    offset: tuple[float, float, float],
    width: float,
) -> None:
    knocked_out(*lifted(cls, offset, width))


def test_an_empty_gripper_closes_to_nothing_and_feels_little(
    small_scene: Callable[..., Scene],
) -> None:
    robot = HomeRobot(small_scene(objects=[]))
    q = robot.spec.postures["carry"]
    for width, ticks in ((0.10, 260), (0.0, 300)):
        for _ in range(ticks):
            robot.apply(Action(np.zeros(2), q, width))
        feels = robot.proprio()
        assert feels.gripper_width == pytest.approx(width, abs=0.004)
        assert feels.gripper_force < 20.0


def test_the_arm_pulls_the_fridge_open_by_its_bar_and_the_base_does_not_creep(
    small_scene: Callable[..., Scene],
) -> None:
    fridge = {"class": "Fridge", "x": 3.0, "y": 4.5, "yaw_deg": -90}
    start = {"x": 2.75, "y": 3.15, "yaw_deg": 90, "posture": "carry"}
    robot = HomeRobot(small_scene(fixtures=[fridge], objects=[], robot=start))
    hinge = robot.static_map.fixtures["fridge_1"].hinge
    assert hinge is not None
    base = robot.start.se3().inverse()

    def handle(angle: float, follow: float = 0.7, back: float = 0.0) -> SE3:
        swing = SE3.from_xyz_yaw(*hinge.origin, angle).rotation
        at = hinge.origin + swing @ (hinge.handle - hinge.origin + back * hinge.handle_normal)
        x = SE3.from_xyz_yaw(0, 0, 0, angle * follow).rotation @ -hinge.handle_normal
        return base @ SE3(np.stack([x, np.cross([0, 0, 1], x), [0, 0, 1]], axis=1), at)

    hand = Hand(robot)
    hand.unfold(0.08)
    hand.task.set_orientation_cost(0.1)
    level = handle(0.0).rotation
    hand.go(handle(0.0, back=0.15).translation, 3.0, 0.08, (DOWN, level))
    hand.go(handle(0.0).translation, 2.0, 0.08, (level, level))
    hand.hold(150, 0.0)
    for i in range(500):
        goal = handle(hinge.sign * np.radians(72) * (i + 1) / 500)
        hand.step(goal.translation, goal.rotation, 0.0)
    assert robot.truth.opening("fridge_1") > np.radians(66)
    stands = robot.truth.base()
    assert np.hypot(stands.x - 2.75, stands.y - 3.15) < 0.003
    hand.hold(200, 0.08)
    assert robot.truth.holds("open", "fridge_1")
