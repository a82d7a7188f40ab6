"""System 2's side of a command: what the planner is given, and what is made of its answer."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from diarchy.agent.control.loop import ControlLoop
from diarchy.agent.deliberation.state import State
from diarchy.contracts.effects import violations
from diarchy.contracts.plan import (
    Exchange,
    Plan,
    Planner,
    PlannerAnswer,
    PlanRequest,
    Question,
    Refusal,
    SubtaskRecord,
    Vocabulary,
)
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import SkillSpec

ANSWER: TypeAdapter[Plan | Question | Refusal] = TypeAdapter(PlannerAnswer)


class Thinker:
    """Asks the planner and checks what it says."""

    def __init__(
        self,
        planner: Planner,
        loop: ControlLoop,
        skills: Sequence[SkillSpec],
        vocabulary: Vocabulary,
        *,
        latency: float,
    ) -> None:
        self.planner = planner
        self.loop = loop
        self.skills = tuple(skills)
        self.vocabulary = vocabulary
        self.wall_seconds = 0.0
        self.busy = False
        self._latency = latency
        self._calls = 0

    @property
    def learned(self) -> bool:
        """Whether the planner is a model, which is shown images and past episodes."""
        return bool(getattr(self.planner, "learned", False))

    def think(self, state: State) -> Plan | Question | Refusal:
        """Put the request to the planner while the robot holds still; the answer goes into the trace."""
        request = self._request(state)
        trace = self.loop.trace
        trace.event("plan_requested", feedback=request.feedback)
        ticks = round(self._latency / self.loop.robot.clock.period)
        self.loop.spin(lambda: False, max_ticks=ticks)
        began = time.perf_counter()
        self.busy = True
        try:
            answer = self.planner.plan(request)
        finally:
            self.busy = False
        seconds = time.perf_counter() - began
        self.wall_seconds += seconds
        self._trace_calls()
        trace.event(
            "plan_answered",
            planner=self.planner.name,
            answer=answer.model_dump(mode="json"),
            wall={"seconds": round(seconds, 4)},
        )
        return answer

    def check(self, plan: Plan) -> list[str]:
        """Simulate the plan on predicates; returns its violated conditions in words."""
        found = violations(plan, self.skills, self.loop.world.snapshot())
        why = [v.why for v in found]
        self.loop.trace.event("plan_checked", violations=why)
        return why

    def _request(self, state: State) -> PlanRequest:
        return PlanRequest(
            instruction=state["instruction"],
            world=self.loop.world.snapshot(),
            skills=self.skills,
            vocabulary=self.vocabulary,
            images=self._head_image(),
            history=tuple(SubtaskRecord.model_validate(r) for r in state["history"]),
            exchanges=tuple(Exchange.model_validate(e) for e in state["exchanges"]),
            episodes=tuple(state["episodes"]),
            committed=tuple(Condition.parse(g) for g in state["committed"]),
            feedback=state["feedback"],
        )

    def _head_image(self) -> dict[str, bytes]:
        if not self.learned:
            return {}
        name = self.loop.robot.spec.head_camera
        frame = self.loop.robot.sense((name,), lidar=False).frames[name]
        buffer = io.BytesIO()
        Image.fromarray(frame.rgb).save(buffer, format="PNG")
        return {name: buffer.getvalue()}

    def _trace_calls(self) -> None:
        calls: Sequence[Any] = getattr(self.planner, "calls", ())
        for call in calls[self._calls :]:
            row = call.model_dump(mode="json")
            wall = {k: row.pop(k) for k in ("seconds", "tokens_in", "tokens_out") if k in row}
            self.loop.trace.event("model_call", wall=wall, **row)
        self._calls = len(calls)
