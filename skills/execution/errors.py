"""What the execution layer refuses, as types."""

from __future__ import annotations

from typing import Literal

from diarchy.contracts.errors import DiarchyError

ChunkFault = Literal["epoch", "representation", "shape", "not_finite", "late"]


class ChunkRejectedError(DiarchyError):
    """A chunk cannot be committed.

    Attributes:
        fault: ``epoch`` (of an older or unknown subtask), ``representation`` (not decoded to joints),
            ``shape``, ``not_finite``, or ``late`` (every tick it speaks of has been read already).
    """

    def __init__(self, fault: ChunkFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
