"""What is left out of the search for contacts could not have touched anything."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot
from diarchy.robots.home.culling import Culling

Drive = Callable[..., None]


def test_the_motion_is_the_same_with_all_bodies_looked_at(home: HomeRobot) -> None:
    culled, whole = home, HomeRobot("home", seed=0)
    whole._culling.before_tick = lambda data: None  # type: ignore[method-assign]
    spec = culled.spec
    for k in range(600):
        q = np.asarray(spec.postures["tuck"]) + 0.2 * np.sin(k / 100.0)
        action = Action(np.array([0.5, 0.4 * np.sin(k / 80.0)]), q, 0.1)
        culled.apply(action)
        whole.apply(action)
    np.testing.assert_allclose(culled._data.qpos, whole._data.qpos, atol=1e-9)
    assert _looked_at(culled) < 0.6 * _looked_at(whole)
    whole.close()


def test_what_is_put_far_from_everything_awake_stays_on_its_table(
    home: HomeRobot, drive: Drive
) -> None:
    drive(home, 0.0, 0.0, 300)
    top = home.static_map.fixtures["dining_table_1"].surfaces[0].pose.translation
    for lift in (0.002, 0.15):
        home.move_object("apple_1", top + np.array([0.0, 0.0, lift]))
        drive(home, 0.0, 0.0, 200)
        assert home.truth.pose("apple_1").translation[2] > top[2] - 0.01


def test_the_boxes_hold_all_that_can_be_touched(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.3, 0.5, 50)
    model, data, culling = home._model, home._data, Culling(home._model)
    low, high = culling._bounds(data)
    of = {int(b): k for k, b in enumerate(culling._bodies)}
    for geom in np.flatnonzero(model.geom_contype | model.geom_conaffinity).tolist():
        k = of.get(int(model.geom_bodyid[geom]))
        if k is not None:
            turned = data.geom_xmat[geom].reshape(3, 3)
            middle = data.geom_xpos[geom] + turned @ model.geom_aabb[geom][:3]
            half = np.abs(turned) @ model.geom_aabb[geom][3:]
            assert (middle - half > low[k] - 1e-9).all()
            assert (middle + half < high[k] + 1e-9).all()


def _looked_at(home: HomeRobot) -> int:
    return int(np.count_nonzero(home._model.body_contype))
