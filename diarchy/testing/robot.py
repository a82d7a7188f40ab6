"""Conformance kit for `Robot`."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import Action, CameraFrame, LidarScan, Proprio, Robot, RobotSpec
from diarchy.testing.clauses import require, require_finite, require_members, require_name

RobotFactory = Callable[[], Robot]
_MEMBERS = ("spec", "clock", "proprio", "sense", "apply", "stop", "close")
_POSTURES = ("tuck", "ready")
_FOLLOW = 0.1
_SPEED = 0.2


def check_robot(factory: RobotFactory, *, lockstep: bool = True, drive: bool = True) -> None:
    """Check a robot's description, its readings, that it obeys, and that it stops.

    Args:
        factory: makes a fresh robot, the same one each time.
        lockstep: `apply` advances a simulated world by one tick and runs repeat exactly; False for
            real time.
        drive: there is half a metre of free floor ahead of the start.

    Raises:
        AssertionError: a clause of `diarchy.contracts.robot.Robot` is broken.
    """
    robot = factory()
    try:
        require_members(robot, "Robot", _MEMBERS)
        _require_spec(robot)
        _require_proprio(robot)
        _require_senses(robot)
        _require_ticks(robot, lockstep=lockstep)
        _require_joints_follow(robot)
        if drive:
            _require_drive(robot)
        _require_stop(robot)
    finally:
        robot.close()
    robot.close()  # idempotent, says the contract
    if lockstep:
        _require_repeatable(factory)


def _require_spec(robot: Robot) -> None:
    spec = robot.spec
    require_name(spec.name, "spec")
    require(bool(spec.joints), "spec.joints is empty", "list the actuated joints")
    names = spec.joint_names
    require(len(set(names)) == len(names), "two joints share a name", "rename one")
    for joint in spec.joints:
        rates = joint.velocity > 0.0 and joint.acceleration > 0.0
        require(
            joint.lower < joint.upper and rates,
            f"the limits of {joint.name} make no sense",
            "lower < upper, velocity and acceleration above zero",
        )
    require("arm" in spec.groups, "spec.groups has no 'arm'", "name the joints of the arm")
    for name, group in spec.groups.items():
        require(
            all(0 <= i < len(spec.joints) for i in group),
            f"the group '{name}' has indices outside the joints",
            "use indices into spec.joints",
        )
    _require_postures(spec)
    require(
        spec.head_camera in spec.cameras,
        f"spec.head_camera is '{spec.head_camera}', which spec.cameras does not list",
        "list it",
    )
    require(
        abs(robot.clock.period * spec.control_hz - 1.0) < 1e-9,
        f"the clock ticks every {robot.clock.period} s, spec.control_hz is {spec.control_hz}",
        "let one control tick be 1 / control_hz",
    )


def _require_postures(spec: RobotSpec) -> None:
    for name in _POSTURES:
        require(
            name in spec.postures, f"spec.postures has no '{name}'", "add it: skills rely on it"
        )
    for name, posture in spec.postures.items():
        require_finite(posture, (len(spec.joints),), f"the posture '{name}'")
        inside = (posture >= spec.limits("lower")) & (posture <= spec.limits("upper"))
        require(
            bool(inside.all()),
            f"the posture '{name}' is outside the joint limits",
            "move it inside, or correct the limits",
        )


def _require_proprio(robot: Robot) -> None:
    proprio, count = robot.proprio(), len(robot.spec.joints)
    require(
        proprio.commanded is None,
        "proprio().commanded is set before the first apply",
        "leave it None until something was commanded",
    )
    for name in ("q", "dq", "effort"):
        require_finite(getattr(proprio, name), (count,), f"proprio().{name}")
    require_finite(proprio.base_velocity, (2,), "proprio().base_velocity")
    require(
        proprio.gripper_force >= 0.0,
        f"proprio().gripper_force is {proprio.gripper_force}",
        "report a squeezing force that is not negative",
    )
    require(
        proprio.stamp <= robot.clock.now() + 1e-9,
        "proprio().stamp lies in the future of the robot's clock",
        "stamp readings by robot.clock, never by the machine's time",
    )


def _require_senses(robot: Robot) -> None:
    spec = robot.spec
    require(
        not robot.sense(()).frames,
        "sense() took images that nobody asked for",
        "render only the cameras that are named",
    )
    seen = robot.sense((spec.head_camera,), lidar=False)
    require(
        set(seen.frames) == {spec.head_camera},
        f"sense(['{spec.head_camera}']) returned {sorted(seen.frames)}",
        "return one frame for each camera asked, under its name",
    )
    require(seen.scan is None, "sense(lidar=False) returned a scan", "return scan=None")
    _require_frame(seen.frames[spec.head_camera], robot)
    scan = robot.sense((), lidar=True).scan
    if scan is not None:
        _require_scan(scan, robot)
    try:
        robot.sense(("no_such_camera",))
    except BadInputError:
        return
    raise AssertionError(
        "sense(['no_such_camera']) did not raise. To mend it: raise BadInputError that lists the cameras."
    )


def _require_frame(frame: CameraFrame, robot: Robot) -> None:
    size = (frame.intrinsics.height, frame.intrinsics.width)
    require(
        frame.rgb.shape == (*size, 3) and frame.rgb.dtype == np.uint8,
        f"{frame.name}: rgb is {frame.rgb.dtype}{list(frame.rgb.shape)}, the intrinsics say {size}",
        "return uint8 [H, W, 3] of the size that the intrinsics give",
    )
    require(
        frame.depth.shape == size and frame.depth.dtype == np.float32,
        f"{frame.name}: depth is {frame.depth.dtype}{list(frame.depth.shape)}",
        "return float32 [H, W] in metres, registered to rgb",
    )
    require(
        bool(np.isfinite(frame.depth).all()) and bool((frame.depth >= 0.0).all()),
        f"{frame.name}: depth has values that are not finite or negative",
        "write 0 where there is no return",
    )
    rotation = frame.base_from_camera.rotation
    require(
        bool(np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6))
        and bool(np.linalg.det(rotation) > 0.0),
        f"{frame.name}: base_from_camera is no rotation",
        "compute it from the robot's kinematics at the stamp",
    )
    require(
        frame.stamp <= robot.clock.now() + 1e-9,
        f"{frame.name}: the stamp lies in the future of the robot's clock",
        "stamp the exposure by robot.clock",
    )


def _require_scan(scan: LidarScan, robot: Robot) -> None:
    require(
        scan.angles.shape == scan.ranges.shape and scan.ranges.ndim == 1,
        "the scan's angles and ranges differ in shape",
        "return [N] each",
    )
    good = not np.isnan(scan.ranges).any() and bool((scan.ranges >= 0.0).all())
    require(good, "the scan has NaN or negative ranges", "write inf where there is no return")
    require(
        scan.stamp <= robot.clock.now() + 1e-9,
        "the scan's stamp lies in the future of the robot's clock",
        "stamp it by robot.clock",
    )


def _hold(robot: Robot, proprio: Proprio) -> Action:
    lower, upper = robot.spec.limits("lower"), robot.spec.limits("upper")
    return Action(np.zeros(2), np.clip(proprio.q, lower, upper), proprio.gripper_width)


def _require_ticks(robot: Robot, *, lockstep: bool) -> None:
    first = robot.proprio()
    kept = first.q.copy()
    action = _hold(robot, first)
    tick = robot.clock.tick
    robot.apply(action)
    ticks = robot.clock.tick - tick
    require(
        ticks == 1 if lockstep else ticks >= 1,
        f"one apply moved the clock by {ticks} ticks",
        "advance the world by exactly one control tick in apply",
    )
    second = robot.proprio()
    require(
        second.tick == robot.clock.tick,
        f"proprio().tick is {second.tick}, the clock's is {robot.clock.tick}",
        "read the tick from the clock",
    )
    require(
        second.commanded is not None
        and bool(np.array_equal(second.commanded.vector(), action.vector())),
        "proprio().commanded is not the last action applied",
        "keep the action that apply was given",
    )
    for _ in range(10):
        robot.apply(action)
    require(
        bool(np.array_equal(first.q, kept)),
        "an old proprio() changed when the robot moved on",
        "copy arrays when you read them: a reading is of its own moment",
    )


def _require_joints_follow(robot: Robot) -> None:
    """Move one light joint slowly, well inside its limits, and expect it to get there."""
    spec = robot.spec
    index = spec.groups["head"][0] if spec.groups.get("head") else spec.groups["arm"][-1]
    joint = spec.joints[index]
    hold = _hold(robot, robot.proprio())
    start = float(hold.joints[index])
    way = _FOLLOW if start + _FOLLOW < joint.upper else -_FOLLOW
    ticks = max(1, round(2.0 * _FOLLOW / joint.velocity * spec.control_hz))
    for i in range(ticks + spec.control_hz):
        joints = hold.joints.copy()
        joints[index] = start + way * min((i + 1) / ticks, 1.0)
        robot.apply(Action(hold.base, joints, hold.gripper))
    moved = float(robot.proprio().q[index]) - start
    require(
        abs(moved - way) < 0.3 * _FOLLOW,
        f"{joint.name} was told to move by {way:.2f} and moved by {moved:.3f}",
        "check the order of Action.joints, the servo gains, and that nothing is in the way in the "
        "posture it starts in",
    )


def _require_drive(robot: Robot) -> None:
    before = robot.proprio().odom
    _drive(robot, seconds=1.5)
    after = robot.proprio().odom
    ahead = (after.x - before.x) * np.cos(before.yaw) + (after.y - before.y) * np.sin(before.yaw)
    require(
        ahead > 0.25 * _SPEED,
        f"told to drive forward at {_SPEED} m/s, odometry moved by {ahead:.3f} m",
        "check the sign and unit of Action.base[0]; pass drive=False if there is no room ahead",
    )


def _drive(robot: Robot, *, seconds: float) -> None:
    """Ramp up to a slow forward speed inside the acceleration limit."""
    hold = _hold(robot, robot.proprio())
    step = robot.spec.base.linear_acceleration / robot.spec.control_hz
    for i in range(round(seconds * robot.spec.control_hz)):
        speed = min(_SPEED, (i + 1) * step)
        robot.apply(Action(np.array([speed, 0.0]), hold.joints, hold.gripper))


def _require_stop(robot: Robot) -> None:
    """Stop twice from another thread, then tick on with a holding command: it must be at rest."""
    raised: list[BaseException] = []

    def stop_twice() -> None:
        try:
            robot.stop()
            robot.stop()
        except Exception as error:  # noqa: BLE001 - whatever it was, the kit reports it
            raised.append(error)

    thread = threading.Thread(target=stop_twice)
    thread.start()
    thread.join(timeout=30.0)
    require(
        not thread.is_alive(),
        "stop from another thread did not return within 30 s",
        "stop must wait for nobody",
    )
    require(
        not raised,
        f"stop from another thread raised {raised[:1]}",
        "make it callable from any thread, any number of times",
    )
    hold = _hold(robot, robot.proprio())
    for _ in range(2 * robot.spec.control_hz):
        robot.apply(hold)
    require(
        robot.proprio().at_rest(),
        "two seconds after stop the robot still moves",
        "brake to rest and hold",
    )


def _require_repeatable(factory: RobotFactory) -> None:
    ends = []
    for _ in range(2):
        robot = factory()
        try:
            hold = _hold(robot, robot.proprio())
            for _ in range(20):
                robot.apply(hold)
            proprio = robot.proprio()
            ends.append((proprio.q.tobytes(), proprio.odom, proprio.tick))
        finally:
            robot.close()
    require(
        ends[0] == ends[1],
        "two fresh robots that were told the same ended differently",
        "seed every source of randomness and read no wall clock; or pass lockstep=False",
    )
