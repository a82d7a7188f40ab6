"""How closed fingers move a control: straight into a button, beside a lever's end and along its arc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from diarchy.contracts.entity import Control
from diarchy.contracts.geometry import SE3, FloatArray

_UP = np.array([0.0, 0.0, 1.0])
_OVERTRAVEL = 0.02
"""How far (m) beyond its rest a button's face is led: 1 cm misses one press in four."""
_BEFORE_BUTTON = 0.06
_BEFORE_LEVER = 0.09
_BESIDE = 0.024
"""From the middle of a lever's end to that of the closed fingers pushing it, m."""
_GAP = 0.045
"""How much farther (m) beside it the fingers come in."""
_INWARDS = 0.012
"""How far (m) from a lever's end, towards its pivot, it is pushed."""
_TIP_PAST = 0.008
"""How far (m) the fingertips reach past the line along which a lever is pushed."""
_BEYOND = 0.10
"""How far (rad) beyond its end a lever is led."""
_ARC_STEP = 0.10
_BUTTON_ROLLS = (0.0, np.pi / 2, -np.pi / 2, np.pi)
_LEVER_PITCHES = (0.0, 0.4, 0.8, 1.2)
_LEVER_YAWS = (0.0, 0.35, -0.35)


@dataclass(frozen=True)
class Touch:
    """One way to move a control: ``map_from_gripper`` before it, and the poses to pass from there.

    ``pressed``: the last pose is meant to be stopped by contact.
    """

    before: SE3
    along: tuple[SE3, ...]
    pressed: bool


def touches(control: Control, front: FloatArray, *, on: bool, fingertip: float) -> Iterator[Touch]:
    """Yield ways to move a control, the most natural first.

    Args:
        control: what to move.
        front: direction ``[2]`` from the device to who works on it.
        on: which way a lever is turned; a button is pressed either way.
        fingertip: m from the gripper site to the end of the fingers.
    """
    if control.kind == "button":
        yield from _presses(control, fingertip)
    else:
        yield from _sweeps(control, np.asarray(front), on=on, fingertip=fingertip)


def _presses(control: Control, fingertip: float) -> Iterator[Touch]:
    inwards = -control.normal / np.linalg.norm(control.normal)
    side = np.array([1.0, 0.0, 0.0]) if abs(inwards[2]) > 0.7 else _UP
    for roll in _BUTTON_ROLLS:
        rotation = _pointing(inwards, side, roll)
        rest = control.at - fingertip * inwards
        before = SE3(rotation, rest - _BEFORE_BUTTON * inwards)
        yield Touch(before, (SE3(rotation, rest + _OVERTRAVEL * inwards),), True)


def _sweeps(control: Control, front: FloatArray, *, on: bool, fingertip: float) -> Iterator[Touch]:
    arc = _arc(control, on=on)
    for pitch, yaw in product(_LEVER_PITCHES, _LEVER_YAWS):
        c, s = np.cos(yaw), np.sin(yaw)
        level = np.array([-(c * front[0] - s * front[1]), -(s * front[0] + c * front[1]), 0.0])
        approach = np.cos(pitch) * level - np.sin(pitch) * _UP
        rotation = _pointing(approach, _UP if pitch < 1.0 else -level, 0.0)
        back = (fingertip - _TIP_PAST) * approach
        poses = tuple(SE3(rotation, point - back) for point in arc)
        before = SE3(rotation, poses[0].translation - _BEFORE_LEVER * approach)
        yield Touch(before, poses, False)


def _arc(control: Control, *, on: bool) -> list[FloatArray]:
    """Where the middle of the fingertips passes ``[3]`` when a lever is led from end to end."""
    assert control.pivot is not None
    arm = control.at - control.pivot
    arm = arm * (1.0 - _INWARDS / np.linalg.norm(arm))
    sense = float(np.sign(np.cross(arm, control.normal)[2]))
    begin, end = (0.0, control.travel) if on else (control.travel, 0.0)
    way = float(np.sign(end - begin))
    end += way * _BEYOND
    angles = np.linspace(begin, end, 2 + int(abs(end - begin) / _ARC_STEP))
    points = []
    for k, angle in enumerate(angles):
        turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, sense * float(angle))
        forwards = way * sense * np.cross(_UP, turn.apply(arm))
        forwards = forwards / np.linalg.norm(forwards)
        beside = _BESIDE + (_GAP if k == 0 else 0.0)
        points.append(control.pivot + turn.apply(arm) - beside * forwards)
    return points


def _pointing(approach: FloatArray, up: FloatArray, roll: float) -> FloatArray:
    """Return a rotation ``[3, 3]``: x along ``approach``, z near ``up``, rolled about x."""
    x = approach / np.linalg.norm(approach)
    z = up - (up @ x) * x
    z = z / np.linalg.norm(z)
    y = np.cross(z, x)
    c, s = np.cos(roll), np.sin(roll)
    return np.column_stack([x, c * y + s * z, c * z - s * y])
