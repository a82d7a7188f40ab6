"""Can the arm do it from there? Inverse kinematics and collision checks, no driving."""

from __future__ import annotations

from itertools import product

import numpy as np

from diarchy.contracts.entity import Entity, FixtureInfo
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Pose2, RobotSpec
from diarchy.contracts.world import WorldView
from diarchy.skills.motion.as_left import as_left
from diarchy.skills.motion.collision import PlanningScene
from diarchy.skills.motion.grasps import grasp_candidates, gripper_rotation, spread
from diarchy.skills.motion.handles import handle_grasps
from diarchy.skills.motion.kinematics import Kinematics
from diarchy.skills.motion.riders import riders
from diarchy.skills.motion.seeds import solutions
from diarchy.skills.motion.spots import free_spots

_GRASPS = 10
_SPOTS = 4
_PLENTY = 0.04
_HAND_HEIGHT = 0.10
_LEANS = (0.0, 0.5, 0.9)
"""Tilts (rad) of a hand that goes into a compartment."""
_ENOUGH = 0.9


class Reach:
    """Scores base poses for working on things. One per robot; not safe to share by threads."""

    def __init__(self, spec: RobotSpec) -> None:
        self._spec = spec
        self._kinematics = Kinematics(spec)
        self._scene = PlanningScene(spec)

    def score(self, world: WorldView, target_id: str, base: Pose2) -> float:
        """Return 0 if nothing of the target is in reach from ``base``, up to 1 with room to spare.

        An object counts as reached if some grasp of it is; a fixture, or a person who holds out the
        hands, if a hand comes over a free spot of one of the surfaces.

        Raises:
            BadInputError: there is no such target.
        """
        entity = world.entity(target_id)
        self._scene.update(world)
        info = world.static_map.holder(target_id)
        place = base.se3()
        if info is not None:
            return self._over_surfaces(world, info, place)
        return self._around_object(world, entity, place)

    def _around_object(self, world: WorldView, entity: Entity, base: SE3) -> float:
        tip, best = self._kinematics.fingertip, 0.0
        grasps = spread(
            grasp_candidates(entity, base.translation[:2], self._spec.gripper, tip), _GRASPS
        )
        # Whether what lies in it is in the way is told better from there.
        allow = {entity.id, *(e.id for e in riders(world, entity.id))}
        for grasp in (*as_left(world, entity.id), *grasps, *handle_grasps(entity, tip)):
            self._scene.set_opening(grasp.opening)
            best = max(best, self._at(base.inverse() @ grasp.pose, base, allow))
            if best > 0.9:
                break
        return best

    def _over_surfaces(self, world: WorldView, info: FixtureInfo, base: SE3) -> float:
        best = 0.0
        objects = [e for e in world.entities() if e.kind == "object"]
        for surface in world.surfaces(info.entity.id):
            front = np.append(info.front, 0.0) if surface.approach == "front" else None
            spots = free_spots(surface, 0.05, objects, base.translation[:2], entrance=front)
            for spot, lean in product(spots[:_SPOTS], (0.0,) if front is None else _LEANS):
                rim = max(0.0, info.entity.top - spot[2]) if surface.relation == "in" else 0.0
                rim = rim if front is None else 0.0
                hand = spot + np.array([0.0, 0.0, rim + _HAND_HEIGHT])
                rotation = _pointing_down(spot - base.translation, lean)
                pose = base.inverse() @ SE3(rotation, hand)
                best = max(best, self._at(pose, base, set()))
                if best > _ENOUGH:
                    return best
        return best

    def _at(self, pose: SE3, base: SE3, allow: set[str]) -> float:
        best, ready = 0.0, self._spec.postures["ready"]
        for q in solutions(self._kinematics, pose, ready):
            room = self._scene.clearance(q, base, allow=allow, upto=_PLENTY)
            if room >= 0.002:
                best = max(best, 0.4 + 0.6 * min(1.0, room / _PLENTY))
            if best > _ENOUGH:
                break
        return best


def _pointing_down(towards: FloatArray, lean: float = 0.0) -> FloatArray:
    ahead = np.array([towards[0], towards[1], 0.0]) / np.hypot(towards[0], towards[1])
    approach = np.sin(lean) * ahead - np.cos(lean) * np.array([0.0, 0.0, 1.0])
    return gripper_rotation(approach, np.array([-ahead[1], ahead[0], 0.0]))


def reachable(
    world: WorldView, spec: RobotSpec, target_id: str, base: Pose2, *, reach: Reach | None = None
) -> float:
    """Return `Reach.score`; pass a ``reach`` to score many poses without building the models again."""
    return (reach or Reach(spec)).score(world, target_id, base)
