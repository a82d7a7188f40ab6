"""An independent look at what the chain let through: does the action still break a limit?

Written apart from the guards, from the limits alone, so that a mistake in a guard shows up here. The
count of what it finds is reported as ``violations`` and must be zero.
"""

from __future__ import annotations

import math

import numpy as np

from diarchy.contracts.entity import Zone
from diarchy.contracts.geometry import all_finite, all_true
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Proprio, slew_rate
from diarchy.safety.limits import Limits

_RELATIVE = 1e-6
_METRES = 1e-3


def audit(action: Action, proprio: Proprio, context: GuardContext, limits: Limits) -> list[str]:
    """Name the limits that an action breaks, in words; empty if it keeps them all.

    A joint that was outside its range before may stay there while it comes back, and so may a base
    outside the keep-in area.
    """
    if not _well_formed(action, limits):
        return ["the action is not finite or has a wrong shape"]
    return [
        *_joints(action, proprio, limits),
        *_jerks(action, proprio, context, limits),
        *_gripper(action, limits),
        *_base(action, proprio, limits),
        *_area(action, context, limits),
        *_zones(action, context, limits),
    ]


def _well_formed(action: Action, limits: Limits) -> bool:
    if np.shape(action.joints) != limits.lower.shape or np.shape(action.base) != (2,):
        return False
    v, w = action.base
    single = math.isfinite(v) and math.isfinite(w) and math.isfinite(action.gripper)
    return single and all_finite(np.asarray(action.joints))


def _joints(action: Action, proprio: Proprio, limits: Limits) -> list[str]:
    before = proprio.q if proprio.commanded is None else proprio.commanded.joints
    joints, step = action.joints, np.abs(action.joints - before)
    # Comparisons with what is not a number are false: such a tick takes the long way.
    if (
        all_true(step <= limits.step)
        and all_true(joints >= limits.lower)
        and all_true(joints <= limits.upper)
    ):
        return []
    slack = _RELATIVE / limits.inverse_range
    if not np.isfinite(before).all():
        return []
    out = (joints < np.minimum(limits.lower, before) - slack) | (
        joints > np.maximum(limits.upper, before) + slack
    )
    fast = step > limits.velocity * limits.dt + slack
    if not (out | fast).any():
        return []
    found = [f"{limits.names[i]} leaves its range" for i in np.flatnonzero(out)]
    return found + [f"{limits.names[i]} moves too fast" for i in np.flatnonzero(fast)]


def _jerks(action: Action, proprio: Proprio, context: GuardContext, limits: Limits) -> list[str]:
    """A joint that ends at the end of its range may stop as hard as that takes."""
    if proprio.commanded is None or context.before is None:
        return []
    last, earlier = proprio.commanded.joints, context.before.joints
    # Joints that stand still, as on every way of the base.
    if action.joints.tobytes() == last.tobytes() == earlier.tobytes():
        return []
    step = last - earlier
    # Steps inside the limits that change by no more than they may: nearly always.
    if all_true(np.abs(step) <= limits.step) and all_true(
        np.abs(action.joints - last - step) <= limits.hard_change
    ):
        return []
    rate = np.minimum(np.maximum(step, -limits.step), limits.step)
    change = np.abs(action.joints - last - rate)
    slower = np.abs(action.joints - last) <= np.abs(rate)
    room = np.minimum(limits.upper - action.joints, action.joints - limits.lower)
    at_end = slower & (room < 2.0 * limits.run_out)
    hard = change > limits.hard_change + _RELATIVE / limits.inverse_range
    return [f"{limits.names[i]} is jerked" for i in np.flatnonzero(hard & ~at_end)]


def _gripper(action: Action, limits: Limits) -> list[str]:
    slack = _RELATIVE * limits.max_width
    inside = -slack <= action.gripper <= limits.max_width + slack
    return [] if inside else ["the gripper leaves its range"]


def _base(action: Action, proprio: Proprio, limits: Limits) -> list[str]:
    before = proprio.base_velocity if proprio.commanded is None else proprio.commanded.base
    found = []
    for i, what, speed, up, down in (
        (0, "drives", limits.linear, limits.linear_acceleration, limits.linear_braking),
        (1, "turns", limits.angular, limits.angular_acceleration, limits.angular_braking),
    ):
        now, last = float(action.base[i]), float(before[i])
        rate = slew_rate(now, last, up, down)
        if abs(now) > speed * (1.0 + _RELATIVE):
            found.append(f"the base {what} too fast")
        within = abs(last) <= speed  # a speed beyond the limit may be left at once
        if within and abs(now - last) > rate * limits.dt + _RELATIVE * speed:
            found.append(f"the base {what} with too much acceleration")
    return found


def _area(action: Action, context: GuardContext, limits: Limits) -> list[str]:
    """Look one tick ahead: the centre must not leave the area, or not get further out."""
    if context.keep_in is None or context.base_pose is None:
        return []
    x0, y0, x1, y1 = context.keep_in
    pose, step = context.base_pose, float(action.base[0]) * limits.dt
    x, y = pose.x + step * math.cos(pose.yaw), pose.y + step * math.sin(pose.yaw)
    inside = (
        min(x0, pose.x) - _METRES <= x <= max(x1, pose.x) + _METRES
        and min(y0, pose.y) - _METRES <= y <= max(y1, pose.y) + _METRES
    )
    return [] if inside else ["the base leaves the keep-in area"]


def _zones(action: Action, context: GuardContext, limits: Limits) -> list[str]:
    """Look one tick ahead: a centre outside of a zone must not get into it."""
    if not context.keep_out or context.base_pose is None:
        return []
    pose, step = context.base_pose, float(action.base[0]) * limits.dt
    x, y = pose.x + step * math.cos(pose.yaw), pose.y + step * math.sin(pose.yaw)
    entered = any(_inside(x, y, z) and not _inside(pose.x, pose.y, z) for z in context.keep_out)
    return ["the base enters a keep-out zone"] if entered else []


def _inside(x: float, y: float, zone: Zone) -> bool:
    """Whether a polygon holds a point: a ray to the east leaves it an odd number of times."""
    odd = False
    for (x0, y0), (x1, y1) in zip(zone, (*zone[1:], zone[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd
