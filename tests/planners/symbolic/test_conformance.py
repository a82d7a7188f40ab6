from __future__ import annotations

from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.testing import check_planner


def test_the_symbolic_planner_keeps_the_contract_of_a_planner() -> None:
    check_planner(SymbolicPlanner())
