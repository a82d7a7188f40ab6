"""The top of a report: the sentence, what came of it, and who did it."""

from __future__ import annotations

from collections import Counter

from diarchy.agent.report.markup import Child, Markup, join, tag
from diarchy.agent.report.model import RunView
from diarchy.agent.report.pictures import strip
from diarchy.agent.report.symbols import symbol, tone


def header(view: RunView) -> Markup:
    """Draw the top of the page."""
    return tag(
        "header",
        tag("p", "diarchy · a run", class_="kicker"),
        tag("h1", view.instruction or "(the trace holds no command)"),
        _outcome(view),
        _oracle(view) if view.oracle else None,
        _facts(view),
        strip(view.pictures),
    )


def _outcome(view: RunView) -> Markup:
    truth = {True: "true", False: "false", None: "idle"}[view.truth]
    truth_words = {True: "done", False: "not done", None: "not judged"}[view.truth]
    message = view.message if view.ended else "the trace ends here: the run was cut off"
    cards = [
        _card("Outcome", view.status, view.status, message),
        _card(
            "Verified by the agent",
            "true" if view.verified else ("false" if view.ended else "idle"),
            "seen to be done" if view.verified else "not verified",
            "what the robot itself saw in the end",
        ),
        _card(
            "Truth in the simulator",
            truth,
            truth_words,
            "what the judge knows and the robot never does",
        ),
    ]
    return join(tag("div", *cards, class_="outcome"), _disagreement(view))


def _card(title: str, status: str, words: str, note: str) -> Markup:
    sign = tag("span", symbol(status), class_="sign", aria_hidden="true")
    return tag(
        "div",
        tag("h3", title),
        tag("p", sign, words, class_="verdict"),
        tag("p", note, class_="note"),
        class_=f"card {tone(status)}",
    )


def _disagreement(view: RunView) -> Markup:
    if view.truth is None or view.truth == view.verified or not view.ended:
        return Markup()
    words = (
        "A false success: the robot is sure that it is done, and it is not."
        if view.verified
        else "A missed success: it is done, but the robot did not see that."
    )
    return tag("p", tag("strong", words), class_="banner bad")


def _oracle(view: RunView) -> Markup:
    return tag(
        "p",
        tag("strong", "Oracle detector: "),
        "it reads the simulator's segmentation image to tell which thing is where in the picture, "
        "instead of recognising things in the camera's colours. Success here says nothing about recognition.",
        class_="banner",
    )


def _facts(view: RunView) -> Markup:
    planners = sorted({t.planner for t in view.thoughts if t.planner}) or [
        view.planner or "nobody yet"
    ]
    acted = Counter(step.system1 for step in view.steps if step.system1)
    actors = ", ".join(f"{who} ({_times(n, 'subtask')})" for who, n in sorted(acted.items()))
    scene = view.config.get("robot") or view.config.get("scene")
    rows: list[tuple[str, Child]] = [
        ("Planned by", ", ".join(planners)),
        ("Acted", actors or "nobody: nothing moved"),
        ("Perceived by", f"{view.detector or 'unknown'} detector"),
        ("Scene", f"{scene or 'unknown'}, seed {view.seed}"),
        ("Simulated time", f"{view.seconds:.1f} s"),
    ]
    if wall := view.timing.get("wall_s"):
        rows.append(("Machine time", f"{wall:.1f} s"))
    rows.append(("Planned again", _times(len(view.replans), "time")))
    rows.append(("Recoveries", str(len(view.recoveries))))
    return tag("dl", *(tag("div", tag("dt", k), tag("dd", v)) for k, v in rows), class_="facts")


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
