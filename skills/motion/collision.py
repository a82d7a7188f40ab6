"""Is a configuration of the robot free: of itself, of walls and fixtures, of what was seen?

The world is what is believed: the static map's boxes, doors and drawers as they were perceived, and
one oriented box for every perceived object. Distances are exact between the robot's convex hulls and
the boxes (MuJoCo's convex collision); a vectorised sphere-to-box test leaves only few pairs to it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np

from diarchy.contracts.entity import Box, Entity, FixtureInfo, Solid, Surface
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import RobotSpec
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.hulls import (
    HELD,
    descends,
    distance,
    hand_bodies,
    self_pairs,
    solid_geoms,
    with_boxes,
)

MARGIN = 0.015
_SELF = 0.003
"""Margin of the robot to itself: its hulls are fat and its pose is exact."""
_TRUNK_MARGIN = 0.010
_NEARER = 0.005
"""How much nearer (m) a part may come to what it is near to at the start: it slides along it."""
_ONES = np.ones(3)
_POOL = 192
_RANGE = 2.2
"""Boxes farther than this from the base (m) are out of reach and left out."""
_ARMS, _PALM_DEPTH = 0.23, 0.12
"""How far (m) a person's forearms reach behind the palms, and how deep they hang below them."""


@dataclass(frozen=True)
class Attached:
    """A box in the gripper: ``gripper_from_box`` of its centre, FULL size ``[3]`` m, and whose it is."""

    entity_id: str
    pose: SE3
    size: FloatArray


def entity_box(entity: Entity) -> Box:
    """Return the oriented box of an entity."""
    return Box(entity.pose(), np.asarray(entity.extent, dtype=np.float64))


def fixture_solids(info: FixtureInfo, opening: float | None) -> list[Solid]:
    """Return the parts of a fixture with its door or drawer at ``opening`` (rad or m; None: closed)."""
    return [Solid(info.entity.id, box) for box in info.boxes_at(opening)]


def world_solids(world: WorldView, *, without: Collection[str] = ()) -> list[Solid]:
    """Return everything believed to be solid, except the entities in ``without``."""
    solids = [Solid("", box) for box in world.static_map.walls]
    for name, info in world.static_map.fixtures.items():
        if name not in without:
            solids += fixture_solids(info, world.opening(name))
    for entity in world.entities():
        seen = entity.kind in ("object", "person") and min(entity.extent) > 0.0
        if seen and entity.id not in without:
            solids.append(Solid(entity.id, entity_box(entity)))
    hands = world.static_map.hands.items()
    return [*solids, *(Solid(n, _arms(palms)) for n, palms in hands if n not in without)]


def _arms(palms: Surface) -> Box:
    """What a person holds out: open palms, and the arms behind them."""
    deep, wide = palms.size
    middle = np.array([-_ARMS / 2.0, 0.0, -_PALM_DEPTH / 2.0])
    size = np.array([deep + _ARMS, wide + 0.06, _PALM_DEPTH])
    return Box(palms.pose @ SE3.from_translation(middle), size)


class PlanningScene:
    """The robot among boxes. Not safe to share by threads.

    Call `update` with the present belief, then ask `in_collision` or `clearance`. The base itself is
    not checked against the world: where it may stand is the navigation's question.

    Args:
        spec: the embodiment.
        margin: distance in m below which two things count as touching.
    """

    def __init__(self, spec: RobotSpec, *, margin: float = MARGIN) -> None:
        self.margin = margin
        self.model = copy.copy(with_boxes(spec.model_xml, _POOL, spec.gripper_site))
        self.data = mujoco.MjData(self.model)
        joints = [int(self.model.joint(n).qposadr[0]) for n in spec.joint_names]
        self._qpos = np.asarray(joints, dtype=np.intp)
        self._fingers = np.setdiff1d(self.model.jnt_qposadr, self._qpos)
        self._held_geom = int(self.model.geom(HELD).id)
        self._pool = int(self.model.geom("pool_0").id)
        self._radius = self.model.geom_rbound.copy()
        self._site = int(self.model.site(spec.gripper_site).id)
        arm = min(int(self.model.joint(spec.joint_names[i]).bodyid[0]) for i in spec.groups["arm"])
        solid = solid_geoms(self.model)
        self._arm_geoms = np.array(
            [g for g in solid if descends(self.model, g, arm)], dtype=np.intp
        )
        self._reaching = self._arm_geoms  # what may meet the world: the arm's, and what is held
        self._by_trunk = np.ones(self.model.ngeom, dtype=bool)
        self._by_trunk[[*self._arm_geoms, self._held_geom]] = False
        self._own_pairs = self._pairs = self_pairs(self.model)
        hand = hand_bodies(self.model, spec.gripper_site)
        rest = [g for g in solid if int(self.model.geom_bodyid[g]) not in hand]
        self._begun: dict[tuple[int, int], float] = {}
        self.relax()
        self._held_pairs = np.array([(self._held_geom, g) for g in rest], dtype=np.intp)
        self._solids: list[Solid] = []
        self._held: Attached | None = None
        self._placed_for: SE3 | None = None
        self.set_opening(spec.gripper.max_width)

    def update(
        self, world: WorldView, *, without: Collection[str] = (), extra: Sequence[Solid] = ()
    ) -> None:
        """Take over the present belief; ``without`` names entities to leave out."""
        gone = {*without, *([self._held.entity_id] if self._held else [])}
        self._solids = [*world_solids(world, without=gone), *extra]
        self._placed_for = None

    def keep_in_sweep(self, q: FloatArray, map_from_base: SE3) -> None:
        """Forget what the arm at joints ``[J]`` cannot meet however the base turns on the spot; `update` recalls it."""
        reach = self.reach(q, map_from_base)
        axis = map_from_base.translation[:2]
        self._solids = [
            s
            for s in self._solids
            if float(np.linalg.norm(s.box.pose.translation[:2] - axis))
            < reach + float(np.linalg.norm(s.box.size)) / 2.0
        ]
        self._placed_for = None

    def reach(self, q: FloatArray, map_from_base: SE3) -> float:
        """Return how far (m) from the middle of the base, seen from above, the arm at joints ``[J]`` may touch anything."""
        self._place(q, map_from_base)
        geoms = self._reaching
        away = np.linalg.norm(self.data.geom_xpos[geoms][:, :2], axis=1)
        return float((away + self._radius[geoms]).max()) + self.margin

    def attach(self, held: Attached | None) -> None:
        """Put a box into the gripper (None: take it out)."""
        self._held = held
        self._pairs, self._reaching = self._own_pairs, self._arm_geoms
        self.relax()
        if held is None:
            return
        geom, half = self._held_geom, np.maximum(held.size / 2.0, 1e-3)
        position, quat = self.model.site_pos[self._site], self.model.site_quat[self._site]
        pose = SE3.from_quat(position, quat) @ held.pose
        self.model.geom_size[geom] = half
        self.model.geom_rbound[geom] = self._radius[geom] = float(np.linalg.norm(half))
        self.model.geom_pos[geom], self.model.geom_quat[geom] = pose.translation, pose.quat()
        self._pairs = np.vstack([self._own_pairs, self._held_pairs])
        self._reaching = np.append(self._arm_geoms, geom)
        self.relax()
        self._solids = [s for s in self._solids if s.owner != held.entity_id]
        self._placed_for = None

    def prepare(self, start: FloatArray, goal: FloatArray, map_from_base: SE3) -> None:
        """Choose the margins for a motion, to the robot itself and to what it begins close to; `relax` ends that.

        What a part is near to at the start it may leave, and come hardly nearer to (the belief may have put
        it too near, or into it): it is not free to go through it.

        The arm keeps a centimetre from the trunk and the head, because a motion between checked
        configurations and the corners that are cut may come nearer than both. Parts that are nearer
        at an end, as folded arms are, need only not come nearer still; those that touch at the start,
        as a load at the body may, are free to part.
        """
        by_trunk = self._by_trunk[self._pairs].any(axis=1)
        margins = np.where(by_trunk, _TRUNK_MARGIN, _SELF)
        for q, least in ((start, -np.inf), (goal, _SELF - 1e-3)):
            self._place(q, map_from_base)
            for k in self._near_itself(self._squared_reach(margins + 1e-3)):
                a, b = self._pairs[k]
                distance = self._distance(int(a), int(b), _TRUNK_MARGIN + 1e-3) - 1e-3
                margins[k] = min(margins[k], max(distance, least))
        self._keep_apart(margins)
        self._place(start, map_from_base)
        self._begun = {
            (a, self._chosen[b]): distance - _NEARER
            for a, b in self._near_pairs(self.margin, ())
            if (distance := self._distance(a, self._pool + b, self.margin)) < self.margin
        }

    def relax(self) -> None:
        """Go back to the usual margins."""
        self._keep_apart(np.full(len(self._pairs), _SELF))
        self._begun = {}

    def set_opening(self, width: float) -> None:
        """Check with the fingers opened to ``width`` m."""
        self.data.qpos[self._fingers] = width / 2.0

    def in_collision(
        self,
        q: FloatArray,
        map_from_base: SE3,
        *,
        allow: Collection[str] = (),
        margin: float | None = None,
        itself: bool = True,
    ) -> bool:
        """Tell whether joints ``[J]`` bring the robot nearer to anything than the margin.

        Args:
            q: joints.
            map_from_base: where the base stands.
            allow: ids of entities that may be touched.
            margin: m; default that of the scene.
            itself: whether the robot itself counts as anything.
        """
        limit = self.margin if margin is None else margin
        self._place(q, map_from_base)
        if itself and self._touches_itself():
            return True
        for a, b in self._near_pairs(limit, allow):
            least = min(limit, self._begun.get((a, self._chosen[b]), limit))
            # A limit below zero needs the depth, which is only asked for in a range above it.
            if self._distance(a, self._pool + b, max(limit, 1e-3)) < least:
                return True
        return False

    def clearance(
        self, q: FloatArray, map_from_base: SE3, *, allow: Collection[str] = (), upto: float = 0.10
    ) -> float:
        """Return the distance (m) to the nearest thing, ``upto`` if all is farther.

        Negative: inside of it; -1: the robot touches itself.
        """
        self._place(q, map_from_base)
        if self._touches_itself():
            return -1.0
        near = self._near_pairs(upto, allow)
        return min((self._distance(a, self._pool + b, upto) for a, b in near), default=upto)

    def touching(self, q: FloatArray, map_from_base: SE3) -> set[str]:
        """Return the ids of entities nearer than the margin (``self`` for the robot itself)."""
        self._place(q, map_from_base)
        found = {"self"} if self._touches_itself() else set()
        for a, b in self._near_pairs(self.margin, ()):
            if self._distance(a, self._pool + b, self.margin) < self.margin:
                found.add(self._reach_owner[b])
        return found

    def _distance(self, first: int, second: int, reach: float) -> float:
        return distance(self.model, self.data, first, second, reach)

    def _touches_itself(self) -> bool:
        for k in self._near_itself(self._near2):
            a, b, limit = self._own[k]
            # A margin below zero needs the depth, which is only asked for in a range above it.
            if self._distance(a, b, max(limit, 1e-3)) < limit:
                return True
        return False

    def _near_itself(self, near2: FloatArray) -> list[int]:
        """Indices of pairs whose bounding spheres' middles come within these squared distances (m^2)."""
        at = self.data.geom_xpos
        gap = at.take(self._pairs[:, 0], axis=0) - at.take(self._pairs[:, 1], axis=0)
        near: list[int] = ((gap * gap) @ _ONES < near2).nonzero()[0].tolist()
        return near

    def _keep_apart(self, margins: FloatArray) -> None:
        """Take over margins ``[P]`` of the robot's own pairs."""
        self._near2 = self._squared_reach(margins)
        self._own = [
            (int(a), int(b), m) for (a, b), m in zip(self._pairs, margins.tolist(), strict=True)
        ]

    def _squared_reach(self, margins: FloatArray) -> FloatArray:
        radii = self._radius[self._pairs].sum(axis=1)
        return np.asarray(np.maximum(radii + margins, 0.0) ** 2)

    def _near_pairs(self, reach: float, allow: Collection[str]) -> list[tuple[int, int]]:
        """Pairs (robot geom, pool index) whose bounding sphere and box come within ``reach``."""
        geoms, count = self._reaching, len(self._reach_owner)
        # All centres in the frames of all boxes by one product: x of every box, then y, then z.
        local = self.data.geom_xpos[geoms] @ self._turned - self._offset
        outside = np.maximum(np.abs(local) - self._half, 0.0) ** 2
        gap2 = outside[:, :count] + outside[:, count : 2 * count] + outside[:, 2 * count :]
        near = gap2 < (self._radius[geoms] + reach)[:, None] ** 2
        if allow:
            near[:, [owner in allow for owner in self._reach_owner]] = False
        rows, columns = np.nonzero(near)
        return list(zip(geoms[rows].tolist(), columns.tolist(), strict=True))

    def _place(self, q: FloatArray, map_from_base: SE3) -> None:
        if not _same_pose(self._placed_for, map_from_base):
            self._place_boxes(map_from_base)
        self.data.qpos[self._qpos] = q
        mujoco.mj_kinematics(self.model, self.data)

    def _place_boxes(self, map_from_base: SE3) -> None:
        """Move the pool's boxes to where the world is, seen from this base pose."""
        inverse = map_from_base.inverse()
        self._chosen = self._nearest(map_from_base.translation + np.array([0.0, 0.0, 0.7]))
        chosen = [self._solids[index] for index in self._chosen]
        poses = [inverse @ s.box.pose for s in chosen]
        count = len(chosen)
        self._reach_owner = [s.owner for s in chosen]
        rotation = np.array([p.rotation for p in poses]).reshape(count, 3, 3)
        centre = np.array([p.translation for p in poses]).reshape(count, 3)
        half = np.array([s.box.size / 2.0 for s in chosen]).reshape(count, 3)
        self._turned = rotation.transpose(1, 2, 0).reshape(3, 3 * count)
        self._offset = np.einsum("bji,bj->ib", rotation, centre).ravel()
        self._half = half.T.ravel()
        pool = slice(self._pool, self._pool + count)
        self.model.geom_pos[pool], self.model.geom_size[pool] = centre, half
        self.model.geom_quat[pool] = np.array([p.quat() for p in poses]).reshape(count, 4)
        self.model.geom_rbound[pool] = [float(np.linalg.norm(row)) for row in half]
        self._placed_for = map_from_base

    def _nearest(self, point: FloatArray) -> list[int]:
        """Numbers of the solids that come within `_RANGE` of a point ``[3]`` in ``map``, the nearest first."""
        if not self._solids:
            return []
        centres = np.array([s.box.pose.translation for s in self._solids])
        sizes = np.array([s.box.size for s in self._solids])
        # No box is nearer than its sphere: most are far away, and few are asked exactly.
        reach = np.linalg.norm(sizes, axis=1) / 2.0 + _RANGE + 1e-6
        close = np.linalg.norm(centres - point, axis=1) < reach
        reachable = []
        for index in np.flatnonzero(close & (sizes.min(axis=1) > 0.0)).tolist():
            box = self._solids[index].box
            outside = np.maximum(np.abs(box.pose.inverse().apply(point)) - box.size / 2.0, 0.0)
            gap = float(np.linalg.norm(outside))
            if gap < _RANGE:
                reachable.append((gap, index))
        return [index for _, index in sorted(reachable)[:_POOL]]


def _same_pose(first: SE3 | None, second: SE3) -> bool:
    if first is None or first is second:
        return first is not None
    return bool(
        np.array_equal(first.translation, second.translation)
        and np.array_equal(first.rotation, second.rotation)
    )
