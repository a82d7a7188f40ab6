from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.guard import GuardContext
from diarchy.contracts.robot import Action, Robot
from diarchy.robots.home import HomeRobot, Scene
from diarchy.safety import ProtectiveStop, default_guard

Drive = Callable[..., None]


def test_it_is_a_robot(home: HomeRobot) -> None:
    assert isinstance(home, Robot)
    spec = home.spec
    assert len(spec.joints) == 10
    assert {"torso", "arm", "head"} <= set(spec.groups)
    assert {"tuck", "carry", "ready"} <= set(spec.postures)
    for posture in spec.postures.values():
        assert np.all(posture >= spec.limits("lower"))
        assert np.all(posture <= spec.limits("upper"))


def test_one_apply_is_one_tick_of_five_milliseconds(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.0, 0.0, 3)
    assert home.clock.tick == 3
    assert home.proprio().stamp == pytest.approx(0.015)
    assert home._data.time == pytest.approx(0.015)


def _run(seed: int) -> list[np.ndarray]:
    robot = HomeRobot("household", seed=seed)
    q = robot.spec.postures["ready"]
    readings = []
    for _ in range(200):
        robot.apply(Action(np.array([0.2, 0.3]), q, 0.05))
        p = robot.proprio()
        readings.append(np.concatenate([p.q, p.dq, p.effort, [p.odom.x, p.odom.y, p.odom.yaw]]))
    readings.append(robot.sense().scan.ranges)  # type: ignore[union-attr]
    return readings


def test_the_same_seed_feels_the_same_to_the_last_bit_and_another_does_not() -> None:
    first, again, other = _run(3), _run(3), _run(4)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_it_drives_straight_and_stops_where_kinematics_say(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.4, 0.0, 600)
    drive(home, 0.0, 0.0, 200)
    base = home.truth.base()
    # Up to 0.4 m/s by the acceleration and down by the braking: 3 s at speed, less and plus half a ramp.
    spec = home.spec.base
    ramps = 0.4**2 / 2.0 * (1.0 / spec.linear_acceleration - 1.0 / spec.linear_braking)
    assert base.x - home.start.x == pytest.approx(1.2 - ramps, abs=0.02)
    assert abs(base.y - home.start.y) < 0.002
    assert abs(base.yaw) < 0.002
    assert home.proprio().at_rest()


@pytest.mark.parametrize("speed", [0.5, 1.0])
def test_it_brakes_as_hard_as_its_description_promises(
    home: HomeRobot, drive: Drive, speed: float
) -> None:
    spec = home.spec.base
    drive(home, speed, 0.0, round(200 * (speed / spec.linear_acceleration + 0.3)))
    before = home.truth.base()
    needed = speed / spec.linear_braking
    drive(home, 0.0, 0.0, math.ceil(200 * (needed + 0.02)))
    after = home.truth.base()
    assert abs(home.proprio().base_velocity[0]) < 0.03
    assert after.x - before.x < 1.2 * speed * needed / 2.0


def test_it_turns_on_the_spot(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.0, 1.0, 400)
    drive(home, 0.0, 0.0, 250)
    base = home.truth.base()
    spec = home.spec.base
    ramps = 0.5 * (1.0 / spec.angular_acceleration - 1.0 / spec.angular_braking)
    assert base.yaw == pytest.approx(2.0 - ramps, abs=0.02)
    assert np.hypot(base.x - home.start.x, base.y - home.start.y) < 0.005


def test_a_wall_stops_it_and_it_comes_free_again(home: HomeRobot, drive: Drive) -> None:
    drive(home, 0.0, 1.0, 628)  # to the bare wall of the kitchen
    drive(home, 0.0, 0.0, 200)
    drive(home, 0.6, 0.0, 1500)
    blocked = home.truth.base()
    assert blocked.x > 0.25
    assert sum(home.truth.contacts().values()) < 400.0
    assert abs(home.proprio().base_velocity[0]) < 0.01
    drive(home, -0.4, 0.0, 200)
    assert home.truth.base().x > blocked.x + 0.2


def test_odometry_drifts_by_about_a_percent_and_not_at_all_when_told(
    drive: Drive, small_scene: Callable[..., Scene]
) -> None:
    errors = []
    scene = small_scene(objects=[], fixtures=[], robot={"x": 0.6, "y": 2.5})
    for seed in range(6):
        robot = HomeRobot(scene, seed)
        drive(robot, 0.8, 0.0, 800)
        travelled = robot.truth.base().x - robot.start.x
        errors.append(abs(robot.proprio().odom.x - travelled) / travelled)
    assert 0.0005 < np.median(errors) < 0.02
    assert max(errors) < 0.05
    exact = HomeRobot(scene, 0, odometry_noise=False)
    drive(exact, 0.5, 0.3, 400)
    base, odom = exact.truth.base(), exact.proprio().odom
    assert odom.x == pytest.approx(base.x - exact.start.x, abs=1e-6)
    assert odom.yaw == pytest.approx(base.yaw, abs=1e-6)


def test_joints_follow_a_ramp_closely_and_arrive_without_error(home: HomeRobot) -> None:
    start, goal = home.spec.postures["tuck"], home.spec.postures["ready"]
    worst = 0.0
    for i in range(700):
        t = min(1.0, (i + 1) / 600)
        target = start + (goal - start) * (3 * t * t - 2 * t**3)
        home.apply(Action(np.zeros(2), target, 0.05))
        worst = max(worst, float(np.abs(home.proprio().q - target).max()))
    assert worst < 0.02
    assert np.abs(home.proprio().q - goal).max() < 1e-3
    assert home.proprio().gripper_width == pytest.approx(0.05, abs=1e-3)


def test_stop_brings_everything_to_rest_and_the_next_action_releases_it(
    home: HomeRobot, drive: Drive
) -> None:
    q = home.spec.postures["ready"]
    for _ in range(150):
        home.apply(Action(np.array([0.6, 0.5]), q, 0.0))
    assert not home.proprio().at_rest()
    home.stop()
    assert home.proprio().at_rest()
    tick = home.clock.tick
    home.stop()
    assert home.clock.tick == tick
    home.apply(Action(np.array([0.3, 0.0]), home.proprio().q, 0.0))
    assert home.clock.tick == tick + 1


@pytest.mark.parametrize("seed", [3, 4, 5, 7])
def test_a_protective_stop_ends_even_wild_motion_in_time(home: HomeRobot, seed: int) -> None:
    spec, rng = home.spec, np.random.default_rng(seed)
    stop = ProtectiveStop(spec)
    guard = default_guard(spec, stop=stop)
    posture = home.proprio().q

    def tick(joints: FloatArray) -> None:
        told = Action(np.zeros(2), joints, 0.05)
        home.apply(guard.check(told, home.proprio(), GuardContext(spec)).action)

    fastest = 0.0
    for _ in range(8):
        wild = posture.copy()
        wild[5:8] = rng.uniform(-2.0, 2.0, 3)
        for _ in range(int(rng.integers(20, 120))):
            tick(wild)
            fastest = max(fastest, float(np.abs(home.proprio().dq).max()))
    assert fastest > 1.5
    stop.trip("test")
    for _ in range(round(0.6 * spec.control_hz)):
        tick(posture)
    assert home.proprio().at_rest(joint=0.1)
    assert guard.stats.violations == 0


def test_a_malformed_action_is_refused_and_moves_nothing(home: HomeRobot) -> None:
    with pytest.raises(BadInputError, match="13 finite values"):
        home.apply(Action(np.zeros(2), np.zeros(9), 0.0))
    bad = np.zeros(10)
    bad[3] = np.nan
    with pytest.raises(BadInputError, match="finite"):
        home.apply(Action(np.zeros(2), bad, 0.0))
    assert home.clock.tick == 0


def test_a_reading_does_not_change_after_the_fact(home: HomeRobot, drive: Drive) -> None:
    before = home.proprio()
    kept = before.q.copy()
    for _ in range(50):
        home.apply(Action(np.zeros(2), home.spec.postures["ready"], 0.0))
    np.testing.assert_array_equal(before.q, kept)


def test_nothing_moves_by_itself_in_ten_seconds(home: HomeRobot, drive: Drive) -> None:
    before = {o: home.truth.centre(o) for o in home.truth.objects}
    drive(home, 0.0, 0.0, 2000)
    for name, centre in before.items():
        assert np.linalg.norm(home.truth.centre(name) - centre) < 1e-3, name


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, diarchy.robots.home; print('mujoco' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.split() == ["False", "False"]
