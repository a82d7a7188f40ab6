"""The further sections: failures, what was seen, the guard, the conversation, what models wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diarchy.agent.report.markup import Child, Markup, join, tag
from diarchy.agent.report.model import Line, ModelCall, RunView
from diarchy.agent.report.symbols import badge


def failures(view: RunView) -> Markup:
    """List recoveries, failed subtasks with their causes, and every new plan with its reason."""
    rows: list[tuple[float, Markup]] = []
    for step in view.steps:
        if step.status in ("failed", "skipped"):
            cause = (step.cause or "failed").replace("_", " ")
            words = join(badge("failed", cause), " ", tag("strong", step.title), ". ", step.detail)
            rows.append((step.end if step.end is not None else view.seconds, words))
        for r in step.recoveries:
            words = join(
                "↻ ", step.title, ": ", r.cause.replace("_", " "), ", so: ", tag("em", r.branch)
            )
            rows.append((r.t, words))
    for replan in view.replans:
        rows.append((replan.t, join(f"↻ plan {replan.number + 1} was asked for: ", replan.reason)))
    if not rows:
        return Markup()
    rows.sort(key=lambda row: row[0])
    lines = [tag("li", tag("time", f"{t:.1f} s"), tag("span", words)) for t, words in rows]
    return tag("ol", *lines, class_="card history")


def things(view: RunView) -> Markup:
    """List the movable objects as they were last believed."""
    if not view.things:
        return Markup()
    rows = [
        (
            thing.words,
            tag("code", thing.id),
            "in the gripper" if thing.id == view.held else (thing.room or "").replace("_", " "),
            f"{thing.x:.2f}, {thing.y:.2f}, {thing.z:.2f}",
            "never" if thing.last_seen is None else f"{thing.last_seen:.1f} s",
        )
        for thing in sorted(view.things.values(), key=lambda thing: thing.id)
    ]
    return table(("Thing", "Name", "Where", "x, y, z in m", "Last seen at"), rows)


def guard_table(view: RunView) -> Markup:
    """Show how many actions were checked, changed and stopped, and by which guard."""
    guard = view.guard
    if not guard:
        return Markup()
    checked = int(guard.get("checked", 0))
    rows: list[Sequence[Child]] = [
        (name, f"{int(guard.get(key, 0)):,}", _share(int(guard.get(key, 0)), checked))
        for name, key in (
            ("Actions checked", "checked"),
            ("let through with a change", "modified"),
            ("replaced by a stop", "stopped"),
            ("violations after the guard", "violations"),
        )
    ]
    shares = table(("", "Actions", "Share"), rows, numbers=True)
    by_guard = sorted((guard.get("by_guard") or {}).items(), key=lambda item: (-item[1], item[0]))
    if not by_guard:
        return shares
    parts = [(str(name), f"{int(n):,}", _share(int(n), checked)) for name, n in by_guard]
    return join(shares, table(("Changed by", "Actions", "Share"), parts, numbers=True))


def rules(view: RunView) -> Markup:
    """Show what the rules on sentence and plan said, and how often they were asked."""
    if not view.reviews:
        return Markup()
    if not view.rules:
        words = f"Sentence and plans were read {view.reviews} times; no rule objected."
        return tag("p", badge("succeeded", "allowed"), " ", words)
    marks = {"refuse": badge("refused", "refused"), "ask": badge("unknown", "asked")}
    rows = [
        (
            f"{said.t:.1f} s",
            marks.get(said.answer, Markup()),
            tag("code", said.rule),
            said.subtask or said.about,
            said.why,
            said.instead,
        )
        for said in view.rules
    ]
    return table(("When", "Answer", "Rule", "Of", "Why", "What would be safe"), rows)


def _share(count: int, whole: int) -> str:
    return f"{100.0 * count / whole:.1f}%" if whole else ""


def conversation(view: RunView) -> Markup:
    """Show what robot and person said."""
    if not view.conversation:
        return Markup()
    return tag("ol", *map(_line, view.conversation), class_="talk")


def _line(line: Line) -> Markup:
    options = tag("span", f" ({' / '.join(line.options)})", class_="note") if line.options else None
    who = tag("span", f"{line.who}, {line.t:.1f} s", class_="note")
    return tag("li", who, tag("p", line.text, options), class_=line.who)


def model_answers(view: RunView) -> Markup:
    """Show every raw answer, folded."""
    return join(*map(_call, view.model_calls))


def _call(call: ModelCall) -> Markup:
    facts = [f"{call.t:.1f} s", call.model or "a model", call.url]
    if call.seconds is not None:
        facts.append(f"{call.seconds:.2f} s of machine time")
    if call.tokens_in is not None or call.tokens_out is not None:
        facts.append(f"{call.tokens_in or 0} tokens in, {call.tokens_out or 0} out")
    title = " · ".join(fact for fact in facts if fact)
    return tag("details", tag("summary", title), tag("pre", call.raw), class_="card")


def table(head: Sequence[str], rows: Iterable[Sequence[Child]], *, numbers: bool = False) -> Markup:
    """Draw a table on a card."""
    top = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in head)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag(
        "div", tag("table", top, body, class_="numbers" if numbers else None), class_="card scroll"
    )
