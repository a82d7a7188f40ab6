from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, rotation_to_6d
from diarchy.contracts.robot import Pose2, Proprio
from diarchy.robots.home.fetch import fetch_spec
from diarchy.skills.context import Context
from diarchy.skills.execution.decoder import ActionDecoder
from diarchy.skills.motion.kinematics import Kinematics

SPEC = fetch_spec()
READY = SPEC.postures["ready"]


class World:
    def map_from_base(self):
        return SE3.from_xyz_yaw(1.0, 2.0, 0.0, 0.5)


def _context():
    return Context(SPEC, None, World(), epoch=3)


def _now():
    still = np.zeros(len(READY))
    return Proprio(0.0, 7, READY, still, still, 0.05, 0.0, Pose2(0, 0, 0), np.zeros(2))


def _line(frame_from_base=None, metres=0.08, count=20, frame="base"):
    """Poses that lead the gripper down from `ready`."""
    pose = Kinematics(SPEC).gripper_pose(READY)
    rows = []
    for i in range(count):
        shift = np.array([0.0, 0.0, -metres * (i + 1) / count])
        wanted = SE3(pose.rotation, pose.translation + shift)
        wanted = wanted if frame_from_base is None else frame_from_base @ wanted
        rows.append([*wanted.translation, *rotation_to_6d(wanted.rotation), 0.04])
    return ActionChunk("ee_pose", frame, np.array(rows), 7, 8, 3, "vla:test")


@pytest.mark.parametrize("frame", ["base", "map"])
def test_the_joints_lead_the_gripper_along_the_poses(frame):
    chunk = _line(World().map_from_base() if frame == "map" else None, frame=frame)
    decoded = ActionDecoder(SPEC).decode(chunk, _context(), _now())
    assert (decoded.representation, decoded.stride, decoded.epoch) == ("joint", 8, 3)
    kinematics = Kinematics(SPEC)
    start = kinematics.gripper_pose(READY).translation
    reached = kinematics.gripper_pose(decoded.values[-1, 2:-1]).translation
    assert reached == pytest.approx(start - [0, 0, 0.08], abs=0.004)
    assert decoded.values[:, -1] == pytest.approx(0.04)


def test_a_pose_far_away_is_approached_no_faster_than_the_joints_go():
    decoded = ActionDecoder(SPEC).decode(_line(metres=2.0, count=4), _context(), _now())
    steps = np.abs(np.diff(decoded.values[:, 2:-1], axis=0)) / (8 / SPEC.control_hz)
    assert np.all(steps <= SPEC.limits("velocity"))


def test_a_joint_chunk_passes():
    chunk = ActionChunk("joint", "joint", np.zeros((2, 13)), 0, 1, 3, "motion:x")
    assert ActionDecoder(SPEC).decode(chunk, _context(), _now()) is chunk


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frame": "camera"}, "known: base, map"),
        ({"values": np.zeros((3, 9))}, "expected poses"),
        ({"values": np.full((3, 10), np.nan)}, "NaN"),
        ({"values": np.zeros((3, 10))}, "degenerate"),
    ],
)
def test_bad_poses_are_bad_input(change, message):
    from dataclasses import replace

    with pytest.raises(BadInputError, match=message):
        ActionDecoder(SPEC).decode(replace(_line(), **change), _context(), _now())
