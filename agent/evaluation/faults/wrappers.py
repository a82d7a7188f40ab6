"""Robot, detector and policy with a fault in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from diarchy.agent.evaluation.faults.model import Moment
from diarchy.contracts.action import ActionChunk
from diarchy.contracts.entity import Detection
from diarchy.contracts.robot import Action, CameraFrame, Observation, Proprio


class FaultyRobot:
    """A robot whose readings and commands pass through a fault while it lasts."""

    def __init__(
        self,
        robot: Any,
        moment: Moment,
        *,
        sense: Callable[[Observation], Observation] = lambda o: o,
        proprio: Callable[[Proprio], Proprio] = lambda p: p,
        apply: Callable[[Action], None] = lambda a: None,
    ) -> None:
        self._robot, self._moment = robot, moment
        self._sense, self._proprio, self._apply = sense, proprio, apply

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_robot"], name)

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        """Read, spoilt while the fault lasts."""
        seen: Observation = self._robot.sense(cameras, lidar=lidar)
        seen = replace(seen, proprio=self.proprio())
        return self._sense(seen) if self._moment else seen

    def proprio(self) -> Proprio:
        """Feel, spoilt from when the fault begins."""
        felt: Proprio = self._robot.proprio()
        return self._proprio(felt) if self._moment else felt

    def apply(self, action: Action) -> None:
        """Command, if the fault lets it through."""
        if self._moment:
            self._apply(action)
        self._robot.apply(action)


class FaultyDetector:
    """A detector that does something else while the fault lasts."""

    def __init__(
        self, detector: Any, moment: Moment, instead: Callable[[], Sequence[Detection]]
    ) -> None:
        self._detector, self._moment, self._instead = detector, moment, instead
        self.name, self.classes = detector.name, detector.classes

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """See, or do what the fault does."""
        if self._moment:
            return self._instead()
        found: Sequence[Detection] = self._detector.detect(frame)
        return found


class FaultyPolicy:
    """A policy that fails in its own way whenever it is asked."""

    name, stride, horizon = "faulty", 8, 16

    def __init__(self, how: str, width: int) -> None:
        self._how, self._width = how, width

    def infer(self, context: Any, *args: Any, start_tick: int, seed: int) -> ActionChunk:
        """Raise, hang, or answer numbers that are none."""
        if self._how == "raises":
            raise RuntimeError("the policy's process was killed")
        if self._how == "hangs":
            time.sleep(3.0)
        rows = np.full((self.horizon, 10), np.nan)
        return ActionChunk(
            "ee_pose", "base", rows, start_tick, self.stride, context.epoch, "vla:faulty"
        )
