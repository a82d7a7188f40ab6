"""Two processes on loopback exchange our messages in the format of rmw_cyclonedds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("cyclonedds")
sys.path.append(str(Path(__file__).parent))

import dds

from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import LidarScan, Pose2
from diarchy.robots.ros2 import strict
from diarchy.robots.ros2.convert import geometry, images, joints, maps, scans

ROOT = Path(__file__).parents[3]
make = strict.new


@pytest.fixture(scope="module")
def domain() -> int:
    return 60 + os.getpid() % 40  # two suites on one machine must not hear each other


@pytest.fixture(scope="module")
def other(domain: int) -> Iterator[None]:
    """The other process, which sends back what it hears."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(dds.__file__)), str(domain)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    yield
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def wire(domain: int) -> dds.Wire:
    return dds.Wire(domain)


def there_and_back(wire: dds.Wire, topic: str, message: strict.StrictMessage) -> Any:
    assert dds.TOPICS[topic] == message.TYPE
    reader, writer = wire.reader(topic, "back/"), wire.writer(topic)
    sample = dds.to_idl(message, message.TYPE)
    for _ in range(20):  # discovery takes a moment, and what is volatile is not kept for it
        writer.write(sample)
        back = dds.receive(reader, 0.5)
        if back is not None:
            return back
    raise AssertionError(f"nothing came back on rt/back/{topic}")


@pytest.mark.usefixtures("other")
def test_a_laser_scan(wire: dds.Wire) -> None:
    ranges = np.array([1.0, np.inf, 2.5, 0.5])
    scan = LidarScan(7.25, np.linspace(-1, 1, 4), ranges, SE3.identity())
    back = there_and_back(wire, "scan", scans.scan_to_laser(make, scan, "laser", 7.25))
    assert back.header.frame_id == "laser"
    assert geometry.seconds(back.header.stamp) == 7.25
    read = scans.laser_to_scan(back, SE3.identity(), 7.25)
    assert np.allclose(read.ranges, ranges)
    assert np.allclose(read.angles, scan.angles, atol=1e-6)


@pytest.mark.usefixtures("other")
def test_a_joint_state(wire: dds.Wire) -> None:
    message = joints.joint_state(make, ["a", "b"], [0.1, -2.0], [1.0, 0.0], [3.0, 4.5], 1.5)
    read = joints.joint_readings(there_and_back(wire, "joint_states", message))
    assert read == {
        "a": joints.JointReading(0.1, 1.0, 3.0),
        "b": joints.JointReading(-2.0, 0.0, 4.5),
    }


@pytest.mark.usefixtures("other")
def test_an_odometry(wire: dds.Wire) -> None:
    value = maps.BaseReading(Pose2(1.0, -2.0, 0.5), 0.25, -0.125)
    back = there_and_back(wire, "odom", maps.odometry(make, value, "odom", "base_link", 3.0))
    read = maps.odometry_reading(back)
    assert (read.forward, read.turning) == (0.25, -0.125)
    assert read.pose.yaw == pytest.approx(0.5)
    assert back.child_frame_id == "base_link"


@pytest.mark.usefixtures("other")
def test_a_stamped_velocity(wire: dds.Wire) -> None:
    message = geometry.twist_stamped(make, 0.3, -0.7, "base_link", 9.0)
    assert geometry.velocity_of(there_and_back(wire, "cmd_vel", message).twist) == (0.3, -0.7)


@pytest.mark.usefixtures("other")
def test_an_occupancy_grid(wire: dds.Wire) -> None:
    cells = np.array([[0, 100, -1], [50, 0, 0]], dtype=np.int8)
    value = maps.Grid(cells, 0.05, SE3.from_xyz_yaw(-1.0, 2.0, 0.0, 0.0))
    read = maps.read_grid(there_and_back(wire, "map", maps.grid_message(make, value, "map", 1.0)))
    assert np.array_equal(read.cells, cells)
    assert np.allclose(read.origin.translation, [-1.0, 2.0, 0.0])


@pytest.mark.usefixtures("other")
def test_an_image(wire: dds.Wire) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    back = there_and_back(wire, "image", images.array_to_image(make, rgb, "rgb8", "cam", 2.0))
    assert np.array_equal(images.image_to_rgb(back), rgb)


def test_types_are_named_and_laid_out_as_ros_names_and_lays_them_out() -> None:
    """The same octets as the real definition of rosbags gives, but for the four of the header."""
    store_of = pytest.importorskip("wire").STORES["jazzy"]
    from wire import to_real

    message = geometry.twist_stamped(make, 0.3, -0.7, "base_link", 9.5)
    assert (
        dds.idl(message.TYPE).__idl__.idl_transformed_typename
        == "geometry_msgs::msg::dds_::TwistStamped_"
    )
    mine = bytes(dds.to_idl(message, message.TYPE).serialize(use_version_2=False))
    theirs = bytes(store_of.serialize_cdr(to_real(message, message.TYPE, "jazzy"), message.TYPE))
    assert mine[4:].rstrip(b"\x00") == theirs[4:].rstrip(b"\x00")
