from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from diarchy.agent.run.trace import Trace
from diarchy.contracts.clock import LockstepClock

ROOMS = {"kitchen": [0.0, 0.0, 4.0, 4.5], "living_room": [4.0, 0.0, 8.5, 4.5]}
FIXTURES = [
    ("counter_top_1", "CounterTop", 1.4, 4.15, 0.0, 2.0, 0.62),
    ("fridge_1", "Fridge", 3.4, 4.1, 0.0, 0.7, 0.7),
    ("dining_table_1", "DiningTable", 1.4, 1.4, 0.0, 1.3, 0.8),
    ("garbage_can_1", "GarbageCan", 0.3, 3.2, 0.0, 0.35, 0.35),
    ("coffee_table_1", "CoffeeTable", 6.4, 1.5, 0.3, 1.0, 0.55),
    ("shelf_1", "Shelf", 8.25, 3.0, -math.pi / 2, 1.2, 0.35),
]
THINGS = [
    ("apple_1", "Apple", "red", 6.3, 1.55, 0.5, "living_room"),
    ("mug_1", "Mug", "blue", 6.6, 1.45, 0.5, "living_room"),
    ("mug_2", "Mug", "red", 1.2, 1.5, 0.8, "kitchen"),
    ("bread_1", "Bread", "brown", 1.5, 1.3, 0.8, "kitchen"),
    ("can_1", "Can", "green", 0.9, 4.1, 0.95, "kitchen"),
]
STEPS = [
    ("s1", "navigate_to", {"target": "apple_1"}, "go to the apple", 14.0),
    ("s2", "pick", {"object": "apple_1"}, "pick the red apple", 16.0),
    ("s3", "navigate_to", {"target": "fridge_1"}, "go to the fridge with the apple", 12.0),
    ("s4", "place_in", {"object": "apple_1", "receptacle": "fridge_1"}, "put the apple in", 13.0),
]
PATH = [
    (1.5, 2.6),
    (3.2, 2.3),
    (4.6, 2.2),
    (5.6, 1.9),
    (5.6, 1.9),
    (4.6, 2.2),
    (3.4, 2.5),
    (3.4, 3.0),
]


class Recorder:
    """Writes a trace the way a run does, advancing the clock as told."""

    def __init__(self, folder: Path) -> None:
        self.clock = LockstepClock()
        self.trace = Trace(folder, self.clock)

    def wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds / self.clock.period))

    def event(self, kind: str, **fields: Any) -> None:
        self.trace.event(kind, **fields)

    def picture(self, view: str, label: str, subtask: str | None) -> None:
        self.trace.frame(
            _paint(len(label) * 37 + round(self.clock.now())),
            view=view,
            label=label,
            subtask=subtask,
        )


def _paint(shade: int) -> np.ndarray[Any, Any]:
    image = Image.new("RGB", (320, 240), (214, 208, 196))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 150, 320, 240), fill=(176, 150, 118))
    draw.rectangle((60, 110, 250, 165), fill=(120, 84, 58))
    draw.ellipse((120 + shade % 60, 84, 150 + shade % 60, 114), fill=(196, 58, 52))
    return np.asarray(image)


def _open(r: Recorder) -> None:
    r.event(
        "run_started",
        instruction="put the apple in the fridge",
        seed=7,
        planner="symbolic",
        detector="oracle",
        system1="auto",
        config={"scene": "home", "planner": "auto"},
    )
    r.event(
        "map",
        bounds=[-0.1, -0.1, 8.6, 4.6],
        rooms=ROOMS,
        walls=[
            {"x": 4.25, "y": -0.05, "yaw": 0.0, "sx": 8.7, "sy": 0.1},
            {"x": 4.25, "y": 4.55, "yaw": 0.0, "sx": 8.7, "sy": 0.1},
            {"x": -0.05, "y": 2.25, "yaw": 0.0, "sx": 0.1, "sy": 4.7},
            {"x": 8.55, "y": 2.25, "yaw": 0.0, "sx": 0.1, "sy": 4.7},
            {"x": 4.0, "y": 0.75, "yaw": 0.0, "sx": 0.1, "sy": 1.5},
            {"x": 4.0, "y": 3.7, "yaw": 0.0, "sx": 0.1, "sy": 1.7},
        ],
        fixtures=[
            {"id": i, "cls": c, "x": x, "y": y, "yaw": a, "sx": sx, "sy": sy, "top": 0.8}
            for i, c, x, y, a, sx, sy in FIXTURES
        ],
        people=[{"id": "user", "x": 7.4, "y": 3.6}],
    )
    r.picture("overview", "start", None)
    r.event("recalled", episodes=["'put the mug in the fridge': succeeded in 62 s"])


def _think(r: Recorder, feedback: str | None, *, wait: float = 0.5) -> None:
    entities = [
        {
            "id": i,
            "cls": c,
            "attributes": {"color": color},
            "position": [x, y, z],
            "room": room,
            "last_seen": 0.1,
        }
        for i, c, color, x, y, z, room in THINGS
    ]
    r.event("observed", room="kitchen", x=1.5, y=2.6, yaw=0.0, entities=entities, held=None)
    r.event("plan_requested", feedback=feedback)
    r.wait(wait)
    r.event(
        "model_call",
        url="http://localhost:8000/v1",
        model="small-vlm",
        raw='{"reasoning": "The apple <b>lies</b> on the coffee table."}',
        wall={"seconds": 1.4, "tokens_in": 812, "tokens_out": 190},
    )
    r.event(
        "plan_answered",
        planner="symbolic",
        answer={
            "kind": "plan",
            "reasoning": "The goal is in(apple_1, fridge_1). The apple lies on the coffee table in the living room; "
            "the fridge is open, so it can be put in without opening anything first.",
            "subtasks": [{"id": i, "skill": s, "args": a, "words": w} for i, s, a, w, _ in STEPS],
            "goals": ["in(apple_1, fridge_1)"],
            "complete": True,
            "reading": {"verb": "put", "object": {"cls": "Apple"}},
        },
        wall={"seconds": 0.021},
    )
    r.event("plan_checked", violations=[], assumptions=["open(fridge_1)"])


def _act(r: Recorder, index: int, *, fail_first: bool = False) -> None:
    name, skill, args, words, seconds = STEPS[index]
    r.event("subtask_started", id=name, skill=skill, args=args, words=words)
    r.picture("chase", "before", name)
    began = r.clock.now()
    backend = "vla" if skill == "pick" else "motion"
    held = "apple_1" if index == 2 else None
    for attempt in (1, 2) if fail_first else (1,):
        call = f"{skill}({', '.join(args.values())})"
        r.event(
            "skill_started", subtask=name, call=call, backend=backend, epoch=index, attempt=attempt
        )
        (x0, y0), (x1, y1) = PATH[2 * index], PATH[2 * index + 1]
        for i in range(round(seconds * 2)):
            f = (i + 1) / round(seconds * 2)
            yaw = math.atan2(y1 - y0, x1 - x0)
            r.wait(0.5)
            r.event("pose", x=x0 + f * (x1 - x0), y=y0 + f * (y1 - y0), yaw=yaw, held=held)
        failed = fail_first and attempt == 1
        r.event(
            "skill_ended",
            subtask=name,
            success=not failed,
            cause="grasp_missed" if failed else None,
            detail="the fingers closed on nothing" if failed else "",
            seconds=seconds,
        )
        if failed:
            r.event(
                "recovery",
                subtask=name,
                cause="grasp_missed",
                branch="look again, then try once more",
            )
    r.event(
        "look",
        sightings=[
            {
                "id": "apple_1",
                "cls": "Apple",
                "attributes": {"color": "red"},
                "x": 3.4,
                "y": 4.1,
                "z": 0.8,
            }
        ]
        if index == 3
        else [],
        inspected=[],
        quality=0.9,
    )
    r.event(
        "verified",
        subtask=name,
        conditions=[{"condition": _expected(skill, args), "truth": "true", "stamp": 1.0}],
    )
    ended = r.clock.now() - began
    r.event(
        "subtask_ended",
        id=name,
        status="succeeded",
        cause=None,
        detail="",
        attempts=2 if fail_first else 1,
        seconds=ended,
        system1=backend,
    )
    r.picture("chase", "after", name)
    r.event("tree", tree=_tree(index))


def _expected(skill: str, args: dict[str, str]) -> str:
    predicate = {"navigate_to": "near", "pick": "holding", "place_in": "in"}[skill]
    return f"{predicate}({', '.join(args.values())})"


def _tree(done: int) -> dict[str, Any]:
    children = []
    for i, (name, skill, args, words, _) in enumerate(STEPS):
        status = "SUCCESS" if i <= done else "INVALID"
        leaves = [
            {"name": f"ready: {skill}", "type": "Ready", "status": status},
            {"name": f"{skill}({', '.join(args.values())})", "type": "Act", "status": status},
            {"name": f"see {_expected(skill, args)}", "type": "Verify", "status": status},
        ]
        children.append(
            {"name": f"{name}: {words}", "type": "Sequence", "status": status, "children": leaves}
        )
    return {
        "name": "put the apple in the fridge",
        "type": "Sequence",
        "status": "RUNNING",
        "children": children,
    }


def write_run(folder: Path) -> Path:
    """A whole run with a retry, a question, a new plan and a success."""
    r = Recorder(folder)
    _open(r)
    r.event("asked", text="Which apple: the red one or the green one?", options=["red", "green"])
    r.wait(2.0)
    r.event("answered", text="the <red> one & quick")
    _think(r, None)
    _act(r, 0)
    _act(r, 1, fail_first=True)
    r.event("said", text="I have the apple.")
    r.event(
        "subtask_started",
        id="s3",
        skill="navigate_to",
        args={"target": "fridge_1"},
        words="go to the fridge",
    )
    r.wait(3.0)
    r.event(
        "subtask_ended",
        id="s3",
        status="failed",
        cause="blocked",
        detail="a chair is in the way",
        attempts=1,
        seconds=3.0,
        system1="motion",
    )
    r.event("replanned", reason="go to the fridge: blocked, a chair is in the way", number=1)
    _think(r, "go to the fridge: blocked, a chair is in the way")
    _act(r, 2)
    _act(r, 3)
    r.event("goals_checked", goals=[{"condition": "in(apple_1, fridge_1)", "truth": "true"}])
    r.picture("overview", "end", None)
    r.event(
        "guard",
        checked=14200,
        modified=61,
        stopped=0,
        violations=0,
        by_guard={"joint_velocity": 48, "base_speed": 13},
    )
    r.event(
        "run_ended",
        status="succeeded",
        verified=True,
        truth=True,
        message="done, and seen to be done",
    )
    r.trace.write_json("result.json", {"timing": {"wall_s": 41.2}})
    r.trace.close()
    return folder


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run")


@pytest.fixture
def recorder(tmp_path: Path) -> Callable[[], Recorder]:
    return lambda: Recorder(tmp_path / "partial")
