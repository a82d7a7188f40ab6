from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import LidarScan, Pose2, Proprio
from tests.perception.slam.flat import cast


@pytest.fixture
def reading() -> Callable[..., tuple[Proprio, LidarScan]]:
    """What the robot reads at a pose ``[3]``, if its odometry says ``odom`` ``[3]``."""

    def read(pose: FloatArray, odom: FloatArray, stamp: float = 0.0) -> tuple[Proprio, LidarScan]:
        still = np.zeros(1)
        proprio = Proprio(
            stamp=stamp, tick=round(200 * stamp), q=still, dq=still, effort=still,
            gripper_width=0.1, gripper_force=0.0, odom=Pose2(*(float(v) for v in odom)),
            base_velocity=np.zeros(2),
        )  # fmt: skip
        return proprio, cast(pose, 0.005, seed=round(1000 * stamp))

    return read
