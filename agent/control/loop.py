"""The control loop: at every tick read, decide, guard, apply. It waits for nobody.

One call of `ControlLoop.tick` is one control period and reads like the architecture figure:
proprioception, the rate groups (localisation, behaviour tree), the running skill, the action of
this tick out of the buffer, the guard, the robot.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from diarchy.agent.control.caution import Caution
from diarchy.agent.control.guarding import Guarding
from diarchy.agent.control.rates import Rates
from diarchy.agent.run.trace import Trace
from diarchy.contracts.errors import BadInputError, FaultError
from diarchy.contracts.geometry import wrap_angle
from diarchy.contracts.guard import Verdict
from diarchy.contracts.motion import TakesChunks
from diarchy.contracts.robot import Action, Observation, Pose2, Proprio, Robot
from diarchy.contracts.skill import Ask, Look
from diarchy.memory import WorldModel
from diarchy.perception import Percept, Perception
from diarchy.skills.execution import SkillExecutor, TickBuffer
from diarchy.skills.execution.pacing import SLOWEST, PacedBuffer

STILL_M, STILL_RAD = 0.001, 0.001
"""A base that has moved less since the last scan that fitted need not be localised again at once."""
STILL_S = 1.0
"""But after so long it is: wheels do not tell who is carried off."""
BLIND_S = 0.5
"""A base that sets off looks whether its way is free, if the last scan is older than this."""

BLIND_AFTER = 8
"""So many looks, or scans, in a row that cannot be used are a robot that is blind."""

Answerer = Callable[[Ask], str | None]


@dataclass(frozen=True)
class LoopTimes:
    """How long perception takes in lockstep: ticks between the exposure and the use of a look."""

    look_ticks: int = 20


class ControlLoop:
    """Owns the tick. Everything that moves the robot goes through `tick` and its guard."""

    def __init__(
        self,
        robot: Robot,
        perception: Perception,
        world: WorldModel,
        executor: SkillExecutor,
        buffer: TickBuffer,
        guarding: Guarding,
        trace: Trace,
        *,
        rates: Rates | None = None,
        times: LoopTimes | None = None,
    ) -> None:
        self.robot = robot
        self.perception = perception
        self.world = world
        self.executor = executor
        self.buffer = buffer
        self.guarding = guarding
        self.trace = trace
        self.rates = rates or Rates(control=robot.spec.control_hz)
        self.times = times or LoopTimes()
        self.on_tree: Callable[[], None] = lambda: None
        self.on_ask: Answerer = lambda ask: None
        self.listen: Callable[[], None] = lambda: None
        self.watchers: tuple[Callable[[], None], ...] = ()
        self.halted: Callable[[], str | None] = lambda: None
        self.unanswered: Ask | None = None
        self.starved_ticks = 0
        self.unperceived = {"look": 0, "scan": 0}  # readings in a row that could not be used
        self.seen: Percept | None = None
        self._caution = Caution(SLOWEST)
        self._look_ready: int | None = None
        self._foretold = buffer.revision
        self._localized_at: Pose2 | None = None
        self._localized = self._scan_tried = 0.0
        buffer.on_commit = trace.chunk
        self.proprio: Proprio = robot.proprio()

    def tick(self) -> Verdict:
        """Run one control period."""
        tick = self.robot.clock.tick
        self.proprio = proprio = self.robot.proprio()
        self.listen()
        if self.rates.due("tree", tick):
            self.world.track(proprio, self.perception.track(proprio))
            self.on_tree()
        if self.rates.due("lidar", tick) and self._needs_scan(proprio):
            self._relocalize()
        if self.rates.due("log", tick):
            self._log_pose()
        self.executor.step(proprio)
        self._serve_pending()
        self._foretell()
        command = self.buffer.read(tick)
        self.starved_ticks += command.starved
        if self._sets_off_blind(command.action):
            self._relocalize()
        verdict = self.guarding.check(command, proprio, self.world, now=self.robot.clock.now())
        if isinstance(self.buffer, PacedBuffer):
            self.buffer.set_caution(self._caution.after(verdict))
        self.robot.apply(verdict.action)
        for watch in self.watchers:
            watch()
        return verdict

    def spin(self, until: Callable[[], bool], *, max_ticks: int) -> bool:
        """Tick until a condition holds; False if it did not within ``max_ticks``."""
        for _ in range(max_ticks):
            if until():
                return True
            self.tick()
        return until()

    def rest(self, *, max_seconds: float = 4.0) -> bool:
        """Let the braking tail play until the robot is at rest."""
        ticks = int(max_seconds / self.robot.clock.period)
        return self.spin(lambda: self.proprio.at_rest(), max_ticks=ticks)

    def look(self) -> None:
        """Take in one look with the head camera and the lidar, now."""
        self._digest((self.robot.spec.head_camera,))

    def _foretell(self) -> None:
        """Tell a robot that takes whole chunks what is committed since it was told last, if the guard lets it all."""
        robot, revision = self.robot, self.buffer.revision
        if revision == self._foretold:
            return
        self._foretold = revision
        if not isinstance(robot, TakesChunks) or not robot.takes_chunks:
            return
        rows = self.buffer.ahead()
        objection = self.guarding.foresee(rows, self.proprio, self.world)
        if objection:
            self.trace.event("not_foretold", why=objection)
        elif len(rows):
            robot.announce(rows)

    def _serve_pending(self) -> None:
        pending = self.executor.pending
        if pending is None:
            self._look_ready = None
        elif isinstance(pending, Ask):
            answer = self.on_ask(pending)
            if answer is None:
                self.unanswered = pending
            self.executor.resolve(answer)
        elif isinstance(pending, Look):
            self._serve_look(pending)

    def _serve_look(self, look: Look) -> None:
        tick = self.robot.clock.tick
        if self._look_ready is None:
            self._look_ready = tick + self.times.look_ticks
        if tick >= self._look_ready:
            self._look_ready = None
            self._digest(look.cameras or (self.robot.spec.head_camera,))
            self.executor.resolve(None)

    def _digest(self, cameras: tuple[str, ...]) -> None:
        taken = self._perceived(cameras)
        if taken is None:
            return
        observation, percept = taken
        self.world.track(observation.proprio, percept.map_from_base)
        self.world.integrate(percept)
        self.seen = percept
        self.trace.event("look", **_summary(percept))

    def _perceived(self, cameras: tuple[str, ...]) -> tuple[Observation, Percept] | None:
        """Sense and digest; a reading that cannot be used is lost and said, and too many in a row end the run.

        Raises:
            FaultError: the robot has become blind, or is gone.
        """
        kind = "look" if cameras else "scan"
        try:
            observation = self.robot.sense(cameras)
            percept = self.perception.digest(observation)
        except (FaultError, BadInputError):
            raise
        except Exception as error:  # a driver or a detector may raise whatever it likes
            self.unperceived[kind] += 1
            count, why = self.unperceived[kind], f"{type(error).__name__}: {error}"
            self.trace.event("unperceived", reading=kind, why=why, in_a_row=count)
            if count >= BLIND_AFTER:
                raise FaultError(
                    f"perception failed {count} times in a row; the last: {why}"
                ) from error
            return None
        self.unperceived[kind] = 0
        return observation, percept

    def _needs_scan(self, proprio: Proprio) -> bool:
        """Whether a scan says something new: the wheels have turned since the last that fitted, or it is old."""
        last, odom = self._localized_at, proprio.odom
        if last is None or proprio.stamp - self._localized >= STILL_S:
            return True
        turn = abs(wrap_angle(odom.yaw - last.yaw))
        return turn > STILL_RAD or math.hypot(odom.x - last.x, odom.y - last.y) > STILL_M

    def _sets_off_blind(self, action: Action) -> bool:
        """Whether the base is told to drive and nobody has looked lately whether its way is free."""
        since = self.proprio.stamp - max(self._localized, self._scan_tried)
        return float(action.base[0]) != 0.0 and since > BLIND_S

    def _relocalize(self) -> None:
        self._scan_tried = self.proprio.stamp
        taken = self._perceived(())
        if taken is None:
            return
        observation, percept = taken
        self.world.scanned(observation.proprio, percept)
        self.guarding.renew()
        quality = percept.localization
        fits = quality is not None and quality.accepted
        self._localized_at = observation.proprio.odom if fits else None
        self._localized = observation.proprio.stamp

    def _log_pose(self) -> None:
        pose = self.world.map_from_base()
        self.trace.event(
            "pose",
            x=round(float(pose.translation[0]), 3),
            y=round(float(pose.translation[1]), 3),
            yaw=round(pose.yaw, 3),
            held=self.world.held(),
        )


def _summary(percept: Percept) -> dict[str, Any]:
    """Return what a look showed, for the trace."""
    quality = percept.localization
    return {
        "at_rest": percept.at_rest,
        "detector": percept.detector,
        "quality": None if quality is None else round(quality.inliers, 3),
        "sightings": [
            {
                "id": s.detection.instance or s.detection.cls,
                "cls": s.detection.cls,
                "attributes": dict(s.detection.attributes),
                "x": round(float(s.position[0]), 3),
                "y": round(float(s.position[1]), 3),
                "z": round(float(s.position[2]), 3),
            }
            for s in percept.sightings
        ],
        "doors": {
            f.detection.instance or f.detection.cls: round(f.detection.opening, 3)
            for f in percept.fixtures
            if f.detection.opening is not None
        },
    }
