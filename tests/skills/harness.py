"""Runs one skill in the simulated home: the smallest loop that a skill needs.

    with Rig("household", seed=3) as rig:
        result = rig.run(NavigateTo(rig.spec), target="fridge_1")
        assert result.outcome.success, result.outcome
        print(result.seconds, rig.robot.truth.base())

``world="truth"`` (the default) gives the skill a `WorldView` that is filled from the simulator's
state at every `Look`, with exact base poses: for developing motions, fast, no rendering.
``world="perceived"`` runs the real perception with the oracle detector and the real `WorldModel`.
Nothing but tests may do the first: skills are judged on the second. Several skills can be run in a
row; the belief is kept. ``rig.look()`` takes in a first look before the first skill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from diarchy.contracts.entity import Entity, StaticMap, Surface, Truth
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Observation, Pose2, Proprio
from diarchy.contracts.skill import Ask, Look, Outcome, Skill, SkillCall
from diarchy.contracts.world import Newcomers, Remembered
from diarchy.memory.belief import CAN_HOLD
from diarchy.memory.containers import carried_surfaces
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.robot import HomeRobot
from diarchy.skills.context import Context
from diarchy.skills.execution import SkillExecutor, TickBuffer

_TRACK_TICKS = 10
_LIDAR_TICKS = 40


@dataclass(frozen=True)
class Result:
    """How a skill ended, after how much simulated time, with how many looks."""

    outcome: Outcome
    seconds: float
    looks: int
    starved: int


class TruthWorld:
    """A `WorldView` out of the simulator's state, refreshed by `look`; only for tests."""

    def __init__(self, robot: HomeRobot) -> None:
        self._robot = robot
        self._held: str | None = None
        self._grip: SE3 | None = None
        self._looked: float | None = None
        self._objects: dict[str, Entity] = {}
        self._doors: dict[str, float] = {}

    def look(self) -> None:
        truth, stamp = self._robot.truth, self._robot.clock.now()
        for name in truth.objects:
            known = truth.attributes(name)
            centre = truth.centre(name)
            pose = truth.pose(name)
            self._objects[name] = Entity(
                id=name,
                cls=known["class"],
                kind="object",
                position=(float(centre[0]), float(centre[1]), float(centre[2])),
                yaw=pose.yaw,
                extent=OBJECT_CLASSES[known["class"]].extent,
                attributes={"color": known["color"]} if known.get("color") else {},
                last_seen=stamp,
                can_hold=CAN_HOLD.get(known["class"], ()),
                movable=True,
            )
        for name, info in self.static_map.fixtures.items():
            if info.openable:
                self._doors[name] = truth.opening(name)
        self._looked = stamp

    def claim(self, entity_id: str | None) -> None:
        self._held = entity_id
        if entity_id is not None:
            site = self._robot._data.site(self._robot.spec.gripper_site)
            hand = SE3(site.xmat.reshape(3, 3).copy(), site.xpos.copy())
            self._grip = hand.inverse() @ self._in_hand(self._objects[entity_id]).pose()

    @property
    def static_map(self) -> StaticMap:
        return self._robot.static_map

    def map_from_base(self) -> SE3:
        return self._robot.truth.base().se3()

    def entities(self) -> Sequence[Entity]:
        fixtures = [
            f.entity.model_copy(update={"last_seen": self._looked})
            for f in self.static_map.fixtures.values()
        ]
        objects = [self._in_hand(e) for e in self._objects.values()]
        return sorted([*fixtures, *self.static_map.people, *objects], key=lambda e: e.id)

    def _in_hand(self, entity: Entity) -> Entity:
        if entity.id != self._held:
            return entity
        centre = self._robot.truth.centre(entity.id)
        position = (float(centre[0]), float(centre[1]), float(centre[2]))
        return entity.model_copy(update={"position": position})

    def entity(self, entity_id: str) -> Entity:
        known = {e.id: e for e in self.entities()}
        if entity_id not in known:
            raise BadInputError(f"no '{entity_id}'; {did_you_mean(entity_id, known)}")
        return known[entity_id]

    def truth(self, condition: Condition) -> Truth:
        name, args = condition.predicate.name, condition.predicate.args
        if name == "hand_empty":
            value = self._held is None
        elif name == "holding":
            value = self._held == args[0]
        elif name in ("on", "in", "open", "given", "lit"):
            value = self._robot.truth.holds(name, *args)
        elif name in ("located", "seen"):
            value = args[0] in {e.id for e in self.entities()}
        else:
            return Truth.UNKNOWN
        return Truth.of(value == condition.value)

    def held(self) -> str | None:
        return self._held

    def opening(self, entity_id: str) -> float | None:
        return self._doors.get(entity_id)

    def surfaces(self, entity_id: str) -> tuple[Surface, ...]:
        holder = self.static_map.holder(entity_id)
        if holder is None:
            return carried_surfaces(self.entity(entity_id))
        return holder.surfaces_at(self.opening(entity_id))

    def in_gripper(self, entity_id: str) -> SE3 | None:
        return self._grip if entity_id == self._held else None

    def newcomers(self) -> Newcomers:
        """Nobody steps in here."""
        return Newcomers.none()

    def let_go(self, entity_id: str) -> tuple[SE3, float] | None:
        """Where the hand let go is not kept here."""
        return None

    def inspected(self, entity_id: str) -> float | None:
        return self._looked

    def lost(self) -> list[Entity]:
        """What is known from the simulator is never lost."""
        return []

    def remembered(self) -> list[Remembered]:
        """What is known from the simulator need not be remembered."""
        return []

    def unseen(self, entity_id: str) -> FloatArray:
        """What is known from the simulator is seen."""
        return np.zeros((0, 3))


class Rig:
    """A home, a robot in it, and the loop."""

    def __init__(
        self,
        scene: Any = "household",
        seed: int = 0,
        *,
        world: str = "truth",
        **robot_options: Any,
    ) -> None:
        self.robot = HomeRobot(scene, seed, **robot_options)
        self.spec = self.robot.spec
        self.clock = self.robot.clock
        self.buffer = TickBuffer(self.spec)
        self.executor = SkillExecutor(self.buffer, self.clock)
        self.said: list[str] = []
        self.destination: str | None = None
        self.answers: list[str] = []
        self.looks = 0
        self._seed = seed
        self._epoch = 0
        self._perception: Any = None
        if world == "perceived":
            self._perceive()
        else:
            self.world: Any = TruthWorld(self.robot)

    def _perceive(self) -> None:
        from diarchy.memory import WorldModel
        from diarchy.perception import OracleDetector, Perception, ScanLocalizer

        home = self.robot.static_map
        localizer = ScanLocalizer(home, self.robot.start)
        detector = OracleDetector(lambda: self.robot.instances)
        self._perception = Perception(self.spec, detector, localizer, home)
        self.world = WorldModel(home, self.spec)

    def __enter__(self) -> Rig:  # noqa: PYI034  Self needs Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.robot.close()

    def teleport(self, pose: Pose2) -> None:
        """Put the base somewhere else (truth world only: a localiser would be lost)."""
        servo = self.robot._servo
        servo._base.setpoint = (pose.x, pose.y, pose.yaw)
        servo._base.velocity = (0.0, 0.0)
        for name, value in zip(
            ("base_x", "base_y", "base_yaw"), (pose.x, pose.y, pose.yaw), strict=True
        ):
            joint = self.robot._data.joint(name)
            joint.qpos[0], joint.qvel[0] = value, 0.0

    def look(self, cameras: Sequence[str] = ()) -> None:
        """Take in a fresh look, as the agent does for `Look`."""
        self.looks += 1
        if self._perception is None:
            self.world.look()
            return
        self._digest(self.robot.sense(cameras or (self.spec.head_camera,)))

    def run(self, skill: Skill, *, ticks: int = 60_000, **args: Any) -> Result:
        """Run one skill to its end."""
        self.begin(skill, **args)
        return self.finish(ticks=ticks)

    def begin(self, skill: Skill, **args: Any) -> None:
        """Start one skill."""
        self._epoch += 1
        self.context = Context(
            spec=self.spec,
            clock=self.clock,
            world=self.world,
            epoch=self._epoch,
            rng=np.random.default_rng([self._seed, self._epoch]),
            on_claim=self._claim,
            on_say=self.said.append,
            destination=self.destination,
        )
        self._began, self._looks_before, self.starved = self.clock.now(), self.looks, 0
        call = SkillCall(skill.spec.name, args)
        self.executor.begin(skill, call, self.context, self.robot.proprio())

    def finish(self, *, ticks: int = 60_000) -> Result:
        """Tick until the skill has ended and the robot has come to rest."""
        for _ in range(ticks):
            self.tick()
            if self.executor.outcome is not None and self.buffer.end_tick <= self.clock.tick:
                break
        outcome = self.executor.outcome
        assert outcome is not None, "the skill did not end"
        seconds = self.clock.now() - self._began
        return Result(outcome, seconds, self.looks - self._looks_before, self.starved)

    def tick(self) -> None:
        """One control tick."""
        proprio = self.robot.proprio()
        self._track(proprio)
        self.executor.step(proprio)
        pending = self.executor.pending
        if isinstance(pending, Look):
            self.look(pending.cameras)
            self.executor.resolve()
        elif isinstance(pending, Ask):
            self.executor.resolve(self.answers.pop(0) if self.answers else None)
        command = self.buffer.read(proprio.tick)
        self.starved += command.starved
        self.robot.apply(command.action)

    def _track(self, proprio: Proprio) -> None:
        if self._perception is None:
            return
        if proprio.tick % _LIDAR_TICKS == 0:
            self._digest(self.robot.sense((), lidar=True))
        elif proprio.tick % _TRACK_TICKS == 0:
            self.world.track(proprio, self._perception.track(proprio))

    def _digest(self, observation: Observation) -> None:
        percept = self._perception.digest(observation)
        self.world.track(observation.proprio, percept.map_from_base)
        self.world.integrate(percept)

    def _claim(self, entity_id: str | None) -> None:
        if self._perception is None:
            self.world.claim(entity_id)
        else:
            self.world.claim_held(entity_id, self.robot.proprio())


def scene_with(base: str = "household", **changes: Any) -> Any:
    """Return a shipped scene with some of its keys replaced."""
    from diarchy.robots.home.scene import load_scene, parse_scene

    data: Mapping[str, Any] = load_scene(base).model_dump(by_alias=True)
    return parse_scene({**data, **changes})
