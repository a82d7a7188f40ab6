"""System 2's side of a command: what the planner is given, and what is made of its answer."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from diarchy.agent.control.loop import ControlLoop
from diarchy.agent.corrections.orders import Planned, plan_orders
from diarchy.agent.deliberation.state import State
from diarchy.contracts.correction import Order
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

    def think(self, state: State, orders: Sequence[Order]) -> Planned:
        """Put the request to the planner while the robot holds still; the answer goes into the trace."""
        request = self.request(state)
        trace = self.loop.trace
        trace.event("plan_requested", feedback=request.feedback)
        ticks = round(self._latency / self.loop.robot.clock.period)
        self.loop.spin(lambda: False, max_ticks=ticks)
        began = time.perf_counter()
        self.busy = True
        try:
            planned = self.plan(request, orders)
        finally:
            self.busy = False
        answer = planned.answer
        seconds = time.perf_counter() - began
        self.wall_seconds += seconds
        self.trace_calls()
        trace.event(
            "plan_answered",
            planner=self.planner.name,
            answer=answer.model_dump(mode="json"),
            wall={"seconds": round(seconds, 4)},
        )
        return planned

    def plan(self, request: PlanRequest, orders: Sequence[Order]) -> Planned:
        """Plan what stands; one sentence about which nothing more was said goes to the planner as it is."""
        if len(orders) == 1 and orders[0].plain:
            sentence = orders[0].instruction
            answer = self.planner.plan(request.model_copy(update={"instruction": sentence}))
            count = len(answer.subtasks) if isinstance(answer, Plan) else 0
            return Planned(answer, (0,) * count)
        return plan_orders(self.planner.plan, request, orders)

    def check(self, plan: Plan) -> list[str]:
        """Simulate the plan on predicates; returns its violated conditions in words."""
        found = violations(plan, self.skills, self.loop.world.snapshot())
        why = [v.why for v in found]
        self.loop.trace.event("plan_checked", violations=why)
        return why

    def request(self, state: State) -> PlanRequest:
        """Collect what the planner is given."""
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
            left_open=tuple(state.get("left_open", ())),
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

    def trace_calls(self) -> None:
        """Write the calls of a model since the last time into the trace."""
        calls: Sequence[Any] = getattr(self.planner, "calls", ())
        for call in calls[self._calls :]:
            row = call.model_dump(mode="json")
            wall = {k: row.pop(k) for k in ("seconds", "tokens_in", "tokens_out") if k in row}
            self.loop.trace.event("model_call", wall=wall, **row)
        self._calls = len(calls)
