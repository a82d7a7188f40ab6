"""The nodes of the deliberation graph: hear, observe, recall, plan, check, review, approve, ask, act, reflect.

A node gets the state and returns what changed. LangGraph runs a node again from its top when it
resumes, so nothing moves before an ``interrupt`` and one ``act`` covers one subtask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.types import interrupt

from diarchy.agent.corrections.conversation import Conversation
from diarchy.agent.corrections.orders import Planned
from diarchy.agent.deliberation.ruling import PlanGuard, is_yes
from diarchy.agent.deliberation.state import State
from diarchy.agent.deliberation.thinking import ANSWER, Thinker
from diarchy.agent.run.config import RunConfig
from diarchy.agent.tree.binding import AmbiguousError, UnboundError
from diarchy.agent.tree.executive import Executive
from diarchy.agent.tree.memory import SubtaskMemory
from diarchy.contracts.correction import Order
from diarchy.contracts.errors import ExitCode
from diarchy.contracts.plan import Plan, Question, Refusal, SubtaskRecord
from diarchy.contracts.skill import Cause
from diarchy.memory import EpisodeStore
from diarchy.safety.rules import Ruling

_INPUT_CODES = ("not_understood", "unknown_word")
MAX_GLANCES = 24
MAX_REPAIRS = 1

Snap = Callable[[str, str | None], None]


class Nodes:
    """The nodes as methods, with the live objects they work on."""

    def __init__(
        self,
        thinker: Thinker,
        executive: Executive,
        episodes: EpisodeStore | None,
        config: RunConfig,
        *,
        conversation: Conversation,
        guard: PlanGuard,
        snap: Snap,
        can_ask: bool = False,
    ) -> None:
        self.conversation, self.can_ask = conversation, can_ask
        self.guard = guard
        self.thinker = thinker
        self.executive = executive
        self.loop = executive.body.loop
        self.episodes = episodes
        self.config = config
        self.snap = snap
        self.only_plan = False
        self.began = self.loop.robot.clock.now()
        # Records of what another process did and died before it could put them into the checkpoint.
        self.regained: list[dict[str, Any]] = []
        self._planned: Planned | None = None

    def hear(self, state: State) -> State:
        """Let the rules read the sentence before anything else happens."""
        return self._ruled(self.guard.hear(state["instruction"]), state)

    def observe(self, state: State) -> State:
        """Take in what can be seen from here before thinking."""
        self.loop.rest()
        self.loop.look()
        snapshot = self.loop.world.snapshot()
        x, y, yaw = snapshot.robot_position
        self.loop.trace.event(
            "observed",
            room=snapshot.robot_room,
            x=round(x, 3),
            y=round(y, 3),
            yaw=round(yaw, 3),
            held=snapshot.held,
            entities=[
                {
                    "id": e.id,
                    "cls": e.cls,
                    "attributes": dict(e.attributes),
                    "position": [round(v, 3) for v in e.position],
                    "room": e.room,
                    "last_seen": e.last_seen,
                }
                for e in snapshot.entities
                if e.kind == "object"
            ],
        )
        return State()

    def recall(self, state: State) -> State:
        """Fetch similar episodes once per command, for planners that learn from them."""
        if self.episodes is None or not self.thinker.learned or state["episodes"]:
            return State()
        found = [e.words() for e in self.episodes.similar(state["instruction"], k=3)]
        self.loop.trace.event("recalled", episodes=found)
        return State(episodes=found)

    def plan(self, state: State) -> State:
        """Ask System 2."""
        planned = self.thinker.think(state, self._orders(state))
        self._planned, answer = planned, planned.answer
        change = State(
            answer=answer.model_dump(mode="json"), plans=state["plans"] + 1, question=None
        )
        if isinstance(answer, Question):
            change["question"] = {"text": answer.text, "options": list(answer.options)}
        elif isinstance(answer, Refusal):
            change.update(self._refused(answer, state))
        return change

    def _orders(self, state: State) -> tuple[Order, ...]:
        """What is still to be served: after a failed last look everything, else from the failed order on."""
        last = state["history"][-1]["id"] if state["history"] else None
        return self.conversation.course.narrow(last)

    def check(self, state: State) -> State:
        """Simulate the plan; a violated condition goes back to the planner once as feedback."""
        plan = self._plan(state)
        why = self.thinker.check(plan)
        if not why:
            plan, edits = self.executive.graft(plan, reason=state["feedback"] or "")
            if edits and state["history"]:
                rows = [e.model_dump(mode="json", exclude_defaults=True) for e in edits]
                self.loop.trace.event("edited", edits=rows)
            self.conversation.course.follow(plan, self._planned)
            return State(violations=[], feedback=None, answer=plan.model_dump(mode="json"))
        if state["repairs"] < MAX_REPAIRS:
            feedback = f"the plan does not work: {why[0]}"
            return State(violations=why, repairs=state["repairs"] + 1, feedback=feedback)
        return self._end(
            "failed", f"the plan cannot work: {why[0]}", ExitCode.NOT_ACHIEVED
        ) | State(violations=why)

    def review(self, state: State) -> State:
        """Let the rules read what is left of the plan, in the world as it is now; nothing has moved yet."""
        plan = self._plan(state)
        done = {i for i in self.executive.memories if self.executive.is_done(i)}
        left = plan.model_copy(
            update={"subtasks": tuple(s for s in plan.subtasks if s.id not in done)}
        )
        ruling = self.guard.review(left, self.loop.world.snapshot(), state["history"])
        return self._ruled(ruling, state)

    def approve(self, state: State) -> State:
        """Ask the person before anything moves: because of a rule, or because they wanted to be asked."""
        risks = state["risks"]
        if state["answer"] is None:
            text = f"{_reasons(risks)}. Shall I go on?"
        else:
            steps = "; ".join(self.guard.steps(self._plan(state), self.loop.world.snapshot()))
            text = f"{_reasons(risks)}. " if risks else ""
            text += f"Shall I do this: {steps}?"
        answer = interrupt({"text": text, "options": ["yes", "no"]})
        self.loop.trace.event("answered", text=str(answer))
        if not is_yes(str(answer)):
            return self._end("refused", "you did not approve it", ExitCode.REFUSED)
        self.guard.consent([r["key"] for r in risks])
        approved = state["approved"] or state["answer"] is not None
        return State(approved=approved, risks=[])

    def ask(self, state: State) -> State:
        """Put the planner's question to the person; the graph waits here, nothing moves."""
        question = state["question"] or {}
        answer = str(interrupt(question))
        self.loop.trace.event("answered", text=answer)
        exchange = {"question": str(question.get("text", "")), "answer": answer}
        change = State(exchanges=[*state["exchanges"], exchange], question=None, answer=None)
        if question.get("about") == "failure":
            return change | self._helped(state, answer)
        return change | self._ruled(self.guard.hear(answer), state)

    def _helped(self, state: State, answer: str) -> State:
        """What the person says to a failure: once more, without that thing, or enough."""
        said = answer.strip().lower()
        last = state["history"][-1]
        if said.startswith(("give", "no", "stop", "enough", "cancel")):
            return self._end("failed", _why(last), ExitCode.NOT_ACHIEVED)
        if said.startswith(("leave", "without", "skip")):
            self.conversation.course.leave(str(last["args"].get("object", "")))
        return State(replans=self.config.max_replans - 1, feedback=_why(last), answer=None)

    def act(self, state: State) -> State:
        """Do one subtask."""
        history, self.regained = [*state["history"], *self.regained], []
        subtask_id = self.executive.next_open()
        if subtask_id is None:
            return State(acted=None, history=history)
        memory = self.executive.memories[subtask_id]
        self.loop.trace.event(
            "subtask_started",
            id=subtask_id,
            skill=memory.spec.name,
            args={k: str(v) for k, v in memory.subtask.args.items()},
            words=memory.subtask.words,
        )
        if subtask_id != "goals":
            self.snap("before", subtask_id)
        if memory.spec.name == "pick":
            self.conversation.course.note_taken(memory.subtask)
        self.conversation.state = state
        left = self.config.max_seconds - self._elapsed()
        self.executive.run(subtask_id, max_ticks=max(1, int(left / self.loop.robot.clock.period)))
        if subtask_id != "goals":
            self.snap("after", subtask_id)
        record = self._record(subtask_id, memory)
        self.conversation.state = None
        goals = [str(goal) for goal in self.executive.goals()]
        return State(
            history=[*history, record.model_dump(mode="json")],
            acted=subtask_id,
            **self._corrected(),
            # A plan only to look around promises nothing, and takes nothing back.
            committed=goals or state["committed"],
        )

    def _corrected(self) -> State:
        """What was said meanwhile, and the plan that runs because of it."""
        course = self.conversation.course
        change = State(
            standing=course.standing.model_dump(mode="json"),
            corrections=list(self.conversation.record),
        )
        if course.plan is not None:
            change["answer"] = course.plan.model_dump(mode="json")
        return change

    def reflect(self, state: State) -> State:
        """Decide what follows from how the subtask ended."""
        if (reason := self.loop.halted()) is not None:
            return self._end("stopped", reason, ExitCode.STOPPED)
        if self.loop.unanswered is not None:
            ask, self.loop.unanswered = self.loop.unanswered, None
            question = {"text": ask.text, "options": list(ask.options)}
            return self._end("question", ask.text, ExitCode.QUESTION) | State(question=question)
        if self._elapsed() >= self.config.max_seconds:
            return self._end(
                "failed", f"gave up after {self.config.max_seconds:.0f} s", ExitCode.NOT_ACHIEVED
            )
        last = state["history"][-1] if state["acted"] else None
        if last is not None and last["status"] == "failed":
            return self._after_failure(state, last)
        if self.executive.next_open() is not None:
            return State()
        return self._after_plan(state)

    def _after_failure(self, state: State, last: dict[str, Any]) -> State:
        why = _why(last)
        if (ambiguous := self._ambiguity(last)) is not None:
            return ambiguous
        if state["replans"] >= self.config.max_replans:
            text = (
                f"I could not {last['words'] or last['skill']} ({last['cause']}). What shall I do?"
            )
            if self.can_ask and all(text != e["question"] for e in state["exchanges"]):
                options = ["try again", "leave it out", "give up"]
                return State(question={"text": text, "options": options, "about": "failure"})
            return self._end("failed", why, ExitCode.NOT_ACHIEVED)
        self.loop.trace.event("replanned", reason=why, number=state["replans"] + 1)
        return State(replans=state["replans"] + 1, feedback=why, answer=None)

    def _after_plan(self, state: State) -> State:
        plan = self._plan(state)
        if not self.conversation.course.standing.orders:
            done = self._end("succeeded", "called off, as you said", ExitCode.DONE)
            return done | State(verified=True)
        if plan.complete:
            self.loop.trace.event("goals_checked", goals=self.executive.goal_rows())
            done = self._end("succeeded", "done, and seen to be done", ExitCode.DONE)
            return done | State(verified=True)
        if state["glances"] >= MAX_GLANCES:
            message = "looked several times and still know too little"
            return self._end("failed", message, ExitCode.NOT_ACHIEVED)
        return State(glances=state["glances"] + 1, answer=None, feedback=None)

    def _ambiguity(self, last: dict[str, Any]) -> State | None:
        memory = self.executive.memories.get(last["id"])
        if memory is None or last["cause"] != Cause.PRECONDITION.value:
            return None
        try:
            self.executive.binder.bind_args(dict(memory.subtask.args), keep_references=False)
        except AmbiguousError as error:
            options = [e.describe() for e in error.candidates]
            text = f"Which one: the {' or the '.join(options)}?"
            return State(question={"text": text, "options": options}, answer=None)
        except UnboundError:
            return None
        return None

    def _record(self, subtask_id: str, memory: SubtaskMemory) -> SubtaskRecord:
        record = self.record_of(subtask_id, memory)
        event = record.model_dump(mode="json", exclude={"skill", "args", "words"})
        self.loop.trace.event("subtask_ended", **event)
        self.loop.trace.event("guard", **self.loop.guarding.summary().model_dump())
        return record

    def record_of(self, subtask_id: str, memory: SubtaskMemory) -> SubtaskRecord:
        """Say what became of a subtask."""
        gone = self.executive.memories.get(subtask_id) is not memory
        done = not gone and self.executive.is_done(subtask_id)
        started, ended = memory.started or 0.0, memory.ended or 0.0
        ended_by = Cause.STOPPED if self.loop.halted() is not None else Cause.TIMEOUT
        cause = None if done else Cause.CANCELLED if gone else (memory.cause or ended_by)
        return SubtaskRecord(
            id=subtask_id,
            skill=memory.spec.name,
            args={k: str(v) for k, v in (memory.args or memory.subtask.args).items()},
            words=memory.subtask.words,
            status="succeeded" if done else "skipped" if gone else "failed",
            cause=cause.value if cause else None,
            detail=memory.last.detail if memory.last else "",
            seconds=round(ended - started, 3),
            attempts=max(memory.attempts, 1),
            system1=memory.backend,
            obstacle=memory.last.obstacle if memory.last and not done else None,
        )

    def _ruled(self, ruling: Ruling, state: State) -> State:
        """A refusal ends the command; what a person must agree to waits for them, unless nothing will move."""
        if ruling.answer == "refuse":
            return self._end("refused", ruling.words(), ExitCode.REFUSED)
        if self.only_plan:
            return State(risks=[])
        risks = [{"key": f.key, "why": f.why, "instead": f.instead} for f in ruling.decisive]
        return State(risks=risks)

    def _elapsed(self) -> float:
        """Seconds on the robot's clock since this command began."""
        return self.executive.body.now - self.began

    def _refused(self, refusal: Refusal, state: State) -> State:
        message = "; ".join(part for part in (refusal.reason, refusal.suggestion) if part)
        if refusal.code in _INPUT_CODES:
            return self._end("refused", message, ExitCode.BAD_INPUT)
        if refusal.code == "impossible" and state["history"]:
            return self._end("failed", message, ExitCode.NOT_ACHIEVED)
        return self._end("refused", message, ExitCode.REFUSED)

    @staticmethod
    def _plan(state: State) -> Plan:
        answer = ANSWER.validate_python(state["answer"])
        assert isinstance(answer, Plan)
        return answer

    @staticmethod
    def _end(status: str, message: str, code: ExitCode) -> State:
        return State(status=status, message=message, exit_code=int(code))


def _why(last: dict[str, Any]) -> str:
    return f"{last['words'] or last['skill']}: {last['cause']}, {last['detail']}"


def _reasons(risks: list[dict[str, str]]) -> str:
    """Say what the rules are afraid of, and what would be safe."""
    texts = [
        t for r in risks for t in (r["why"], r["instead"] and f"(instead: {r['instead']})") if t
    ]
    words = ", ".join(dict.fromkeys(texts)).replace(", (", " (")
    return words[:1].upper() + words[1:]
