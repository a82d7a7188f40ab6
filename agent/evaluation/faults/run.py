"""One run with one fault."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from diarchy.agent.evaluation.faults.kinds import FAULTS
from diarchy.agent.evaluation.faults.model import Fault, FaultRecord, Moment, Setup
from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.robots.home import HomeRobot

_BEGINS = (0.3, 5.5)
"""When (s) a fault may begin: the shortest of the commands takes 6 s."""


def run_fault(kind: str, seed: int, folder: Path) -> FaultRecord:
    """Run one command with one fault and say how it ended.

    Raises:
        BadInputError: there is no such kind.
    """
    if kind not in FAULTS:
        raise BadInputError(f"no fault '{kind}'; {did_you_mean(kind, FAULTS)}")
    fault = FAULTS[kind]
    rng = np.random.default_rng([seed, sorted(FAULTS).index(kind)])
    moment = Moment(float(rng.uniform(*_BEGINS)), fault.lasts)
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
        system1="motion",  # a faulty policy is put in beside it, not the shipped one
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
