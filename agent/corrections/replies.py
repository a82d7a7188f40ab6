"""What the robot answers: what it does and why, what comes next, and that it has understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diarchy.contracts.correction import Correction, Order
from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import PlanEdit, Subtask
from diarchy.planners.symbolic.naming import name_of

_NEXT = 3


def doing(
    running: Sequence[Subtask], order: Order | None, *, paused: bool, last_failure: str = ""
) -> str:
    """Answer "what are you doing, and why?"."""
    if not running:
        return "I am having a last look at whether everything is as it shall be."
    now = _words(running[0])
    state = "I am paused; what I do next is" if paused else "I am on this step:"
    why = f", because you said: {order.instruction!r}" if order is not None else ""
    after = f" After that: {_words(running[1])}." if len(running) > 1 else " That is the last step."
    trouble = f" Before, this did not work: {last_failure}." if last_failure else ""
    return f"{state} {now}{why}.{after}{trouble}"


def coming(running: Sequence[Subtask], orders: Sequence[Order]) -> str:
    """Answer "what's next?"."""
    following = [_words(s) for s in running[1 : 1 + _NEXT]]
    if not following:
        return "Nothing after this step; then I look whether everything is as it shall be."
    more = (
        f", and {len(running) - 1 - len(following)} more steps" if len(running) > _NEXT + 1 else ""
    )
    return f"Next: {'; then '.join(following)}{more}."


def understood(
    correction: Correction, edits: Sequence[PlanEdit], entities: Mapping[str, Entity]
) -> str:
    """Say in one sentence what was understood."""
    named = " and ".join(f"the {_name(t, entities)}" for t in correction.things)
    if correction.kind == "instead":
        meant = correction.replacement
        new = _name(meant, entities) if isinstance(meant, str) else name_of(meant, entities)  # type: ignore[arg-type]
        return f"All right: the {new}, not {named}."
    if correction.kind == "leave":
        return f"All right: I leave {named}."
    if correction.kind == "rest":
        return "All right: the rest stays where it is."
    if correction.kind == "undo":
        return f"All right: I undo that{f' with {named}' if named else ''}."
    if correction.kind == "also":
        return f"All right: after this, {correction.instruction}."
    if correction.kind == "task":
        return (
            f"All right: {correction.instruction}."
            if correction.instruction
            else "All right: I leave off."
        )
    return "All right." if edits else "That changes nothing in what I do."


def pace(factor: float, before: float) -> str:
    """Say how fast it goes from now on."""
    if factor == before:
        limit = "fast" if factor >= 1.0 else "slow"
        return f"I am as {limit} as I may be already."
    return f"All right: {100 * factor:.0f}% of my usual speed."


def _words(subtask: Subtask) -> str:
    return subtask.words or subtask.skill.replace("_", " ")


def _name(thing: str, entities: Mapping[str, Entity]) -> str:
    entity = entities.get(thing)
    if entity is not None:
        return name_of(entity, entities)
    return thing.strip("<>").removeprefix("the ").removeprefix("a ").replace("_", " ").lower()
