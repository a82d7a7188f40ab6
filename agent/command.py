"""One command from its sentence to its result."""

from __future__ import annotations

import signal
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command as Resume

from diarchy.agent.control.body import Body
from diarchy.agent.control.loop import ControlLoop
from diarchy.agent.corrections.conversation import Conversation
from diarchy.agent.deliberation.graph import build_graph
from diarchy.agent.deliberation.nodes import Nodes
from diarchy.agent.deliberation.ruling import PlanGuard
from diarchy.agent.deliberation.state import State, initial
from diarchy.agent.deliberation.thinking import Thinker
from diarchy.agent.durable.keeper import Keeper
from diarchy.agent.durable.resume import take_up
from diarchy.agent.evaluation.judge import Goal, judge
from diarchy.agent.report import write_report
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.dense import DenseRecorder
from diarchy.agent.run.describe import describe_map
from diarchy.agent.run.pictures import annotated
from diarchy.agent.run.remembering import keep_recalled, leave_scene_graph
from diarchy.agent.run.result import RunResult, SubtaskResult, Timing
from diarchy.agent.run.trace import RESULT_FILE, RUN_FILE
from diarchy.agent.tree.btcpp.run import TreeRun
from diarchy.agent.tree.executive import Executive
from diarchy.contracts.errors import ExitCode, FaultError, PlannerUnavailableError
from diarchy.contracts.plan import SubtaskRecord
from diarchy.contracts.skill import Ask, Cause
from diarchy.planners.left_open import left_behind

if TYPE_CHECKING:
    from diarchy.agent.session import Agent, AskPerson

_NOT_OF_THE_RUN = {"record", "episodes", "remember", "robot_socket"}
THREAD: dict[str, Any] = {"configurable": {"thread_id": "command"}, "recursion_limit": 1000}


class Command:
    """Runs the deliberation graph of one sentence and writes down what came of it."""

    def __init__(
        self,
        agent: Agent,
        loop: ControlLoop,
        config: RunConfig,
        *,
        goals: Sequence[Goal],
        ask: AskPerson | None,
        resume: bool = False,
    ) -> None:
        self._agent, self._loop, self._config = agent, loop, config
        self._goals, self._ask = tuple(goals), ask
        self._trace = loop.trace
        self._interrupted = False
        self._resume = resume
        self._fault = ""
        self._dense = DenseRecorder(agent.robot.spec) if config.dense_map else None
        if self._dense is not None:
            self._dense.watch(loop)
        self._pictures = config.pictures and hasattr(agent.robot, "render")
        loop.on_ask = self._answer_skill
        loop.halted = self._halted
        body = Body(loop, agent.library, seed=config.seed)
        self._executive = Executive(body, backend=config.system1)
        self._keeper = Keeper(
            loop, body, self._executive, session=getattr(agent.robot, "session", "")
        )
        body.on_grip = self._keeper.on_grip(lambda: self._snap("hand", self._executive.current))
        self._guard = PlanGuard(
            agent.reviewer,
            agent.library.specs,
            agent.vocabulary(),
            loop.trace,
            approve=config.approve,
        )
        body.permit = lambda call: self._guard.permit(call, loop.world.snapshot())
        self._thinker = Thinker(
            agent.planner,
            loop,
            agent.library.specs,
            agent.vocabulary(),
            latency=config.latencies.plan,
        )
        self.conversation = Conversation(
            self._thinker,
            self._executive,
            agent.corrector,
            instruction=config.instruction,
            latency=config.latencies.plan,
            ask=lambda text, options: self._answer({"text": text, "options": options}),
            stop=agent.stop,
            rules=self._guard,
            in_background=config.real_time,
        )
        loop.listen = self.conversation.tick
        self._nodes = Nodes(
            self._thinker,
            self._executive,
            agent.episodes,
            config,
            conversation=self.conversation,
            guard=self._guard,
            snap=self._snap,
            can_ask=ask is not None,
        )

    def run(self, *, only_plan: bool = False) -> RunResult:
        """Deliberate until the end; the robot is at rest when this returns."""
        began = time.perf_counter()
        sim_began = self._agent.robot.clock.now()
        self._write_start()
        try:
            with self._on_ctrl_c():
                state = self._deliberate(only_plan=only_plan)
        except Exception as error:
            # A defect must not leave the robot moving or the trace without an end.
            self._come_to_rest()
            self._trace.event(
                "run_ended", status="failed", verified=False, truth=None, message=repr(error)
            )
            raise
        finally:
            self._keeper.close()
        self._come_to_rest()
        self.conversation.close()
        self._snap("end", None)
        result = self._result(state)
        seconds = time.perf_counter() - began
        thought = self._agent.infer_seconds
        ticks = round((self._agent.robot.clock.now() - sim_began) / self._agent.robot.clock.period)
        result.timing = Timing(
            plan_s=round(self._thinker.wall_seconds, 3),
            sim_s=round(self._agent.robot.clock.now() - sim_began, 3),
            wall_s=round(seconds, 3),
            loop_hz=round(ticks / seconds, 1) if seconds > 0 else 0.0,
            starved_ticks=self._loop.starved_ticks,
            chunk_p50_ms=round(1e3 * statistics.median(thought), 2) if thought else 0.0,
            missed_deadlines=getattr(self._agent.robot, "missed_deadlines", 0),
            jitter_p99_ms=_p99_ms(getattr(self._agent.robot, "lateness", [])),
        )
        self._write_end(result)
        self._agent.left_open = self._left_open(state, result.status)
        return result

    def _left_open(self, state: State, status: str) -> tuple[str, ...]:
        """What the next command has to close."""
        history = [SubtaskRecord.model_validate(r) for r in state.get("history", [])]
        return left_behind(history, state.get("left_open", []), self._executive.goals(), status)

    def _deliberate(self, *, only_plan: bool) -> State:
        if self._config.tree is not None:
            tree = TreeRun(self._config.tree, self._executive, self._config, ask=self._ask_person)
            return tree.run()
        connection = sqlite3.connect(self._trace.folder / "thread.sqlite", check_same_thread=False)
        graph = build_graph(self._nodes, SqliteSaver(connection))
        stop_before = ["act", "approve"] if only_plan else None
        self._nodes.only_plan = only_plan
        try:
            if self._resume and take_up(graph, THREAD, self._keeper, self._nodes):
                return self._converse(graph, None, stop_before=stop_before)
            start = initial(self._config.instruction, self._agent.left_open)
            return self._converse(graph, start, stop_before=stop_before)
        except PlannerUnavailableError as error:
            so_far = _so_far(graph)
            code = ExitCode.NOT_ACHIEVED if so_far.get("history") else ExitCode.BAD_INPUT
            return so_far | State(status="failed", message=str(error), exit_code=int(code))
        except (FaultError, sqlite3.Error) as error:
            self._fault = f"{error}"
            if isinstance(error, sqlite3.Error):
                self._fault = f"cannot write the run folder {self._trace.folder}: {error}"
            code = ExitCode.NOT_ACHIEVED
            return _so_far(graph) | State(status="failed", message=self._fault, exit_code=int(code))
        except KeyboardInterrupt:
            self._interrupted = True
            code = ExitCode.INTERRUPTED
            return _so_far(graph) | State(
                status="stopped", message="interrupted", exit_code=int(code)
            )
        finally:
            connection.close()

    def _converse(self, graph: Any, pending: Any, *, stop_before: list[str] | None) -> State:
        """Run the graph; every interrupt of it is a question to the person, and waits for the answer.

        Each checkpoint is on disk before the next node begins (``durability="sync"``).
        """
        while True:
            state: State = graph.invoke(
                pending, THREAD, interrupt_before=stop_before, durability="sync"
            )
            asked = graph.get_state(THREAD).interrupts
            if not asked:
                return state
            answer = self._answer(asked[0].value)
            if answer is None:
                return _asked(state, asked[0].value)
            pending = Resume(resume=answer)

    def _answer(self, question: dict[str, Any]) -> str | None:
        text, options = str(question.get("text", "")), tuple(question.get("options", ()))
        self._trace.event("asked", text=text, options=list(options))
        return self._ask(text, options) if self._ask is not None else None

    def _ask_person(self, text: str, options: tuple[str, ...]) -> str | None:
        return self._answer({"text": text, "options": options})

    def _answer_skill(self, ask: Ask) -> str | None:
        return self._answer({"text": ask.text, "options": ask.options})

    def _halted(self) -> str | None:
        if self._interrupted:
            return "interrupted"
        if self._trace.broken is not None:
            return self._trace.broken
        return self._agent.stop_switch.reason or self._agent.interruption

    @contextmanager
    def _on_ctrl_c(self) -> Iterator[None]:
        """The first Ctrl-C ends the run in order; a second one, or one while a model thinks, at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handle(number: int, frame: Any) -> None:
            if self._interrupted or self._thinker.busy:
                raise KeyboardInterrupt
            self._interrupted = True

        previous: Callable[..., Any] | int | None = signal.signal(signal.SIGINT, handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)

    def _come_to_rest(self) -> None:
        if self._executive.body.busy:
            self._loop.executor.cancel(Cause.STOPPED)
        self._loop.on_tree = lambda: None
        try:
            self._loop.rest()
        except FaultError as error:  # perception, or the robot's process, which brakes by itself
            self._fault = self._fault or str(error)
            with suppress(FaultError):
                self._agent.robot.stop()

    def _snap(self, label: str, subtask: str | None) -> None:
        if not self._pictures or self._fault or self._trace.broken:
            return
        self._picture("chase", label, subtask)
        if label not in ("before", "hand"):
            self._picture("overview", label, subtask)
        if label == "after" and self._loop.seen is not None and self._loop.seen.views:
            seen = f"looked at {self._loop.seen.stamp:.1f} s"
            self._trace.frame(annotated(self._loop.seen), view="head", label=seen, subtask=subtask)

    def _picture(self, view: str, label: str, subtask: str | None) -> None:
        picture = self._agent.robot.render(view, 640, 420)  # type: ignore[attr-defined]
        self._trace.frame(picture, view=view, label=label, subtask=subtask)

    def _result(self, state: State) -> RunResult:
        status = state.get("status") or "succeeded"
        code = state.get("exit_code", 1) if state.get("status") else int(ExitCode.DONE)
        if self._interrupted:
            status, code = "stopped", int(ExitCode.INTERRUPTED)
        fault = self._fault or self._trace.broken
        if fault:
            status, code = "failed", int(ExitCode.NOT_ACHIEVED)
        answer = state.get("answer")
        question = state.get("question")
        history = [SubtaskResult.model_validate(r) for r in state.get("history", [])]
        return RunResult(
            status=status,  # type: ignore[arg-type]
            verified=bool(state.get("verified")) and not fault,
            truth=self._truth(state),
            instruction=self._config.instruction,
            planner=self._agent.planner.name,
            perception=self._agent.detector.name,
            message=fault or state.get("message", ""),
            question=question["text"] if question else None,
            options=tuple(question["options"]) if question else (),
            plan=answer,
            subtasks=[h for h in history if h.id != "goals"],
            corrections=self.conversation.record,
            replans=state.get("replans", 0),
            recoveries=sum(m.recoveries for m in self._executive.memories.values()),
            guard=self._loop.guarding.summary(),
            rules=[f.as_dict() for f in self._guard.findings],
            run_dir=str(self._trace.folder),
            exit_code=code,
        )

    def _truth(self, state: State) -> bool | None:
        """Whether the goals hold in the simulator: the judge's own, else those of the plan."""
        try:
            return self._judged(state)
        except FaultError:
            return None  # the robot's process is gone, and its truth with it

    def _judged(self, state: State) -> bool | None:
        if self._goals:
            return judge(self._agent.robot, self._goals)
        answer = state.get("answer") or {}
        if answer.get("kind") != "plan" or not answer.get("complete") or not state.get("history"):
            return None
        return judge(self._agent.robot, self._executive.goals())

    def _write_start(self) -> None:
        if self._resume:
            self._trace.event(
                "run_resumed", wall={"robot": getattr(self._agent.robot, "session", "")}
            )
            return
        self._trace.write_json(RUN_FILE, self._config.model_dump(mode="json"))
        self._trace.event(
            "run_started",
            instruction=self._config.instruction,
            seed=self._config.seed,
            planner=self._agent.planner.name,
            detector=self._agent.detector.name,
            system1=self._config.system1,
            config=self._config.model_dump(mode="json", exclude=_NOT_OF_THE_RUN),
            wall={"robot": getattr(self._agent.robot, "session", "")},
        )
        self._trace.event("map", **describe_map(self._agent.static_map))
        if self._agent.recalled is not None:
            keep_recalled(self._trace, self._agent.recalled, self._agent.world.remembered())
        self._snap("start", None)

    def _write_end(self, result: RunResult) -> None:
        self._trace.event("guard", **result.guard.model_dump())
        self._trace.event(
            "run_ended",
            status=result.status,
            verified=result.verified,
            truth=result.truth,
            message=result.message,
        )
        self._trace.write_json(RESULT_FILE, result.to_json())
        leave_scene_graph(self._agent.scene_graph(), self._trace, self._lasting())
        if self._dense is not None and not self._nodes.only_plan:
            self._dense.write(self._trace.folder)
        with suppress(OSError, sqlite3.Error):  # neither changes how the run ended
            if self._agent.episodes is not None:
                self._agent.episodes.remember(result)
            if self._config.report:
                write_report(self._trace.folder)

    def _lasting(self) -> Path | None:
        """Where the next run finds what this one saw; a plan alone has seen nothing worth it."""
        return None if self._nodes.only_plan else self._agent.remember


def _so_far(graph: Any) -> State:
    """Return the last checkpoint: what had been done when something raised."""
    state: State = graph.get_state(THREAD).values
    return state


def _p99_ms(seconds: Sequence[float]) -> float:
    """Return the 99th percentile of durations in ms; 0 where nothing was timed (lockstep)."""
    return round(1e3 * float(np.percentile(seconds, 99)), 3) if seconds else 0.0


def _asked(state: State, question: dict[str, Any]) -> State:
    return state | State(
        status="question",
        question={"text": question.get("text", ""), "options": list(question.get("options", ()))},
        message=str(question.get("text", "")),
        exit_code=int(ExitCode.QUESTION),
    )
