from __future__ import annotations

import pytest

from diarchy.robots.home import HomeRobot
from diarchy.testing import check_robot


@pytest.mark.parametrize("scene", ["home", "household"])
def test_the_home_keeps_the_contract_of_a_robot(scene: str) -> None:
    check_robot(lambda: HomeRobot(scene, seed=1))
