"""Several orders become one plan, each planned from where the one before is expected to end."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.corrections.orders import Planned, plan_orders, predicted
from diarchy.contracts.correction import Order
from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal
from diarchy.contracts.predicate import Condition
from diarchy.planners.symbolic import SymbolicPlanner
from diarchy.skills.specs import BUILTIN

_FILE = Path(__file__).parents[2] / "planners" / "symbolic" / "household.py"
_SPEC = importlib.util.spec_from_file_location("household_of_orders", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
household: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(household)
HOME = household.world({"red Mug mug_1": "on dining_table_1", "green Cup cup_1": "on shelf_1"})


def plan(*orders: Order, home: Any = HOME) -> Planned:
    request = PlanRequest(
        instruction=orders[0].instruction,
        world=home,
        skills=BUILTIN,
        vocabulary=household.VOCABULARY,
    )
    return plan_orders(SymbolicPlanner().plan, request, orders)


MUG = Order(instruction="put the mug on the sofa")
CUP = Order(instruction="put the cup on the sofa")


def test_the_second_order_begins_where_the_first_ends() -> None:
    planned = plan(MUG, CUP)
    assert isinstance(planned.answer, Plan)
    skills = [s.skill for s in planned.answer.subtasks]
    assert skills.count("pick") == 2
    assert skills.count("place_on") == 2
    assert planned.owners == tuple([0] * 4 + [1] * (len(skills) - 4))
    assert [str(g) for g in planned.answer.goals] == ["on(mug_1, sofa_1)", "on(cup_1, sofa_1)"]
    assert len({s.id for s in planned.answer.subtasks}) == len(skills)


def test_a_later_order_takes_back_the_goal_of_an_earlier_one() -> None:
    planned = plan(MUG, Order(instruction="put the mug on the shelf"))
    assert isinstance(planned.answer, Plan)
    assert [str(g) for g in planned.answer.goals] == ["on(mug_1, shelf_1)"]


def test_what_is_held_is_dealt_with_before_the_next_order() -> None:
    holding = household.world({"red Mug mug_1": "", "green Cup cup_1": "on shelf_1"}, held="mug_1")
    back = Order(instruction="put it back", goals=(Condition.parse("on(mug_1, dining_table_1)"),))
    planned = plan(back, CUP, home=holding)
    assert isinstance(planned.answer, Plan)
    steps = [(s.skill, s.args.get("object")) for s in planned.answer.subtasks]
    assert steps.index(("place_on", "mug_1")) < steps.index(("pick", "cup_1"))


def test_an_order_that_cannot_be_is_left_out_and_told() -> None:
    planned = plan(MUG, Order(instruction="put the piano on the sofa"))
    assert isinstance(planned.answer, Plan)
    assert [o.instruction for o, _ in planned.refused] == ["put the piano on the sofa"]
    assert isinstance(plan(Order(instruction="put the piano on the sofa")).answer, Refusal)


def test_a_question_about_any_of_them_is_the_answer() -> None:
    assert isinstance(plan(MUG, Order(instruction="move the cup")).answer, Question)


def test_the_predicted_world_is_what_the_steps_promise() -> None:
    planned = plan(MUG)
    assert isinstance(planned.answer, Plan)
    request = PlanRequest(
        instruction="", world=HOME, skills=BUILTIN, vocabulary=household.VOCABULARY
    )
    after = predicted(HOME, planned.answer, request)
    assert Condition.parse("on(mug_1, sofa_1)") in after.true_facts()
    assert Condition.parse("on(mug_1, dining_table_1)") not in after.true_facts()
    assert after.held is None
    mug, sofa = after.entity("mug_1"), after.entity("sofa_1")
    assert mug is not None
    assert sofa is not None
    assert mug.position == sofa.position


@pytest.mark.parametrize("constraint", ["not holding(cup_1)", "not holding(*)"])
def test_each_order_has_constraints_of_its_own(constraint: str) -> None:
    left = CUP.model_copy(update={"constraints": (Condition.parse(constraint),)})
    planned = plan(MUG, left)
    assert isinstance(planned.answer, Plan)
    assert [str(g) for g in planned.answer.goals] == ["on(mug_1, sofa_1)"]
