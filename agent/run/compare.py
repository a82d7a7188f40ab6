"""Tell whether two runs are the same run: what replay and the determinism tests ask.

Equal means: the same events once what depends on the machine (``wall``) is removed, the same bytes of
action chunks, the same bytes of every picture. The first difference is told in words.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from diarchy.agent.run.trace import CHUNK_FILE, read_events, without_wall

_SHOWN = 80
_ABSENT = object()


@dataclass(frozen=True)
class Comparison:
    """What came of comparing run ``a`` with run ``b``.

    Attributes:
        identical: nothing differs.
        events: events that are equal, from the start on (all of them if ``identical``).
        chunks_bytes: bytes of action chunks that are equal, from the start on.
        frames: pictures that are equal.
        first_difference: where and how they part, in words; None if they do not.
    """

    identical: bool
    events: int
    chunks_bytes: int
    frames: int
    first_difference: str | None

    def to_json(self) -> dict[str, Any]:
        """Return what ``replay --json`` prints."""
        return {"schema": 1, **asdict(self)}


def compare_runs(a: Path, b: Path) -> Comparison:
    """Compare two run folders.

    Raises:
        BadInputError: one of them holds no run.
    """
    events, event_difference = _compare_events(a, b)
    chunks, chunk_difference = _compare_chunks(a / CHUNK_FILE, b / CHUNK_FILE)
    frames, frame_difference = _compare_frames(a / "frames", b / "frames")
    first = event_difference or chunk_difference or frame_difference
    return Comparison(first is None, events, chunks, frames, first)


def _compare_events(a: Path, b: Path) -> tuple[int, str | None]:
    pairs = itertools.zip_longest(read_events(a), read_events(b))
    count = 0
    for index, (left, right) in enumerate(pairs):
        if left is None or right is None:
            shorter, longer, event = (
                ("first", "second", right) if left is None else ("second", "first", left)
            )
            return (
                count,
                f"the {shorter} run ends after {index} events, the {longer} goes on with {_where(event)}",
            )
        left, right = without_wall(left), without_wall(right)
        if not _same(left, right):
            return count, f"event {index} {_where(left)}: {_first_field(left, right)}"
        count += 1
    return count, None


def _where(event: Mapping[str, Any]) -> str:
    return f"(t={event.get('t')}, {event.get('kind')})"


def _same(x: Any, y: Any) -> bool:
    """Equal as written: NaN equals NaN, and 1 is neither 1.0 nor true."""
    if x is _ABSENT or y is _ABSENT:
        return False
    return json.dumps(x, sort_keys=True) == json.dumps(y, sort_keys=True)


def _first_field(left: Any, right: Any, path: str = "") -> str:
    """Name the first place where two JSON values differ, and show both."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(k for k in right if k not in left)]:
            x, y = left.get(key, _ABSENT), right.get(key, _ABSENT)
            if not _same(x, y):
                return _first_field(x, y, f"{path}.{key}" if path else key)
    if isinstance(left, list) and isinstance(right, list):
        for index, (x, y) in enumerate(itertools.zip_longest(left, right, fillvalue=_ABSENT)):
            if not _same(x, y):
                return _first_field(x, y, f"{path}[{index}]")
    return f"{path}: {_show(left)} != {_show(right)}"


def _show(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _compare_chunks(a: Path, b: Path) -> tuple[int, str | None]:
    left = a.read_bytes() if a.is_file() else b""
    right = b.read_bytes() if b.is_file() else b""
    if left == right:
        return len(left), None
    equal = _equal_prefix(left, right)
    if equal == min(len(left), len(right)):
        return equal, f"{CHUNK_FILE}: {len(left)} bytes != {len(right)} bytes"
    return equal, f"{CHUNK_FILE}: byte {equal} differs"


def _equal_prefix(left: bytes, right: bytes) -> int:
    """Length of the common start, by halving: a Python loop over megabytes would take seconds."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _compare_frames(a: Path, b: Path) -> tuple[int, str | None]:
    left, right = _pictures(a), _pictures(b)
    equal, first = 0, None
    for name in sorted(left.keys() | right.keys()):
        if name not in left or name not in right:
            first = (
                first
                or f"frames/{name}: only in the {'second' if name not in left else 'first'} run"
            )
        elif left[name].read_bytes() != right[name].read_bytes():
            first = first or f"frames/{name}: the pictures differ"
        else:
            equal += 1
    return equal, first


def _pictures(folder: Path) -> dict[str, Path]:
    return {p.name: p for p in folder.iterdir() if p.is_file()} if folder.is_dir() else {}
