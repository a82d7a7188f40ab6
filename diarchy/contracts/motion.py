"""Robots that bring their own navigation or trajectory controller (Nav2, MoveIt): the Protocols.

Their motion is guarded as ours is: velocities pass the guard on their way to the base, trajectories are
checked before they are sent and watched while they run. So are whole chunks, for robots that take those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import Pose2

MotionState = Literal["idle", "running", "succeeded", "failed", "cancelled", "refused"]


@dataclass(frozen=True)
class MotionStatus:
    """How a motion of another stack stands, and in words why it did not do what was asked.

    ``other_goal`` tells that trying a different goal is worth more than trying this one again.
    """

    state: MotionState
    reason: str = ""
    other_goal: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing follows."""
        return self.state not in ("idle", "running")


@runtime_checkable
class Navigator(Protocol):
    """Drives the base to poses in ``map`` by itself. `poll` is called every control tick."""

    def go(self, goal: Pose2) -> None:
        """Begin to drive there; replaces a goal that runs."""
        ...

    def poll(self) -> MotionStatus:
        """Let time pass and tell how it stands."""
        ...

    def cancel(self) -> None:
        """Stop driving; idempotent."""
        ...

    def path_length(self, goal: Pose2) -> float | None:
        """Return the length in m of a path from here; None: there is none."""
        ...


@runtime_checkable
class TrajectoryController(Protocol):
    """Follows whole joint trajectories by itself."""

    def follow(
        self, names: Sequence[str], times: npt.ArrayLike, positions: npt.ArrayLike
    ) -> MotionStatus:
        """Begin to follow positions ``[N, J]`` (rad or m) at times ``[N]`` s from now; or refuse, saying why."""
        ...

    def poll(self) -> MotionStatus:
        """Let time pass and tell how it stands."""
        ...

    def cancel(self) -> None:
        """Stop where the joints are; idempotent."""
        ...


@runtime_checkable
class TakesChunks(Protocol):
    """A robot whose controllers follow whole chunks: it is told ahead what is committed.

    What it was told is a forecast, not a command: every tick is still applied, and where the two differ the
    tick counts.
    """

    @property
    def takes_chunks(self) -> bool:
        """Whether it wants to be told; False: every tick is streamed."""
        ...

    def announce(self, rows: FloatArray) -> None:
        """Be told the rows ``[N, 2 + J + 1]`` (`Action.vector`) of the next ticks, from the present one on.

        They end at rest and have passed the guard. Called before `Robot.apply` of the same tick; a later
        call replaces what an earlier one said of the ticks from then on.
        """
        ...
