from __future__ import annotations

from pathlib import Path

import numpy as np

from diarchy.agent.run.config import RunConfig
from diarchy.agent.session import Agent
from diarchy.contracts.action import ActionChunk
from diarchy.contracts.geometry import rotation_to_6d
from diarchy.contracts.plan import Plan, Subtask
from diarchy.contracts.robot import Proprio
from diarchy.contracts.skill import Outcome, SkillCall, SkillContext, SkillRun, SkillSpec
from diarchy.planners.recorded import RecordedPlanner
from diarchy.robots.home import HomeRobot
from diarchy.skills.library import default_library
from diarchy.skills.motion.kinematics import Kinematics


class Raise:
    """Moves the hand straight up by 5 cm, in the terms that policies speak."""

    backend = "motion"
    spec = SkillSpec(name="raise", sentence="Raise the hand.", occupies=("arm",), timeout=10.0)

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        here = Kinematics(context.spec).gripper_pose(proprio.q)
        rows = np.zeros((16, 10))
        rows[:, :3] = here.translation + np.linspace(0.0, 0.05, 16)[:, None] * [0.0, 0.0, 1.0]
        rows[:, 3:9] = rotation_to_6d(here.rotation)
        rows[:, 9] = 0.05
        yield ActionChunk("ee_pose", "base", rows, proprio.tick, 16, context.epoch, "test:raise")
        return Outcome.done("raised")


def test_a_skill_may_speak_in_gripper_poses(tmp_path: Path) -> None:
    robot = HomeRobot("home", seed=0)
    library = default_library(robot.spec)
    library.add(Raise())
    plan = Plan(subtasks=(Subtask(id="s1", skill="raise"),))
    config = RunConfig(instruction="raise", record=tmp_path / "run", pictures=False, report=False)
    with Agent(robot=robot, planner=RecordedPlanner([plan]), library=library) as agent:
        before = robot.truth.gripper().translation
        result = agent.run("raise", config=config)
        moved = robot.truth.gripper().translation - before
    assert result.status == "succeeded", result.subtasks
    assert np.allclose(moved, [0.0, 0.0, 0.05], atol=0.01)
    assert result.guard.violations == 0
