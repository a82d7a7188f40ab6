"""From the plan that runs and the plan that shall be to the edits that lead from one to the other.

What is in both is kept with its place in the tree, above all what runs at this moment: the arm goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from diarchy.contracts.plan import PlanEdit, Subtask

PRELIMINARY = frozenset({"navigate_to", "look_at", "search", "inspect", "change_view"})
"""Skills that only lead up to others: what runs already is past them."""


def edits_between(
    running: Sequence[Subtask],
    wanted: Sequence[Subtask],
    *,
    current: str | None = None,
    taken: Collection[str] = (),
    reason: str = "",
) -> tuple[list[PlanEdit], list[Subtask]]:
    """Return the edits, and the subtasks as they will be, with their ids.

    Args:
        running: what is not done, in order.
        wanted: the new plan from the present state.
        current: id of the subtask that runs now, which must stay the first if it stays.
        taken: further ids that are in use.
        reason: goes into every edit.
    """
    wanted = _from_current(running, wanted, current)
    used = {s.id for s in running} | set(taken)
    left = list(running)
    final: list[Subtask] = []
    kept: list[str] = []
    for position, step in enumerate(wanted):
        same = next((s for s in left if _same(s, step)), None)
        if same is not None and (same.id != current or position == 0):
            left.remove(same)
            kept.append(same.id)
            final.append(same)
            continue
        name = step.id if step.id not in used else _free(used)
        used.add(name)
        final.append(step.model_copy(update={"id": name}))
    final, changes = _changes(final, kept, left, current)
    edits = [PlanEdit(op="drop", subtask_id=s.id, reason=reason) for s in left]
    edits += [PlanEdit(op="change", subtask_id=s.id, subtask=s, reason=reason) for s in changes]
    stays = {*kept, *(s.id for s in changes)}
    for index, step in enumerate(final):
        if step.id in stays:
            continue
        before = next((s.id for s in final[index + 1 :] if s.id in stays), None)
        edits.append(PlanEdit(op="insert", subtask_id=before, subtask=step, reason=reason))
    was = [s.id for s in running if s.id in stays]
    if was != [s.id for s in final if s.id in stays]:
        order = tuple(s.id for s in final)
        edits.append(PlanEdit(op="reorder", order=order, reason=reason))
    return edits, final


def _changes(
    final: list[Subtask], kept: Sequence[str], left: list[Subtask], current: str | None
) -> tuple[list[Subtask], list[Subtask]]:
    """Read a drop and an insert of one skill as a change of its arguments."""
    changes: list[Subtask] = []
    result: list[Subtask] = []
    for step in final:
        old = next((s for s in left if s.skill == step.skill and s.id != current), None)
        if step.id in kept or old is None:
            result.append(step)
            continue
        left.remove(old)
        step = step.model_copy(update={"id": old.id})
        changes.append(step)
        result.append(step)
    return result, changes


def _from_current(
    running: Sequence[Subtask], wanted: Sequence[Subtask], current: str | None
) -> list[Subtask]:
    """Leave out what only leads up to the subtask that runs already."""
    now = next((s for s in running if s.id == current), None)
    if now is None:
        return list(wanted)
    for index, step in enumerate(wanted):
        if _same(step, now):
            return list(wanted[index:])
        if step.skill not in PRELIMINARY:
            break
    return list(wanted)


def _same(first: Subtask, second: Subtask) -> bool:
    return first.skill == second.skill and {k: str(v) for k, v in first.args.items()} == {
        k: str(v) for k, v in second.args.items()
    }


def _free(used: Collection[str]) -> str:
    numbers = [int(u[1:]) for u in used if u[:1] == "s" and u[1:].isdecimal()]
    return f"s{max(numbers, default=0) + 1}"
