"""One root for everything diarchy raises on purpose, and the exit code each error ends a command with.

A message says what was wrong, what exists, and what to do next; the command line prints it as one
line and shows no traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line; they are part of the public contract."""

    DONE = 0
    NOT_ACHIEVED = 1
    BAD_INPUT = 2
    REFUSED = 3
    QUESTION = 4
    STOPPED = 5
    INTERRUPTED = 130


class DiarchyError(Exception):
    """Root of every error that diarchy raises on purpose."""

    exit_code: ExitCode = ExitCode.NOT_ACHIEVED


class BadInputError(DiarchyError):
    """The user asked for something that is malformed or that does not exist."""

    exit_code = ExitCode.BAD_INPUT


class MissingExtraError(BadInputError):
    """An optional dependency is needed; the message names the extra that brings it."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the '{extra}' extra: pip install 'diarchy[{extra}]'")
        self.extra = extra


class PlannerUnavailableError(DiarchyError):
    """A planner could not be reached, timed out, or answered what cannot be read."""


class FaultError(DiarchyError):
    """Something that a run cannot do without has failed for good; the run ends in order, at rest if it can."""


class StaleDataError(DiarchyError):
    """Data are older than the consumer allows."""


def did_you_mean(word: str, known: Iterable[str], *, limit: int = 12) -> str:
    """Return a clause that names the closest known word, or lists what exists.

    >>> did_you_mean("Mgu", ["Mug", "Apple"])
    "did you mean 'Mug'? known: Apple, Mug"
    """
    names = sorted(set(known))
    lowered = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), list(lowered), n=1)
    listed = ", ".join(names[:limit]) + (
        f", ... ({len(names)} in all)" if len(names) > limit else ""
    )
    hint = f"did you mean '{lowered[close[0]]}'? " if close else ""
    return f"{hint}known: {listed or 'none'}"
