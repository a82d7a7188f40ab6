"""The world model: everything the agent believes, and the only thing that planners and skills read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diarchy.contracts.entity import Box, Entity, Sighting, StaticMap, Surface, Truth
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, wrap_angle
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.world import WorldSnapshot
from diarchy.memory.absence import missed
from diarchy.memory.association import associate, contradictions
from diarchy.memory.belief import Belief, snake
from diarchy.memory.containers import carried_surfaces
from diarchy.memory.grip import UNKNOWN_OBJECT, Grip, GripperPose, gripper_from_model
from diarchy.memory.inspection import Inspection
from diarchy.memory.predicates import Evidence, evaluate
from diarchy.memory.snapshot import take_snapshot
from diarchy.perception.occupancy import StaticMapField
from diarchy.perception.percept import FixtureReading, Percept
from diarchy.perception.support import surface_below

GONE_AFTER = 2.0
"""Looks that saw its place empty before a thing is believed gone."""
IN_HAND = 0.25
"""A held thing seen farther than this (m) from the gripper is not held."""
FALL = 0.4
"""A thing that left the gripper is looked for on surfaces at most this far (m) below."""
RELEASED, SLIPPED = 0.7, 0.3
"""Confidence in the position of what was put down and not yet seen; of what slipped."""


class WorldModel:
    """Implements `WorldView`; fed by `track` (cheap, every tick) and `integrate` (each percept).

    Objects are permanent: what is not in view stays believed where it was; what is seen to be gone
    is lost (it keeps its id should it turn up again); what is held moves with the gripper.

    Args:
        static_map: the map that the robot was given.
        spec: the embodiment; its model gives the gripper's pose.
        base_from_gripper: forward kinematics, if there is a better source than ``spec.model_xml``.
    """

    def __init__(
        self,
        static_map: StaticMap,
        spec: RobotSpec,
        *,
        base_from_gripper: GripperPose | None = None,
    ) -> None:
        self._map = static_map
        self._base_from_gripper = base_from_gripper or gripper_from_model(spec)
        self._base = SE3.identity()
        self._stamp = 0.0
        self._beliefs: dict[str, Belief] = {}
        self._lost: dict[str, Belief] = {}
        self._counts: dict[str, int] = {}
        self._fixture_seen: dict[str, tuple[float, float | None]] = {}
        self._doors: dict[str, tuple[float, float]] = {}
        self._inspection = Inspection(static_map)
        self._grip = Grip()
        for person in static_map.people:
            self._beliefs[person.id] = _person(person)

    # ---- what comes in -------------------------------------------------------------------------

    def track(self, proprio: Proprio, map_from_base: SE3) -> None:
        """Take in the robot's own state: where it stands, what it feels in the gripper."""
        self._base, self._stamp = map_from_base, max(self._stamp, proprio.stamp)
        lost = self._grip.update(proprio)
        if lost in self._beliefs:
            self._set_down(self._beliefs[lost], SLIPPED)
        self._carry(proprio)

    def integrate(self, percept: Percept) -> None:
        """Take in what was seen. Percepts come in order of their stamps."""
        self._base, self._stamp = percept.map_from_base, max(self._stamp, percept.stamp)
        for reading in percept.fixtures:
            self._read_fixture(reading, percept.at_rest)
        held = self._grip.claim
        known = [b for _, b in sorted(self._beliefs.items())]
        pool = [b for b in known if b.id != held or b.instance is not None]
        matched = associate(percept.sightings, pool)
        seen: set[str] = set()
        for index, sighting in enumerate(percept.sightings):
            belief = matched.get(index) or self._admit(sighting)
            seen.add(belief.id)
            if belief.id == held and self._in_hand(belief, sighting):
                continue
            belief.update(sighting, at_rest=percept.at_rest)
        if percept.at_rest:
            self._notice_absence(percept, seen)
        self._inspection.add(percept)

    def claim_held(self, entity_id: str | None, proprio: Proprio) -> None:
        """Take a skill's word for what the gripper has just closed on, or let go of (None).

        Raises:
            BadInputError: nothing of that id is believed in.
        """
        previous = self._beliefs.get(self._grip.claim or "")
        if previous is not None and previous.id != entity_id:
            self._set_down(previous, RELEASED)
        if entity_id is None:
            self._grip.release()
            return
        if entity_id == UNKNOWN_OBJECT:
            self._grip.hold(entity_id, None, proprio)
            return
        if entity_id in self._lost:  # the hand knows better: it is not gone, it is here
            self._beliefs[entity_id] = self._lost.pop(entity_id)
        belief = self._movable(entity_id)
        hand = self._base @ self._base_from_gripper(proprio)
        relative = hand.inverse() @ belief.pose()
        if float(np.linalg.norm(relative.translation)) > IN_HAND / 2.0 + belief.extent.max() / 2.0:
            relative = SE3(relative.rotation, np.zeros(3))
        self._grip.hold(entity_id, relative, proprio)
        belief.confidence = 1.0

    # ---- WorldView -----------------------------------------------------------------------------

    @property
    def static_map(self) -> StaticMap:
        """Rooms, walls, fixtures."""
        return self._map

    @property
    def stamp(self) -> float:
        """Of the newest proprioception or percept, seconds on the robot's clock."""
        return self._stamp

    def map_from_base(self) -> SE3:
        """Best estimate of where the base is now."""
        return self._base

    def entities(self) -> Sequence[Entity]:
        """All believed entities, sorted by id: fixtures, people and objects."""
        fixtures = [self._fixture(name) for name in self._map.fixtures]
        others = [b.entity(self._map) for b in self._beliefs.values()]
        return sorted([*fixtures, *others], key=lambda e: e.id)

    def entity(self, entity_id: str) -> Entity:
        """Look one up.

        Raises:
            BadInputError: there is none of that id; the message lists what exists.
        """
        found = self.find(entity_id)
        if found is None:
            gone = (
                f"{entity_id} was seen to be gone from its place; "
                if self.is_lost(entity_id)
                else ""
            )
            names = [*self._map.fixtures, *self._beliefs]
            raise BadInputError(
                f"{gone}nothing is known of '{entity_id}'; {did_you_mean(entity_id, names)}"
            )
        return found

    def truth(self, condition: Condition) -> Truth:
        """Evaluate a condition on what was perceived."""
        return evaluate(self, condition).truth

    def evaluate(self, condition: Condition) -> Evidence:
        """Evaluate a condition, with the stamp of the evidence."""
        return evaluate(self, condition)

    def held(self) -> str | None:
        """Id of what is in the gripper (``unknown_object`` if it cannot be told), None if empty."""
        return self._grip.held()

    def opening(self, entity_id: str) -> float | None:
        """Angle (rad) of a fixture's door as last perceived, None if never seen."""
        door = self._doors.get(entity_id)
        return None if door is None else door[0]

    def surfaces(self, entity_id: str) -> tuple[Surface, ...]:
        """Where things can be put on or in it as it is now: a drawer pulled out, a plate's top, hands."""
        holder = self._map.holder(entity_id)
        if holder is not None:
            return holder.surfaces_at(self.opening(entity_id))
        thing = self.find(entity_id)
        return () if thing is None else carried_surfaces(thing)

    def inspected(self, entity_id: str) -> float | None:
        """Stamp of the last good look at the surfaces (or the open inside) of a fixture."""
        return self._inspection.stamp(entity_id)

    # ---- beyond WorldView ----------------------------------------------------------------------

    def find(self, entity_id: str) -> Entity | None:
        """Look one up; None if it is not believed to exist (any more)."""
        if entity_id in self._map.fixtures:
            return self._fixture(entity_id)
        belief = self._beliefs.get(entity_id)
        return None if belief is None else belief.entity(self._map)

    def is_lost(self, entity_id: str) -> bool:
        """Whether it was known once and then seen to be gone from its place."""
        return entity_id in self._lost

    def rest_seen(self, entity_id: str) -> float | None:
        """Stamp of the last sighting with the robot at rest."""
        if entity_id in self._fixture_seen:
            return self._fixture_seen[entity_id][1]
        belief = self._beliefs.get(entity_id)
        return None if belief is None else belief.rest_seen

    def door(self, entity_id: str) -> tuple[float, float] | None:
        """Angle (rad) and stamp of a door as last perceived."""
        return self._doors.get(entity_id)

    def coverage(self, entity_id: str) -> float:
        """Fraction of a fixture's surfaces that was ever seen at rest."""
        return self._inspection.coverage(entity_id)

    def snapshot(self) -> WorldSnapshot:
        """Freeze the belief for planners, traces and reports; deterministic order."""
        return take_snapshot(self)

    def distance_field(
        self, without: frozenset[str] = frozenset(), *, objects: bool = True
    ) -> StaticMapField:
        """Distance to all that is believed solid: map, doors where seen, standing objects."""
        boxes = {
            b.id: Box(b.pose(), b.extent)
            for b in self._beliefs.values()
            if objects and b.kind == "object" and b.id != self.held()
        }
        angles = {name: angle for name, (angle, _) in self._doors.items()}
        return StaticMapField(
            self._map, stamp=self._stamp, doors=angles, objects=boxes, without=without
        )

    # ---- inner ---------------------------------------------------------------------------------

    def _fixture(self, name: str) -> Entity:
        entity = self._map.fixtures[name].entity
        seen = self._fixture_seen.get(name)
        return entity if seen is None else entity.model_copy(update={"last_seen": seen[0]})

    def _read_fixture(self, reading: FixtureReading, at_rest: bool) -> None:
        name = self._which_fixture(reading)
        if name is None:
            return
        rest = self._fixture_seen.get(name, (0.0, None))[1]
        self._fixture_seen[name] = (reading.stamp, reading.stamp if at_rest else rest)
        if reading.detection.opening is not None:
            self._doors[name] = (reading.detection.opening, reading.stamp)

    def _which_fixture(self, reading: FixtureReading) -> str | None:
        if reading.detection.instance is not None:
            return (
                reading.detection.instance
                if reading.detection.instance in self._map.fixtures
                else None
            )
        distances = sorted(
            (float(np.linalg.norm(np.array(info.entity.position) - reading.position)), name)
            for name, info in self._map.fixtures.items()
            if info.entity.cls == reading.detection.cls
        )
        return distances[0][1] if distances and distances[0][0] < 1.5 else None

    def _admit(self, sighting: Sighting) -> Belief:
        """Begin a belief, or find again what was lost."""
        revived = self._find_lost(sighting)
        if revived is not None:
            del self._lost[revived.id]
            revived.count, revived.complete = 0, False
            self._beliefs[revived.id] = revived
            return revived
        person = sighting.detection.cls == "Person"
        name = self._new_id(sighting)
        belief = Belief.of(sighting, name, "person" if person else "object")
        self._beliefs[belief.id] = belief
        return belief

    def _new_id(self, sighting: Sighting) -> str:
        """Name a thing: by the oracle's own name for it where there is one, else by class and number."""
        taken = {*self._beliefs, *self._lost, *self._map.fixtures}
        instance = sighting.detection.instance
        if instance is not None and instance not in taken:
            return instance
        name = snake(sighting.detection.cls)
        number = self._counts.get(name, 0) + 1
        while f"{name}_{number}" in taken:
            number += 1
        self._counts[name] = number
        return f"{name}_{number}"

    def _find_lost(self, sighting: Sighting) -> Belief | None:
        seen = sighting.detection
        for _, belief in sorted(self._lost.items()):
            if seen.instance is not None or belief.instance is not None:
                if seen.instance == belief.instance:
                    return belief
            elif belief.cls == seen.cls and not contradictions(sighting, belief):
                return belief
        return None

    def _movable(self, entity_id: str) -> Belief:
        belief = self._beliefs.get(entity_id)
        if belief is None or belief.kind != "object":
            names = [b.id for b in self._beliefs.values() if b.kind == "object"]
            raise BadInputError(
                f"cannot hold '{entity_id}', no such object is known; {did_you_mean(entity_id, names)}"
            )
        return belief

    def _carry(self, proprio: Proprio) -> None:
        belief = self._beliefs.get(self._grip.claim or "")
        relative = self._grip.gripper_from_entity
        if belief is None or relative is None:
            return
        pose = self._base @ self._base_from_gripper(proprio) @ relative
        belief.position, belief.yaw = pose.translation.copy(), wrap_angle(pose.yaw)
        belief.complete = False

    def _set_down(self, belief: Belief, confidence: float) -> None:
        """What left the gripper lies on what is below it, until it is seen."""
        foot = belief.position - np.array([0.0, 0.0, belief.extent[2] / 2.0])
        height = surface_below(self._map, foot, FALL)
        if height is not None:
            belief.position[2] = height + belief.extent[2] / 2.0
        belief.confidence, belief.complete, belief.misses = confidence, False, 0

    def _in_hand(self, belief: Belief, sighting: Sighting) -> bool:
        """A held thing is where the gripper is; only a sighting far from it overrules the claim."""
        away = float(np.linalg.norm(sighting.position - belief.position))
        if away < IN_HAND + belief.extent.max() / 2.0:
            belief.last_seen = sighting.stamp
            return True
        self._grip.release()
        return False

    def _notice_absence(self, percept: Percept, seen: set[str]) -> None:
        for name, belief in sorted(self._beliefs.items()):
            if name in seen or name == self._grip.claim:
                continue
            belief.misses += missed(belief, percept)
            if belief.misses >= GONE_AFTER:
                self._lost[name] = self._beliefs.pop(name)


def _person(entity: Entity) -> Belief:
    return Belief(
        id=entity.id,
        cls=entity.cls,
        kind="person",
        position=np.array(entity.position),
        yaw=entity.yaw,
        extent=np.array(entity.extent),
        attributes=dict(entity.attributes),
        instance=entity.id,
    )
