"""The fault table's other half: pictures (colour, depth, calibration), transforms and the map.

Pictures are taken at rest and asked for; what is lost there is told by `sense`, which the agent counts. Transforms
from its own SLAM are an input as joints are: their loss stops the robot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from simple import SimplePeer, jumping, reordering

from diarchy.contracts.errors import StaleDataError
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import Action
from diarchy.robots.ros2.config import Ros2Config, load_config
from diarchy.robots.ros2.config.load import parse_config
from diarchy.robots.ros2.convert import geometry, images, maps
from diarchy.robots.ros2.fake import FakeNetwork, FakePort, Fault
from diarchy.robots.ros2.robot import Ros2Robot

RGB, DEPTH, INFO = (f"/camera/{kind}" for kind in ("image", "depth", "info"))
OPTICAL = "camera_optical"
HZ = 100


def content(localization: str = "scan") -> dict[str, Any]:
    made: dict[str, Any] = load_config("home").model_dump(mode="json", exclude={"folder"})
    made["control_hz"] = HZ
    made["cameras"] = {"head_camera": {"image": RGB, "depth": DEPTH, "info": INFO}}
    made["home"] = {"map": "/map", "localization": localization}
    return made


class SeeingPeer(SimplePeer):
    """A `SimplePeer` with a camera at 20 Hz that rises a metre a second, a SLAM and a map.

    What it sees is the moment: depth is the stamp (m), and so is the height of the camera.
    """

    def _advertise(self) -> None:
        super()._advertise()
        kinds = {RGB: "Image", DEPTH: "Image", INFO: "CameraInfo"}
        self._out = {
            t: self.port.publisher(t, f"sensor_msgs/msg/{k}", "sensor") for t, k in kinds.items()
        }
        self._out["/map"] = self.port.publisher("/map", "nav_msgs/msg/OccupancyGrid", "latched")

    def step(self) -> None:
        super().step()
        now, make = self.network.now(), self.port.make
        if self.network.ticks % 5:
            return
        mount = geometry.transform_stamped(
            make, SE3.from_translation([0.0, 0.0, now]), "base_link", OPTICAL, now
        )
        slam = geometry.transform_stamped(make, SE3.identity(), "map", "odom", now)
        self._tf(geometry.transforms(make, [mount, slam]))
        depth = np.full((6, 8), now, dtype=np.float32)
        rgb = np.zeros((6, 8, 3), dtype=np.uint8)
        self._out[RGB](images.array_to_image(make, rgb, "rgb8", OPTICAL, now))
        self._out[DEPTH](images.depth_to_image(make, depth, OPTICAL, now))
        lens = Intrinsics(8, 6, 6.0, 6.0, 4.0, 3.0)
        self._out[INFO](images.intrinsics_to_info(make, lens, OPTICAL, now))
        if self.network.ticks % HZ == 0:
            grid = maps.Grid(np.zeros((4, 4), dtype=np.int8), 0.05, SE3.identity())
            self._out["/map"](maps.grid_message(make, grid, "map", now))


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(1.0 / HZ)


@pytest.fixture(params=["scan"])
def config(request: pytest.FixtureRequest) -> Ros2Config:
    return parse_config(content(request.param))


@pytest.fixture
def peer(network: FakeNetwork, config: Ros2Config) -> SeeingPeer:
    return SeeingPeer(network, config)


@pytest.fixture
def robot(network: FakeNetwork, peer: SeeingPeer, config: Ros2Config) -> Iterator[Ros2Robot]:
    made = Ros2Robot(config, FakePort(network))
    yield made
    made.close()


def stopped(message: Any, now: float) -> list[tuple[float, Any]]:
    return []


def delayed(message: Any, now: float) -> list[tuple[float, Any]]:
    return [(now + 1.0, message)]


def doubled(message: Any, now: float) -> list[tuple[float, Any]]:
    return [(now, message), (now, message)]


FAULTS: dict[str, Callable[[], Fault]] = {
    "stopped": lambda: stopped,
    "delayed by 1 s": lambda: delayed,
    "doubled": lambda: doubled,
    "reordered": reordering,
    "stamps 10 s ahead": lambda: jumping(10.0),
    "stamps 10 s behind": lambda: jumping(-10.0),
}
LOST = ("stopped", "stamps 10 s ahead", "stamps 10 s behind")
"""With these there is nothing to use."""
ALL = "the whole camera"


def rest(robot: Ros2Robot) -> Action:
    return Action(np.zeros(2), robot.proprio().q, 0.05)


def drive(robot: Ros2Robot, forward: float, long: float) -> None:
    action = Action(np.array([forward, 0.0]), robot.proprio().q, 0.05)
    for _ in range(round(long * HZ)):
        robot.apply(action)


def check_picture(robot: Ros2Robot, asked: float) -> float:
    """Take one: all of it is of one moment after it was asked for; returns how late it came, s."""
    frame = robot.sense(("head_camera",)).frames["head_camera"]
    exposed = float(frame.base_from_camera.translation[2])
    assert frame.depth[0, 0] == pytest.approx(exposed, abs=robot.config.cameras["head_camera"].slop)
    assert exposed - robot.clock._origin == pytest.approx(frame.stamp, abs=1e-6)
    assert exposed >= asked - 1e-6
    return robot.port.now() - exposed


@pytest.mark.parametrize("topic", [RGB, DEPTH, INFO, ALL, "/tf"])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_table_of_pictures(
    fault: str, topic: str, robot: Ros2Robot, network: FakeNetwork, peer: SeeingPeer
) -> None:
    drive(robot, 0.0, 10.5 if "behind" in fault else 1.0)
    for each in (RGB, DEPTH, INFO) if topic == ALL else (topic,):
        network.faults[each] = FAULTS[fault]()
    drive(robot, 0.0, 1.1)
    asked = robot.port.now()
    # One part that comes a second after the others has no partner any more; where all are late, it waits.
    apart = fault == "delayed by 1 s" and topic in (RGB, DEPTH, INFO)
    if fault in LOST or apart:
        named = "base_link|camera_optical" if topic == "/tf" else topic
        if topic == ALL:
            named = f"{RGB}.*{DEPTH}.*{INFO}"
        elif apart:
            named = rf"{topic}: the newest is 1\.\d+ s old"
        with pytest.raises(StaleDataError, match=f"camera head_camera.*({named})"):
            robot.sense(("head_camera",))
        assert robot.port.now() - asked <= 2.0 * robot.config.cameras["head_camera"].timeout + 0.1
    else:
        late = check_picture(robot, asked)
        assert late > 0.9 if fault == "delayed by 1 s" else late < 0.2
    # A look moves nothing and stops nothing; afterwards all is as before.
    network.faults.clear()
    drive(robot, 0.0, 1.5)
    assert check_picture(robot, robot.port.now()) < 0.2
    assert robot.halted == ""
    assert robot.stops.inputs == 0
    assert peer.said == []


@pytest.mark.parametrize("config", ["tf"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_table_of_its_own_slam(
    fault: str, robot: Ros2Robot, network: FakeNetwork, peer: SeeingPeer
) -> None:
    drive(robot, 0.2, 10.5 if "behind" in fault else 1.0)
    began = network.now()
    network.faults["/tf"] = FAULTS[fault]()
    drive(robot, 0.2, 2.0)
    if fault in ("doubled", "reordered"):
        assert robot.halted == ""
        assert peer.velocity[0] == pytest.approx(0.2)
        assert peer.said == []
        return
    assert "/tf map -> odom" in robot.halted
    zero = next(t for t, v in peer.velocities if t >= began and v == (0.0, 0.0))
    assert zero - began <= robot.config.home.max_age + robot.clock.period + 0.051
    assert "/tf map -> odom" in peer.said[0]
    assert not peer.moving
    del network.faults["/tf"]
    drive(robot, 0.2, 2.5)
    assert robot.halted == ""
    assert peer.velocity[0] == pytest.approx(0.2)
    assert peer.said[1:] == ["all inputs are back"]


@pytest.mark.parametrize("config", ["tf"], indirect=True)
def test_a_slam_may_be_ahead_of_time_or_never_move(
    robot: Ros2Robot, network: FakeNetwork, peer: SeeingPeer
) -> None:
    network.faults["/tf"] = jumping(1.0)  # as AMCL's transform_tolerance has it
    drive(robot, 0.2, 3.0)
    assert robot.halted == ""
    network.faults["/tf"] = stopped
    make = peer.port.make
    fixed = geometry.transform_stamped(make, SE3.identity(), "map", "odom", 0.0)
    static = peer.port.publisher("/tf_static", "tf2_msgs/msg/TFMessage", "latched")
    static(geometry.transforms(make, [fixed]))
    drive(robot, 0.2, 5.0)
    assert robot.halted == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_the_map_is_read_once_and_no_fault_of_it_stops_the_robot(
    fault: str, robot: Ros2Robot, network: FakeNetwork, peer: SeeingPeer
) -> None:
    drive(robot, 0.2, 1.5)
    network.faults["/map"] = FAULTS[fault]()
    drive(robot, 0.2, 3.0)
    assert robot.halted == ""
    assert peer.velocity[0] == pytest.approx(0.2)
    assert peer.said == []


@pytest.mark.parametrize("jump", [-20.0, 20.0])
def test_after_the_clock_has_jumped_pictures_are_placed_by_new_transforms(
    jump: float, robot: Ros2Robot, network: FakeNetwork
) -> None:
    drive(robot, 0.0, 25.0)
    network.offset += jump
    drive(robot, 0.0, 1.0)
    assert robot.halted == ""
    assert check_picture(robot, robot.port.now()) < 0.2


def test_transforms_that_make_no_sense_are_counted(
    robot: Ros2Robot, network: FakeNetwork, peer: SeeingPeer
) -> None:
    network.faults["/tf"] = jumping(10.0)
    drive(robot, 0.0, 0.5)
    assert robot.senses.refusals()["/tf from the future"] > 10
