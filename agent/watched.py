"""Models that may hang: each is asked in a thread of its own and given a deadline on the machine's clock.

A call that does not come back cannot be ended in Python; its thread is left behind, and the model is not asked
again as long as it has not answered.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from diarchy.agent.wrapped_policy import WrappedPolicy
from diarchy.contracts.action import Policy
from diarchy.contracts.entity import Detection
from diarchy.contracts.errors import DiarchyError
from diarchy.contracts.perception import Detector
from diarchy.contracts.robot import CameraFrame

DETECTOR_S, POLICY_S = 30.0, 10.0
"""Deadlines of one call, s of wall time: far beyond what the slowest machine needs, see `diarchy bench`."""

_Result = TypeVar("_Result")


class HungError(DiarchyError):
    """A model did not answer within its deadline."""


class Deadline:
    """Runs calls one at a time in a thread of its own and waits for each at most ``seconds``."""

    def __init__(self, what: str, seconds: float) -> None:
        self._what, self._seconds = what, seconds
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], queue.SimpleQueue[Any]]] | None = (
            None
        )
        self._stuck: queue.SimpleQueue[Any] | None = None

    def call(self, work: Callable[[], _Result]) -> _Result:
        """Return what ``work`` returns, or raise what it raises.

        Raises:
            HungError: it took too long, or an earlier call has not come back yet.
        """
        if self._stuck is not None and self._stuck.empty():
            raise HungError(f"{self._what} has not come back from an earlier call")
        self._stuck = None
        if self._jobs is None:
            self._jobs = queue.SimpleQueue()
            threading.Thread(target=_serve, args=(self._jobs,), daemon=True).start()
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs.put((work, answer))
        try:
            result, error = answer.get(timeout=self._seconds)
        except queue.Empty:
            self._stuck = answer
            raise HungError(f"{self._what} did not answer within {self._seconds:g} s") from None
        if error is not None:
            raise error
        found: _Result = result
        return found


def _serve(jobs: queue.SimpleQueue[tuple[Callable[[], Any], queue.SimpleQueue[Any]]]) -> None:
    while True:
        work, answer = jobs.get()
        try:
            answer.put((work(), None))
        except BaseException as error:  # noqa: BLE001  it is raised where the call was made
            answer.put((None, error))


class WatchedDetector:
    """A detector with a deadline; everything else is the detector's own."""

    def __init__(self, detector: Detector, seconds: float = DETECTOR_S) -> None:
        self._detector = detector
        self._deadline = Deadline(f"the detector '{detector.name}'", seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_detector"], name)

    @property
    def name(self) -> str:
        """Name of the detector."""
        return self._detector.name

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes it can name."""
        return self._detector.classes

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """Return what is seen.

        Raises:
            HungError: it did not answer in time.
        """
        return self._deadline.call(lambda: self._detector.detect(frame))


def watched_policy(policy: Policy, seconds: float = POLICY_S) -> WrappedPolicy:
    """Return the policy with a deadline: an inference raises `HungError` if it does not come in time."""
    return WrappedPolicy(policy, Deadline(f"the policy '{policy.name}'", seconds).call)
