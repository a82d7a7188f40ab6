"""What happened when: a row for thinking, one for looks, one for each subtask."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.model import Attempt, RunView, Step
from diarchy.agent.report.symbols import symbol, tone

_WIDTH = 1000.0
_LEFT = 290.0
_RIGHT = 24.0
_ROW = 30.0
_BAR = 18.0
_TOP = 16.0
_LONGEST = 34


@dataclass(frozen=True)
class Axis:
    """Seconds to drawing units."""

    end: float

    def __call__(self, t: float) -> float:
        """Return the x of a time."""
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(t, 0.0), self.end) / self.end


def draw_timeline(view: RunView) -> Markup:
    """Draw the time line; empty if nothing was thought or done."""
    if not (view.steps or view.thoughts):
        return Markup()
    axis = Axis(max(view.seconds, 1.0))
    rows = [_thinking(view, axis)]
    if view.looks:
        rows.append(_looks(view, axis))
    rows += [_step(number, step, view, axis) for number, step in enumerate(view.steps, 1)]
    bottom = _TOP + len(rows) * _ROW
    placed = [
        tag("g", row, transform=f"translate(0 {_TOP + i * _ROW:.0f})") for i, row in enumerate(rows)
    ]
    return tag(
        "svg",
        tag("title", "Time line of the run in simulated seconds"),
        _grid(axis, bottom),
        *placed,
        tag("line", id="now", class_="now", x1=_LEFT, x2=_LEFT, y1=_TOP - 6, y2=bottom),
        class_="timeline",
        viewbox=f"0 0 {_WIDTH:.0f} {bottom + 28:.0f}",
        role="img",
        data_left=_LEFT,
        data_right=_WIDTH - _RIGHT,
        data_end=axis.end,
    )


def tick_step(end: float) -> float:
    """Return seconds between ticks of the axis: 1, 2 or 5 times a power of ten, at most ten ticks."""
    power = 1.0
    while True:
        for factor in (1.0, 2.0, 5.0):
            if end / (factor * power) <= 10.0:
                return factor * power
        power *= 10.0


def _grid(axis: Axis, bottom: float) -> Markup:
    step = tick_step(axis.end)
    lines = []
    for i in range(int(axis.end / step) + 1):
        x = axis(i * step)
        lines.append(tag("line", class_="grid", x1=x, x2=x, y1=_TOP - 6, y2=bottom))
        label = f"{i * step:g} s" if i == 0 else f"{i * step:g}"
        lines.append(tag("text", label, class_="axis", x=x, y=bottom + 18, text_anchor="middle"))
    return join(*lines)


def _name(words: str) -> Markup:
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    return tag(
        "text",
        tag("title", words),
        short,
        class_="row-name",
        x=0,
        y=_ROW / 2 + 1,
        dominant_baseline="central",
    )


def _bar(axis: Axis, start: float, end: float, kind: str, title: str) -> Markup:
    x = axis(start)
    return tag(
        "rect",
        tag("title", title),
        class_=f"bar {kind}",
        x=x,
        y=(_ROW - _BAR) / 2,
        width=max(axis(end) - x, 3.0),
        height=_BAR,
        rx=4.0,
    )


def _bar_name(words: str, x0: float, x1: float) -> Markup:
    """Write into a bar if it is wide enough: who acted shall not be told by colour alone."""
    if x1 - x0 < 7.5 * len(words) + 8:
        return Markup()
    middle, y = (x0 + x1) / 2, _ROW / 2 + 1
    return tag(
        "text",
        words,
        class_="bar-name",
        x=middle,
        y=y,
        text_anchor="middle",
        dominant_baseline="central",
    )


def _thinking(view: RunView, axis: Axis) -> Markup:
    bars = []
    for thought in view.thoughts:
        end = thought.end if thought.end is not None else view.seconds
        answer = thought.kind or "no answer"
        bars.append(
            _bar(axis, thought.start, end, "thinking", f"thinking until {end:.1f} s: {answer}")
        )
    return join(_name("System 2 thinks"), *bars)


def _looks(view: RunView, axis: Axis) -> Markup:
    marks = []
    for look in view.looks:
        x, y = axis(look.t), _ROW / 2
        title = f"{look.t:.1f} s: saw {', '.join(look.things) or 'nothing new'}"
        shape = f"M {x - 6:.1f} {y} Q {x:.1f} {y - 8} {x + 6:.1f} {y} Q {x:.1f} {y + 8} {x - 6:.1f} {y} Z"
        marks.append(tag("path", tag("title", title), class_="look", d=shape))
        marks.append(tag("circle", class_="look-eye", cx=x, cy=y, r=1.8))
    return join(_name("Looks"), *marks)


def _step(number: int, step: Step, view: RunView, axis: Axis) -> Markup:
    end = step.end if step.end is not None else view.seconds
    whole = _bar(
        axis, step.start, end, f"whole {tone(step.status)}", f"{step.title}: {step.status}"
    )
    tries = [_attempt(a, view, axis) for a in step.attempts]
    marks = [
        tag(
            "text",
            tag("title", f"{r.t:.1f} s: {r.cause}, so {r.branch}"),
            "↻",
            class_="recovery",
            x=axis(r.t),
            y=_ROW / 2 + 1,
            text_anchor="middle",
            dominant_baseline="central",
        )
        for r in step.recoveries
    ]
    sign = tag(
        "text",
        symbol(step.status),
        class_=f"sign {tone(step.status)}",
        x=_LEFT - 20,
        y=_ROW / 2 + 1,
        text_anchor="middle",
        dominant_baseline="central",
    )
    return join(_name(f"{number}. {step.title}"), sign, whole, *tries, *marks)


def _attempt(attempt: Attempt, view: RunView, axis: Axis) -> Markup:
    end = attempt.end if attempt.end is not None else view.seconds
    status = {True: "succeeded", False: "failed", None: "running"}[attempt.success]
    kind = "vla" if attempt.backend.startswith("vla") else "motion"
    title = f"{attempt.call} ({attempt.backend}), {end - attempt.start:.1f} s: {status}"
    if attempt.cause:
        title += f", {attempt.cause}: {attempt.detail}"
    bar = _bar(axis, attempt.start, end, f"{kind} {tone(status)}", title)
    return join(bar, _bar_name(kind, axis(attempt.start), axis(end)))
