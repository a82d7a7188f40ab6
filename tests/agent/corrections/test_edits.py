"""From one plan to another by edits: applied, they give the new plan, and what stays is not touched."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.agent.corrections.edits import edits_between
from diarchy.contracts.plan import PlanEdit, Subtask


def step(name: str, skill: str, thing: str) -> Subtask:
    return Subtask(id=name, skill=skill, args={"object": thing})


def steps(prefix: str) -> st.SearchStrategy[list[Subtask]]:
    pairs = st.tuples(
        st.sampled_from(["pick", "place_on", "navigate_to"]), st.sampled_from(["a", "b", "c"])
    )
    return st.lists(pairs, max_size=6).map(
        lambda rows: [step(f"{prefix}{i}", *row) for i, row in enumerate(rows, 1)]
    )


def applied(running: list[Subtask], edits: list[PlanEdit]) -> list[Subtask]:
    """Apply edits as the tree does."""
    row = list(running)
    for edit in edits:
        ids = [s.id for s in row]
        if edit.op == "drop":
            row = [s for s in row if s.id != edit.subtask_id]
        elif edit.op == "insert" and edit.subtask is not None:
            at = ids.index(edit.subtask_id) if edit.subtask_id is not None else len(row)
            row.insert(at, edit.subtask)
        elif edit.op == "change" and edit.subtask is not None:
            row[ids.index(edit.subtask.id)] = edit.subtask
        elif edit.op == "reorder":
            row = [next(s for s in row if s.id == i) for i in edit.order]
    return row


def brief(row: list[Subtask]) -> list[tuple[str, str]]:
    return [(s.skill, str(s.args["object"])) for s in row]


@settings(max_examples=150, deadline=None)
@given(steps("s"), steps("s"))
def test_the_edits_lead_from_the_running_plan_to_the_wanted_one(
    running: list[Subtask], wanted: list[Subtask]
) -> None:
    edits, final = edits_between(running, wanted)
    assert applied(running, edits) == final
    assert brief(final) == brief(wanted)
    assert len({s.id for s in final}) == len(final)


@settings(max_examples=150, deadline=None)
@given(steps("s"), steps("s"))
def test_what_runs_stays_only_as_the_first(running: list[Subtask], wanted: list[Subtask]) -> None:
    current = running[0].id if running else None
    edits, final = edits_between(running, wanted, current=current)
    assert applied(running, edits) == final
    changed = {e.subtask_id for e in edits if e.op in ("drop", "change")}
    if current is not None and current not in changed:
        assert final[0] == running[0]


def test_one_plan_to_itself_needs_no_edit() -> None:
    running = [step("s1", "pick", "a"), step("s2", "place_on", "a")]
    same = [s.model_copy(update={"id": f"s{i + 7}"}) for i, s in enumerate(running)]
    assert edits_between(running, same, current="s1") == ([], running)


def test_what_only_leads_up_to_the_step_that_runs_is_past() -> None:
    running = [step("s2", "pick", "a"), step("s3", "place_on", "a")]
    wanted = [step("s1", "navigate_to", "a"), *running]
    edits, final = edits_between(running, wanted, current="s2")
    assert (edits, final) == ([], running)


def test_another_argument_is_a_change_and_another_order_a_reorder() -> None:
    running = [step("s1", "navigate_to", "a"), step("s2", "pick", "a"), step("s3", "place_on", "a")]
    other = [step("s1", "navigate_to", "a"), step("s2", "pick", "b"), step("s3", "place_on", "a")]
    edits, _ = edits_between(running, other, current="s1")
    assert [(e.op, e.subtask_id) for e in edits] == [("change", "s2")]
    edits, final = edits_between(running, [running[0], running[2], running[1]], current="s1")
    assert [e.op for e in edits] == ["reorder"]
    assert [s.id for s in final] == ["s1", "s3", "s2"]
