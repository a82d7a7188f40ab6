"""The guard inside the loop: builds its context for each tick and keeps its counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from diarchy.agent.run.result import GuardSummary
from diarchy.contracts.entity import Entity, Solid, StaticMap, Truth, Zone
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.guard import GuardContext, Verdict
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import Action, Pose2, Proprio, RobotSpec
from diarchy.contracts.skill import SkillCall, SkillSpec
from diarchy.contracts.world import Newcomers, WorldView
from diarchy.safety import Collision, GuardChain, ProtectiveStop, default_guard
from diarchy.skills.execution import TickCommand

_REFRESH_S = 0.1
"""What the belief says of people and of what is held is read so often: it changes by looks."""

BEFORE_NEWCOMERS = 0.25
"""How far (m) from a point that the lidar met, and nobody knows, the base stops: who stands on legs has arms, too."""

_WITHIN = 0.3
"""What is in or on a thing has its middle no farther (m) from the thing's own."""


@dataclass(frozen=True)
class _Believed:
    """What guards need of the belief, read at a tick."""

    tick: int
    epoch: int
    held: str | None
    people: tuple[tuple[float, float], ...]
    receiver: tuple[float, float] | None
    upright: FloatArray | None
    newcomers: Newcomers | None


@dataclass
class Place:
    """Where the base may go: the area it must stay in, the zones it must not enter, and what is solid."""

    keep_in: tuple[float, float, float, float]
    keep_out: Sequence[Zone] = field(default=())
    obstacles: Sequence[Solid] = field(default=())

    @staticmethod
    def of(static_map: StaticMap) -> Place:
        """Read a map: walls and what stands still of fixtures; doors and drawers move and are left to the skills."""
        walls = [Solid("", box) for box in static_map.walls]
        fixed = [
            Solid(name, box)
            for name, info in static_map.fixtures.items()
            for i, box in enumerate(info.boxes)
            if i not in info.moving
        ]
        return Place(static_map.bounds, static_map.keep_out, (*walls, *fixed))


class Guarding:
    """Every action passes here, whoever made it."""

    def __init__(
        self,
        guard: GuardChain,
        spec: RobotSpec,
        place: Place,
        stop: ProtectiveStop | None = None,
    ) -> None:
        self.guard = guard
        self._stop = stop
        self.allowed_contacts: frozenset[str] = frozenset()
        self.force_limit = float("inf")
        self._receiver: str | None = None
        self._epoch = 0
        self._believed: _Believed | None = None
        self._pose: tuple[SE3, Pose2] | None = None
        self._spec = spec
        self._place = place

    def serve(self, spec: SkillSpec, call: SkillCall) -> None:
        """Take over what a skill that begins now may touch, how hard, and whom it hands something to."""
        self.allowed_contacts = frozenset(str(call.args.get(n, n)) for n in spec.allowed_contacts)
        self.force_limit = spec.force_limit
        people = [p.name for p in spec.parameters if p.kind == "person"]
        receivers = [str(call.args[n]) for n in people if n in spec.allowed_contacts]
        self._receiver = receivers[0] if receivers else None
        self._epoch += 1

    def check(
        self, command: TickCommand, proprio: Proprio, world: WorldView, *, now: float | None = None
    ) -> Verdict:
        """Check the action of one tick and count what happened; ``now`` is s on the robot's clock."""
        ages = command.committed is not None and command.source.startswith("vla:")
        since = proprio.tick - command.committed if ages and command.committed is not None else 0
        context = self._context(
            proprio,
            world,
            command.source,
            feeling_age=0.0 if now is None else now - proprio.stamp,
            chunk_age=since / self._spec.control_hz,
            before=self.guard.before(proprio),
        )
        return self.guard.check(command.action, proprio, context)

    def outside(self, world: WorldView) -> Callable[[Action, Proprio], Verdict]:
        """Return the check for motion that other stacks make (Nav2): a guard of its own counts, same limits."""
        barred = any(isinstance(g, Collision) for g in self.guard.guards)
        guard = default_guard(self._spec, stop=self._stop, collision=barred)

        def check(action: Action, proprio: Proprio) -> Verdict:
            context = replace(
                self._context(proprio, world, "outside"),
                allowed_contacts=frozenset(),
                force_limit=float("inf"),
                receiver=None,
            )
            return guard.check(action, proprio, context)

        return check

    def foresee(self, rows: FloatArray, proprio: Proprio, world: WorldView) -> str:
        """Say what the guard would change in rows ``[N, D]`` that come next, one a tick; empty: nothing.

        For chunks that go out whole. Only joints and gripper are looked at: the base is commanded, and
        guarded, tick by tick in any case. Nothing is counted: every tick is still checked when it comes.
        """
        if self._stop is not None and self._stop.tripped:
            return "the protective stop is latched"
        context = replace(self._context(proprio, world, "ahead"), keep_in=None, keep_out=())
        earlier = self.guard.before(proprio)
        last = proprio.commanded or Action(np.zeros(2), proprio.q, proprio.gripper_width)
        last = replace(last, base=np.zeros(2))
        # Guards of its own: those of the loop remember the ticks that really were.
        guards = [g for g in default_guard(self._spec).guards if not isinstance(g, ProtectiveStop)]
        # The barrier remembers nothing but bounds, which hold at any tick; to build one takes long.
        guards += [g for g in self.guard.guards if isinstance(g, Collision)]
        for ahead, row in enumerate(rows):
            action = Action(np.zeros(2), row[2:-1], float(row[-1]))
            felt = replace(proprio, tick=proprio.tick + ahead, commanded=last)
            now = replace(context, before=earlier)
            for guard in guards:
                verdict = guard.check(action, felt, now)
                if verdict.status != "pass":
                    return verdict.reason
            earlier, last = last, action
        return ""

    def summary(self) -> GuardSummary:
        """Counts so far."""
        stats = self.guard.stats
        return GuardSummary(
            checked=stats.checked,
            modified=stats.modified,
            noticeable=stats.noticeable,
            stopped=stats.stopped,
            violations=stats.violations,
            by_guard=dict(sorted((stats.modified_by + stats.stopped_by).items())),
        )

    def _context(
        self,
        proprio: Proprio,
        world: WorldView,
        source: str,
        *,
        feeling_age: float = 0.0,
        chunk_age: float = 0.0,
        before: Action | None = None,
    ) -> GuardContext:
        believed = self._belief(proprio, world)
        return GuardContext(
            spec=self._spec,
            base_pose=self._base_pose(world.map_from_base()),
            keep_in=self._place.keep_in,
            keep_out=self._place.keep_out,
            obstacles=self._place.obstacles,
            distance_field=believed.newcomers,
            allowed_contacts=self.allowed_contacts,
            force_limit=self.force_limit,
            held=believed.held,
            people=believed.people,
            receiver=believed.receiver,
            upright=believed.upright,
            source=source,
            feeling_age=feeling_age,
            chunk_age=chunk_age,
            before=before,
        )

    def renew(self) -> None:
        """Read the belief anew at the next tick: a scan has come in."""
        self._believed = None

    def _base_pose(self, pose: SE3) -> Pose2:
        """The believed pose in the plane; it is a new one only every few ticks."""
        if self._pose is None or self._pose[0] is not pose:
            self._pose = pose, Pose2.from_se3(pose)
        return self._pose[1]

    def _belief(self, proprio: Proprio, world: WorldView) -> _Believed:
        """Read the belief, if what was read is old, something else is held, or another skill runs."""
        held, last = world.held(), self._believed
        if (
            last is not None
            and last.held == held
            and last.epoch == self._epoch
            and 0 <= proprio.tick - last.tick < _REFRESH_S * self._spec.control_hz
        ):
            return last
        entities = world.entities()
        people = {e.id: e.position[:2] for e in entities if e.kind == "person"}
        at = {name: (float(p[0]), float(p[1])) for name, p in people.items()}
        receiver = at.get(self._receiver) if self._receiver is not None else None
        met = world.newcomers()
        self._believed = _Believed(
            proprio.tick,
            self._epoch,
            held,
            tuple(at.values()),
            receiver,
            _upright(held, world, entities),
            met if math.isfinite(met.stamp) else None,
        )
        return self._believed


def _upright(held: str | None, world: WorldView, believed: Sequence[Entity]) -> FloatArray | None:
    """Direction ``[3]`` in the gripper's frame that must point up: of a vessel or a tray that holds something."""
    if held is None:
        return None
    entities = {e.id: e for e in believed}
    thing, pose = entities.get(held), world.in_gripper(held)
    if thing is None or pose is None or not thing.can_hold:
        return None
    around = (e for e in entities.values() if e.kind == "object" and e.id != held)
    near = [e.id for e in around if math.dist(e.position, thing.position) < _WITHIN]
    loaded = any(
        world.truth(Condition(Predicate(relation, (name, held)))) is Truth.TRUE
        for name in near
        for relation in thing.can_hold
    )
    return np.asarray(pose.rotation[:, 2]) if loaded else None
