from __future__ import annotations

import array

import numpy as np
import pytest

pytest.importorskip("rosbags")

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from wire import real_fields

from diarchy.contracts.errors import BadInputError
from diarchy.robots.ros2 import strict
from diarchy.robots.ros2.definitions import DEFINITIONS

IN_NO_STORE = ("control_msgs", "nav2_msgs", "std_srvs")


@pytest.mark.parametrize("distro", ["jazzy", "humble"])
@pytest.mark.parametrize("name", [n for n in DEFINITIONS if not n.startswith(IN_NO_STORE)])
def test_a_definition_is_that_of_the_real_message(name: str, distro: str) -> None:
    real = real_fields(name, distro)
    assert real is not None
    mine = {field: kind for kind, field in strict.fields(name)}
    # Of a marker we fill what both distributions have; its other fields stay at their defaults.
    assert mine.items() <= real.items() or mine == {
        k: v.replace("octet", "byte") for k, v in real.items()
    }
    if name != "visualization_msgs/msg/Marker":
        assert list(mine) == list(real)


def test_the_store_holds_all_but_nav2_control_and_services() -> None:
    missing = {n.split("/")[0] for n in DEFINITIONS if real_fields(n, "jazzy") is None}
    assert missing == set(IN_NO_STORE)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_no_float_field_takes_an_int(name: str) -> None:
    message = strict.new(name)
    floats = [f for kind, f in strict.fields(name) if kind in ("float32", "float64")]
    for field in floats:
        with pytest.raises(strict.WrongFieldError, match="use float"):
            setattr(message, field, 1)
        with pytest.raises(strict.WrongFieldError):
            setattr(message, field, np.float64(1.0))
        setattr(message, field, 1.0)
    for field in [f for kind, f in strict.fields(name) if kind.startswith("float") and "[" in kind]:
        with pytest.raises(strict.WrongFieldError):
            setattr(message, field, [1] * 36)


@pytest.mark.parametrize(
    ("type_name", "field", "value"),
    [
        ("sensor_msgs/msg/Image", "height", -1),
        ("sensor_msgs/msg/Image", "height", 1.0),
        ("sensor_msgs/msg/Image", "data", [1, 2, 3]),
        ("sensor_msgs/msg/Image", "data", b"abc"),
        ("sensor_msgs/msg/CameraInfo", "k", np.zeros(8)),
        ("std_msgs/msg/String", "data", 3),
        ("std_msgs/msg/String", "text", "no such field"),
        ("diagnostic_msgs/msg/DiagnosticStatus", "level", 2),
        ("nav_msgs/msg/Path", "poses", [strict.new("std_msgs/msg/String")]),
        ("nav2_msgs/action/ComputePathToPose_Goal", "use_start", 1),
        ("control_msgs/action/GripperCommand_Goal", "command", strict.new("std_msgs/msg/String")),
        ("std_srvs/srv/Trigger_Response", "success", "yes"),
    ],
)
def test_a_wrong_value_is_refused_where_it_is_assigned(
    type_name: str, field: str, value: object
) -> None:
    with pytest.raises(strict.WrongFieldError):
        setattr(strict.new(type_name), field, value)


def test_right_values_are_kept_as_rclpy_keeps_them() -> None:
    image = strict.new("sensor_msgs/msg/Image")
    image.data = array.array("B", [1, 2])
    assert image.data.tolist() == [1, 2]
    state = strict.new("sensor_msgs/msg/JointState")
    state.position = [1.0, 2.0]
    assert isinstance(state.position, array.array)
    assert strict.new("geometry_msgs/msg/Pose").orientation.w == 1.0


def test_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(BadInputError, match="did you mean 'sensor_msgs/msg/Image'"):
        strict.new("sensor_msgs/msg/Imgae")
