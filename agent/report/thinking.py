"""What System 2 thought, round by round: the reason it was asked, its reasoning, its answer, the check."""

from __future__ import annotations

import json
from typing import Any

from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.model import RunView, Thought
from diarchy.agent.report.symbols import badge


def thinking(view: RunView) -> Markup:
    """Draw all rounds, the latest open; empty if System 2 was never asked."""
    if not view.thoughts:
        return Markup()
    recalled = tag(
        "details",
        tag("summary", f"Remembered {len(view.episodes)} similar command(s)"),
        tag("ul", *(tag("li", words) for words in view.episodes)),
        class_="card",
    )
    last = len(view.thoughts) - 1
    rounds = [_round(i, t, open_=i == last) for i, t in enumerate(view.thoughts)]
    return join(recalled if view.episodes else None, *rounds, _goals(view))


def _round(index: int, thought: Thought, *, open_: bool) -> Markup:
    what = {"plan": "a plan", "question": "a question", "refusal": "a refusal"}
    seconds = f", {thought.seconds:.2f} s of machine time" if thought.seconds is not None else ""
    answer = what.get(thought.kind, "no answer")
    title = f"Round {index + 1} at {thought.start:.1f} s: {answer} from {thought.planner or 'nobody'}{seconds}"
    return tag(
        "details",
        tag("summary", title),
        tag("p", tag("strong", "Asked again because: "), thought.feedback)
        if thought.feedback
        else None,
        _reasoning(thought),
        _answer(thought),
        _check(thought),
        _reading(thought),
        class_="card",
        open=open_,
    )


def _reasoning(thought: Thought) -> Markup:
    reasoning = str(thought.answer.get("reasoning") or "").strip()
    return tag("blockquote", reasoning) if reasoning else Markup()


def _answer(thought: Thought) -> Markup:
    answer = thought.answer
    if thought.kind == "plan":
        steps = [tag("li", _subtask(row)) for row in answer.get("subtasks") or ()]
        goals = ", ".join(str(g) for g in answer.get("goals") or ())
        partial = "This plan is to learn more; System 2 is asked again after it."
        return join(
            tag("ol", *steps, class_="plan"),
            tag("p", "Done when: ", tag("code", goals)) if goals else None,
            tag("p", partial, class_="note") if answer.get("complete") is False else None,
        )
    if thought.kind == "question":
        options = [tag("li", str(o)) for o in answer.get("options") or ()]
        return join(tag("p", str(answer.get("text", "")), class_="saying"), tag("ul", *options))
    if thought.kind == "refusal":
        code = str(answer.get("code", "")).replace("_", " ")
        words = join(badge("refused", code), " ", str(answer.get("reason", "")))
        return join(tag("p", words), tag("p", str(answer.get("suggestion") or "")))
    return tag("p", "There was no answer.", class_="note")


def _subtask(row: dict[str, Any]) -> Markup:
    args = ", ".join(_argument(v) for v in (row.get("args") or {}).values())
    call = tag("code", f"{row.get('skill')}({args})")
    words = str(row.get("words") or "")
    return join(words, " ", call) if words else call


def _argument(value: Any) -> str:
    """Write an argument; a reference is a description in angle brackets."""
    if not isinstance(value, dict):
        return str(value)
    attributes = (value.get("attributes") or {}).values()
    words = [str(value.get("quantifier", "a")), *map(str, attributes), str(value.get("cls", ""))]
    if value.get("relation"):
        words += [str(value["relation"]), str(value.get("anchor"))]
    return f"<{' '.join(words)}>"


def _check(thought: Thought) -> Markup:
    if thought.violations is None:
        return Markup()
    if not thought.violations:
        words = join(
            badge("succeeded", "checked"), " simulating the steps, every precondition holds."
        )
        found = tag("p", words)
    else:
        rows = [tag("li", v) for v in thought.violations]
        found = join(tag("p", badge("failed", "does not work")), tag("ul", *rows))
    assumed = [tag("li", a) for a in thought.assumptions]
    return join(
        found,
        tag("p", "It assumes:") if assumed else None,
        tag("ul", *assumed) if assumed else None,
    )


def _reading(thought: Thought) -> Markup:
    reading = thought.answer.get("reading")
    if not reading:
        return Markup()
    written = json.dumps(reading, indent=2, ensure_ascii=False)
    return tag("details", tag("summary", "How it read the sentence"), tag("pre", written))


def _goals(view: RunView) -> Markup:
    if not view.goals:
        return Markup()
    rows = [tag("li", badge(goal.truth), " ", tag("code", goal.condition)) for goal in view.goals]
    return tag(
        "div",
        tag("h3", "Goals, looked at again in the end"),
        tag("ul", *rows, class_="bare"),
        class_="card",
    )
