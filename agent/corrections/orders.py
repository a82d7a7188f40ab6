"""One plan for several orders: each is planned from where the one before is expected to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diarchy.contracts.correction import Order
from diarchy.contracts.effects import simulate
from diarchy.contracts.entity import Truth
from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal, Subtask, SubtaskRecord
from diarchy.contracts.predicate import Condition
from diarchy.contracts.world import Fact, WorldSnapshot
from diarchy.planners.symbolic.goals import plan_goals
from diarchy.planners.symbolic.progress import contradicts

Answer = Plan | Question | Refusal


@dataclass(frozen=True)
class Planned:
    """The answer, whose each subtask is (by its place in the plan), and what could not be planned."""

    answer: Answer
    owners: tuple[int, ...] = ()
    refused: tuple[tuple[Order, Refusal], ...] = ()


def plan_orders(
    ask: Callable[[PlanRequest], Answer], request: PlanRequest, orders: Sequence[Order]
) -> Planned:
    """Plan the orders one after the other.

    Args:
        ask: the planner.
        request: as for one sentence; its world is the present one.
        orders: what stands, in the order in which it is served.

    Returns:
        A plan of all of them; it ends early (``complete=False``) where more has to be known first. A
        question about any of them is the answer. A refusal of the only one is the answer, else that
        order is left out and listed.
    """
    steps: list[Subtask] = []
    goals: list[Condition] = []
    thoughts: list[str] = []
    owners: list[int] = []
    refused: list[tuple[Order, Refusal]] = []
    reading = None
    world, complete = request.world, True
    for index, order in enumerate(orders):
        answer = _ask(ask, request, order, world)
        if isinstance(answer, Question):
            return Planned(answer)
        if isinstance(answer, Refusal):
            refused.append((order, answer))
            continue
        steps += answer.subtasks
        owners += [index] * len(answer.subtasks)
        goals = [g for g in goals if not contradicts(g, answer.goals)]
        goals += [g for g in answer.goals if g not in goals]
        thoughts += [answer.reasoning] if answer.reasoning else []
        reading = reading or answer.reading
        if not answer.complete:
            complete = False
            break
        world = predicted(world, answer, request)
    if refused and len(refused) == len(orders):
        return Planned(refused[0][1])
    first = len(request.history) + 1
    named = tuple(s.model_copy(update={"id": f"s{first + i}"}) for i, s in enumerate(steps))
    plan = Plan(
        reasoning=" Then: ".join(thoughts),
        subtasks=named,
        goals=tuple(goals),
        complete=complete,
        reading=reading,
    )
    return Planned(plan, tuple(owners), tuple(refused))


def _ask(
    ask: Callable[[PlanRequest], Answer], request: PlanRequest, order: Order, world: WorldSnapshot
) -> Answer:
    own = request.model_copy(
        update={
            "instruction": order.instruction,
            "world": world,
            "history": _history(request.history, order.since),
            "committed": request.committed if order.since == 0 and not order.goals else (),
            "constraints": order.constraints,
            "instead": order.instead,
        }
    )
    if order.goals:
        return plan_goals(own, order.goals, order.instruction)
    return ask(own)


def _history(records: Sequence[SubtaskRecord], since: int) -> tuple[SubtaskRecord, ...]:
    """What concerns an order: what was done for it, what failed, and which doors were opened."""
    return tuple(
        r
        for i, r in enumerate(records)
        if i >= since or r.status == "failed" or r.skill in ("open", "close", "look_at", "inspect")
    )


def predicted(world: WorldSnapshot, plan: Plan, request: PlanRequest) -> WorldSnapshot:
    """Return the world as it will be believed if every step does what it promises."""
    final = simulate(plan, request.skills, world).final
    facts = [Fact(condition=Condition(p), truth=Truth.TRUE) for p in sorted(final.true)]
    facts += [Fact(condition=Condition(p), truth=Truth.UNKNOWN) for p in sorted(final.unknown)]
    held = next((p.args[0] for p in sorted(final.true) if p.name == "holding"), None)
    known = {e.id: e for e in world.entities}
    rests = {p.args[0]: p.args[1] for p in sorted(final.true) if p.name in ("on", "in", "given")}
    entities = tuple(
        e.model_copy(
            update={"position": known[rests[e.id]].position, "room": known[rests[e.id]].room}
        )
        if e.kind == "object" and rests.get(e.id) in known and not _still(world, e.id, rests[e.id])
        else e
        for e in world.entities
    )
    near = next((p.args[0] for p in sorted(final.true) if p.name == "near"), "")
    at = world.robot_position
    if near in known:
        at = (known[near].position[0], known[near].position[1], at[2])
    return world.model_copy(
        update={
            "facts": tuple(facts),
            "held": held,
            "entities": entities,
            "robot_position": at,
        }
    )


def _still(world: WorldSnapshot, thing: str, place: str) -> bool:
    return any(
        c.predicate.name in ("on", "in") and c.predicate.args == (thing, place)
        for c in world.true_facts()
    )
