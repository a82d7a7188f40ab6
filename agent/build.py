"""The composition root: from choices in words to the objects that do the work.

This is the only place that knows every implementation. An explicit choice is never replaced by
another; only ``auto`` chooses.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, get_args, runtime_checkable

import numpy as np

from diarchy.agent.run.config import GuardChoice
from diarchy.agent.run.timing import timed
from diarchy.agent.watched import WatchedDetector, watched_policy
from diarchy.contracts.action import Policy
from diarchy.contracts.correction import Corrector
from diarchy.contracts.entity import StaticMap, Zone
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3
from diarchy.contracts.guard import Verdict
from diarchy.contracts.motion import Navigator
from diarchy.contracts.perception import Detector, Localizer
from diarchy.contracts.plan import Planner, Vocabulary
from diarchy.contracts.robot import Action, Pose2, Proprio, Robot, RobotSpec
from diarchy.contracts.skill import Skill
from diarchy.perception import ExternalLocalizer, ScanLocalizer
from diarchy.planners.fallback import URL_VARIABLE, FallbackPlanner
from diarchy.skills.library import SkillLibrary
from diarchy.skills.specs import NAVIGATE_TO, PICK
from diarchy.skills.vla import SHIPPED_PICK

GUARDS = get_args(GuardChoice)


@runtime_checkable
class Mapped(Protocol):
    """A robot that brings the map of where it is and its pose at the start."""

    @property
    def static_map(self) -> StaticMap:
        """The map."""
        ...

    @property
    def start(self) -> Pose2:
        """``map_from_base`` at the start."""
        ...


@runtime_checkable
class Guarded(Protocol):
    """A robot on which other stacks move too: their motion passes the check that it is given."""

    def guard_with(self, check: Callable[[Action, Proprio], Verdict]) -> None:
        """Have every action of another stack checked."""
        ...


@runtime_checkable
class Navigated(Protocol):
    """A robot that may bring a navigation of its own."""

    def navigator(self) -> Navigator | None:
        """Return it; None where there is none, or it may not drive."""
        ...


@runtime_checkable
class Located(Protocol):
    """A robot whose own SLAM says where it is."""

    def map_from_odom(self) -> SE3:
        """Return the correction of the odometry; raises StaleDataError where there is none."""
        ...

    @property
    def locates_itself(self) -> bool:
        """Whether it is to be asked, rather than scans matched."""
        ...


def plugins(kind: str) -> dict[str, Callable[..., Any]]:
    """Factories that installed packages offer under the entry point group ``diarchy.<kind>``."""
    return {
        e.name: lambda *args, _entry=e, **kw: _entry.load()(*args, **kw)
        for e in entry_points(group=f"diarchy.{kind}")
    }


def build_robot(scene: str, seed: int, *, robot: str | None = None) -> Robot:
    """Build the simulated home of a scene name or YAML file, or a robot by its file or entry point.

    Raises:
        BadInputError: the scene or the robot does not exist or is wrong, or there is no ROS 2 here.
    """
    if robot is not None:
        offered = plugins("robots")
        if robot in offered:
            other: Robot = offered[robot](seed=seed)
            return other
        from diarchy.robots.ros2.config import example_names

        examples = example_names()
        if not robot.endswith((".yaml", ".yml")) and robot not in examples:
            raise BadInputError(
                f"no robot '{robot}'; {did_you_mean(robot, [*offered, *examples])}. Give the YAML file of a robot under "
                "ROS 2 (docs/embedding.md), or pass your own Robot to diarchy.Agent"
            )
        from diarchy.robots.ros2.connect import connect

        return connect(robot)
    from diarchy.robots.home import HomeRobot

    return HomeRobot(scene, seed=seed)


def build_corrector(planner: Planner) -> Corrector:
    """Return who reads what is said meanwhile: the planner's own reader, else the rules."""
    from diarchy.planners.symbolic.corrections import SymbolicCorrector

    own = getattr(planner, "corrector", None)
    return own if isinstance(own, Corrector) else SymbolicCorrector()


def build_detector(choice: str | Detector, robot: Any) -> Detector:
    """Build the detector: ``oracle``, ``camera``, or the name of a ``diarchy.detectors`` entry point.

    Raises:
        BadInputError: there is no such detector, or the robot does not have what it reads.
        MissingExtraError: it needs an extra that is not installed.
    """
    if not isinstance(choice, str):
        return WatchedDetector(choice)
    if choice == "oracle":
        if not hasattr(robot, "instances"):
            raise BadInputError(
                "the oracle detector reads a simulator's segmentation image and this robot has none; "
                "pass your own Detector to diarchy.Agent"
            )
        from diarchy.perception.oracle import OracleDetector

        return OracleDetector(lambda: robot.instances)
    if choice == "camera":
        from diarchy.perception.learned.detector import LearnedDetector

        return WatchedDetector(LearnedDetector())
    offered = plugins("detectors")
    if choice in offered:
        return WatchedDetector(offered[choice]())
    known = ["oracle", "camera", *offered]
    raise BadInputError(f"no detector '{choice}'; {did_you_mean(choice, known)}")


def build_planner(choice: str | Planner, model: str | None = None) -> Planner:
    """Build the planner: ``auto`` (the server that `URL_VARIABLE` names, while it answers, else symbolic), ``symbolic``, ``embedded``, a URL, or the name of a ``diarchy.planners`` entry point.

    Raises:
        BadInputError: there is no such planner.
        MissingExtraError: it needs an extra that is not installed.
    """
    if not isinstance(choice, str):
        return choice
    if choice in ("auto", "symbolic"):
        from diarchy.planners.symbolic import SymbolicPlanner

        server = os.environ.get(URL_VARIABLE, "").strip()
        if choice == "auto" and server:
            from diarchy.planners.vlm import VLMPlanner

            return FallbackPlanner(VLMPlanner(server, model=model), SymbolicPlanner())
        return SymbolicPlanner()
    if choice.startswith(("http://", "https://")):
        from diarchy.planners.vlm import VLMPlanner

        return VLMPlanner(choice, model=model)
    if choice == "embedded":
        from diarchy.planners.embedded import EmbeddedPlanner

        return EmbeddedPlanner()
    offered = plugins("planners")
    if choice in offered:
        built: Planner = offered[choice]()
        return built
    known = ["auto", "symbolic", "embedded", *offered]
    raise BadInputError(
        f"no planner '{choice}'; {did_you_mean(choice, known)}, or the URL of a server"
    )


def add_policies(
    library: SkillLibrary,
    spec: RobotSpec,
    *,
    system1: str,
    policy: str | None,
    on_infer: Callable[[float], None] = lambda seconds: None,
) -> None:
    """Give the skills that a policy has learned their ``vla`` backend, built when first used.

    ``policy`` is a file of weights, or the name of a ``diarchy.policies`` entry point: a callable
    that takes the `RobotSpec` and returns a `Policy`. None: the weights that ship. ``auto`` prefers
    the policy and keeps classical motion for when it fails. ``on_infer`` is told how long each inference took.

    Raises:
        BadInputError: the choice does not exist, or the weights are not there.
    """
    if system1 not in ("auto", "motion", "vla"):
        raise BadInputError(
            f"no System 1 '{system1}'; {did_you_mean(system1, ['auto', 'motion', 'vla'])}"
        )
    if system1 == "motion":
        return
    offered = plugins("policies")
    if policy in offered:
        chosen = offered[policy]
        library.register(PICK, "vla", lambda: _vla_pick(spec, chosen(spec), on_infer), first=True)
        return
    weights = Path(policy) if policy else SHIPPED_PICK
    if not weights.is_file():
        if system1 == "auto" and policy is None:
            return
        raise BadInputError(
            f"no policy weights at {weights}; train some with 'diarchy train policy'"
        )

    def build() -> Skill:
        from diarchy.skills.vla.pick import load_policy

        return _vla_pick(spec, load_policy(spec, weights), on_infer)

    library.register(PICK, "vla", build, first=True)


def _vla_pick(spec: RobotSpec, policy: Policy, on_infer: Callable[[float], None]) -> Skill:
    from diarchy.skills.vla.pick import VlaPick

    return VlaPick(spec, timed(watched_policy(policy), on_infer))


def build_map(
    robot: Robot, static_map: StaticMap | None, start: Pose2 | None
) -> tuple[StaticMap, Pose2]:
    """Return the map and the start pose, given or the robot's own."""
    if static_map is not None:
        return static_map, start or Pose2(0.0, 0.0, 0.0)
    if isinstance(robot, Mapped):
        return robot.static_map, start or robot.start
    raise BadInputError(
        "this robot brings no map: pass static_map=StaticMap(...) and start=Pose2(...) to diarchy.Agent"
    )


def checked_guard(choice: str) -> str:
    """Return a choice of guards.

    Raises:
        BadInputError: there is none of that name.
    """
    if choice not in GUARDS:
        raise BadInputError(f"no guard '{choice}'; {did_you_mean(choice, GUARDS)}")
    return choice


def with_zones(static_map: StaticMap, zones: Sequence[Zone]) -> StaticMap:
    """Return the map with more places that the base must not enter; the same map if there are none.

    Raises:
        BadInputError: a zone is no polygon.
    """
    for zone in zones:
        if len(zone) < 3 or not np.isfinite(np.asarray(zone, dtype=np.float64)).all():
            raise BadInputError(
                f"a keep-out zone has three or more corners (x, y) in m, got {list(zone)}"
            )
    return replace(static_map, keep_out=(*static_map.keep_out, *zones)) if zones else static_map


def add_navigator(library: SkillLibrary, robot: Robot) -> None:
    """Let the robot's own navigation drive, where it has one; ``auto`` prefers it, classical motion remains."""
    if not isinstance(robot, Navigated) or "navigator" in library.backends(NAVIGATE_TO.name):
        return
    navigator = robot.navigator()
    if navigator is None:
        return

    def build() -> Skill:
        from diarchy.skills.motion.navigate_by import NavigateBy

        return NavigateBy(robot.spec, navigator)

    library.register(NAVIGATE_TO, "navigator", build, first=True)


def build_localizer(robot: Robot, static_map: StaticMap, start: Pose2) -> Localizer:
    """Match scans to the map, unless the robot's own SLAM says where it is."""
    if isinstance(robot, Located) and robot.locates_itself:
        return ExternalLocalizer(static_map, robot.map_from_odom, start)
    return ScanLocalizer(static_map, start)


def vocabulary(
    static_map: StaticMap, detector: Detector, colors: tuple[str, ...] = ()
) -> Vocabulary:
    """Return the words for what this robot can look for and where things can be put."""
    fixtures = sorted({f.entity.cls for f in static_map.fixtures.values()})
    objects = sorted(c for c in detector.classes if c not in fixtures)
    return Vocabulary(
        object_classes=tuple(objects),
        fixture_classes=tuple(fixtures),
        attributes={"color": colors} if colors else {},
    )
