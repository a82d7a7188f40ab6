"""What the simulator knows: for the judge of evaluations alone, never for the agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diarchy.contracts.entity import StaticMap, Surface
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.household import LAMPS, LIGHT_REACH
from diarchy.contracts.robot import Pose2
from diarchy.robots.home.furnish import bulb, furnish
from diarchy.robots.home.household import Household
from diarchy.robots.home.joints import opening_joint
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.people import hands_at
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.resting import carried_by, over
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.sleep import wake
from diarchy.robots.home.world import BASE_JOINTS

OPEN_RAD, CLOSED_RAD = 0.9, 0.08
"""Of a door."""
OPEN_SHARE, CLOSED_M = 0.6, 0.01
"""Of a drawer: the share of its travel, and m."""
NEAR_M = 1.2
FINGER_BODIES = ("r_gripper_finger_link", "l_gripper_finger_link")


class HomeTruth:
    """Poses, predicates, states and forces of the simulated home."""

    def __init__(
        self,
        model: Any,
        data: Any,
        scene: Scene,
        placed: list[Placed],
        home: StaticMap,
        household: Household,
    ) -> None:
        self._model, self._data, self._map = model, data, home
        self._classes = {p.id: p.cls for p in placed}
        self._attributes = {p.id: {"color": p.color} for p in placed}
        self._household = household
        furniture = furnish(scene)
        self._joints = {f.entity_id: j for f in furniture if (j := opening_joint(f))}
        self._bulbs = {f.entity_id: bulb(f) for f in furniture if f.cls in LAMPS}
        owners = [model.body(int(b)).name for b in model.geom_bodyid]
        self._owner = [name.split("/")[0] for name in owners]
        self._finger = [FINGER_BODIES.index(n) if n in FINGER_BODIES else -1 for n in owners]
        self._predicates: dict[str, tuple[int, Callable[..., bool]]] = {
            "on": (2, lambda a, b: self._rests(a, b, "on")),
            "in": (2, lambda a, b: self._rests(a, b, "in")),
            "open": (1, self._open),
            "closed": (1, self._closed),
            "holding": (1, self._holding),
            "near": (2, self._near),
            "given": (2, self._given),
            "lit": (1, self._lit),
            "running": (1, self.power),
            "hot": (1, lambda a: self._household.thing(a).hot),
            "cold": (1, lambda a: self._household.thing(a).cold),
            "clean": (1, lambda a: self._household.thing(a).clean),
        }

    @property
    def objects(self) -> tuple[str, ...]:
        """Ids of the movable objects."""
        return tuple(self._classes)

    def attributes(self, object_id: str) -> dict[str, str]:
        """Return class and colour of an object.

        Raises:
            BadInputError: no such object.
        """
        self._check(object_id)
        return {"class": self._classes[object_id], **self._attributes[object_id]}

    def pose(self, object_id: str) -> SE3:
        """Return ``map_from_object``; its origin is the bottom centre.

        Raises:
            BadInputError: no such object.
        """
        self._check(object_id)
        body = self._data.body(object_id)
        return SE3(np.array(body.xmat).reshape(3, 3), np.array(body.xpos))

    def centre(self, object_id: str) -> FloatArray:
        """Return the centre ``[3]`` of an object in ``map``."""
        half = OBJECT_CLASSES[self._classes[object_id]].extent[2] / 2
        return self.pose(object_id).apply([0.0, 0.0, half])

    def base(self) -> Pose2:
        """Return the true pose of the robot's base."""
        x, y, yaw = (float(self._data.joint(n).qpos[0]) for n in BASE_JOINTS)
        return Pose2(x, y, yaw)

    def gripper(self) -> SE3:
        """Return the true ``map_from_gripper``."""
        site = self._data.site("gripper")
        return SE3(np.array(site.xmat).reshape(3, 3), np.array(site.xpos))

    def opening(self, fixture_id: str) -> float:
        """Return how far a door (rad) or a drawer (m) is open.

        Raises:
            BadInputError: no such door or drawer.
        """
        self._check_door(fixture_id)
        return abs(float(self._data.joint(self._joints[fixture_id]).qpos[0]))

    def power(self, device_id: str) -> bool:
        """Tell whether a device is switched on.

        Raises:
            BadInputError: it cannot be switched.
        """
        return self._household.switchable(device_id).running

    def state(self, object_id: str) -> dict[str, float | bool]:
        """Return ``temperature`` in degrees Celsius, and whether it is hot, cold, dirty and clean.

        Raises:
            BadInputError: no such object.
        """
        thing = self._household.thing(object_id)
        return {
            "temperature": thing.temperature,
            "hot": thing.hot,
            "cold": thing.cold,
            "dirty": thing.dirty,
            "clean": thing.clean,
        }

    def contacts(self) -> dict[tuple[str, str], float]:
        """Return the normal force in N between each touching pair of entities or robot links, by names."""
        import mujoco

        forces: dict[tuple[str, str], float] = {}
        wrench = np.zeros(6)
        for i in range(self._data.ncon):
            geoms = self._data.contact[i].geom
            pair = sorted((self._owner[int(geoms[0])], self._owner[int(geoms[1])]))
            mujoco.mj_contactForce(self._model, self._data, i, wrench)
            key = (pair[0], pair[1])
            forces[key] = forces.get(key, 0.0) + abs(float(wrench[0]))
        return forces

    def holds(self, predicate: str, *args: str) -> bool:
        """Tell whether a predicate is true.

        on, in, given, open, closed, holding, near; running, lit, hot, cold, clean.

        Raises:
            BadInputError: no such predicate or entity, or a wrong number of arguments.
        """
        if predicate not in self._predicates:
            known = did_you_mean(predicate, self._predicates)
            raise BadInputError(f"no predicate '{predicate}'; {known}")
        arity, check = self._predicates[predicate]
        if len(args) != arity:
            raise BadInputError(f"'{predicate}' takes {arity} argument(s), got {len(args)}")
        return check(*args)

    def place(self, object_id: str, pose: SE3) -> None:
        """Put an object at a pose, at rest.

        Raises:
            BadInputError: no such object.
        """
        import mujoco

        self._check(object_id)
        joint = self._data.joint(object_id)
        joint.qpos[:3], joint.qpos[3:] = pose.translation, pose.quat()
        joint.qvel[:] = 0.0
        wake(self._data)
        mujoco.mj_forward(self._model, self._data)

    def turn_door(self, fixture_id: str, opening: float) -> None:
        """Set how far a door (rad) or a drawer (m, what lies in it comes along) is open, at rest.

        Raises:
            BadInputError: no such door or drawer.
        """
        import mujoco

        self._check_door(fixture_id)
        info = self._map.fixtures[fixture_id]
        joint = self._data.joint(self._joints[fixture_id])
        wanted = float(np.clip(opening, 0.0, info.max_opening))
        if info.slide is not None:
            shift = info.slide.axis * (wanted - float(joint.qpos[0]))
            for thing in [o for o in self._classes if self._rests(o, fixture_id, "in")]:
                self._data.joint(thing).qpos[:3] += shift
        joint.qpos[0] = wanted if info.hinge is None else info.hinge.sign * wanted
        joint.qvel[0] = 0.0
        wake(self._data)
        mujoco.mj_forward(self._model, self._data)

    def stand_person(self, person_id: str, pose: SE3) -> None:
        """Stand a person at a pose of its feet.

        Raises:
            BadInputError: no such person.
        """
        import mujoco

        if person_id not in self._map.hands:
            raise BadInputError(
                f"no person '{person_id}'; {did_you_mean(person_id, self._map.hands)}"
            )
        mocap = int(self._model.body(person_id).mocapid[0])
        self._data.mocap_pos[mocap] = pose.translation
        self._data.mocap_quat[mocap] = pose.quat()
        wake(self._data)
        mujoco.mj_forward(self._model, self._data)

    def _open(self, fixture_id: str) -> bool:
        opening, info = self.opening(fixture_id), self._map.fixtures[fixture_id]
        return opening >= (OPEN_RAD if info.hinge else OPEN_SHARE * info.max_opening)

    def _closed(self, fixture_id: str) -> bool:
        hinge = self._map.fixtures[fixture_id].hinge
        return self.opening(fixture_id) <= (CLOSED_RAD if hinge else CLOSED_M)

    def _rests(self, object_id: str, holder_id: str, relation: str) -> bool:
        """On: over a surface and low above it. In: the centre inside the container's volume."""
        self._check(object_id)
        if holder_id not in (*self._map.fixtures, *self._map.hands, *self._classes):
            hint = did_you_mean(holder_id, [*self._map.fixtures, *self._map.hands, *self._classes])
            raise BadInputError(f"nothing can be on or in '{holder_id}'; {hint}")
        if self._holding(object_id) or holder_id == object_id:
            return False
        cls = OBJECT_CLASSES[self._classes[object_id]]
        if holder_id in self._classes:
            holder = OBJECT_CLASSES[self._classes[holder_id]]
            return carried_by(cls, self.pose(object_id), holder, self.pose(holder_id), relation)
        return any(
            over(s, self.centre(object_id), max(cls.extent))
            for s in self._surfaces(holder_id)
            if s.relation == relation
        )

    def _surfaces(self, holder_id: str) -> tuple[Surface, ...]:
        """Return the surfaces of a fixture as it is open, or the palms of a person where it stands."""
        if holder_id in self._map.hands:
            body = self._data.body(holder_id)
            rotation, origin = np.array(body.xmat).reshape(3, 3), np.array(body.xpos)
            return (hands_at(SE3(rotation, origin)),)
        out = self.opening(holder_id) if holder_id in self._joints else None
        return self._map.fixtures[holder_id].surfaces_at(out)

    def _given(self, object_id: str, person_id: str) -> bool:
        """It rests on the palms."""
        if person_id not in self._map.hands:
            hint = did_you_mean(person_id, self._map.hands)
            raise BadInputError(f"nobody '{person_id}' holds out hands; {hint}")
        return self._rests(object_id, person_id, "on")

    def _lit(self, object_id: str) -> bool:
        """A lamp is on and its bulb is near enough."""
        centre = self.centre(object_id)
        return any(
            self.power(lamp) and float(np.linalg.norm(centre - bulb)) <= LIGHT_REACH
            for lamp, bulb in self._bulbs.items()
        )

    def _holding(self, object_id: str) -> bool:
        """Both fingers touch it, and nothing but the robot and other objects does."""
        self._check(object_id)
        fingers: set[int] = set()
        for i in range(self._data.ncon):
            first, second = (int(g) for g in self._data.contact[i].geom)
            for mine, other in ((first, second), (second, first)):
                if self._owner[mine] != object_id:
                    continue
                if self._finger[other] >= 0:
                    fingers.add(self._finger[other])
                elif (
                    self._owner[other] in self._map.fixtures
                    or self._owner[other] in self._map.hands
                ):
                    return False
        return len(fingers) == 2

    def _near(self, first: str, second: str) -> bool:
        gap = self._where(first) - self._where(second)
        if second in self._map.fixtures:
            # Near a counter means near its edge, not near its middle.
            entity = self._map.fixtures[second].entity
            level = SE3.from_xyz_yaw(*entity.position[:2], 0.0, entity.yaw)
            local = level.rotation[:2, :2].T @ gap
            half = np.array(entity.extent[:2]) / 2.0
            gap = local - np.clip(local, -half, half)
        return float(np.linalg.norm(gap)) <= NEAR_M

    def _where(self, entity_id: str) -> FloatArray:
        """Return the planar position ``[2]`` of an object, fixture, person or ``robot``."""
        if entity_id == "robot":
            base = self.base()
            return np.array([base.x, base.y])
        if entity_id in self._classes:
            return self.centre(entity_id)[:2]
        known = (*self._map.fixtures, *self._map.hands)
        if entity_id not in known:
            hint = did_you_mean(entity_id, ["robot", *self._classes, *known])
            raise BadInputError(f"no entity '{entity_id}'; {hint}")
        return np.array(self._data.body(entity_id).xpos[:2])

    def _check(self, object_id: str) -> None:
        if object_id not in self._classes:
            raise BadInputError(
                f"no object '{object_id}'; {did_you_mean(object_id, self._classes)}"
            )

    def _check_door(self, fixture_id: str) -> None:
        if fixture_id not in self._joints:
            hint = did_you_mean(fixture_id, self._joints)
            raise BadInputError(f"no door or drawer '{fixture_id}'; {hint}")
