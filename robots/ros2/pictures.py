"""Takes one picture: triggers or waits, pairs colour with depth, finds where the camera was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diarchy.contracts.errors import StaleDataError
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import CameraFrame
from diarchy.robots.ros2.config.schema import CameraPart
from diarchy.robots.ros2.convert import images
from diarchy.robots.ros2.convert.geometry import seconds
from diarchy.robots.ros2.frames import FrameError

if TYPE_CHECKING:
    from diarchy.robots.ros2.robot import Ros2Robot

_STEP = 0.005
_EARLY = 1e-6
_TRIES = 4


def take_picture(robot: Ros2Robot, name: str) -> CameraFrame:
    """Return a picture exposed after this was called; its stamp is ROS time.

    Raises:
        StaleDataError: none came in time, or it is not known where the camera was.
        BadInputError: it publishes what cannot be used.
    """
    port, part = robot.port, robot.config.cameras[name]
    asked = port.now()
    _trigger(robot, name, part)
    kinds = ("image", "depth", "info", *(("instances",) if part.instances else ()))
    found = _await(robot, name, part, kinds, asked)
    stamp = seconds(found["image"].header.stamp)
    mount = _mount(robot, name, part, found["image"], stamp)
    return _frame(name, part, found, stamp, mount)


def _trigger(robot: Ros2Robot, name: str, part: CameraPart) -> None:
    if part.trigger is None:
        return
    port = robot.port
    request = port.make("std_srvs/srv/Trigger_Request")
    answer = port.call(part.trigger, "std_srvs/srv/Trigger", request, part.timeout)
    if answer is None or not answer.success:
        why = "does not answer" if answer is None else f"says: {answer.message}"
        raise StaleDataError(f"camera {name}: {part.trigger} {why}")


def _await(
    robot: Ros2Robot, name: str, part: CameraPart, kinds: tuple[str, ...], asked: float
) -> dict[str, Any]:
    buffer, port = robot.senses.cameras[name], robot.port
    again = asked + part.timeout / _TRIES
    while True:
        with robot.lock:
            found = buffer.pair(kinds, asked - _EARLY, part.slop)
        if found is not None:
            return found
        now = port.now()
        if now - asked > part.timeout or now < asked - 1.0:
            told = [
                g.lost(now) or f"{g.name}: the newest is {g.age(now):.2f} s old"
                for g in buffer.gates.values()
            ]
            raise StaleDataError(
                f"camera {name}: no picture with depth and calibration of one moment within {part.timeout:g} s; "
                + "; ".join(told)
            )
        if now >= again:  # pictures are sent best effort: one may get lost on its way
            again = now + part.timeout / _TRIES
            _trigger(robot, name, part)
        port.wait_until(now + _STEP)


def _mount(robot: Ros2Robot, name: str, part: CameraPart, image: Any, stamp: float) -> SE3:
    """Where the camera was; its transform may come a moment after its picture."""
    frame = part.frame or str(image.header.frame_id)
    port, until = robot.port, robot.port.now() + part.timeout
    while True:
        try:
            with robot.lock:
                return robot.senses.frames.lookup(robot.config.frames.base, frame, stamp)
        except FrameError as error:
            if port.now() >= until:
                raise StaleDataError(f"camera {name}: {error}") from error
        port.wait_until(port.now() + _STEP)


def _frame(
    name: str, part: CameraPart, found: dict[str, Any], stamp: float, mount: SE3
) -> CameraFrame:
    rgb = (
        images.compressed_to_rgb(found["image"])
        if part.compressed
        else images.image_to_rgb(found["image"])
    )
    depth = images.image_to_depth(found["depth"])
    intrinsics = images.info_to_intrinsics(found["info"], rectified=part.rectified)
    size = (intrinsics.height, intrinsics.width)
    if rgb.shape[:2] != size or depth.shape != size:
        raise StaleDataError(
            f"camera {name}: colour {rgb.shape[:2]}, depth {depth.shape} and calibration {size} differ in size; "
            "register depth to colour (depth_image_proc)"
        )
    ids = None
    if "instances" in found:
        ids = images.image_to_array(found["instances"]).astype(np.int32)
    return CameraFrame(name, stamp, rgb, depth, intrinsics, mount, ids)
