from __future__ import annotations

from diarchy.perception import OracleDetector
from diarchy.robots.home import HomeRobot
from diarchy.testing import check_detector


def test_the_oracle_keeps_the_contract_of_a_detector() -> None:
    robot = HomeRobot("home", seed=0)
    try:
        frame = robot.sense(("head_camera",)).frames["head_camera"]
        check_detector(OracleDetector(lambda: robot.instances), frame)
    finally:
        robot.close()
