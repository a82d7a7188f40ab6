"""The shortest useful program: a sentence in, a verified result out.

python examples/bring_mug.py ["SENTENCE"]
"""

from __future__ import annotations

import sys

from diarchy import Agent, HomeRobot


def main(sentence: str = "bring me the red mug") -> int:
    with Agent(robot=HomeRobot("home", seed=0), planner="symbolic") as agent:
        result = agent.run(sentence)
    print(f"{result.status}; the robot saw it: {result.verified}; it is so: {result.truth}")
    for subtask in result.subtasks:
        print(
            f"  {subtask.words:40s} {subtask.status:10s} {subtask.seconds:6.1f} s by {subtask.system1}"
        )
    print(f"report: {result.run_dir}/report.html")
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
