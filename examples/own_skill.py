"""A skill of your own in forty lines: the robot nods.

A skill is a generator: it yields chunks of actions (or `Look`, or `Ask`) and returns a typed
outcome. The executor keeps the rate, the guard and the stop; you write the motion.

    python examples/own_skill.py
"""

from __future__ import annotations

import sys

import numpy as np

from diarchy import (
    Agent,
    HomeRobot,
    Outcome,
    Plan,
    Proprio,
    RobotSpec,
    SkillCall,
    SkillSpec,
    Subtask,
)
from diarchy.contracts.action import ActionChunk
from diarchy.contracts.skill import SkillContext, SkillRun
from diarchy.planners.recorded import RecordedPlanner
from diarchy.skills.library import default_library


class Nod:
    """Tilts the head down and up again, as often as asked."""

    backend = "motion"
    spec = SkillSpec(name="nod", sentence="Nod the head.", occupies=("head",), timeout=20.0)

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        tilt = context.spec.groups["head"][1]
        phase = np.linspace(0.0, 4.0 * np.pi, 600)  # two nods in three seconds at 200 Hz
        rows = np.zeros((len(phase), 3 + len(proprio.q)))
        rows[:, 2:-1] = proprio.q
        rows[:, 2 + tilt] += 0.15 * (1.0 - np.cos(phase))
        rows[:, -1] = proprio.gripper_width
        yield ActionChunk("joint", "joint", rows, proprio.tick, 1, context.epoch, "example:nod")
        return Outcome.done("nodded twice")


def build_library(spec: RobotSpec):  # type: ignore[no-untyped-def]
    library = default_library(spec)
    library.add(Nod())
    return library


def main() -> int:
    robot = HomeRobot("home", seed=0)
    plan = Plan(subtasks=(Subtask(id="s1", skill="nod", words="nod"),))
    with Agent(
        robot=robot, planner=RecordedPlanner([plan]), library=build_library(robot.spec)
    ) as agent:
        result = agent.run("nod")
    print(result.status, [s.detail for s in result.subtasks])
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
