"""Is a robot ready? Compares its file with what is really there, and says what is missing and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.robots.ros2.config.schema import Ros2Config
from diarchy.robots.ros2.config.spec import build_spec
from diarchy.robots.ros2.frames import FrameError
from diarchy.robots.ros2.port import Port
from diarchy.robots.ros2.senses import Senses

RATES = {"joints": 50.0, "odometry": 20.0, "lidar": 4.0, "localization": 2.0}
"""Hz below which an input is too slow to work with."""
_TRIGGER = "std_srvs/srv/Trigger"


@dataclass(frozen=True)
class Check:
    """One line of the report; ``needed`` ones decide whether the robot is ready."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def examine(config: Ros2Config, port: Port, *, seconds: float = 3.0) -> list[Check]:
    """Listen for some seconds of the robot's clock and check topics, frames, rates and limits. Nothing moves."""
    graph = dict(port.graph())
    senses = Senses(port, config)
    description: list[str] = []
    if config.model.robot_description is not None:
        port.subscribe(
            config.model.robot_description,
            "std_msgs/msg/String",
            lambda m: description.append(str(m.data)),
            "latched",
        )
    until = port.now() + seconds
    while port.now() < until:
        port.wait_until(min(port.now() + 0.05, until))
    graph.update(port.graph())
    checks = [*_names(config, port, graph), *_inputs(config, port, senses)]
    checks += _frames(config, senses)
    checks += _cameras(config, senses, port.now())
    checks.append(_arm(config))
    checks.append(_model(config, description[-1] if description else None))
    checks += [
        Check(
            "unguarded path",
            False,
            path,
            "allowed in the file; remap its cmd_vel to have it guarded",
            needed=False,
        )
        for path in config.unguarded()
    ]
    return checks


def _names(config: Ros2Config, port: Port, graph: dict[str, str]) -> list[Check]:
    """Everything the file names is there and has the type that it should."""
    topics = {
        config.joint_states.topic: "sensor_msgs/msg/JointState",
        config.base.odometry.topic: "nav_msgs/msg/Odometry",
    }
    if config.lidar is not None:
        topics[config.lidar.topic] = f"sensor_msgs/msg/{config.lidar.type}"
    if config.home.map is not None:
        topics[config.home.map] = "nav_msgs/msg/OccupancyGrid"
    services = {s: _TRIGGER for s in (config.safety.stop, config.safety.reset) if s}
    for camera in config.cameras.values():
        topics[camera.image] = f"sensor_msgs/msg/{'Compressed' * camera.compressed}Image"
        topics |= {camera.depth: "sensor_msgs/msg/Image", camera.info: "sensor_msgs/msg/CameraInfo"}
        if camera.trigger is not None:
            services[camera.trigger] = _TRIGGER
    checks = [_typed("topic", name, kind, graph) for name, kind in topics.items()]
    checks += [_typed("service", name, kind, graph) for name, kind in services.items()]
    actions = [(config.gripper.action, True)]
    whole = config.arm_controllers() if config.arm.mode == "chunks" else ()
    actions += [(c.action, c in whole) for c in config.controllers if c.action is not None]
    if config.navigation is not None:
        actions += [(config.navigation.navigate, False), (config.navigation.path, False)]
    for name, needed in actions:
        ok = port.server_ready(name)
        remedy = "" if ok else "start its server, or correct the name in the file"
        checks.append(
            Check(f"action {name}", ok, "is served" if ok else "nobody serves it", remedy, needed)
        )
    return checks


def _typed(what: str, name: str, kind: str, graph: dict[str, str]) -> Check:
    label = f"{what} {name}"
    if name not in graph:
        return Check(
            label,
            False,
            f"is not there; {did_you_mean(name, graph)}",
            "correct the name, or start its node",
        )
    if graph[name] != kind:
        return Check(
            label, False, f"is {graph[name]}, expected {kind}", "correct the type in the file"
        )
    return Check(label, True, kind)


def _inputs(config: Ros2Config, port: Port, senses: Senses) -> list[Check]:
    """Everything comes, fresh and often enough."""
    checks = []
    for key, gate in senses.inputs.gates.items():
        why, rate = gate.lost(port.now()), gate.rate()
        slow = rate is not None and rate < RATES[key]
        detail = why or (f"{rate:.0f} Hz" if rate is not None else "comes")
        remedy = ""
        if why:
            remedy = "check the sender, and that all clocks agree (use_sim_time, chrony)"
        elif slow:
            remedy = f"at least {RATES[key]:.0f} Hz are needed"
        checks.append(Check(f"input {gate.name}", not why and not slow, detail, remedy))
    missing = senses.joints.missing()
    checks.append(
        Check(
            "joints",
            not missing,
            f"no word of {', '.join(missing)}" if missing else f"all {len(senses.joints.names)}",
            f"correct the names, or start who publishes them on {config.joint_states.topic}"
            if missing
            else "",
        )
    )
    return checks


def _frames(config: Ros2Config, senses: Senses) -> list[Check]:
    frames = config.frames
    wanted = [(frames.odom, frames.base, True)]
    if config.home.localization == "tf":
        wanted.append((frames.map, frames.base, True))
    if config.lidar is not None and senses.scan_message is not None:
        wanted.append((frames.base, str(senses.scan_message.header.frame_id), True))
    for name, camera in config.cameras.items():
        seen = senses.cameras[name].recent["image"]
        frame = camera.frame or (str(seen[-1][1].header.frame_id) if seen else None)
        if frame is not None:
            wanted.append((frames.base, frame, True))
    checks = []
    for target, source, needed in wanted:
        try:
            senses.frames.lookup(target, source)
        except FrameError as error:
            remedy = "correct the frame in the file, or start who publishes it on /tf"
            checks.append(Check(f"frames {target} <- {source}", False, str(error), remedy, needed))
        else:
            checks.append(Check(f"frames {target} <- {source}", True, "connected"))
    return checks


def _arm(config: Ros2Config) -> Check:
    """How the arm is commanded; in chunks a servo's delay must fit into the tolerance."""
    joints = [config.joints[j] for c in config.arm_controllers() for j in c.joints]
    if config.arm.mode == "stream":
        return Check("arm", True, "is streamed to, a target every control tick")
    narrow = min(c.tolerance for c in config.arm_controllers())
    fastest = max(j.velocity or 0.0 for j in joints)
    detail = (
        f"gets whole chunks as goals, {config.arm.points_hz:g} points a second, cancelled {narrow:g} off "
        f"their path (at {fastest:g} per second that is {narrow / max(fastest, 1e-9):.2f} s)"
    )
    return Check("arm", True, detail)


def _cameras(config: Ros2Config, senses: Senses, now: float) -> list[Check]:
    """Cameras without a trigger must publish pictures by themselves."""
    checks = []
    for name, part in config.cameras.items():
        if part.trigger is not None:
            continue
        silent = [g.lost(now) for g in senses.cameras[name].gates.values() if g.lost(now)]
        detail = "; ".join(str(s) for s in silent) or "colour, depth and calibration come"
        checks.append(
            Check(f"camera {name}", not silent, detail, "start its driver" if silent else "")
        )
    return checks


def _model(config: Ros2Config, description: str | None) -> Check:
    try:
        spec = build_spec(config, description)
    except BadInputError as error:
        return Check("model and limits", False, str(error), "correct the file, or the URDF")
    slow = [j.name for j in spec.joints if j.velocity < 0.01]
    detail = f"{len(spec.joints)} joints, base {spec.base.linear_velocity:g} m/s"
    return Check(
        "model and limits", not slow, detail, f"{', '.join(slow)} cannot move" if slow else ""
    )


__all__ = ["RATES", "Check", "examine"]
