"""Skills without motion: wait, ask, say."""

from __future__ import annotations

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.robot import Action, Proprio, RobotSpec
from diarchy.contracts.skill import (
    Ask,
    Cause,
    Outcome,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.skills.specs import ASK, SAY, WAIT

_CHUNK_SECONDS = 0.5


def hold(context: SkillContext, now: Proprio, ticks: int, source: str) -> ActionChunk:
    """Build a chunk that keeps the joints where they were commanded and the base at rest."""
    action = now.commanded or Action(np.zeros(2), now.q, now.gripper_width)
    row = action.vector()
    row[:2] = 0.0
    rows = np.tile(row, (max(1, ticks), 1))
    return ActionChunk("joint", "joint", rows, now.tick, 1, context.epoch, f"motion:{source}")


class _Talk:
    """What the three share."""

    backend = "motion"

    def __init__(self, robot: RobotSpec, spec: SkillSpec) -> None:
        self._spec = spec

    @property
    def spec(self) -> SkillSpec:
        """What it needs and promises."""
        return self._spec


class Wait(_Talk):
    """Stands still for some seconds."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, WAIT)

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution; a duration that is no number of seconds >= 0 fails at once."""
        try:
            seconds = float(call.args["seconds"])
        except (TypeError, ValueError):
            seconds = -1.0
        if not 0.0 <= seconds < self.spec.timeout:
            given = call.args["seconds"]
            detail = f"cannot wait for {given!r}; give seconds from 0 to {self.spec.timeout:.0f}"
            return Outcome.failed(Cause.PRECONDITION, detail)
        rate, now = context.spec.control_hz, proprio
        left = round(seconds * rate)
        while left > 0:
            ticks = min(left, round(_CHUNK_SECONDS * rate))
            now = yield hold(context, now, ticks, "wait")
            left -= ticks
        return Outcome.done(f"waited {seconds:g} s")


class AskPerson(_Talk):
    """Asks a question; the answer is the detail of its outcome."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, ASK)

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        yield Ask(str(call.args["text"]))
        if context.answer is None:
            return Outcome.failed(Cause.TIMEOUT, "nobody answered")
        return Outcome.done(context.answer)


class Say(_Talk):
    """Tells the person something."""

    def __init__(self, robot: RobotSpec) -> None:
        super().__init__(robot, SAY)

    def start(self, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
        """Begin one execution."""
        text = str(call.args["text"])
        context.say(text)
        yield hold(context, proprio, 1, "say")
        return Outcome.done(f"said: {text}")
