"""Every conversion, there over the wire and back, with random values.

Fifty messages each by default; a thousand each with ``-m slow`` (DIARCHY_ROS2_EXAMPLES overrides).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rosbags")
sys.path.append(str(Path(__file__).parent))

from wire import over_the_wire

from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import LidarScan, Pose2
from diarchy.robots.ros2 import strict
from diarchy.robots.ros2.convert import geometry, images, interface, joints, maps, navigation, scans

make = strict.new
FEW, MANY = 25, int(os.environ.get("DIARCHY_ROS2_EXAMPLES", "1000"))
DISTROS = ("jazzy", "humble")

finite = st.floats(-1e6, 1e6, allow_nan=False, allow_subnormal=False)
small = st.floats(-50.0, 50.0, allow_nan=False)
stamps = st.integers(0, (2**31 - 2) * 10**9).map(lambda n: n * 1e-9)
names = st.text("abc xyz/_-äß漢", max_size=12)
seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def poses(draw: Any) -> SE3:
    rng = np.random.default_rng(draw(seeds))
    return SE3.from_quat(rng.uniform(-100, 100, 3), rng.normal(size=4))


planes = st.builds(Pose2, small, small, st.floats(-3.14, 3.14))


def same(a: SE3, b: SE3) -> None:
    assert np.allclose(a.matrix(), b.matrix(), atol=1e-9)


def planar_same(a: Pose2, b: Pose2) -> None:
    assert np.allclose([a.x, a.y, a.yaw], [b.x, b.y, b.yaw], atol=1e-9)


def close(a: float, b: float) -> None:
    assert abs(a - b) <= 1e-6 * max(1.0, abs(b))


Case = Callable[[Any, str], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__] = function
    return function


@case
def time_stamp(draw: Any, distro: str) -> None:
    value = draw(stamps)
    message = make("std_msgs/msg/Header")
    geometry.set_header(message, value, draw(names))
    back = over_the_wire(message, distro)
    assert geometry.nanoseconds(back.stamp) == round(value * 1e9)
    assert back.frame_id == message.frame_id
    close(geometry.seconds(back.stamp), value)


@case
def duration(draw: Any, distro: str) -> None:
    value = draw(st.floats(-1e6, 1e6))
    message = make("builtin_interfaces/msg/Duration")
    geometry.set_stamp(message, value)
    assert geometry.seconds(over_the_wire(message, distro)) == pytest.approx(value, abs=1e-9)


@case
def pose(draw: Any, distro: str) -> None:
    value = draw(poses())
    message = geometry.pose_stamped(make, value, "map", draw(stamps))
    same(geometry.pose_to_se3(over_the_wire(message, distro).pose), value)


@case
def planar_pose(draw: Any, distro: str) -> None:
    value = draw(planes)
    message = make("geometry_msgs/msg/Pose")
    geometry.fill_planar(message, value)
    back = over_the_wire(message, distro)
    planar_same(geometry.planar(back), value)
    same(geometry.pose_to_se3(back), value.se3())


@case
def tf_message(draw: Any, distro: str) -> None:
    values = draw(st.lists(poses(), min_size=1, max_size=4))
    entries = [geometry.transform_stamped(make, v, "a", f"b{i}", 1.5) for i, v in enumerate(values)]
    back = over_the_wire(geometry.transforms(make, entries), distro)
    assert [t.child_frame_id for t in back.transforms] == [f"b{i}" for i in range(len(values))]
    for stamped, value in zip(back.transforms, values, strict=True):
        same(geometry.transform_to_se3(stamped.transform), value)


@case
def twist(draw: Any, distro: str) -> None:
    v, w = draw(finite), draw(finite)
    assert geometry.velocity_of(over_the_wire(geometry.twist(make, v, w), distro)) == (v, w)


@case
def twist_stamped(draw: Any, distro: str) -> None:
    v, w = draw(finite), draw(finite)
    back = over_the_wire(geometry.twist_stamped(make, v, w, "base_link", draw(stamps)), distro)
    assert geometry.velocity_of(back.twist) == (v, w)
    assert back.header.frame_id == "base_link"


def picture(draw: Any, encoding: str) -> np.ndarray:  # type: ignore[type-arg]
    kind, channels = images.ENCODINGS[encoding]
    rng, (h, w) = np.random.default_rng(draw(seeds)), draw(sizes)
    shape = (h, w) if channels == 1 else (h, w, channels)
    if kind == "f4":
        return rng.uniform(0.0, 20.0, shape).astype(np.float32)
    info = np.iinfo(np.dtype(kind))
    return rng.integers(info.min, info.max, shape, dtype=np.dtype(kind), endpoint=True)


def image_of(encoding: str) -> Case:
    def run(draw: Any, distro: str) -> None:
        pixels = picture(draw, encoding)
        back = over_the_wire(images.array_to_image(make, pixels, encoding, "cam", 2.0), distro)
        assert np.array_equal(images.image_to_array(back), pixels)
        if encoding == "rgb8":
            assert np.array_equal(images.image_to_rgb(back), pixels)
        if encoding == "bgr8":
            assert np.array_equal(images.image_to_rgb(back), pixels[..., ::-1])
        if encoding == "16UC1":
            assert np.allclose(images.image_to_depth(back), pixels * 1e-3, rtol=1e-6)
        if encoding == "32FC1":
            assert np.array_equal(images.image_to_depth(back), pixels)

    return run


for _encoding in images.ENCODINGS:
    CASES[f"image_{_encoding}"] = image_of(_encoding)


@case
def depth_in_millimetres(draw: Any, distro: str) -> None:
    depth = picture(draw, "32FC1")
    back = over_the_wire(images.depth_to_image(make, depth, "cam", 1.0, "16UC1"), distro)
    assert np.abs(images.image_to_depth(back) - depth).max() <= 0.000501


@case
def compressed_png(draw: Any, distro: str) -> None:
    rgb = picture(draw, "rgb8")
    back = over_the_wire(images.rgb_to_compressed(make, rgb, "cam", 1.0), distro)
    assert np.array_equal(images.compressed_to_rgb(back), rgb)


@case
def compressed_jpeg(draw: Any, distro: str) -> None:
    color = np.array(draw(st.tuples(*[st.integers(0, 255)] * 3)), dtype=np.uint8)
    rgb = np.broadcast_to(color, (*draw(sizes), 3)).copy()
    back = over_the_wire(images.rgb_to_compressed(make, rgb, "cam", 1.0, "jpeg"), distro)
    decoded = images.compressed_to_rgb(back)
    assert decoded.shape == rgb.shape
    assert np.abs(decoded.astype(int) - rgb).max() <= 6  # lossy, but not another colour


@case
def camera_info(draw: Any, distro: str) -> None:
    rng = np.random.default_rng(draw(seeds))
    value = Intrinsics(
        int(rng.integers(1, 4000)), int(rng.integers(1, 4000)), *rng.uniform(1, 3000, 4).tolist()
    )
    back = images.info_to_intrinsics(
        over_the_wire(images.intrinsics_to_info(make, value, "cam", 1.0), distro)
    )
    assert (back.width, back.height) == (value.width, value.height)
    assert np.allclose(
        [back.fx, back.fy, back.cx, back.cy], [value.fx, value.fy, value.cx, value.cy]
    )


@case
def laser_scan(draw: Any, distro: str) -> None:
    rng, count = np.random.default_rng(draw(seeds)), draw(st.integers(2, 50))
    ranges = np.where(rng.random(count) < 0.2, np.inf, rng.uniform(0.05, 9.0, count))
    scan = LidarScan(1.0, np.linspace(-2.0, 2.0, count), ranges, SE3.identity())
    back = scans.laser_to_scan(
        over_the_wire(scans.scan_to_laser(make, scan, "laser", 1.0), distro), SE3.identity(), 1.0
    )
    assert np.allclose(back.angles, scan.angles, atol=1e-5)
    assert np.array_equal(np.isinf(back.ranges), np.isinf(ranges))
    hit = np.isfinite(ranges)
    assert np.allclose(back.ranges[hit], ranges[hit], rtol=1e-6)


@case
def point_cloud(draw: Any, distro: str) -> None:
    rng = np.random.default_rng(draw(seeds))
    points = rng.normal(size=(draw(st.integers(0, 40)), 3)).astype(np.float32)
    points[rng.random(len(points)) < 0.1] = np.nan
    back = scans.cloud_to_points(
        over_the_wire(scans.points_to_cloud(make, points, "c", 1.0), distro)
    )
    assert np.array_equal(back, points[np.isfinite(points).all(axis=1)].astype(np.float64))


@case
def joint_state(draw: Any, distro: str) -> None:
    rng, count = np.random.default_rng(draw(seeds)), draw(st.integers(0, 12))
    who = [f"joint_{i}" for i in range(count)]
    q, dq, tau = rng.normal(size=(3, count))
    back = joints.joint_readings(
        over_the_wire(joints.joint_state(make, who, q, dq, tau, draw(stamps)), distro)
    )
    assert list(back) == who
    for i, name in enumerate(who):
        assert back[name] == joints.JointReading(q[i], dq[i], tau[i])


@case
def joint_trajectory(draw: Any, distro: str) -> None:
    rng, (n, j) = np.random.default_rng(draw(seeds)), draw(sizes)
    moving = rng.normal(size=(n, j)) if draw(st.booleans()) else None
    times = np.cumsum(rng.integers(1, 10**9, n)) * 1e-9
    value = joints.Trajectory(
        tuple(f"j{i}" for i in range(j)), times, rng.normal(size=(n, j)), moving
    )
    back = joints.read_trajectory(over_the_wire(joints.trajectory_message(make, value), distro))
    assert back.names == value.names
    assert np.allclose(back.times, times, atol=1e-9)
    assert np.array_equal(back.positions, value.positions)
    assert (back.velocities is None) == (moving is None)
    if moving is not None:
        assert np.array_equal(back.velocities, moving)


@case
def odometry(draw: Any, distro: str) -> None:
    value = maps.BaseReading(draw(planes), draw(small), draw(small))
    back = maps.odometry_reading(
        over_the_wire(maps.odometry(make, value, "odom", "base_link", draw(stamps)), distro)
    )
    planar_same(back.pose, value.pose)
    assert (back.forward, back.turning) == (value.forward, value.turning)


@case
def occupancy_grid(draw: Any, distro: str) -> None:
    rng, size = np.random.default_rng(draw(seeds)), draw(sizes)
    cells = rng.choice(np.array([-1, 0, 50, 100], dtype=np.int8), size=size)
    value = maps.Grid(cells, 0.05, draw(planes).se3())
    back = maps.read_grid(over_the_wire(maps.grid_message(make, value, "map", 1.0), distro))
    assert np.array_equal(back.cells, cells)
    close(back.resolution, value.resolution)
    same(back.origin, value.origin)
    row, column = (int(rng.integers(n)) for n in size)
    at = back.origin.apply([(column + 0.5) * back.resolution, (row + 0.5) * back.resolution, 0.0])
    assert back.value_at(float(at[0]), float(at[1])) == cells[row, column]


@case
def nav_path(draw: Any, distro: str) -> None:
    values = draw(st.lists(planes, max_size=6))
    back = navigation.path_points(
        over_the_wire(navigation.path_message(make, values, "map", 1.0), distro)
    )
    for a, b in zip(back, values, strict=True):
        planar_same(a, b)
    close(navigation.path_length(back), navigation.path_length(values))


@case
def navigate_goal(draw: Any, distro: str) -> None:
    value = draw(planes)
    goal = navigation.navigate_goal(make, value, "map", draw(stamps), draw(names))
    planar_same(geometry.planar(over_the_wire(goal.pose, distro).pose), value)


@case
def compute_path_goal(draw: Any, distro: str) -> None:
    value, start = draw(planes), draw(st.none() | planes)
    goal = navigation.path_goal(make, value, "map", 1.0, start)
    planar_same(geometry.planar(over_the_wire(goal.goal, distro).pose), value)
    assert goal.use_start == (start is not None)
    if start is not None:
        planar_same(geometry.planar(over_the_wire(goal.start, distro).pose), start)


@case
def follow_goal(draw: Any, distro: str) -> None:
    rng = np.random.default_rng(draw(seeds))
    value = joints.Trajectory(("a", "b"), np.array([0.1, 0.3]), rng.normal(size=(2, 2)))
    goal = joints.follow_goal(make, value)
    back = joints.read_trajectory(over_the_wire(goal.trajectory, distro))
    assert np.array_equal(back.positions, value.positions)


@case
def words(draw: Any, distro: str) -> None:
    value = draw(names)
    assert over_the_wire(interface.text(make, value), distro).data == value


@case
def diagnostics(draw: Any, distro: str) -> None:
    line = st.builds(
        interface.Health,
        names,
        st.sampled_from(list(interface.Level)),
        names,
        st.dictionaries(names, names, max_size=3),
    )
    lines = draw(st.lists(line, max_size=4))
    back = over_the_wire(interface.diagnostics(make, lines, "robot", draw(stamps)), distro)
    assert interface.read_diagnostics(back) == lines


@case
def marker_array(draw: Any, distro: str) -> None:
    rng = np.random.default_rng(draw(seeds))
    things = [
        interface.Shown("box", draw(poses()), (0.1, 0.2, 0.3), (1.0, 0.0, 0.0, 0.5)),
        interface.Shown("words", draw(poses()), (0.1, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0), draw(names)),
        interface.Shown(
            "line", SE3.identity(), (0.02, 0.0, 0.0), (0, 1, 0, 1), points=rng.normal(size=(4, 3))
        ),
    ]
    back = over_the_wire(interface.markers(make, things, "map", 1.0), distro)
    assert [m.action for m in back.markers] == [3, 0, 0, 0]
    same(geometry.pose_to_se3(back.markers[1].pose), things[0].pose)
    assert back.markers[2].text == things[1].words
    line = np.array([[p.x, p.y, p.z] for p in back.markers[3].points])
    assert np.array_equal(line, things[2].points)


def _run(name: str, distro: str, count: int) -> None:
    @settings(max_examples=count)
    @given(st.data())
    def every(data: st.DataObject) -> None:
        CASES[name](data.draw, distro)

    every()


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_conversion_survives_the_wire(name: str) -> None:
    for distro in DISTROS:
        _run(name, distro, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
def test_a_conversion_survives_the_wire_a_thousand_times(name: str) -> None:
    for distro in DISTROS:
        _run(name, distro, MANY // len(DISTROS))
