"""What was done, subtask by subtask, with a picture before and after."""

from __future__ import annotations

from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.model import Attempt, RunView, Step
from diarchy.agent.report.pictures import strip
from diarchy.agent.report.symbols import badge, tone


def steps(view: RunView) -> Markup:
    """Draw one card a subtask; empty if nothing was begun."""
    return join(*(_step(number, step, view.seconds) for number, step in enumerate(view.steps, 1)))


def _step(number: int, step: Step, now: float) -> Markup:
    end = step.end if step.end is not None else now
    written = f"{step.skill}({', '.join(step.args.values())})"
    own = [a.call for a in step.attempts if a.call.startswith(f"{step.skill}(")]
    call = own[-1] if own else written
    who = f"{end - step.start:.1f} s from {step.start:.1f} s"
    if step.system1:
        who += f" · acted by {step.system1}"
    if step.tries > 1:
        who += f" · {step.tries} attempts"
    return tag(
        "article",
        tag("div", tag("h3", f"{number}. {step.title}"), badge(step.status), class_="step-head"),
        tag("p", tag("code", call), " ", tag("span", who, class_="note")),
        _why(step),
        _history(step),
        _seen(step),
        strip(step.pictures),
        class_=f"card step {tone(step.status)}",
    )


def _why(step: Step) -> Markup:
    if step.status == "succeeded" or not (step.cause or step.detail):
        return Markup()
    cause = tag("strong", (step.cause or "failed").replace("_", " "))
    return tag("p", cause, ": ", step.detail) if step.detail else tag("p", cause)


def _history(step: Step) -> Markup:
    """Show the executions when there is more to tell than one that went well."""
    if len(step.attempts) < 2 and not step.recoveries:
        return Markup()
    rows = [(a.start, 1, _attempt(a)) for a in step.attempts]
    rows += [
        (r.t, 0, join("↻ ", r.cause.replace("_", " "), ", so: ", tag("em", r.branch)))
        for r in step.recoveries
    ]
    lines = [
        tag("li", tag("time", f"{t:.1f} s"), tag("span", row))
        for t, _, row in sorted(rows, key=lambda r: r[:2])
    ]
    return tag("ol", *lines, class_="history")


def _attempt(attempt: Attempt) -> Markup:
    status = {True: "succeeded", False: "failed", None: "running"}[attempt.success]
    cause = (attempt.cause or "").replace("_", " ")
    detail = ": ".join(part for part in (cause, attempt.detail) if part)
    return join(tag("code", attempt.call), " ", badge(status), " ", detail)


def _seen(step: Step) -> Markup:
    if not step.checks:
        return Markup()
    rows = [
        tag("li", badge(check.truth), " ", tag("code", check.condition)) for check in step.checks
    ]
    return join(
        tag("p", "Looked at afterwards:", class_="note"), tag("ul", *rows, class_="bare inline")
    )
