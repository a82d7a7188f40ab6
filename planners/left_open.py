"""What was opened and not closed again, within a command and from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diarchy.contracts.plan import SubtaskRecord
from diarchy.contracts.predicate import Condition


def opened(history: Iterable[SubtaskRecord], before: Sequence[str] = ()) -> list[str]:
    """Return ids of the containers that were opened and not closed since, the first opened first.

    Args:
        history: what was done, in order.
        before: what stood open already.
    """
    found = list(before)
    for record in history:
        name = str(record.args.get("container", ""))
        if record.status != "succeeded":
            continue
        if record.skill == "open" and name not in found:
            found.append(name)
        elif record.skill == "close":
            found = [o for o in found if o != name]
    return found


def left_behind(
    history: Sequence[SubtaskRecord],
    before: Sequence[str],
    goals: Iterable[Condition],
    status: str,
) -> tuple[str, ...]:
    """Return what the next command has to close: doors that a command which was not done did not get to close.

    What a person wanted open stays open, and after a stop nothing is closed unasked.

    Args:
        history: of the command that has ended.
        before: what it had to close from earlier ones.
        goals: its own.
        status: how it ended.
    """
    if status == "stopped":
        return ()
    asked = {g.predicate.args[0] for g in goals if g.predicate.name == "open" and g.value}
    standing = opened(history, before)
    owed = [o for o in standing if o in before] if status == "succeeded" else standing
    return tuple(o for o in owed if o not in asked)
