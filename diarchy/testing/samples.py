"""Small, complete samples of what the contracts pass around: robot, frame, map, world, request.

For conformance kits and for unit tests. Everything is deterministic, and nothing needs a simulator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.entity import Entity, FixtureInfo, StaticMap, Surface, Truth
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray, Intrinsics
from diarchy.contracts.plan import PlanRequest, Vocabulary
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.robot import (
    Action,
    BaseSpec,
    CameraFrame,
    GripperSpec,
    JointSpec,
    Observation,
    Pose2,
    Proprio,
    RobotSpec,
)
from diarchy.contracts.skill import Parameter, Postcondition, SkillSpec
from diarchy.contracts.world import Fact, Newcomers, Remembered, WorldSnapshot

_JOINTS = 10


def sample_spec() -> RobotSpec:
    """Return a made-up mobile manipulator with ten joints: a torso, seven of an arm, two of a head."""
    limits = [("torso", 0.0, 0.4, 0.1, 0.4)]
    limits += [(f"arm_{i}", -2.0, 2.0, 1.5, 3.0) for i in range(1, 8)]
    limits += [("head_pan", -1.5, 1.5, 1.5, 4.0), ("head_tilt", -0.7, 1.4, 1.5, 4.0)]
    joints = tuple(JointSpec(*row) for row in limits)
    return RobotSpec(
        name="sample",
        joints=joints,
        groups={"torso": (0,), "arm": tuple(range(1, 8)), "head": (8, 9)},
        postures={"tuck": np.zeros(_JOINTS), "ready": np.full(_JOINTS, 0.2)},
        base=BaseSpec(),
        gripper=GripperSpec(),
        model_xml=_model_xml(joints),
        gripper_site="grip",
        cameras=("head_camera",),
        head_camera="head_camera",
    )


def _model_xml(joints: Sequence[JointSpec]) -> str:
    """Write an MJCF with the arm as a chain of links; the head branches off the torso."""

    def link(joint: JointSpec, inner: str) -> str:
        kind, axis = ("slide", "0 0 1") if joint.name == "torso" else ("hinge", "0 1 0")
        return (
            f'<body pos="0.1 0 0.1"><joint name="{joint.name}" type="{kind}" axis="{axis}" '
            f'range="{joint.lower} {joint.upper}"/><geom size="0.02" mass="1"/>{inner}</body>'
        )

    arm = '<site name="grip" pos="0.1 0 0"/>'
    for joint in reversed(joints[1:8]):
        arm = link(joint, arm)
    head = link(joints[8], link(joints[9], ""))
    body = link(joints[0], arm + head)
    return (
        '<mujoco model="sample"><compiler angle="radian" autolimits="true"/>'
        f"<worldbody>{body}</worldbody></mujoco>"
    )


def sample_proprio(
    spec: RobotSpec | None = None, *, tick: int = 0, commanded: Action | None = None
) -> Proprio:
    """Return what a robot feels that stands still in the posture ``tuck``."""
    spec = spec or sample_spec()
    count = len(spec.joints)
    return Proprio(
        stamp=tick / spec.control_hz,
        tick=tick,
        q=np.array(spec.postures["tuck"], dtype=np.float64),
        dq=np.zeros(count),
        effort=np.zeros(count),
        gripper_width=spec.gripper.max_width,
        gripper_force=0.0,
        odom=Pose2(0.0, 0.0, 0.0),
        base_velocity=np.zeros(2),
        commanded=commanded,
    )


def sample_frame(*, width: int = 160, height: int = 120, empty: bool = False) -> CameraFrame:
    """Return an image of a red box on a grey table before a white wall, with depth.

    Args:
        width: pixels.
        height: pixels.
        empty: nothing in view: a white wall alone.
    """
    rgb = np.full((height, width, 3), 235, dtype=np.uint8)
    depth = np.full((height, width), 3.0, dtype=np.float32)
    ids = np.full((height, width), -1, dtype=np.int32)
    if not empty:
        table = np.s_[height * 2 // 3 :, :]
        box = np.s_[height // 2 : height * 3 // 4, width * 2 // 5 : width * 3 // 5]
        rgb[table], depth[table], ids[table] = (120, 120, 120), 1.4, 1
        rgb[box], depth[box], ids[box] = (200, 30, 30), 1.2, 2
    return CameraFrame(
        name="head_camera",
        stamp=1.0,
        rgb=rgb,
        depth=depth,
        intrinsics=Intrinsics.from_fovy(width, height, 58.0),
        base_from_camera=SE3(
            np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
            np.array([0.1, 0.0, 1.1]),
        ),
        instance_ids=ids,
    )


def sample_observation(spec: RobotSpec | None = None, *, tick: int = 0) -> Observation:
    """Return proprioception and one head image."""
    frame = sample_frame()
    return Observation(sample_proprio(spec, tick=tick), {frame.name: frame})


def sample_entities() -> tuple[Entity, ...]:
    """Return a table, a fridge and two mugs, sorted by id."""
    return (
        Entity(
            id="DiningTable_1",
            cls="DiningTable",
            kind="fixture",
            position=(2.0, 0.0, 0.375),
            extent=(1.2, 0.8, 0.75),
            room="kitchen",
            can_hold=("on",),
        ),
        Entity(
            id="Fridge_1",
            cls="Fridge",
            kind="fixture",
            position=(3.0, 2.0, 0.9),
            extent=(0.7, 0.7, 1.8),
            room="kitchen",
            can_hold=("in",),
            openable=True,
        ),
        Entity(
            id="Mug_1",
            cls="Mug",
            kind="object",
            position=(2.0, 0.1, 0.80),
            extent=(0.08, 0.08, 0.10),
            attributes={"color": "red"},
            room="kitchen",
            last_seen=1.0,
            movable=True,
        ),
        Entity(
            id="Mug_2",
            cls="Mug",
            kind="object",
            position=(2.2, -0.1, 0.80),
            extent=(0.08, 0.08, 0.10),
            attributes={"color": "blue"},
            room="kitchen",
            last_seen=1.0,
            movable=True,
        ),
    )


def sample_map() -> StaticMap:
    """Return a kitchen of 4 x 4 m with the sample's table and fridge in it."""
    fixtures = {}
    for entity in sample_entities():
        if entity.kind != "fixture":
            continue
        relation = entity.can_hold[0]
        surface = Surface(
            pose=SE3.from_xyz_yaw(entity.position[0], entity.position[1], entity.top, 0.0),
            size=(entity.extent[0], entity.extent[1]),
            clearance=0.5,
            relation=relation,
            approach="top" if relation == "on" else "front",
        )
        fixtures[entity.id] = FixtureInfo(entity, (), np.array([-1.0, 0.0]), (surface,))
    bounds = (0.0, -2.0, 4.0, 2.5)
    return StaticMap(bounds=bounds, rooms={"kitchen": bounds}, walls=(), fixtures=fixtures)


def sample_skills() -> tuple[SkillSpec, ...]:
    """Return two skills that depend on each other: drive there, then pick."""
    return (
        SkillSpec(
            name="navigate_to",
            sentence="Drive to the target.",
            parameters=(Parameter(name="target", kind="thing"),),
            preconditions=("located(target)",),
            postconditions=(Postcondition(template="near(target)", transient=True),),
            deletes=("near(*)",),
            occupies=("base",),
        ),
        SkillSpec(
            name="pick",
            sentence="Grasp an object within reach and lift it.",
            parameters=(Parameter(name="object", kind="object"),),
            preconditions=("hand_empty()", "located(object)", "near(object)"),
            postconditions=(Postcondition(template="holding(object)", transient=True),),
            deletes=("hand_empty()", "on(object, *)", "in(object, *)"),
            occupies=("arm", "gripper"),
        ),
    )


def sample_snapshot() -> WorldSnapshot:
    """Return the belief that both mugs stand on the table and the fridge is closed."""
    true = ("on(Mug_1, DiningTable_1)", "on(Mug_2, DiningTable_1)", "hand_empty()")
    facts = [Fact(condition=Condition.parse(t), truth=Truth.TRUE, stamp=1.0) for t in true]
    facts.append(Fact(condition=Condition.parse("open(Fridge_1)"), truth=Truth.FALSE, stamp=0.5))
    return WorldSnapshot(
        stamp=2.0,
        robot_position=(0.5, 0.0, 0.0),
        robot_room="kitchen",
        entities=sample_entities(),
        facts=tuple(facts),
        inspected={"DiningTable_1": 1.0},
    )


def sample_request(
    instruction: str = "pick up the red mug", *, skills: tuple[SkillSpec, ...] | None = None
) -> PlanRequest:
    """Return a request in the sample's kitchen; no images."""
    return PlanRequest(
        instruction=instruction,
        world=sample_snapshot(),
        skills=skills or sample_skills(),
        vocabulary=Vocabulary(
            object_classes=("Apple", "Mug"),
            fixture_classes=("DiningTable", "Fridge"),
            attributes={"color": ("blue", "red")},
        ),
    )


@dataclass
class SampleWorld:
    """A `WorldView` over a fixed snapshot: what its facts list as true is true."""

    snapshot: WorldSnapshot = field(default_factory=sample_snapshot)
    static_map: StaticMap = field(default_factory=sample_map)

    def map_from_base(self) -> SE3:
        """Pose of the base in the snapshot."""
        x, y, yaw = self.snapshot.robot_position
        return SE3.from_xyz_yaw(x, y, 0.0, yaw)

    def entities(self) -> Sequence[Entity]:
        """All entities, sorted by id."""
        return sorted(self.snapshot.entities, key=lambda e: e.id)

    def entity(self, entity_id: str) -> Entity:
        """Look one up; raises BadInputError if there is none."""
        found = self.snapshot.entity(entity_id)
        if found is None:
            known = [e.id for e in self.snapshot.entities]
            raise BadInputError(f"no entity '{entity_id}'; {did_you_mean(entity_id, known)}")
        return found

    def truth(self, condition: Condition) -> Truth:
        """Look the condition up in the facts; what is not listed is unknown."""
        for fact in self.snapshot.facts:
            if _same_predicate(fact.condition.predicate, condition.predicate):
                if fact.truth is Truth.UNKNOWN:
                    return Truth.UNKNOWN
                holds = (fact.truth is Truth.TRUE) == fact.condition.value
                return Truth.of(holds == condition.value)
        return Truth.UNKNOWN

    def held(self) -> str | None:
        """Return what the snapshot says is in the gripper."""
        return self.snapshot.held

    def opening(self, entity_id: str) -> float | None:
        """Every door is closed; things without one have no angle."""
        return 0.0 if self.entity(entity_id).openable else None

    def surfaces(self, entity_id: str) -> tuple[Surface, ...]:
        """Return the surfaces of the map, of closed drawers; other things have none."""
        holder = self.static_map.holder(entity_id)
        return () if holder is None else holder.surfaces

    def inspected(self, entity_id: str) -> float | None:
        """Stamp of the last look, from the snapshot."""
        return self.snapshot.inspected.get(entity_id)

    def in_gripper(self, entity_id: str) -> SE3 | None:
        """How things are held is not kept in the sample."""
        return None

    def newcomers(self) -> Newcomers:
        """Nobody steps in."""
        return Newcomers.none()

    def let_go(self, entity_id: str) -> tuple[SE3, float] | None:
        """Nothing was put down in the sample."""
        return None

    def lost(self) -> Sequence[Entity]:
        """Nothing of the sample was lost."""
        return ()

    def remembered(self) -> Sequence[Remembered]:
        """What the snapshot remembers."""
        return self.snapshot.remembered

    def unseen(self, entity_id: str) -> FloatArray:
        """Every surface of the sample was seen: shape (0, 3)."""
        self.entity(entity_id)
        return np.zeros((0, 3))


def _same_predicate(fact: Predicate, asked: Predicate) -> bool:
    return fact == asked or asked.matches(fact)


@dataclass
class SampleContext:
    """A `SkillContext` that records what a skill said and claimed."""

    spec: RobotSpec = field(default_factory=sample_spec)
    clock: LockstepClock = field(default_factory=LockstepClock)
    world: SampleWorld = field(default_factory=SampleWorld)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    epoch: int = 1
    answer: str | None = None
    destination: str | None = None
    said: list[str] = field(default_factory=list)
    claims: list[str | None] = field(default_factory=list)

    def claim_held(self, entity_id: str | None) -> None:
        """Record the claim."""
        self.claims.append(entity_id)

    def say(self, text: str) -> None:
        """Record the words."""
        self.said.append(text)
