"""Somebody steps into the way of a base that drives: nobody is touched, and it arrives when they are gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mujoco")

from diarchy import Agent, HomeRobot
from diarchy.agent.run.config import RunConfig

CONFIG = RunConfig(instruction="-", pictures=False, report=False, max_seconds=120.0)


class Steps:
    """Stands before the robot once it is fast, for some seconds, and notes what touches whom."""

    def __init__(self, robot: HomeRobot, ahead: float, seconds: float) -> None:
        self.robot, self.ahead, self.seconds = robot, ahead, seconds
        person = robot.static_map.people[0]
        self.name = person.id
        self.home = (person.position[0], person.position[1], person.yaw)
        self.since: float | None = None
        self.slowest = np.inf
        self.touched: set[str] = set()

    def tick(self) -> None:
        speed = float(self.robot.proprio().base_velocity[0])
        now = self.robot.clock.now()
        if self.since is None and speed > 0.6:
            at = self.robot._base().apply([self.ahead, 0.0, 0.0])
            self.robot.move_person(self.name, float(at[0]), float(at[1]), 0.0)
            self.since = now
        if self.since is None:
            return
        if now - self.since < self.seconds:
            self.slowest = min(self.slowest, abs(speed))
        else:
            self.robot.move_person(self.name, *self.home)
        self.touched |= {
            n for pair in self.robot.truth.contacts() for n in pair if self.name in pair
        }


@pytest.fixture
def drive() -> Callable[..., Any]:
    def go(ahead: float, seconds: float) -> tuple[Steps, Any]:
        robot = HomeRobot("flat", seed=5)
        steps = Steps(robot, ahead, seconds)
        with Agent(robot=robot, planner="symbolic", system1="motion") as agent:
            result = agent.run("go to the bed", config=CONFIG, watchers=[steps.tick])
        return steps, result

    return go


def test_the_base_stops_for_who_steps_in_and_arrives_all_the_same(
    drive: Callable[..., Any],
) -> None:
    steps, result = drive(1.2, 4.0)
    assert steps.since is not None
    assert steps.touched == set()
    assert steps.slowest < 0.05
    assert result.verified
    assert result.truth


def test_where_nobody_steps_in_nothing_is_slowed() -> None:
    with Agent(robot=HomeRobot("flat", seed=5), planner="symbolic", system1="motion") as agent:
        result = agent.run("go to the bed", config=CONFIG)
    assert result.verified
    assert result.guard.by_guard.get("base_clearance", 0) == 0
