"""What is in the gripper: a claim by the skill, AND what width and force say; both must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import Proprio, RobotSpec

UNKNOWN_OBJECT = "unknown_object"
MIN_WIDTH = 0.003
"""Fingers closer than this (m) hold nothing."""
MIN_FORCE = 1.5
"""Less squeezing force than this (N) holds nothing."""
_GIVES = 0.01
"""How far (m) open fingers give way to what presses on them from outside."""
_SAME_WIDTH, _MOMENT = 0.003, 0.5
"""A grip that comes back after so short a time (s) at so much the same width (m) is on the same thing."""
_OPENING = 1.5
"""Fingers that let go take no longer (s) to come to rest."""
PATIENCE = 4
"""Readings in a row without grip before it counts as lost: force flickers while moving."""

GripperPose = Callable[[Proprio], SE3]


@dataclass(frozen=True)
class _Lost:
    """What the fingers felt no more, how it sat and how wide it was, and since when (s)."""

    entity_id: str
    gripper_from: dict[str, SE3]
    width: float
    stamp: float


class Grip:
    """Follows the claim and the contact.

    ``claim`` is the entity id the skill said it closed on; ``gripper_from`` says where that sits, and
    what lies on or in it, by entity id.
    """

    def __init__(self) -> None:
        self.claim: str | None = None
        self.gripper_from: dict[str, SE3] = {}
        self.gripping = False
        self._without = 0
        self._lost: _Lost | None = None
        self._width = 0.0

    def update(self, proprio: Proprio) -> str | None:
        """Take one reading. Returns the id of what has just been lost, None otherwise."""
        if squeezes(proprio):
            self.gripping, self._without = True, 0
            self._regain(proprio)
            return None
        self._without += 1
        if self._without < PATIENCE:
            return None
        self.gripping = False
        lost, self.claim = self.claim, None
        if lost is not None:
            self._lost = _Lost(lost, dict(self.gripper_from), self._width, proprio.stamp)
        return lost

    def _regain(self, proprio: Proprio) -> None:
        """What was pinched for a moment and is as wide as before has not been anywhere else."""
        lost = self._lost
        if self.claim is not None or lost is None:
            return
        same = abs(proprio.gripper_width - lost.width) < _SAME_WIDTH
        if same and proprio.stamp - lost.stamp < _MOMENT:
            self.claim, self.gripper_from, self._lost = lost.entity_id, lost.gripper_from, None

    def hold(self, entity_id: str, gripper_from: Mapping[str, SE3], proprio: Proprio) -> None:
        """Take the skill's word that it closed on something; readings decide whether it stays true."""
        self.claim, self.gripper_from = entity_id, dict(gripper_from)
        self._width, self._lost = proprio.gripper_width, None
        self.gripping, self._without = squeezes(proprio), 0

    def last(self, stamp: float) -> str | None:
        """What a skill means that has let go at a stamp (s): opening fingers feel a thing no more before they rest."""
        lost = self._lost
        if self.claim is not None or lost is None or stamp - lost.stamp > _OPENING:
            return self.claim
        return lost.entity_id

    def sat(self, entity_id: str) -> SE3 | None:
        """``gripper_from_thing`` of what is held, or was until the fingers felt it no more."""
        lost = {} if self._lost is None else self._lost.gripper_from
        return self.gripper_from.get(entity_id, lost.get(entity_id))

    def release(self) -> None:
        """Take the skill's word that it let go."""
        self.claim, self.gripper_from = None, {}
        self.gripping, self._without = False, PATIENCE

    def held(self) -> str | None:
        """Id in the gripper, ``unknown_object`` if something unnamed is, None if empty."""
        if self.claim is not None and (self.gripping or self._without < PATIENCE):
            return self.claim
        return UNKNOWN_OBJECT if self.gripping else None


def squeezes(proprio: Proprio) -> bool:
    """Whether width and force say that something is between the fingers.

    A finger pushed open from outside also feels force, and gives way by millimetres: the last command
    must ask for clearly less than the width (by 1 cm, or half of what is thinner than 2 cm). Who grips by
    asking for a little less than a thing's width is not felt to hold it; skills ask for 0.
    """
    slack = min(_GIVES, 0.5 * proprio.gripper_width)
    closing = proprio.commanded is None or proprio.commanded.gripper < proprio.gripper_width - slack
    return closing and proprio.gripper_width > MIN_WIDTH and proprio.gripper_force > MIN_FORCE


def gripper_from_model(spec: RobotSpec) -> GripperPose:
    """Forward kinematics of the gripper site from the robot's own model; loads MuJoCo on first use."""
    state: list[tuple[Any, ...]] = []

    def base_from_gripper(proprio: Proprio) -> SE3:
        import mujoco

        if not state:
            model = mujoco.MjModel.from_xml_string(spec.model_xml)
            address = np.array([model.joint(j.name).qposadr[0] for j in spec.joints])
            state.append((model, mujoco.MjData(model), address, model.site(spec.gripper_site).id))
        model, data, address, site = state[0]
        data.qpos[address] = proprio.q
        mujoco.mj_kinematics(model, data)
        rotation = np.array(data.site_xmat[site]).reshape(3, 3)
        return SE3(rotation, np.array(data.site_xpos[site]))

    return base_from_gripper
