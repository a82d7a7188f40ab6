"""The world model: everything the agent believes, and the only thing that planners and skills read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from diarchy.contracts.entity import Box, Entity, Sighting, StaticMap, Surface, Truth
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray, wrap_angle
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.contracts.world import Newcomers, Remembered, WorldSnapshot
from diarchy.memory.absence import GONE_AFTER, covered, missed
from diarchy.memory.association import associate
from diarchy.memory.belief import Belief
from diarchy.memory.containers import carried_surfaces
from diarchy.memory.contents import Contents
from diarchy.memory.devices import Devices
from diarchy.memory.evidence import Evidence
from diarchy.memory.grip import UNKNOWN_OBJECT, Grip, GripperPose, gripper_from_model
from diarchy.memory.inspection import Inspection
from diarchy.memory.newcomers import Met, walked_off
from diarchy.memory.predicates import evaluate
from diarchy.memory.processes import Processes
from diarchy.memory.recollections import Recollections
from diarchy.memory.register import Register, person_belief
from diarchy.memory.releases import Releases
from diarchy.memory.scene_graph import SceneGraph
from diarchy.memory.snapshot import take_snapshot
from diarchy.perception.occupancy import StaticMapField
from diarchy.perception.percept import Percept

IN_HAND = 0.25
"""A held thing seen farther than this (m) from the gripper is not held."""
FALL = 0.4
"""A thing that was let go of is looked for on surfaces at most this far (m) below; one that slipped
falls as far as there is nothing to hold it."""
RELEASED, SLIPPED = 0.7, 0.3
"""Confidence in the position of what was put down and not yet seen; of what slipped."""


class WorldModel:
    """Implements `WorldView`; fed by `track` (cheap, every tick) and `integrate` (each percept).

    Objects are permanent: what is not in view stays believed where it was; what is seen to be gone
    is lost (it keeps its id should it turn up again); what is held moves with the gripper, what lies
    in a drawer with the drawer, what lies on a plate with the plate.

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
        self._beliefs = Register(static_map.fixtures)
        self._devices = Devices(static_map)
        self._contents = Contents(static_map, self._beliefs, self._devices)
        self._processes = Processes(static_map, self._devices)
        self._inspection = Inspection(static_map)
        self._grip = Grip()
        self._releases = Releases()
        self._met = Met(static_map)
        self.recollections = Recollections()
        self._told: dict[str, Entity] = {}  # fixtures as they were told of last
        self._frozen: WorldSnapshot | None = None  # as long as nothing new has come in
        for person in static_map.people:
            self._beliefs.add(person_belief(person))

    # ---- what comes in -------------------------------------------------------------------------

    def remember(self, graph: SceneGraph) -> None:
        """Take what an earlier run left for hints where to look first; nothing of it is believed."""
        self._frozen = None
        self.recollections.take(graph)

    def track(self, proprio: Proprio, map_from_base: SE3) -> None:
        """Take in the robot's own state: where it stands, what it feels in the gripper."""
        self._frozen = None
        self._base, self._stamp = map_from_base, max(self._stamp, proprio.stamp)
        lost = self._beliefs.get(self._grip.update(proprio))
        if lost is not None:
            self._drop(lost)
        self._carry(proprio)
        for thing, state in self._processes.due(self._stamp):
            belief = self._beliefs.get(thing)
            if belief is not None:
                belief.become(state, self._stamp)

    def integrate(self, percept: Percept) -> None:
        """Take in what was seen. Percepts come in order of their stamps."""
        self._frozen = None
        self._base, self._stamp = percept.map_from_base, max(self._stamp, percept.stamp)
        for reading in percept.fixtures:
            change = self._devices.read(reading, at_rest=percept.at_rest)
            if change is not None:
                self._inspection.move(change.fixture, change.after)
                self._contents.move_with(change, self.in_hand())
        before = {b.id: b.position.copy() for b in self._beliefs}
        seen = self._recognise(percept)
        for belief, sighting in seen:
            self._see(belief, sighting, percept.at_rest)
        self._scan(percept, {b.id for b, _ in seen})
        self._contents.follow(before, {b.id for b, _ in seen})
        if percept.at_rest:
            self._contents.settle(seen, self.in_hand())
            self._notice_absence(percept, seen)
            self.recollections.look(percept, percept.sightings)
        self._inspection.add(percept)
        self._watch_devices()

    def scanned(self, proprio: Proprio, percept: Percept) -> None:
        """Take in a scan of the lidar between two looks."""
        self.track(proprio, percept.map_from_base)
        self._scan(percept, frozenset())

    def claim_held(self, entity_id: str | None, proprio: Proprio) -> None:
        """Take a skill's word for what the gripper has just closed on, or let go of (None).

        Raises:
            BadInputError: nothing of that id is believed in.
        """
        self._frozen = None
        previous = self._beliefs.get(self._grip.last(proprio.stamp))
        if previous is not None and previous.id != entity_id:
            hand = self._base @ self._base_from_gripper(proprio)
            sat = self._grip.sat(previous.id)
            self._releases.add(previous.id, hand, proprio.gripper_width, sat)
            if previous.id == self._grip.claim:
                self._set_down(previous)
        if entity_id is None:
            self._grip.release()
        elif entity_id == UNKNOWN_OBJECT:
            self._grip.hold(entity_id, {}, proprio)
        else:
            self._take(entity_id, proprio)
        self._watch_devices()

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
        others = [b.entity(self._map) for b in self._beliefs]
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
            names = [*self._map.fixtures, *(b.id for b in self._beliefs)]
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

    def in_gripper(self, entity_id: str) -> SE3 | None:
        """``gripper_from_object`` of what is held, as it was when the fingers closed; None for anything else."""
        return self._grip.gripper_from.get(entity_id) if self.held() == entity_id else None

    def opening(self, entity_id: str) -> float | None:
        """Opening of a door (rad) or drawer (m) as last perceived, None if never seen."""
        door = self.door(entity_id)
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

    def unseen(self, entity_id: str) -> FloatArray:
        """Points ``[N, 3]`` m in ``map`` on the surfaces of a fixture that no look has reached yet."""
        return self._inspection.unseen(entity_id)

    def newcomers(self) -> Newcomers:
        """What the lidar met lately that is not known: it may be somebody who stepped in."""
        doors = {n: self.opening(n) for n, f in self._map.fixtures.items() if f.moving}
        return self._met.unknown(self._stamp, (b.entity(self._map) for b in self._beliefs), doors)

    def let_go(self, entity_id: str) -> tuple[SE3, float] | None:
        """``map_from_gripper`` and opening (m) at which the hand let go of a thing, moved along with it if it slid a little.

        None if it is elsewhere.
        """
        thing = self.find(entity_id)
        if thing is None or self.held() == entity_id:
            return None
        return self._releases.of(thing)

    # ---- beyond WorldView ----------------------------------------------------------------------

    def find(self, entity_id: str) -> Entity | None:
        """Look one up; None if it is not believed to exist (any more)."""
        if entity_id in self._map.fixtures:
            return self._fixture(entity_id)
        belief = self._beliefs.get(entity_id)
        return None if belief is None else belief.entity(self._map)

    def is_lost(self, entity_id: str) -> bool:
        """Whether it was known once and then seen to be gone from its place."""
        return self._beliefs.is_lost(entity_id)

    def lost(self) -> Sequence[Entity]:
        """What was known once and then seen to be gone, as it was at its last place, sorted by id."""
        return [b.entity(self._map) for b in self._beliefs.lost()]

    def remembered(self) -> Sequence[Remembered]:
        """What an earlier run saw and this one has not, the surest first."""
        return self.recollections.hints()

    def rest_seen(self, entity_id: str) -> float | None:
        """Stamp of the last sighting with the robot at rest."""
        if entity_id in self._devices.seen:
            return self._devices.seen[entity_id][1]
        belief = self._beliefs.get(entity_id)
        return None if belief is None else belief.rest_seen

    def carrier(self, entity_id: str) -> str | None:
        """The movable thing that it lies on or in; None if there is none."""
        belief = self._beliefs.get(entity_id)
        return None if belief is None else belief.carrier

    def carried_since(self, entity_id: str) -> float | None:
        """Stamp of the last look at rest that agreed with its lying where `carrier` says."""
        belief = self._beliefs.get(entity_id)
        stamps = [] if belief is None else [belief.rest_seen, belief.covered]
        return max((s for s in stamps if s is not None), default=None)

    def state_stamp(self, entity_id: str, attribute: str) -> float | None:
        """Since when its temperature or cleanliness is known to be what its attributes say."""
        belief = self._beliefs.get(entity_id)
        return None if belief is None else belief.states.get(attribute)

    def door(self, entity_id: str) -> tuple[float, float] | None:
        """Opening (rad of a door, m of a drawer) and its stamp; None if never seen."""
        return self._devices.openings.get(entity_id)

    def power(self, entity_id: str) -> tuple[bool, float] | None:
        """Whether a device runs, and the stamp of that; None: not known (any more)."""
        return self._devices.power(entity_id, self._stamp)

    def coverage(self, entity_id: str) -> float:
        """Fraction of a fixture's surfaces that was ever seen at rest."""
        return self._inspection.coverage(entity_id)

    def snapshot(self) -> WorldSnapshot:
        """Freeze the belief for planners, traces and reports; deterministic order."""
        if self._frozen is None:
            self._frozen = take_snapshot(self)
        return self._frozen

    def in_hand(self) -> frozenset[str]:
        """Ids of what is held, and of what lies in or on it."""
        held = self.held()
        return frozenset() if held is None else frozenset({held, *self._contents.of(held)})

    def distance_field(
        self, without: frozenset[str] = frozenset(), *, objects: bool = True
    ) -> StaticMapField:
        """Distance to all that is believed solid: map, doors where seen, standing objects."""
        carried = self.in_hand()
        boxes = {
            b.id: Box(b.pose(), b.extent)
            for b in self._beliefs
            if objects and b.kind == "object" and b.id not in carried
        }
        openings = self._devices.present_openings()
        return StaticMapField(
            self._map, stamp=self._stamp, doors=openings, objects=boxes, without=without
        )

    # ---- seeing --------------------------------------------------------------------------------

    def _fixture(self, name: str) -> Entity:
        entity = self._map.fixtures[name].entity
        seen = self._devices.seen.get(name)
        if seen is None:
            return entity
        told = self._told.get(name)
        if told is None or told.last_seen != seen[0]:
            told = self._told[name] = entity.model_copy(update={"last_seen": seen[0]})
        return told

    def _watch_devices(self) -> None:
        carried = self.in_hand()
        self._processes.watch(self._stamp, lambda device: self._contents.inside(device, carried))

    def _recognise(self, percept: Percept) -> list[tuple[Belief, Sighting]]:
        """Say which belief each sighting is of, beginning new ones."""
        held = self._grip.claim
        pool = [b for b in self._beliefs if b.id != held or b.instance is not None]
        matched = associate(percept.sightings, pool)
        return [(matched.get(i) or self._begin(s), s) for i, s in enumerate(percept.sightings)]

    def _begin(self, sighting: Sighting) -> Belief:
        """Believe in something new, under the name that it was remembered by."""
        name = self.recollections.name_of(sighting)
        belief = self._beliefs.admit(sighting, name=name, reserved=self.recollections.names())
        self.recollections.found(belief.id)
        return belief

    def _see(self, belief: Belief, sighting: Sighting, at_rest: bool) -> None:
        if belief.id in self._grip.gripper_from:
            if self._is_in_hand(belief, sighting):
                belief.glimpse(sighting, at_rest=at_rest)
                return
            self._fell(belief)
        belief.update(sighting, at_rest=at_rest)
        if at_rest and belief.kind == "object":
            self._processes.restart(belief.id, sighting.stamp)

    def _is_in_hand(self, belief: Belief, sighting: Sighting) -> bool:
        """What is held is where the gripper is; only a sighting far from it overrules that."""
        away = float(np.linalg.norm(sighting.position - belief.position))
        return away < IN_HAND + float(belief.extent.max()) / 2.0

    def _scan(self, percept: Percept, present: Collection[str]) -> None:
        """Take in what the lidar met, and where it met nobody any more."""
        self._met.add(percept)
        for belief in [b for b in self._beliefs if b.kind == "person" and b.id not in present]:
            if walked_off(percept, belief.position):
                belief.misses += 1.0
                if belief.misses >= GONE_AFTER:
                    self._beliefs.lose(belief.id)

    def _notice_absence(self, percept: Percept, seen: Sequence[tuple[Belief, Sighting]]) -> None:
        present = {b.id for b, _ in seen}
        carried = self.in_hand()
        hidden = carried | self._contents.behind_doors(carried)
        for belief in self._beliefs:
            if belief.id in present or belief.id in hidden:
                continue
            if belief.carrier in present and covered(belief, percept):
                belief.covered = percept.stamp
            inner = self._contents.of(belief.id)
            others = [s for b, s in seen if b.id != belief.carrier and b.id not in inner]
            belief.misses += missed(belief, percept, others)
            if belief.misses >= GONE_AFTER:
                self._beliefs.lose(belief.id)

    # ---- holding -------------------------------------------------------------------------------

    def _take(self, entity_id: str, proprio: Proprio) -> None:
        self._beliefs.find_again(entity_id)  # the hand knows better: it is not gone, it is here
        belief = self._beliefs.movable(entity_id)
        hand = self._base @ self._base_from_gripper(proprio)
        relative = hand.inverse() @ belief.pose()
        if float(np.linalg.norm(relative.translation)) > IN_HAND / 2.0 + belief.extent.max() / 2.0:
            relative = SE3(relative.rotation, np.zeros(3))
        from_map = relative @ belief.pose().inverse()
        riders = [self._beliefs.get(name) for name in self._contents.of(entity_id)]
        poses = {b.id: from_map @ b.pose() for b in riders if b is not None}
        self._grip.hold(entity_id, {entity_id: relative, **poses}, proprio)
        belief.confidence, belief.carrier = 1.0, None
        if belief.complete:
            belief.shape = belief.extent.copy()

    def _carry(self, proprio: Proprio) -> None:
        """What is held, and what lies on it, is where the gripper is."""
        if not self._grip.gripper_from:
            return
        hand = self._base @ self._base_from_gripper(proprio)
        for name, relative in sorted(self._grip.gripper_from.items()):
            belief = self._beliefs.get(name)
            if belief is None:
                continue
            pose = hand @ relative
            belief.position, belief.yaw = pose.translation.copy(), wrap_angle(pose.yaw)
            belief.complete = False

    def _set_down(self, belief: Belief) -> None:
        """What was let go of lies on what is below it, and what it carries with it, until they are seen."""
        self._contents.lower(belief, FALL)
        belief.confidence = RELEASED

    def _drop(self, belief: Belief) -> None:
        """What slipped out of the hand lies below, perhaps; so does what lay on it."""
        for thing in [belief.id, *self._contents.of(belief.id)]:
            fallen = self._beliefs.get(thing)
            if fallen is not None:
                fallen.carrier = None
                self._contents.lower(fallen, float(fallen.position[2]) + 0.1)
                fallen.confidence = SLIPPED
        self._grip.release()

    def _fell(self, belief: Belief) -> None:
        """It was seen away from the hand."""
        if belief.id == self._grip.claim:
            self._grip.release()
            return
        self._grip.gripper_from.pop(belief.id, None)
        belief.carrier = None
