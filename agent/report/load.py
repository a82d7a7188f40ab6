"""From the trace of a run to a `RunView`; a trace that was cut off gives what it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diarchy.agent.report.model import (
    Attempt,
    Check,
    HomeMap,
    Line,
    Look,
    ModelCall,
    Picture,
    Place,
    Pose,
    Recovery,
    Replan,
    RuleSaid,
    RunView,
    Step,
    Thing,
    Thought,
)
from diarchy.agent.report.scene import things_of
from diarchy.agent.run.trace import RESULT_FILE, read_events
from diarchy.contracts.errors import BadInputError
from diarchy.memory.scene_file import SCENE_FILE, load_scene_graph
from diarchy.memory.scene_graph import SceneGraph

Event = dict[str, Any]
_RULE_KEYS = ("rule", "answer", "why", "instead", "subtask")


def load_run(folder: Path) -> RunView:
    """Read a run folder.

    Raises:
        BadInputError: the folder holds no run.
    """
    reader = _Reader(folder)
    for event in read_events(folder):
        reader.read(event)
    view = reader.view
    view.timing = _timing(folder / RESULT_FILE)
    view.scene = _scene(folder / SCENE_FILE)
    if view.scene is not None:
        view.things, view.held = things_of(view.scene), view.scene.robot.held
    return view


def _scene(path: Path) -> SceneGraph | None:
    """Read what was believed in the end; a run that was cut off has left nothing of that."""
    try:
        return load_scene_graph(path)
    except BadInputError:
        return None


def _timing(path: Path) -> dict[str, Any]:
    try:
        timing = json.loads(path.read_text(encoding="utf-8")).get("timing", {})
    except (OSError, ValueError, AttributeError):
        return {}
    return timing if isinstance(timing, dict) else {}


class _Reader:
    """Collects events into a view: one method for each kind; kinds it does not know are passed over."""

    def __init__(self, folder: Path) -> None:
        self.view = RunView(folder)
        self._early: list[Picture] = []

    def read(self, event: Event) -> None:
        self.view.seconds = max(self.view.seconds, _number(event.get("t")))
        handler: Callable[[Event], None] | None = getattr(self, f"_on_{event.get('kind')}", None)
        if handler is not None:
            handler(event)

    def _on_run_started(self, e: Event) -> None:
        v = self.view
        v.instruction, v.planner = _text(e, "instruction"), _text(e, "planner")
        v.detector, v.system1 = _text(e, "detector"), _text(e, "system1")
        v.seed, v.config = e.get("seed"), e.get("config") or {}

    def _on_map(self, e: Event) -> None:
        rooms = {str(name): _four(box) for name, box in (e.get("rooms") or {}).items()}
        self.view.home = HomeMap(
            bounds=_four(e.get("bounds")),
            rooms=rooms,
            walls=tuple(_place(w) for w in e.get("walls") or ()),
            fixtures=tuple(_place(f) for f in e.get("fixtures") or ()),
            people=tuple(_place(p) for p in e.get("people") or ()),
        )

    def _on_observed(self, e: Event) -> None:
        self.view.held = e.get("held")
        self.view.things = {thing.id: thing for thing in map(_thing, e.get("entities") or ())}

    def _on_recalled(self, e: Event) -> None:
        self.view.episodes = [str(words) for words in e.get("episodes") or ()]

    def _on_plan_requested(self, e: Event) -> None:
        self.view.thoughts.append(Thought(start=_time(e), feedback=e.get("feedback")))

    def _on_model_call(self, e: Event) -> None:
        wall = e.get("wall") or {}
        self.view.model_calls.append(
            ModelCall(
                t=_time(e),
                url=_text(e, "url"),
                model=_text(e, "model"),
                raw=_text(e, "raw"),
                seconds=wall.get("seconds"),
                tokens_in=wall.get("tokens_in"),
                tokens_out=wall.get("tokens_out"),
            )
        )

    def _on_plan_answered(self, e: Event) -> None:
        if not self.view.thoughts or self.view.thoughts[-1].end is not None:
            self.view.thoughts.append(Thought(start=_time(e)))
        thought = self.view.thoughts[-1]
        thought.end, thought.planner = _time(e), _text(e, "planner")
        thought.answer = e.get("answer") or {}
        thought.seconds = (e.get("wall") or {}).get("seconds")

    def _on_plan_checked(self, e: Event) -> None:
        if self.view.thoughts:
            self.view.thoughts[-1].violations = [str(v) for v in e.get("violations") or ()]
            self.view.thoughts[-1].assumptions = [str(a) for a in e.get("assumptions") or ()]

    def _on_tree(self, e: Event) -> None:
        self.view.tree = e.get("tree")

    def _on_subtask_started(self, e: Event) -> None:
        step = Step(
            id=_text(e, "id"),
            skill=_text(e, "skill"),
            words=_text(e, "words"),
            args={str(k): str(v) for k, v in (e.get("args") or {}).items()},
            start=_time(e),
        )
        step.pictures = [p for p in self._early if p.subtask == step.id]
        self._early = [p for p in self._early if p.subtask != step.id]
        self.view.steps.append(step)

    def _on_skill_started(self, e: Event) -> None:
        if (step := self._step(e.get("subtask"))) is not None:
            step.attempts.append(Attempt(_text(e, "call"), _text(e, "backend"), _time(e)))
            step.system1 = step.system1 or _text(e, "backend")

    def _on_skill_ended(self, e: Event) -> None:
        step = self._step(e.get("subtask"))
        if step is not None and step.attempts:
            attempt = step.attempts[-1]
            attempt.end, attempt.success = _time(e), bool(e.get("success"))
            attempt.cause, attempt.detail = e.get("cause"), _text(e, "detail")

    def _on_verified(self, e: Event) -> None:
        if (step := self._step(e.get("subtask"))) is not None:
            step.checks = [_check(c) for c in e.get("conditions") or ()]

    def _on_recovery(self, e: Event) -> None:
        if (step := self._step(e.get("subtask"))) is not None:
            step.recoveries.append(
                Recovery(_time(e), step.id, _text(e, "cause"), _text(e, "branch"))
            )

    def _on_subtask_ended(self, e: Event) -> None:
        if (step := self._step(e.get("id"))) is None:
            return
        step.end, step.status = _time(e), _text(e, "status")
        step.cause, step.detail = e.get("cause"), _text(e, "detail")
        step.tries = int(_number(e.get("attempts")))
        step.system1 = _text(e, "system1") or step.system1

    def _on_look(self, e: Event) -> None:
        things = [self._sighted(row, _time(e)) for row in e.get("sightings") or ()]
        home = self.view.home
        mapped = {place.id for place in (*home.fixtures, *home.people)} if home else set()
        for thing in things:
            if thing.id and thing.id not in mapped:
                self.view.things[thing.id] = thing
        self.view.looks.append(Look(_time(e), tuple(thing.words for thing in things)))

    def _sighted(self, row: dict[str, Any], t: float) -> Thing:
        x, y = _number(row.get("x")), _number(row.get("y"))
        room = self.view.home.room_at(x, y) if self.view.home else None
        position = [x, y, _number(row.get("z"))]
        return _thing(row | {"position": position, "room": room, "last_seen": t})

    def _on_pose(self, e: Event) -> None:
        x, y, yaw = (_number(e.get(key)) for key in ("x", "y", "yaw"))
        self.view.path.append(Pose(_time(e), x, y, yaw, e.get("held")))
        self.view.held = e.get("held")

    def _on_frame(self, e: Event) -> None:
        picture = Picture(
            t=_time(e),
            path=_inside(self.view.folder, _text(e, "path")),
            view=_text(e, "view"),
            label=_text(e, "label"),
            subtask=e.get("subtask"),
        )
        step = self._step(picture.subtask)
        if picture.subtask is None:
            self.view.pictures.append(picture)
        elif step is None or (step.end is not None and picture.label == "before"):
            self._early.append(picture)
        else:
            step.pictures.append(picture)

    def _on_guard(self, e: Event) -> None:
        self.view.guard = {k: v for k, v in e.items() if k not in ("t", "tick", "kind", "wall")}

    def _on_rules(self, e: Event) -> None:
        about = _text(e, "about")
        self.view.reviews += 1
        for row in e.get("findings") or ():
            said = RuleSaid(_time(e), about, *(_text(row, k) for k in _RULE_KEYS))
            known = {(r.rule, r.why, r.subtask) for r in self.view.rules}
            if (said.rule, said.why, said.subtask) not in known:
                self.view.rules.append(said)

    def _on_said(self, e: Event) -> None:
        self.view.conversation.append(Line(_time(e), "robot", _text(e, "text")))

    def _on_heard(self, e: Event) -> None:
        self.view.conversation.append(Line(_time(e), "person", _text(e, "text")))

    def _on_corrected(self, e: Event) -> None:
        reading = e.get("reading") or {}
        why = str(reading.get("why") or "")
        read = _text(e, "read_as").replace("_", " ") + (f": {why}" if why else "")
        edits = tuple(_edit(row) for row in e.get("edits") or ())
        self.view.conversation.append(
            Line(_time(e), "reading", f"read as {read}", edits or ("no edit of the plan",))
        )

    def _on_asked(self, e: Event) -> None:
        options = tuple(str(o) for o in e.get("options") or ())
        self.view.conversation.append(Line(_time(e), "robot", _text(e, "text"), options))

    def _on_answered(self, e: Event) -> None:
        self.view.conversation.append(Line(_time(e), "person", _text(e, "text")))

    def _on_replanned(self, e: Event) -> None:
        self.view.replans.append(
            Replan(_time(e), _text(e, "reason"), int(_number(e.get("number"))))
        )

    def _on_goals_checked(self, e: Event) -> None:
        self.view.goals = [_check(g) for g in e.get("goals") or ()]

    def _on_run_ended(self, e: Event) -> None:
        v = self.view
        v.ended, v.status, v.message = True, _text(e, "status"), _text(e, "message")
        v.verified, v.truth = bool(e.get("verified")), e.get("truth")

    def _step(self, subtask: str | None) -> Step | None:
        """Return the latest execution of a subtask: after a new plan an id may come again."""
        return next((s for s in reversed(self.view.steps) if s.id == subtask), None)


def _edit(row: dict[str, Any]) -> str:
    """Write an edit of the plan in words."""
    subtask = row.get("subtask") or {}
    what = subtask.get("words") or subtask.get("skill") or row.get("constraint") or ""
    order = " ".join(str(i) for i in row.get("order") or ())
    return " ".join(str(p) for p in (row.get("op"), row.get("subtask_id"), what, order) if p)


def _time(e: Event) -> float:
    return _number(e.get("t"))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _text(e: Event, key: str) -> str:
    value = e.get(key)
    return "" if value is None else str(value)


def _four(values: Any) -> tuple[float, float, float, float]:
    a, b, c, d = (_number(v) for v in (values or (0, 0, 0, 0)))
    return a, b, c, d


def _place(row: dict[str, Any]) -> Place:
    x, y, yaw, sx, sy = (_number(row.get(key)) for key in ("x", "y", "yaw", "sx", "sy"))
    return Place(_text(row, "id"), _text(row, "cls"), x, y, yaw, sx, sy)


def _thing(row: dict[str, Any]) -> Thing:
    x, y, z = (_number(v) for v in (row.get("position") or (0, 0, 0)))
    attributes = {str(k): str(v) for k, v in (row.get("attributes") or {}).items()}
    return Thing(
        _text(row, "id"),
        _text(row, "cls"),
        attributes,
        x,
        y,
        z,
        row.get("room"),
        row.get("last_seen"),
    )


def _check(row: dict[str, Any]) -> Check:
    return Check(_text(row, "condition"), _text(row, "truth"), row.get("stamp"))


def _inside(folder: Path, name: str) -> Path | None:
    """Return the file if it lies in the folder: a trace may come from elsewhere and name anything."""
    path = (folder / name).resolve()
    return path if name and path.is_relative_to(folder.resolve()) and path.is_file() else None
