"""A planner of your own: anything with a name and a `plan` method.

This one tidies: whatever it believes to lie on the coffee table goes to the shelf, one thing at a
time, and it looks first if it has not looked yet. The agent checks its plans on predicates, runs
them as a behaviour tree and comes back with what happened.

    python examples/own_planner.py
"""

from __future__ import annotations

import sys

from diarchy import Agent, Condition, HomeRobot, Plan, Refusal, Subtask
from diarchy.contracts.plan import PlanRequest
from diarchy.testing import check_planner

FROM, TO = "coffee_table_1", "shelf_1"


class Tidy:
    """Moves one thing after the other."""

    name = "tidy"

    def plan(self, request: PlanRequest) -> Plan | Refusal:
        done = len(request.history)
        if request.world.entity(FROM) is None or request.world.entity(TO) is None:
            return Refusal(code="impossible", reason="there is nothing to tidy here")
        if FROM not in request.world.inspected:
            steps = [("navigate_to", {"target": FROM}), ("look_at", {"target": FROM})]
            return self._plan(done, steps, "I look at the table first.", complete=False)
        on_table = sorted(
            c.predicate.args[0]
            for c in request.world.true_facts()
            if c.predicate.name == "on" and c.predicate.args[1] == FROM
        )
        if not on_table:
            return self._plan(done, [], "The table is empty.", complete=True)
        thing = on_table[0]
        steps = [
            ("navigate_to", {"target": thing}),
            ("pick", {"object": thing}),
            ("navigate_to", {"target": TO}),
            ("place_on", {"object": thing, "receptacle": TO}),
        ]
        return self._plan(done, steps, f"Next is {thing}.", complete=len(on_table) == 1)

    @staticmethod
    def _plan(
        done: int, steps: list[tuple[str, dict[str, str]]], why: str, *, complete: bool
    ) -> Plan:
        subtasks = tuple(
            Subtask(id=f"s{done + i}", skill=skill, args=args, words=f"{skill} {args}")
            for i, (skill, args) in enumerate(steps, 1)
        )
        goals = (Condition.parse(f"not on(*, {FROM})"),) if complete else ()
        return Plan(reasoning=why, subtasks=subtasks, goals=goals, complete=complete)


def main() -> int:
    check_planner(Tidy())
    with Agent(robot=HomeRobot("home", seed=0), planner=Tidy()) as agent:
        result = agent.run("tidy the coffee table")
    print(result.status, result.verified, result.truth)
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
