"""What is said while a plan runs: heard at any moment, read with the plan as context, made an edit of the tree.

Everything here runs on the control loop's own thread, between ticks; `hear` alone may be called from
elsewhere. Pausing and going on need no reading and act at the next tick. What has to be thought about
takes its time while the robot goes on with what it does: only the edit itself is made between two ticks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from diarchy.agent.corrections import replies
from diarchy.agent.corrections.course import Course
from diarchy.agent.corrections.minutes import Minutes
from diarchy.agent.corrections.orders import Planned
from diarchy.agent.corrections.reasoner import Reasoner, Thought
from diarchy.agent.corrections.standing import PUTS, Standing
from diarchy.agent.deliberation.ruling import PlanGuard, is_yes
from diarchy.agent.deliberation.state import State
from diarchy.agent.deliberation.thinking import Thinker
from diarchy.agent.tree.executive import Executive
from diarchy.contracts.correction import Correction, CorrectionRequest, Corrector
from diarchy.contracts.plan import Plan, PlanEdit, Question, Refusal
from diarchy.contracts.predicate import Condition, Predicate
from diarchy.contracts.world import WorldSnapshot
from diarchy.planners.symbolic.utterances import sort_out
from diarchy.skills.execution.pacing import PacedBuffer

Ask = Callable[[str, tuple[str, ...]], str | None]
_AT_ONCE = ("pause", "resume")
_ANYWHEN = ("status", "next", "faster", "slower")
_MOST_QUESTIONS = 2
_TRIES, _AGAIN = 25, 0.5
"""How often, and after how many seconds, a correction is thought about again that came at a bad moment."""


class Conversation:
    """Hears, reads and applies corrections of one command.

    Args:
        thinker, executive: of the command.
        corrector: reads what is said.
        instruction: the sentence that the command began with.
        latency: seconds of simulated time that reading and planning take.
        ask: puts a question to the person; None (or an answer None): it goes on as before.
        stop: the protective stop.
        rules: read what is said before anything is made of it.
        in_background: think in a thread, for models that take long while a real robot moves.
    """

    def __init__(
        self,
        thinker: Thinker,
        executive: Executive,
        corrector: Corrector,
        *,
        instruction: str,
        latency: float,
        ask: Ask,
        stop: Callable[[str], None],
        rules: PlanGuard,
        in_background: bool = False,
    ) -> None:
        self.course = Course(thinker, executive, instruction)
        self.state: State | None = None
        self._thinker, self._executive = thinker, executive
        self._reasoner = Reasoner(thinker, corrector)
        self._loop = executive.body.loop
        self._minutes = Minutes(self._loop)
        self._ask, self._stop, self._background = ask, stop, in_background
        self._rules = rules
        self._period = self._loop.robot.clock.period
        self._ticks = max(1, round(latency / self._period))
        self._inbox: deque[str] = deque()
        self._thoughts: deque[Thought] = deque()
        executive.paused = lambda: self.paused

    # ---- from anywhere ------------------------------------------------------------------------

    def hear(self, text: str) -> None:
        """Take in what is said; callable from any thread at any moment."""
        self._inbox.append(text)

    @property
    def record(self) -> list[dict[str, Any]]:
        """What was said so far and what came of it."""
        return self._minutes.rows

    @property
    def paused(self) -> bool:
        """Whether the person wants the robot to wait."""
        buffer = self._loop.buffer
        return isinstance(buffer, PacedBuffer) and buffer.paused

    # ---- from the control loop ----------------------------------------------------------------

    def tick(self) -> None:
        """Hear what was said and carry on with what is thought about; called at the start of every tick."""
        while self._inbox:
            self._take(self._inbox.popleft())
        self.course.look_for_surprises(None if self._thoughts else self.state)
        if not self._thoughts or self._loop.robot.clock.tick < self._thoughts[0].due:
            return
        if self.state is None or self._executive.current is None:
            return  # between two subtasks: the next one is about to begin
        thought = self._thoughts[0]
        if thought.correction is None and thought.worker is None:
            self._begin(thought)
        if thought.correction is not None and thought.ready:
            self._thoughts.popleft()
            self._finish(thought)

    def close(self) -> None:
        """The command is over: what nobody could think about any more is answered, not lost."""
        left = [*(t.text for t in self._thoughts), *self._inbox]
        self._thoughts.clear()
        self._inbox.clear()
        for text in left:
            reply = "That came too late: I had ended already."
            self._note(Correction(kind="unclear", text=text, reply=reply), [], reply)

    # ---- the parts ----------------------------------------------------------------------------

    def _note(
        self, correction: Correction, edits: Sequence[PlanEdit] = (), reply: str = ""
    ) -> None:
        self._minutes.add(correction, self.course.standing.orders, edits=edits, reply=reply)

    def _take(self, text: str) -> None:
        self._loop.trace.event("heard", text=text)
        kinds = [kind for kind, _ in sort_out(text)]
        if kinds and kinds[0] in _AT_ONCE:
            self._hold(text, pause=kinds[0] == "pause")
        elif kinds and kinds[0] == "stop":
            self._note(Correction(kind="stop", text=text, reader="words"), [], "")
            self._stop(f"a person said {text.strip()!r}")
        elif self._is_allowed(text):
            due = self._loop.robot.clock.tick + self._ticks
            self._thoughts.append(Thought(text, due))

    def _is_allowed(self, text: str) -> bool:
        """Let the rules read it; what they ask about is put to the person, what they refuse changes nothing."""
        ruling = self._rules.hear(text)
        if ruling.answer == "allow":
            return True
        why = ruling.words()
        if ruling.answer == "ask" and is_yes(self._ask(f"{why} Shall I go on?", ("yes", "no"))):
            self._rules.consent([f.key for f in ruling.findings])
            return True
        reply = why if ruling.answer == "refuse" else f"{why} I leave it, and go on as before."
        self._note(Correction(kind="unclear", text=text, reply=reply, reader="rules"), [], reply)
        return False

    def _hold(self, text: str, *, pause: bool) -> None:
        buffer = self._loop.buffer
        if not isinstance(buffer, PacedBuffer):
            return
        was = buffer.paused
        if pause:
            buffer.pause()
        else:
            buffer.resume()
        reply = ("I wait." if pause else "I go on.") if was != pause else "I do that already."
        kind = "pause" if pause else "resume"
        self._note(
            Correction.model_validate({"kind": kind, "text": text, "reader": "words"}), [], reply
        )

    def _begin(self, thought: Thought) -> None:
        assert self.state is not None
        request = self._thinker.request(self.state)
        if self._in_transit(request.world, thought.text) and self._later(thought):
            return
        thought.before = before = self.course.outstanding(self._executive.current)
        served = len(self.course.standing.orders) - len(before.orders)
        running = tuple(self._executive.open_subtasks())
        thought.present = self.course.plan or Plan()
        thought.owners = tuple(self.course.owners.get(s.id, 0) - served for s in running)
        thought.asked = CorrectionRequest(
            said=thought.text,
            request=request,
            orders=before.orders,
            running=running,
            origins=self.course.standing.origins,
            answers=tuple(thought.answers),
        )
        if self._background and self._reasoner.slow:
            thought.worker = threading.Thread(
                target=self._reasoner.think, args=(thought,), daemon=True
            )
            thought.worker.start()
        else:
            self._reasoner.think(thought)

    def _in_transit(self, world: WorldSnapshot, text: str) -> bool:
        """Whether the fingers close or have just let go: for that moment nobody can say what is where."""
        kinds = sort_out(text)
        if kinds and kinds[0][0] in _ANYWHEN:
            return False
        memory = self._executive.memories.get(self._executive.current or "")
        skill = memory.spec.name if memory is not None else ""
        if skill in PUTS and world.held is None:
            return True  # let go of, and not yet seen where it is
        if skill == "pick" and world.held is not None:
            return (
                True  # lifted half way is no place to think again from: it takes a moment to be up
            )
        if world.held is not None:
            return world.entity(world.held) is None
        return Condition(Predicate("hand_empty")) not in world.true_facts()

    def _finish(self, thought: Thought) -> None:
        """Apply what was thought through, or ask, or say why nothing changes."""
        self._thinker.trace_calls()
        correction = thought.correction
        assert correction is not None
        question = correction.question
        if thought.planned is not None and isinstance(thought.planned.answer, Question):
            question = thought.planned.answer
        if question is not None and self._asked_again(thought, question):
            return
        if correction.kind in ("status", "next", "pace", "stop", "unclear"):
            self._without_plan(correction, thought)
        elif thought.planned is None or thought.standing is None:
            self._note(correction, [], thought.reply or "That changes nothing.")
        elif not isinstance(thought.planned.answer, Plan):
            if self._later(thought):
                self._thoughts.appendleft(thought)
                return
            self._note(correction, [], _why_not(thought.planned.answer))
        else:
            self._apply(thought, correction, thought.standing, thought.planned)

    def _later(self, thought: Thought) -> bool:
        """In the middle of a grasp nothing can be planned, for a moment: think again then."""
        if not self._executive.body.busy or thought.tries >= _TRIES:
            return False
        thought.due = self._loop.robot.clock.tick + round(_AGAIN / self._period)
        thought.tries += 1
        thought.correction = thought.standing = thought.planned = thought.worker = None
        return True

    def _asked_again(self, thought: Thought, question: Question) -> bool:
        """Ask; with an answer it is thought through once more."""
        answer = None
        if len(thought.answers) < _MOST_QUESTIONS:
            answer = self._ask(question.text, question.options)
        if answer is None:
            thought.reply = f"{question.text} I do not know, so I go on as before."
            thought.planned = None
            return False
        self._loop.trace.event("answered", text=answer)
        self._rules.hear(answer)
        assert self.state is not None
        exchange = {"question": question.text, "answer": answer}
        self.state["exchanges"] = [*self.state["exchanges"], exchange]
        again = Thought(thought.text, self._loop.robot.clock.tick)
        again.answers = [*thought.answers, answer]
        self._thoughts.appendleft(again)
        return True

    def _without_plan(self, correction: Correction, thought: Thought) -> None:
        running = self._executive.open_subtasks()
        orders = self.course.outstanding(self._executive.current).orders
        reply = thought.reply or correction.reply
        if correction.kind == "status":
            order = orders[0] if orders else None
            reply = replies.doing(
                running, order, paused=self.paused, last_failure=self._last_failure()
            )
        elif correction.kind == "next":
            reply = replies.coming(running, orders)
        elif correction.kind == "pace" and isinstance(self._loop.buffer, PacedBuffer):
            before = self._loop.buffer.pace
            reply = replies.pace(self._loop.buffer.set_pace(before * correction.factor), before)
        elif correction.kind == "stop":
            self._stop(f"a person said {correction.text.strip()!r}")
        self._note(correction, [], reply)

    def _apply(
        self, thought: Thought, correction: Correction, standing: Standing, planned: Planned
    ) -> None:
        plan = planned.answer
        assert isinstance(plan, Plan)
        wrong = self.course.faults(plan)
        if wrong and self._later(thought):
            self._thoughts.appendleft(thought)
            return
        if wrong:
            self._note(correction, [], f"That would not work: {wrong[0]}. So I go on as before.")
            return
        left_out = [order for order, _ in planned.refused]
        entities = {e.id: e for e in self._loop.world.entities()}
        plan, edits = self._executive.graft(plan, reason=correction.text)
        edits += [
            PlanEdit(op="constrain", constraint=c, reason=correction.text)
            for c in _new_constraints(self.course.standing, standing)
        ]
        self.course.follow(plan, planned)
        kept = tuple(o for o in standing.orders if o not in left_out)
        self.course.standing = standing.model_copy(update={"orders": kept or standing.orders})
        reply = replies.understood(correction, edits, entities)
        if planned.refused:
            reply = _why_not(planned.refused[0][1])
        if self.paused and isinstance(self._loop.buffer, PacedBuffer):
            self._loop.buffer.resume()
        self._note(correction, edits, reply)

    def _last_failure(self) -> str:
        history = self.state["history"] if self.state is not None else []
        failed = [r for r in history if r["status"] == "failed"]
        return f"{failed[-1]['words']} ({failed[-1]['cause']})" if failed else ""


def _why_not(answer: Plan | Question | Refusal) -> str:
    if isinstance(answer, Refusal):
        hint = f"; {answer.suggestion}" if answer.suggestion else ""
        return f"I cannot: {answer.reason}{hint}. I go on as before."
    return "That changes nothing."


def _new_constraints(before: Standing, after: Standing) -> list[Any]:
    old = {c for o in before.orders for c in o.constraints}
    return list(dict.fromkeys(c for o in after.orders for c in o.constraints if c not in old))
