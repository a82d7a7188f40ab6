"""A bench for picks: a random household, the robot standing before one of its things, one skill.

The same perception, belief, executor, buffer and guard as in a run, without the deliberation: what
demonstrations are collected on, and what policies are selected on.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from diarchy.agent.control.guarding import Guarding, Place
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.contracts.skill import (
    Cause,
    Look,
    Outcome,
    Skill,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.memory import WorldModel
from diarchy.perception import OracleDetector, Perception, ScanLocalizer
from diarchy.robots.home import HomeRobot, load_scene
from diarchy.robots.home.scene import RobotStart, Scene
from diarchy.safety import default_guard
from diarchy.skills.context import Context
from diarchy.skills.execution import SkillExecutor, TickBuffer
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.specs import LOOK_AT

_DISTANCE = (0.48, 0.80)
_TURN = 0.35
_CLEAR = 0.34
_TRACK_TICKS, _LIDAR_TICKS = 10, 40
_MAX_TICKS = 20_000


@dataclass(frozen=True)
class PickTrial:
    """How one pick went: what the skill said, and what the simulator knows.

    ``truth``: the object is in the fingers, touches no furniture and is at least 5 cm higher than
    it was.
    """

    outcome: Outcome
    truth: bool
    cls: str
    seconds: float
    guard_modified: int


class PickBench:
    """One household of one seed with the robot before one object.

    Args:
        seed: of everything.
        scene: the template; its things stand where the seed puts them.
        prefer: class of the object to pick if there is one that can be stood before; empty: any.

    Raises:
        DiarchyError: the robot finds no place to stand before any object of this home.
    """

    def __init__(self, seed: int, scene: str = "household", prefer: str = "") -> None:
        self._rng = np.random.default_rng([seed, 31])
        template = load_scene(scene, seed)
        self.target, start = self._draw(template, seed, prefer)
        self.robot = HomeRobot(template.model_copy(update={"robot": start}), seed)
        spec, static_map = self.robot.spec, self.robot.static_map
        detector = OracleDetector(lambda: self.robot.instances)
        localizer = ScanLocalizer(static_map, self.robot.start)
        self._perception = Perception(spec, detector, localizer, static_map)
        self.world = WorldModel(static_map, spec)
        self._buffer = TickBuffer(spec)
        self._executor = SkillExecutor(self._buffer, self.robot.clock)
        self._guarding = Guarding(default_guard(spec), spec, Place(static_map.bounds))
        self._epoch = 0

    def __enter__(self) -> PickBench:  # noqa: PYI034
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.robot.close()

    def pick(self, skill: Skill) -> PickTrial:
        """Look around, let the skill pick the target, judge it."""
        truth, began = self.robot.truth, self.robot.clock.now()
        height = float(truth.centre(self.target)[2])
        self._run(_Glance(truth.centre(self.target)), SkillCall("look_at", {"target": self.target}))
        cls = truth.attributes(self.target)["class"]
        if self.target not in {e.id for e in self.world.entities()}:
            unseen = Outcome.failed(Cause.NOT_VISIBLE, f"{self.target} is not visible from here")
            return PickTrial(unseen, False, cls, 0.0, 0)
        outcome = self._run(skill, SkillCall("pick", {"object": self.target}))
        risen = float(truth.centre(self.target)[2]) - height
        held = truth.holds("holding", self.target) and risen > 0.05
        seconds = self.robot.clock.now() - began
        return PickTrial(outcome, held, cls, seconds, self._guarding.summary().modified)

    def _draw(self, template: Scene, seed: int, prefer: str) -> tuple[str, RobotStart]:
        """Choose an object and a place to stand before it, both at random."""
        with closing(HomeRobot(template, seed)) as robot:
            names = self._rng.permutation(list(robot.truth.objects)).tolist()
            names.sort(key=lambda n: robot.truth.attributes(n)["class"] != prefer)
            for name in names:
                for _ in range(40):
                    stance = self._stance(robot.truth.centre(str(name)))
                    if _stands_free(robot, stance):
                        yaw = float(np.degrees(stance.yaw))
                        return str(name), RobotStart(x=stance.x, y=stance.y, yaw_deg=yaw)
        raise DiarchyError(f"seed {seed}: no object of this home can be stood before")

    def _stance(self, centre: FloatArray) -> Pose2:
        angle = float(self._rng.uniform(-np.pi, np.pi))
        distance = float(self._rng.uniform(*_DISTANCE))
        x, y = centre[:2] + distance * np.array([np.cos(angle), np.sin(angle)])
        facing = angle + np.pi + float(self._rng.uniform(-_TURN, _TURN))
        return Pose2(float(x), float(y), float(np.arctan2(np.sin(facing), np.cos(facing))))

    def _run(self, skill: Skill, call: SkillCall) -> Outcome:
        self._epoch += 1
        spec, clock = self.robot.spec, self.robot.clock
        context = Context(
            spec=spec,
            clock=clock,
            world=self.world,
            epoch=self._epoch,
            rng=np.random.default_rng(self._rng.integers(2**32)),
            on_claim=lambda entity: self.world.claim_held(entity, self.robot.proprio()),
        )
        self._guarding.allowed_contacts = frozenset({self.target})
        self._executor.begin(skill, call, context, self.robot.proprio())
        for _ in range(_MAX_TICKS):
            self._tick()
            if self._executor.outcome is not None and self._buffer.end_tick <= clock.tick:
                break
        outcome = self._executor.outcome
        if outcome is None:
            raise DiarchyError("the skill did not end")
        return outcome

    def _tick(self) -> None:
        proprio = self.robot.proprio()
        if proprio.tick % _LIDAR_TICKS == 0:
            self._digest((), lidar=True)
        elif proprio.tick % _TRACK_TICKS == 0:
            self.world.track(proprio, self._perception.track(proprio))
        self._executor.step(proprio)
        if isinstance(self._executor.pending, Look):
            self._look()
            self._executor.resolve()
        command = self._buffer.read(proprio.tick)
        self.robot.apply(self._guarding.check(command, proprio, self.world).action)

    def _look(self) -> None:
        self._digest((self.robot.spec.head_camera,), lidar=True)

    def _digest(self, cameras: tuple[str, ...], *, lidar: bool) -> None:
        observation = self.robot.sense(cameras, lidar=lidar)
        percept = self._perception.digest(observation)
        self.world.track(observation.proprio, percept.map_from_base)
        self.world.integrate(percept)


class _Glance:
    """Turns the head to a point and looks: what whoever sent the robot here has already done."""

    backend = "motion"

    def __init__(self, point: FloatArray) -> None:
        self._point = point

    @property
    def spec(self) -> SkillSpec:
        """That of `look_at`."""
        return LOOK_AT

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one look."""
        yield from Arm(context, proprio, "motion:glance").look(self._point)
        return Outcome.done()


def _stands_free(robot: HomeRobot, stance: Pose2) -> bool:
    """Tell whether the base would stand clear of furniture, walls and people."""
    at, static_map = np.array([stance.x, stance.y]), robot.static_map
    if static_map.room_at(stance.x, stance.y) is None:
        return False
    boxes = [*static_map.walls, *(b for f in static_map.fixtures.values() for b in f.boxes)]
    for box in boxes:
        local = box.pose.inverse().apply([*at, float(box.pose.translation[2])])
        gap = np.maximum(np.abs(local[:2]) - box.size[:2] / 2.0, 0.0)
        if float(np.hypot(*gap)) < _CLEAR:
            return False
    people = [np.array(p.position[:2]) for p in static_map.people]
    return all(float(np.linalg.norm(at - p)) > 0.6 for p in people)
