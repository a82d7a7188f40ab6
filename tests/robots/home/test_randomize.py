from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.robot import Action
from diarchy.robots.home import HomeRobot, Scene, load_scene
from diarchy.robots.home.freespace import FreeFloor
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import place_objects
from diarchy.robots.home.randomize import (
    CAMERA_DEG,
    CAMERA_M,
    DELAY_TICKS,
    FRICTION,
    MASS,
    vary_model,
    vary_scene,
)
from diarchy.robots.home.scene import parse_scene
from diarchy.robots.home.scene_parts import Randomize
from diarchy.robots.home.static_map import static_map
from diarchy.robots.home.world import build_model

ASPECTS = tuple(Randomize.model_fields)
CAMERAS = ("head_camera", "gripper_camera")


def _scene(randomize: Any, layout: str = "linden") -> Scene:
    return parse_scene(
        {
            "name": "varied",
            "layout": layout,
            "objects": [
                {"class": "Mug", "where": "counter_top_1"},
                {"class": "Apple", "color": "red"},
            ],
            "randomize": randomize,
        }
    )


def _varied(randomize: Any, seed: int) -> tuple[Any, Any]:
    scene, _ = vary_scene(_scene(randomize), seed)
    placed = place_objects(scene, np.random.default_rng(0))
    model = build_model(scene, placed)
    return model, vary_model(model, scene, placed, CAMERAS, seed)


def test_nothing_is_randomised_unless_asked_for() -> None:
    scene = load_scene("flat")
    same, report = vary_scene(scene, 3)
    assert same is scene
    assert report == {"layout": "linden"}
    model, varied = _varied({}, 3)
    plain = build_model(_scene({}), place_objects(_scene({}), np.random.default_rng(0)))
    assert (varied.report, varied.cameras, varied.delay) == ({}, {}, 0)
    for name in ("mat_rgba", "light_dir", "geom_friction", "body_mass", "cam_pos", "geom_matid"):
        np.testing.assert_array_equal(getattr(model, name), getattr(plain, name))


def test_all_and_true_are_strength_one() -> None:
    everything = _scene("all").randomize
    assert everything == Randomize(**dict.fromkeys(ASPECTS, True))
    assert _scene({"mass": 0.5}).randomize == Randomize(mass=0.5)


def test_the_seed_decides_and_another_seed_decides_otherwise() -> None:
    (first, a), (again, b), (other, c) = (_varied("all", seed) for seed in (5, 5, 6))
    assert a.report == b.report
    assert a.report != c.report
    for name in ("mat_rgba", "light_dir", "geom_friction", "body_mass", "cam_quat", "geom_matid"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name)), name


@pytest.mark.parametrize("aspect", ASPECTS)
def test_an_aspect_draws_the_same_whatever_else_is_switched_on(aspect: str) -> None:
    alone_scene, alone = vary_scene(_scene({aspect: True}), 9)
    all_scene, everything = vary_scene(_scene("all"), 9)
    _, alone_model = _varied({aspect: True}, 9)
    _, all_model = _varied("all", 9)
    assert alone.get(aspect) == everything.get(aspect)
    if aspect == "poses":
        assert alone_scene.people == all_scene.people
    for key, value in alone_model.report.items():
        assert all_model.report[key] == value, key


def test_switches_do_not_shift_where_things_stand() -> None:
    plain, varied = HomeRobot(_scene({}), 4), HomeRobot(_scene("all"), 4)
    for name in plain.truth.objects:
        np.testing.assert_allclose(plain.truth.centre(name), varied.truth.centre(name), atol=2e-3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), layout=st.sampled_from(["linden", "mill", "cottage"]))
def test_people_can_still_be_stood_before_and_the_robot_starts_where_it_can_move(
    seed: int, layout: str
) -> None:
    scene, report = vary_scene(_scene({"poses": 1.0}, layout), seed)
    start = scene.robot
    floor = FreeFloor(static_map(scene), (start.x, start.y))
    assert floor.room([[start.x, start.y]])[0] > 0.33
    for person in scene.people:
        ahead = np.array([np.cos(np.radians(person.yaw_deg)), np.sin(np.radians(person.yaw_deg))])
        before = np.array([person.x, person.y]) + 1.1 * ahead
        assert floor.met([before])[0]
    assert report["poses"]["robot"][0] == pytest.approx(start.x, abs=1e-3)


def test_frictions_and_masses_stay_within_their_shares() -> None:
    plain, _ = _varied({}, 0)
    for seed in range(8):
        model, varied = _varied({"friction": True, "mass": True}, seed)
        for name in ("mug_1", "apple_1"):
            ratio = float(model.body(name).mass[0] / plain.body(name).mass[0])
            assert ratio == pytest.approx(varied.report["mass"][name], abs=1e-3)
            assert 1 - MASS - 1e-9 <= ratio <= 1 + MASS + 1e-9
            assert abs(varied.report["friction"][name] - 1) <= FRICTION + 1e-9
            assert varied.report["friction"][name] != 1.0


def test_a_colour_that_the_scene_names_is_kept_and_an_open_one_is_drawn() -> None:
    drawn = set()
    for seed in range(12):
        scene, _ = vary_scene(_scene({"colours": True}), seed)
        assert scene.objects[1].color == "red"
        drawn.add(scene.objects[0].color)
    assert len(drawn) > 2
    assert drawn <= set(OBJECT_CLASSES["Mug"].colors)


def test_paints_stay_what_they_are_called() -> None:
    for seed in range(10):
        model, _ = _varied({"colours": True}, seed)
        red, green, blue = (model.mat(f"paint_{c}").rgba[:3] for c in ("red", "green", "blue"))
        assert red[0] > 1.5 * red[1:].max()
        assert green[1] > 1.2 * max(green[0], green[2])
        assert blue[2] > 1.3 * blue[:2].max()


def test_a_bent_camera_sees_from_where_it_is_and_reports_where_it_should_be() -> None:
    bent, straight = HomeRobot(_scene({"camera_jitter": True}), 2), HomeRobot(_scene({}), 2)
    for name in CAMERAS:
        one, two = (r.sense((name,), lidar=False).frames[name] for r in (bent, straight))
        np.testing.assert_allclose(
            one.base_from_camera.matrix(), two.base_from_camera.matrix(), atol=1e-4
        )
        assert not np.array_equal(one.depth, two.depth)
        true = np.linalg.norm(bent._data.camera(name).xpos - straight._data.camera(name).xpos)
        assert 1e-4 < true <= np.sqrt(3) * CAMERA_M + 1e-4
    assert CAMERA_DEG <= 0.5
    bent.close()
    straight.close()


def test_a_delay_is_ticks_between_command_and_motion() -> None:
    robots = {}
    for seed in range(30):
        robot = HomeRobot(_scene({"actuator_delay": True}), seed)
        robots.setdefault(robot.randomization["actuator_delay_ticks"], robot)
        if len(robots) == DELAY_TICKS + 1:
            break
    assert sorted(robots) == list(range(DELAY_TICKS + 1))
    for delay, robot in robots.items():
        before = robot._data.ctrl.copy()
        action = Action(np.array([0.5, 0.0]), robot.spec.postures["ready"], 0.0)
        changed = []
        for _ in range(DELAY_TICKS + 1):
            robot.apply(action)
            changed.append(not np.allclose(robot._data.ctrl, before, atol=1e-6))
        assert changed == [tick >= delay for tick in range(DELAY_TICKS + 1)]
