"""The session: an `Agent` takes sentences and does them.

from diarchy import Agent, HomeRobot

with Agent(robot=HomeRobot("home"), planner="symbolic") as agent:
    result = agent.run("put the apple in the fridge")
    print(result.status, result.verified)
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from diarchy.agent.build import (
    Guarded,
    add_navigator,
    add_policies,
    build_corrector,
    build_detector,
    build_localizer,
    build_map,
    build_planner,
    build_robot,
    checked_guard,
    vocabulary,
    with_zones,
)
from diarchy.agent.command import Command
from diarchy.agent.control.decoding import LazyDecoder
from diarchy.agent.control.guarding import BEFORE_NEWCOMERS, Guarding, Place
from diarchy.agent.control.loop import ControlLoop, LoopTimes
from diarchy.agent.durable.lock import RunLock
from diarchy.agent.evaluation.judge import Goal
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.remembering import recalled_from
from diarchy.agent.run.result import RunResult
from diarchy.agent.run.trace import Trace
from diarchy.contracts.entity import StaticMap, Zone
from diarchy.contracts.perception import Detector
from diarchy.contracts.plan import Planner, Vocabulary
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2, Robot
from diarchy.memory import (
    EpisodeStore,
    SceneGraph,
    WorldModel,
    build_scene_graph,
)
from diarchy.memory.scene_file import check_same_home
from diarchy.perception import Perception
from diarchy.planners.symbolic.utterances import is_stop
from diarchy.robots.served import ServedRobot
from diarchy.safety import ProtectiveStop, default_guard
from diarchy.safety.rules import Reviewer, load_rules
from diarchy.skills.execution import SkillExecutor
from diarchy.skills.execution.pacing import PacedBuffer
from diarchy.skills.library import SkillLibrary, default_library

if TYPE_CHECKING:
    from typing_extensions import Self

    from diarchy.agent.run.compare import Comparison

Observer = Callable[[dict[str, Any]], None]
AskPerson = Callable[[str, tuple[str, ...]], str | None]


class Agent:
    """A robot with a mind: perception, memory, skills, guard and planner around one embodiment.

    Args:
        robot: any `Robot`; a simulated one brings its own map and, for the judge, its truth.
        planner: ``auto``, ``symbolic``, the URL of an OpenAI-compatible server, or a `Planner`.
        model: name of the served model, if the server has several.
        system1: ``auto``, ``motion`` or ``vla``: who moves the arm.
        detector: ``oracle`` (simulator only) or a `Detector`.
        static_map, start: the map and the pose in it, for robots that bring none.
        keep_out: polygons ``((x, y), ...)`` m in ``map`` that the base must not enter, beside the map's own.
        guard: ``limits``, or ``full``: with the collision barrier (docs/safety.md).
        policy: weights of the System 1 policy; None: the shipped ones.
        library: skills; the built-in ones by default.
        episodes: where past commands are remembered; None: nowhere.
        remember: a scene graph that an earlier run left, and where this one leaves its own (docs/maps.md); it
            need not exist yet. None: what was seen is forgotten with the agent.
        rules: a file of rules on sentences and plans beside those that ship (docs/safety-rules.md).
        seed: of everything that draws.
    """

    def __init__(
        self,
        robot: Robot,
        *,
        planner: str | Planner = "auto",
        model: str | None = None,
        system1: str = "auto",
        detector: str | Detector = "oracle",
        static_map: StaticMap | None = None,
        start: Pose2 | None = None,
        keep_out: Sequence[Zone] = (),
        guard: str = "limits",
        policy: str | None = None,
        library: SkillLibrary | None = None,
        episodes: Path | None = None,
        remember: Path | None = None,
        rules: Path | None = None,
        seed: int = 0,
    ) -> None:
        self.robot = robot
        self.reviewer = Reviewer(load_rules(rules))
        self.planner = build_planner(planner, model)
        self.detector = build_detector(detector, robot)
        given, begin = build_map(robot, static_map, start)
        self.static_map = with_zones(given, keep_out)
        self.stop_switch = ProtectiveStop(robot.spec)
        self.world = WorldModel(self.static_map, robot.spec)
        self.remember, self.recalled = remember, recalled_from(remember, self.static_map)
        if self.recalled is not None:
            self.world.remember(self.recalled)
        self.perception = Perception(
            robot.spec, self.detector, build_localizer(robot, self.static_map, begin)
        )
        self.buffer = PacedBuffer(robot.spec)
        self.executor = SkillExecutor(self.buffer, robot.clock, LazyDecoder(robot.spec))
        self.library = library or default_library(robot.spec)
        self.infer_seconds: list[float] = []
        add_policies(
            self.library,
            robot.spec,
            system1=system1,
            policy=policy,
            on_infer=self.infer_seconds.append,
        )
        self.episodes = EpisodeStore(episodes) if episodes else None
        self.seed = seed
        self.guard = checked_guard(guard)
        self.system1 = system1
        self.interruption: str | None = None
        self.corrector = build_corrector(self.planner)
        self._listening: Command | None = None
        # What earlier commands opened and did not get to close: the next one does.
        self.left_open: tuple[str, ...] = ()

    def run(
        self,
        instruction: str,
        *,
        config: RunConfig | None = None,
        goals: Sequence[Goal] = (),
        watchers: Sequence[Callable[[], None]] = (),
        observers: Sequence[Observer] = (),
        ask: AskPerson | None = None,
        only_plan: bool = False,
        resume: bool = False,
    ) -> RunResult:
        """Do what the sentence says; returns when it is done, refused, asked or given up.

        Args:
            instruction: the sentence.
            config: further choices; its instruction is replaced by the sentence.
            goals: what the judge shall check in the simulator's truth, if it is not the plan's own goals.
            watchers: called after every control tick: a judge's odometer, events from outside.
            observers: called with every trace event.
            ask: answers a question of the robot; None (or returning None): the run ends with the question.
            only_plan: stop before anything moves.
            resume: go on with the run in ``config.record``, which an earlier process left unfinished.

        Raises:
            BadInputError: the run folder cannot be written.
        """
        config = (config or RunConfig(instruction=instruction, seed=self.seed)).model_copy(
            update={"instruction": instruction}
        )
        self.interruption = None
        folder = config.record or fresh_folder(instruction)
        with RunLock(folder):
            trace = Trace(folder, self.robot.clock, resume=resume)
            for observer in observers:
                trace.subscribe(observer)
            try:
                loop = self._loop(trace, config)
                loop.watchers = tuple(watchers)
                command = Command(self, loop, config, goals=goals, ask=ask, resume=resume)
                self._listening = command
                return command.run(only_plan=only_plan)
            finally:
                self._listening = None
                trace.close()

    def say(self, text: str) -> bool:
        """Say something to the robot while it works; callable from any thread at any moment.

        "Stop" stops it at the next control tick, without any model. Everything else is read with the
        running plan as context and becomes an edit of it, or is answered (see docs/corrections.md).

        Returns:
            Whether a command is running that hears it; a stop is obeyed in any case.
        """
        if is_stop(text):
            self.stop(f"a person said {text.strip()!r}")
        command = self._listening
        if command is not None and text.strip():
            command.conversation.hear(text)
        return command is not None

    def stop(self, reason: str = "stopped by a person") -> None:
        """Protective stop: brake at once and stay; callable from any thread."""
        self.stop_switch.trip(reason)

    def interrupt(self, reason: str) -> None:
        """Break off the command that is running: the robot brakes, and the run ends as stopped.

        Unlike `stop` nothing is latched: the next `run` goes on from where things stand.
        """
        self.interruption = reason

    def close(self) -> None:
        """Release the robot."""
        self.robot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def _loop(self, trace: Trace, config: RunConfig) -> ControlLoop:
        spec = self.robot.spec
        guarding = Guarding(
            default_guard(
                spec,
                stop=self.stop_switch,
                collision=self.guard == "full",
                clearance=BEFORE_NEWCOMERS,
            ),
            spec,
            Place.of(self.static_map),
            self.stop_switch,
        )
        if isinstance(self.robot, Guarded):
            self.robot.guard_with(guarding.outside(self.world))
        add_navigator(self.library, self.robot)
        look_ticks = round(config.latencies.look * spec.control_hz)
        return ControlLoop(
            self.robot,
            self.perception,
            self.world,
            self.executor,
            self.buffer,
            guarding,
            trace,
            times=LoopTimes(look_ticks=look_ticks),
        )

    def recall(self, graph: SceneGraph) -> None:
        """Begin with what a scene graph tells: hints where to look first; nothing of it is believed.

        Raises:
            BadInputError: it is that of another home.
        """
        check_same_home(graph, self.static_map)
        self.recalled = graph
        self.world.remember(graph)

    def scene_graph(self) -> SceneGraph:
        """Write down what is believed now: rooms, furniture, things, people, and how sure that is."""
        # Asked of the map and the detector alone: the robot's process may be gone by then.
        classes = vocabulary(self.static_map, self.detector).object_classes
        return build_scene_graph(self.world, classes=classes, perception=self.detector.name)

    def vocabulary(self) -> Vocabulary:
        """Words that this robot knows."""
        colors: tuple[str, ...] = tuple(getattr(self.robot, "colors", ()))
        return vocabulary(self.static_map, self.detector, colors)


def fresh_folder(instruction: str) -> Path:
    """Return a folder name for a run that is not taken yet."""
    words = "-".join(re.findall(r"[a-z0-9]+", instruction.lower())[:6]) or "run"
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = Path("runs") / f"{stamp}-{words}"
    number = 2
    while folder.exists():
        folder = Path("runs") / f"{stamp}-{words}-{number}"
        number += 1
    return folder


def agent_for(config: RunConfig) -> Agent:
    """Build the agent that a run's choices describe."""
    planner = build_planner(config.planner, config.model)
    load_rules(config.rules)  # a mistake in it is said before a home is built
    robot: Robot
    if config.robot_socket is not None:
        robot = ServedRobot(config.robot_socket)
    else:
        robot = build_robot(config.scene, config.seed, robot=config.robot)
    try:
        from diarchy.agent.pacing import paced

        return Agent(
            paced(robot) if config.real_time else robot,
            planner=planner,
            system1=config.system1,
            policy=config.policy,
            episodes=config.episodes,
            remember=config.remember,
            rules=config.rules,
            detector=config.perception,
            guard=config.guard,
            seed=config.seed,
        )
    except BaseException:
        robot.close()
        raise


def run_command(
    config: RunConfig,
    *,
    observers: Sequence[Observer] = (),
    ask: AskPerson | None = None,
    meet: Callable[[Agent], None] | None = None,
) -> RunResult:
    """Run one command from its choices: what ``diarchy run`` does; ``meet`` is given the agent first."""
    began = time.perf_counter()
    with agent_for(config) as agent:
        if meet is not None:
            meet(agent)
        scene = getattr(agent.robot, "scene", None)
        goals = [Condition.parse(g) for g in getattr(scene, "goals", ())]
        result = agent.run(
            config.instruction, config=config, goals=goals, observers=observers, ask=ask
        )
    result.timing.wall_s = round(time.perf_counter() - began, 3)
    return result


def resume_command(
    folder: Path,
    *,
    observers: Sequence[Observer] = (),
    ask: AskPerson | None = None,
    meet: Callable[[Agent], None] | None = None,
) -> RunResult:
    """Go on with a run whose process died: what ``diarchy run --resume`` does.

    Raises:
        BadInputError: there is nothing to go on with there.
    """
    from diarchy.agent.durable.resume import config_to_resume, same_robot

    config = config_to_resume(folder)
    began = time.perf_counter()
    with agent_for(config) as agent:
        same_robot(folder, agent.robot)
        if meet is not None:
            meet(agent)
        scene = getattr(agent.robot, "scene", None)
        goals = [Condition.parse(g) for g in getattr(scene, "goals", ())]
        result = agent.run(
            config.instruction,
            config=config,
            goals=goals,
            observers=observers,
            ask=ask,
            resume=True,
        )
    result.timing.wall_s = round(time.perf_counter() - began, 3)
    return result


def plan_command(config: RunConfig, *, observers: Sequence[Observer] = ()) -> RunResult:
    """Plan only; nothing moves: what ``diarchy plan`` does."""
    with agent_for(config) as agent:
        return agent.run(config.instruction, config=config, observers=observers, only_plan=True)


def replay_command(folder: Path) -> Comparison:
    """Run a recorded run again, with the recorded answers of its planner, and compare the traces."""
    from diarchy.agent.run.replay import replay

    return replay(folder)
