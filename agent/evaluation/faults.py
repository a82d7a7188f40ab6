"""Faults of what surrounds the agent, injected at a seeded moment of a real run in the simulated home.

Each kind says what breaks and which ends are honest. What happens is told in docs/reliability.md;
``benchmarks/faults.py`` counts crashes, false successes and guard violations.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from diarchy.agent.evaluation.fault_server import misbehaving
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.agent.watched import WatchedDetector, WatchedPolicy
from diarchy.contracts.action import ActionChunk
from diarchy.contracts.entity import Detection
from diarchy.contracts.errors import BadInputError, DiarchyError, FaultError, did_you_mean
from diarchy.contracts.robot import Action, CameraFrame, Observation, Proprio
from diarchy.planners.fallback import FallbackPlanner
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.robots.home import HomeRobot
from diarchy.skills.specs import PICK
from diarchy.skills.vla.pick import VlaPick

DRIVE, TAKE = "go to the fridge", "pick up the red mug"
LASTS_S = 3.0
"""How long a passing fault lasts, simulated s."""


@dataclass
class Moment:
    """When the fault is there: from ``begins`` for ``lasts`` simulated seconds."""

    begins: float
    lasts: float = float("inf")
    now: Callable[[], float] = lambda: 0.0

    def __bool__(self) -> bool:
        return self.begins <= self.now() < self.begins + self.lasts


class FaultyRobot:
    """A robot whose readings and commands pass through a fault while it lasts."""

    def __init__(
        self,
        robot: Any,
        moment: Moment,
        *,
        sense: Callable[[Observation], Observation] = lambda o: o,
        proprio: Callable[[Proprio], Proprio] = lambda p: p,
        apply: Callable[[Action], None] = lambda a: None,
    ) -> None:
        self._robot, self._moment = robot, moment
        self._sense, self._proprio, self._apply = sense, proprio, apply

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_robot"], name)

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        """Read, spoilt while the fault lasts."""
        seen: Observation = self._robot.sense(cameras, lidar=lidar)
        seen = replace(seen, proprio=self.proprio())
        return self._sense(seen) if self._moment else seen

    def proprio(self) -> Proprio:
        """Feel, spoilt from when the fault begins."""
        felt: Proprio = self._robot.proprio()
        return self._proprio(felt) if self._moment else felt

    def apply(self, action: Action) -> None:
        """Command, if the fault lets it through."""
        if self._moment:
            self._apply(action)
        self._robot.apply(action)


class FaultyDetector:
    """A detector that does something else while the fault lasts."""

    def __init__(
        self, detector: Any, moment: Moment, instead: Callable[[], Sequence[Detection]]
    ) -> None:
        self._detector, self._moment, self._instead = detector, moment, instead
        self.name, self.classes = detector.name, detector.classes

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """See, or do what the fault does."""
        if self._moment:
            return self._instead()
        found: Sequence[Detection] = self._detector.detect(frame)
        return found


class FaultyPolicy:
    """A policy that fails in its own way whenever it is asked."""

    name, stride, horizon = "faulty", 8, 16

    def __init__(self, how: str, width: int) -> None:
        self._how, self._width = how, width

    def infer(self, context: Any, *args: Any, start_tick: int, seed: int) -> ActionChunk:
        """Raise, hang, or answer numbers that are none."""
        if self._how == "raises":
            raise RuntimeError("the policy's process was killed")
        if self._how == "hangs":
            time.sleep(3.0)
        rows = np.full((self.horizon, 10), np.nan)
        return ActionChunk(
            "ee_pose", "base", rows, start_tick, self.stride, context.epoch, "vla:faulty"
        )


class FaultRecord(BaseModel):
    """What came of one run with a fault."""

    kind: str
    seed: int
    at: float
    status: str = "crashed"
    message: str = ""
    verified: bool = False
    truth: bool | None = None
    exit_code: int = -1
    at_rest: bool = True
    violations: int = 0
    planner: str = ""
    crashed: bool = False
    expected: bool = False
    sim_s: float = 0.0
    wall_s: float = 0.0


@dataclass(frozen=True)
class Fault:
    """One kind: what breaks, the sentence it is tried on, how it is put in, and which ends are honest."""

    about: str
    inject: Callable[[Setup], None]
    sentence: str = DRIVE
    ends: tuple[str, ...] = ("succeeded",)
    lasts: float = float("inf")


@dataclass
class Setup:
    """What a kind may change before the run begins."""

    moment: Moment
    robot: Any
    planner: Any = "symbolic"
    system1: str = "motion"
    detector: Any = "oracle"
    on_agent: Callable[[Agent], None] = lambda agent: None
    on_event: Callable[[Agent, dict[str, Any]], None] = lambda agent, event: None
    closers: tuple[Callable[[], None], ...] = ()


def run_fault(kind: str, seed: int, folder: Path) -> FaultRecord:
    """Run one command with one fault and say how it ended.

    Raises:
        BadInputError: there is no such kind.
    """
    if kind not in FAULTS:
        raise BadInputError(f"no fault '{kind}'; {did_you_mean(kind, FAULTS)}")
    fault = FAULTS[kind]
    rng = np.random.default_rng([seed, sorted(FAULTS).index(kind)])
    moment = Moment(float(rng.uniform(0.3, 8.0)), fault.lasts)
    robot = HomeRobot("home", seed=seed)
    moment.now = robot.clock.now
    setup = Setup(moment, robot)
    fault.inject(setup)
    record = FaultRecord(kind=kind, seed=seed, at=round(moment.begins, 2))
    began = time.perf_counter()
    try:
        _run(fault, setup, folder, record)
    except Exception as error:  # noqa: BLE001  that nothing escapes is what is measured
        record.crashed, record.message = True, f"{type(error).__name__}: {error}"
    finally:
        for close in setup.closers:
            close()
    record.at_rest = bool(robot.proprio().at_rest())
    record.expected = not record.crashed and record.status in fault.ends
    record.wall_s = round(time.perf_counter() - began, 2)
    robot.close()
    return record


def _run(fault: Fault, setup: Setup, folder: Path, record: FaultRecord) -> None:
    config = RunConfig(
        instruction=fault.sentence,
        seed=record.seed,
        pictures=False,
        report=False,
        record=folder,
        system1=setup.system1,  # type: ignore[arg-type]
        max_seconds=240.0,
    )
    agent = Agent(
        setup.robot,
        planner=setup.planner,
        system1=setup.system1,
        detector=setup.detector,
        seed=record.seed,
    )
    setup.on_agent(agent)
    observers = [lambda event: setup.on_event(agent, event)]
    result = agent.run(fault.sentence, config=config, observers=observers)
    record.status, record.message, record.exit_code = (
        result.status,
        result.message,
        result.exit_code,
    )
    record.verified, record.truth, record.planner = result.verified, result.truth, result.planner
    record.violations, record.sim_s = result.guard.violations, result.timing.sim_s


# ---- how each is put in --------------------------------------------------------------------------


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
            policy = WatchedPolicy(FaultyPolicy(how, 10), seconds=0.5)  # type: ignore[arg-type]
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


def _disk_full(setup: Setup) -> None:
    def on_event(agent: Agent, event: dict[str, Any]) -> None:
        if setup.moment and event["kind"] != "run_ended" and not full:
            full.append(open("/dev/full", "w", encoding="utf-8"))  # noqa: SIM115
            loop: Any = setup.__dict__["trace"]
            loop._events = full[0]

    full: list[Any] = []

    def on_agent(agent: Agent) -> None:
        build = agent._loop

        def with_trace(trace: Any, config: Any) -> Any:
            setup.__dict__["trace"] = trace
            return build(trace, config)

        agent._loop = with_trace  # type: ignore[method-assign]

    setup.on_agent, setup.on_event = on_agent, on_event


def _receipts_locked(setup: Setup) -> None:
    """Another program holds the receipts' file: no receipt can be written."""
    held: list[sqlite3.Connection] = []

    def on_event(agent: Agent, event: dict[str, Any]) -> None:
        if event["kind"] == "plan_checked" and not held:
            other = sqlite3.connect(setup.__dict__["folder"] / "receipts.sqlite")
            other.execute("begin exclusive")
            held.append(other)

    def on_agent(agent: Agent) -> None:
        build = agent._loop

        def with_folder(trace: Any, config: Any) -> Any:
            setup.__dict__["folder"] = trace.folder
            return build(trace, config)

        agent._loop = with_folder  # type: ignore[method-assign]

    setup.on_agent, setup.on_event = on_agent, on_event
    setup.closers = (lambda: [c.close() for c in held] and None,)


def _robot_gone(setup: Setup) -> None:
    def gone(action: Action) -> None:
        setup.__dict__["_inner"].stop()  # the watchdog of its own process
        raise FaultError("the robot at r.sock is gone: the other side is gone")

    setup.__dict__["_inner"] = setup.robot
    setup.robot = FaultyRobot(setup.robot, setup.moment, apply=gone)


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
