"""`Ros2Robot`: a real (or simulated) robot under ROS 2 behind the `Robot` Protocol.

It talks to a `Port`: with rclpy (`diarchy.robots.ros2.node`) or a fake. On the loss of a required input the
robot is stopped, the reason is published on ``/diagnostics`` and ``<namespace>/say``, and commands are ignored
until the input is back; after ``safety.give_up`` seconds `apply` raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from diarchy.contracts.errors import BadInputError, StaleDataError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.motion import Navigator
from diarchy.contracts.robot import Action, Observation, Pose2, Proprio, RobotSpec
from diarchy.robots.ros2.clock import Ros2Clock
from diarchy.robots.ros2.config.schema import Ros2Config
from diarchy.robots.ros2.config.spec import build_spec
from diarchy.robots.ros2.convert import interface
from diarchy.robots.ros2.foreign import Check, ForeignVelocity
from diarchy.robots.ros2.health import StopCounts, health_lines
from diarchy.robots.ros2.outputs import Outputs, seconds_to_rest
from diarchy.robots.ros2.pictures import take_picture
from diarchy.robots.ros2.port import Port
from diarchy.robots.ros2.senses import Senses, braking_point, moved_scan
from diarchy.robots.ros2.startup import await_description, await_inputs
from diarchy.robots.ros2.watchdog import Watchdog

_TRIGGER = "std_srvs/srv/Trigger"


class Ros2Robot:
    """A robot under ROS 2.

    Args:
        config: its file.
        port: the node.
        description: URDF text, if the file names a robot_description topic and it has been read already.

    Raises:
        BadInputError: the model is missing or malformed.
        StaleDataError: required inputs do not come within `STARTUP` seconds; the message lists them.
    """

    def __init__(self, config: Ros2Config, port: Port, *, description: str | None = None) -> None:
        self.config, self.port = config, port
        topic = config.model.robot_description
        if description is None and topic is not None:
            description = await_description(port, topic)
        self._spec = build_spec(config, description)
        self._clock = Ros2Clock(port, self._spec.control_hz)
        self.senses = Senses(port, config)
        self.outputs = Outputs(port, config, self._spec)
        self.watchdog = Watchdog(config.safety.command_timeout)
        self.stops = StopCounts()
        self.halted = ""
        self._halted_since = 0.0
        self._commanded: Action | None = None
        self.lock = port.lock
        self._closed = False
        self.on_stop: Callable[[str], None] = lambda reason: None
        self.on_reset: Callable[[], None] = lambda: None
        self._cancels: list[Callable[[], None]] = []
        self.watchers: list[Callable[[], None]] = []
        self.foreign = _foreign(config, port)
        self._say = port.publisher(f"{config.namespace}/say", "std_msgs/msg/String", "interface")
        self._diagnose = port.publisher(
            "/diagnostics", "diagnostic_msgs/msg/DiagnosticArray", "interface"
        )
        port.serve(f"{config.namespace}/stop", _TRIGGER, self._serve_stop)
        port.serve(f"{config.namespace}/reset", _TRIGGER, self._serve_reset)
        await_inputs(port, self.senses, self._clock.period)
        self._clock.begin()
        port.every(self._clock.period, self._watch)
        port.every(1.0, self.publish_health)

    @property
    def spec(self) -> RobotSpec:
        """The embodiment's description."""
        return self._spec

    @property
    def clock(self) -> Ros2Clock:
        """Seconds since this object began, on the robot's clock."""
        return self._clock

    def __getattr__(self, name: str) -> Any:
        """``instances`` exists where a simulated camera publishes labels: only then is there an oracle."""
        if name == "instances" and any(c.labels for c in self.config.cameras.values()):
            return _labels(self.senses.labels)
        raise AttributeError(f"'{type(self).__name__}' has no attribute '{name}'")

    def proprio(self) -> Proprio:
        """Return the newest readings of joints, gripper and odometry."""
        with self.lock:
            book, count = self.senses.joints, len(self._spec.joints)
            width, force = self.senses.width_and_force()
            base = self.senses.base
            stamp = self.senses.inputs["joints"].stamp
            return Proprio(
                stamp=min(self._clock.at(stamp if stamp is not None else 0.0), self._clock.now()),
                tick=self._clock.tick,
                q=book.position[:count].copy(),
                dq=book.velocity[:count].copy(),
                effort=book.effort[:count].copy(),
                gripper_width=width,
                gripper_force=force,
                odom=base.pose if base is not None else Pose2(0.0, 0.0, 0.0),
                base_velocity=np.array(
                    [base.forward, base.turning] if base is not None else [0.0, 0.0]
                ),
                commanded=self._commanded,
            )

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        """Take the named cameras' next pictures and, if asked, the newest scan.

        Everything is expressed at the moment of the first picture (of the scan, if there is none):
        odometry between the moments is taken into account.

        Raises:
            BadInputError: a camera is not in ``spec.cameras``, or publishes what cannot be used.
            StaleDataError: no picture came in time.
        """
        for name in cameras:
            if name not in self._spec.cameras:
                raise BadInputError(
                    f"the robot has no camera '{name}'; {did_you_mean(name, self._spec.cameras)}"
                )
        frames = {name: take_picture(self, name) for name in cameras}
        with self.lock:
            found = self.senses.scan() if lidar else None
            moment = next((f.stamp for f in frames.values()), None)
            if moment is None and found is not None:
                moment = found[1]
            proprio = self.proprio()
            if moment is None:
                return Observation(proprio, {}, None)
            reference = self.senses.odometry_at(moment)
            shown = {n: replace(f, stamp=self._clock.at(f.stamp)) for n, f in frames.items()}
            scan = None
            if found is not None:
                scan = moved_scan(found[0], self.senses.odometry_at(found[1]), reference)
                scan = replace(scan, stamp=self._clock.at(found[1]))
            return Observation(replace(proprio, odom=reference), shown, scan)

    def apply(self, action: Action) -> None:
        """Send the command of one tick and return at the next one; releases a `stop`.

        Raises:
            BadInputError: the action has the wrong shape or is not finite.
            StaleDataError: a required input has been lost for ``safety.give_up`` seconds.
        """
        action.refuse_malformed(len(self._spec.joints))
        with self.lock:
            now = self.port.now()
            if self._clock.jumped_back():
                self.senses.restart()
                self._halt("the clock jumped back", now)
            q = self.senses.joints.position[: len(self._spec.joints)]
            lost = [*self.senses.inputs.lost(now), *self.outputs.faults(q, now)]
            if lost:
                self._halt("; ".join(lost), now)
            else:
                if self.halted:
                    self._resume()
                sent = action
                if self.foreign is not None and self.foreign.active:
                    sent = self.foreign.drive(action, self.proprio())
                self.outputs.send(sent, q, now, self._clock.tick)
                self._commanded = action
                self.watchdog.feed(now, moving=self._moving(action))
            for watch in self.watchers:
                watch()
        if self.halted and now - self._halted_since > self.config.safety.give_up:
            raise StaleDataError(f"the robot was stopped and given up: {self.halted}")
        self._clock.wait_tick()

    def _moving(self, action: Action) -> bool:
        """Whether someone must go on commanding: the base turns its wheels, or joints are on their way."""
        q = self.senses.joints.position[: len(self._spec.joints)]
        return self.outputs.base.moving or bool(np.abs(action.joints - q).max() > 0.02)

    @property
    def takes_chunks(self) -> bool:
        """Whether the arm is sent whole chunks, as its file says."""
        return bool(self.outputs.chunked)

    def announce(self, rows: FloatArray) -> None:
        """Be told what the next ticks will command ``[N, 2 + J + 1]``, from this one on, ending at rest."""
        with self.lock:
            if not self.halted:
                count, now = len(self._spec.joints), self.port.now()
                q = self.senses.joints.position[:count]
                self.outputs.announce(rows[:, 2:-1], self._clock.tick, q, now)

    def stop(self) -> None:
        """Brake to rest at once and hold; callable from any thread; idempotent."""
        self._brake()
        self.stops.asked += 1

    def close(self) -> None:
        """Stop and shut the node down; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._brake()
        self.port.close()

    def on_cancel(self, cancel: Callable[[], None]) -> None:
        """Have something called whenever the robot is stopped: goals of other stacks are cancelled so."""
        self._cancels.append(cancel)

    def guard_with(self, check: Check) -> None:
        """Have the velocities of other stacks checked by a guard; without one none are passed on."""
        if self.foreign is not None:
            self.foreign.attach(check)

    def navigator(self) -> Navigator | None:
        """Return its Nav2, if its file has one, it is running, and its velocities pass our guard."""
        part = self.config.navigation
        guarded = self.foreign is None or self.foreign.guarded
        if part is None or not guarded or not self.port.server_ready(part.navigate):
            return None
        from diarchy.robots.ros2.navigator import Nav2Navigator

        return Nav2Navigator(self)

    @property
    def locates_itself(self) -> bool:
        """Whether its own SLAM says where it is."""
        return self.config.home.localization == "tf"

    def map_from_odom(self) -> SE3:
        """Return what its SLAM says of the odometry; raises FrameError where there is none."""
        with self.lock:
            return self.senses.frames.lookup(self.config.frames.map, self.config.frames.odom)

    def say(self, words: str) -> None:
        """Publish words for people on ``<namespace>/say``."""
        self._say(interface.text(self.port.make, words))

    def publish_health(self) -> None:
        """Publish inputs, stops and refusals on ``/diagnostics``."""
        now, figures = self.port.now(), {**self.outputs.figures(), **self.senses.refusals()}
        lines = health_lines(self.halted, self.stops, figures, self.senses.inputs, now)
        self._diagnose(interface.diagnostics(self.port.make, lines, self._spec.name, now))

    def _halt(self, reason: str, now: float) -> None:
        """Stop because of what is missing; told once, and again when the reason is another."""
        first = not self.halted
        self.halted = reason
        if first:
            self.stops.inputs += 1
            self._halted_since = now
            self._brake()
            self.say(f"stopped: {reason}")
            self.publish_health()
        self.watchdog.feed(now, moving=False)

    def _resume(self) -> None:
        self.halted = ""
        self.say("all inputs are back")
        self.publish_health()

    def _watch(self) -> None:
        """The timer: has whoever commands fallen silent?"""
        with self.lock:
            if not self._closed and self.watchdog.check(self.port.now()):
                self.stops.commands += 1
                self._brake()
                self.say(f"stopped: no command for {self.watchdog.timeout:g} s")

    def _brake(self) -> None:
        with self.lock:
            spec, book = self._spec, self.senses.joints
            count = len(spec.joints)
            q, dq = book.position[:count], book.velocity[:count]
            acceleration = spec.limits("acceleration")
            held = braking_point(q, dq, acceleration, spec.limits("lower"), spec.limits("upper"))
            self.outputs.stop(held, seconds_to_rest(dq, acceleration))
            for cancel in self._cancels:
                cancel()
            if self._commanded is not None:
                self._commanded = Action(np.zeros(2), held, self._commanded.gripper)
        service = self.config.safety.stop
        if service is not None:
            self.port.call(service, _TRIGGER, self.port.make(f"{_TRIGGER}_Request"), 0.0)

    def _serve_stop(self, request: Any) -> Any:
        self.stop()
        self.on_stop("the stop service was called")
        return interface.trigger_response(self.port.make, True, "stopped")

    def _serve_reset(self, request: Any) -> Any:
        self.on_reset()
        if self.config.safety.reset is not None:
            self.port.call(
                self.config.safety.reset, _TRIGGER, self.port.make(f"{_TRIGGER}_Request"), 1.0
            )
        return interface.trigger_response(self.port.make, True, "reset")


def _foreign(config: Ros2Config, port: Port) -> ForeignVelocity | None:
    part = config.navigation
    if part is None or part.cmd_vel_in is None:
        return None
    return ForeignVelocity(port, part.cmd_vel_in, part.type, config.safety.command_timeout)


def _labels(text: str) -> dict[int, Any]:
    """Read what instance ids of a simulated camera stand for."""
    rows = json.loads(text) if text else {}
    return {int(number): SimpleNamespace(**row) for number, row in rows.items()}
