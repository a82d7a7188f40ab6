"""The kinds of fault, and how each is put into a run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from diarchy.agent.evaluation.faults.model import DRIVE, TAKE, Fault, Setup
from diarchy.agent.evaluation.faults.server import misbehaving
from diarchy.agent.evaluation.faults.wrappers import FaultyDetector, FaultyPolicy, FaultyRobot
from diarchy.agent.session import Agent
from diarchy.agent.watched import WatchedDetector, watched_policy
from diarchy.contracts.entity import Detection
from diarchy.contracts.errors import DiarchyError, FaultError
from diarchy.contracts.robot import Action, Observation, Proprio
from diarchy.planners.fallback import FallbackPlanner
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.skills.specs import PICK
from diarchy.skills.vla.pick import VlaPick

LASTS_S = 3.0
"""How long a passing fault lasts, simulated s."""


def _planner(how: str) -> Callable[[Setup], None]:
    def inject(setup: Setup) -> None:
        from diarchy.planners.vlm import VLMPlanner

        url, close = misbehaving(how)
        first = VLMPlanner(url, "model", timeout=0.6, retries=1, sleep=lambda seconds: None)
        setup.planner = FallbackPlanner(first, SymbolicPlanner())
        setup.closers = (first.close, close)

    return inject


def _detector(instead: Callable[[], Sequence[Detection]]) -> Callable[[Setup], None]:
    def inject(setup: Setup) -> None:
        from diarchy.perception.oracle import OracleDetector

        oracle = OracleDetector(lambda: setup.robot.instances)
        faulty = FaultyDetector(oracle, setup.moment, instead)
        setup.on_agent = lambda agent: setattr(
            agent.perception, "detector", WatchedDetector(faulty, seconds=0.8)
        )

    return inject


def _sense(spoil: Callable[[Observation], Observation]) -> Callable[[Setup], None]:
    def inject(setup: Setup) -> None:
        setup.robot = FaultyRobot(setup.robot, setup.moment, sense=spoil)

    return inject


def _policy(how: str) -> Callable[[Setup], None]:
    def inject(setup: Setup) -> None:
        setup.system1 = "auto"

        def on_agent(agent: Agent) -> None:
            policy = watched_policy(FaultyPolicy(how, 10), seconds=0.5)
            skill = VlaPick(agent.robot.spec, policy)
            agent.library.register(PICK, "vla", lambda: skill, first=True)

        setup.on_agent = on_agent

    return inject


def _at_moment(act: Callable[[Agent], None]) -> Callable[[Setup], None]:
    """Do something once, when the moment comes, from outside the agent."""

    def inject(setup: Setup) -> None:
        done: list[bool] = []

        def on_event(agent: Agent, event: dict[str, Any]) -> None:
            if not done and setup.moment:
                done.append(True)
                act(agent)

        setup.on_event = on_event

    return inject


def _hand_over_trace(setup: Setup) -> None:
    """Let a fault get at the trace of the run, which is opened when the run begins."""

    def on_agent(agent: Agent) -> None:
        build = agent._loop

        def with_trace(trace: Any, config: Any) -> Any:
            setup.trace = trace
            return build(trace, config)

        agent._loop = with_trace  # type: ignore[method-assign]

    setup.on_agent = on_agent


def _disk_full(setup: Setup) -> None:
    def on_event(agent: Agent, event: dict[str, Any]) -> None:
        if setup.moment and event["kind"] != "run_ended" and not full:
            full.append(open("/dev/full", "w", encoding="utf-8"))  # noqa: SIM115
            setup.trace._events = full[0]

    full: list[Any] = []
    _hand_over_trace(setup)
    setup.on_event = on_event


def _receipts_locked(setup: Setup) -> None:
    """Another program holds the receipts' file: no receipt can be written."""
    held: list[sqlite3.Connection] = []

    def on_event(agent: Agent, event: dict[str, Any]) -> None:
        if event["kind"] == "plan_checked" and not held:
            other = sqlite3.connect(setup.trace.folder / "receipts.sqlite")
            other.execute("begin exclusive")
            held.append(other)

    _hand_over_trace(setup)
    setup.on_event = on_event

    def close() -> None:
        for other in held:
            other.close()

    setup.closers = (close,)


def _robot_gone(setup: Setup) -> None:
    def gone(action: Action) -> None:
        robot.stop()  # the watchdog of its own process
        raise FaultError("the robot at r.sock is gone: the other side is gone")

    robot = setup.robot
    setup.robot = FaultyRobot(robot, setup.moment, apply=gone)


def _odometry_slips(setup: Setup) -> None:
    def slip(felt: Proprio) -> Proprio:
        return replace(felt, odom=replace(felt.odom, x=felt.odom.x + 0.05, y=felt.odom.y - 0.03))

    setup.robot = FaultyRobot(setup.robot, setup.moment, proprio=slip)


def _wall_clock(setup: Setup) -> None:
    real, shift = time.time, [0.0]

    def act(agent: Agent) -> None:
        shift[0] = -86_400.0

    _at_moment(act)(setup)
    time.time = lambda: real() + shift[0]
    setup.closers = (lambda: setattr(time, "time", real),)


def _raise() -> Sequence[Detection]:
    raise RuntimeError("CUDA error: device-side assert triggered")


def _hang() -> Sequence[Detection]:
    time.sleep(2.5)
    return []


def _stamps(shift: float) -> Callable[[Observation], Observation]:
    def spoil(seen: Observation) -> Observation:
        frames = {n: replace(f, stamp=f.stamp + shift) for n, f in seen.frames.items()}
        return replace(seen, frames=frames)

    return spoil


def _no_depth(seen: Observation) -> Observation:
    frames = {n: replace(f, depth=np.zeros_like(f.depth)) for n, f in seen.frames.items()}
    return replace(seen, frames=frames)


def _no_lidar(seen: Observation) -> Observation:
    scan = seen.scan
    return (
        seen
        if scan is None
        else replace(seen, scan=replace(scan, ranges=np.full_like(scan.ranges, np.inf)))
    )


def _sensor_raises(seen: Observation) -> Observation:
    raise DiarchyError("the camera's driver does not answer")


ANY_END = ("succeeded", "failed")
FAULTS: dict[str, Fault] = {
    "planner_down": Fault("nobody listens at the planner's address", _planner("down")),
    "planner_slow": Fault("the planner's server accepts and does not answer", _planner("slow")),
    "planner_cut": Fault("the server hangs up in the middle of its answer", _planner("cut")),
    "planner_nonsense": Fault(
        "the server answers with something that is no chat", _planner("nonsense")
    ),
    "planner_babbles": Fault("the model answers with words that are no plan", _planner("babble")),
    "planner_errors": Fault("the server answers 500 each time", _planner("error")),
    "detector_raises": Fault(
        "the detector raises for a while", _detector(_raise), TAKE, ANY_END, LASTS_S
    ),
    "detector_dead": Fault("the detector raises for good", _detector(_raise), TAKE, ("failed",)),
    "detector_hangs": Fault(
        "the detector does not come back", _detector(_hang), TAKE, ANY_END, LASTS_S
    ),
    "detector_blind": Fault("the detector sees nothing any more", _detector(list), TAKE, ANY_END),
    "camera_clock_back": Fault(
        "the camera's clock jumps back by 5 s", _sense(_stamps(-5.0)), TAKE, ANY_END, LASTS_S
    ),
    "camera_clock_ahead": Fault(
        "the camera's clock jumps ahead by 100 s", _sense(_stamps(100.0)), TAKE, ANY_END, LASTS_S
    ),
    "depth_lost": Fault(
        "the camera gives no depth for a while", _sense(_no_depth), TAKE, ANY_END, LASTS_S
    ),
    "camera_raises": Fault(
        "the camera's driver raises for a while", _sense(_sensor_raises), TAKE, ANY_END, LASTS_S
    ),
    "lidar_silent": Fault(
        "no beam of the lidar returns", _sense(_no_lidar), DRIVE, ANY_END, LASTS_S
    ),
    "odometry_slips": Fault("the base is shoved by 6 cm unfelt", _odometry_slips, DRIVE, ANY_END),
    "policy_raises": Fault("the policy's process is killed", _policy("raises"), TAKE, ANY_END),
    "policy_hangs": Fault("the policy does not come back", _policy("hangs"), TAKE, ANY_END),
    "policy_nan": Fault("the policy answers numbers that are none", _policy("nan"), TAKE, ANY_END),
    "disk_full": Fault("the disk of the run folder is full", _disk_full, DRIVE, ("failed",)),
    "receipts_locked": Fault("no receipt can be written", _receipts_locked, DRIVE, ("failed",)),
    "robot_gone": Fault("the robot's process goes away", _robot_gone, DRIVE, ("failed",)),
    "protective_stop": Fault(
        "someone trips the stop", _at_moment(lambda a: a.stop("a test")), DRIVE, ("stopped",)
    ),
    "wall_clock": Fault("the machine's clock is set back by a day", _wall_clock),
}
