"""Whether a hand that holds a thing fits with it into where the thing goes next."""

from __future__ import annotations

from dataclasses import replace

from diarchy.contracts.entity import Entity
from diarchy.skills.motion.arm_path import Arm
from diarchy.skills.motion.grasps import Grasp

_WRIST_RADIUS = 0.06
_HOVER = 0.035
"""How high (m) over its spot a thing comes into a compartment."""
_COST = 25.0
"""Cost of a m by which the wrist would be too high: 3 cm weigh as much as the slant that avoids them."""
_SLANT, _STEEP = 0.5, 2.0
"""Sine of how steeply a hand may come down for no price, and the price of more: a flatter one lets go of a thing
without letting it fall over and turn."""


def for_destination(arm: Arm, entity: Entity, grasps: list[Grasp]) -> list[Grasp]:
    """Make those grasps dearer with which the hand would hit the ceiling of where the thing goes, or has to let it fall.

    Only compartments that are entered from the front have one. Without a known destination nothing changes.
    """
    ceiling = _clearance(arm)
    if ceiling is None:
        return grasps
    priced = [
        replace(
            g,
            cost=g.cost
            + _COST * max(0.0, _height(arm, entity, g) - ceiling)
            + _STEEP * max(0.0, _steepness(g) - _SLANT),
        )
        for g in grasps
    ]
    return sorted(priced, key=lambda g: g.cost)


def _clearance(arm: Arm) -> float | None:
    place = arm.context.destination
    if place is None:
        return None
    surfaces = arm.context.world.surfaces(place)
    inside = [s.clearance for s in surfaces if s.relation == "in" and s.approach == "front"]
    return max(inside) if inside else None


def _height(arm: Arm, entity: Entity, grasp: Grasp) -> float:
    """From the foot of the thing to the top of the wrist (m), as it is brought in upright."""
    grip = float(grasp.pose.translation[2]) - entity.bottom
    return grip + arm.kinematics.wrist * _steepness(grasp) + _WRIST_RADIUS + _HOVER


def _steepness(grasp: Grasp) -> float:
    """Sine of how steeply the hand comes down."""
    return max(0.0, -float(grasp.pose.rotation[2, 0]))
