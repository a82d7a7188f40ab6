"""Past commands and how they ended, in SQLite, found again by their words."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from diarchy.contracts.errors import DiarchyError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS episodes (
    id INTEGER PRIMARY KEY,
    sentence TEXT NOT NULL,
    plan TEXT NOT NULL,
    outcome TEXT NOT NULL,
    corrections TEXT NOT NULL,
    place TEXT NOT NULL,
    seconds REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS episodes_place ON episodes (place);
"""
_COLUMNS = "id, sentence, plan, outcome, corrections, place, seconds"
_BM25_K, _BM25_B = 1.2, 0.75
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "from",
        "in",
        "into",
        "it",
        "its",
        "of",
        "on",
        "onto",
        "out",
        "please",
        "some",
        "that",
        "the",
        "then",
        "there",
        "to",
        "with",
    ]
)


class EpisodeStoreError(DiarchyError):
    """The file of episodes cannot be read or written."""


class FinishedRun(Protocol):
    """What `EpisodeStore.remember` reads of a result; the agent's ``RunResult`` has it."""

    instruction: str

    def to_json(self) -> dict[str, Any]:
        """The result as JSON data, with ``status``, ``verified``, ``plan``, ``subtasks`` and ``timing``."""
        ...


@dataclass(frozen=True)
class Episode:
    """One command that was carried out, or was not.

    ``outcome`` is a status word, ``corrections`` what the person said meanwhile, ``place`` the room or
    scene, ``seconds`` how long it took on the robot's clock.
    """

    id: int
    sentence: str
    plan: dict[str, Any] | None
    outcome: str
    corrections: tuple[str, ...] = ()
    place: str = ""
    seconds: float = 0.0

    def words(self) -> str:
        """One line for a prompt."""
        steps = [
            f"{s.get('skill')}({', '.join(_argument(a) for a in (s.get('args') or {}).values())})"
            for s in (self.plan or {}).get("subtasks", ())
        ]
        did = "; ".join(steps) or "no plan"
        said = f"; the person said: {' / '.join(self.corrections)}" if self.corrections else ""
        return f'"{self.sentence}" -> {self.outcome} in {self.seconds:.0f} s by {did}{said}'


class EpisodeStore:
    """A file of episodes. Opened at each use, never held: several processes may read while one writes.

    Args:
        path: the SQLite file; made, with its folder, by the first `add`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def add(
        self,
        sentence: str,
        plan: Mapping[str, Any] | None,
        outcome: str,
        *,
        corrections: Sequence[str] = (),
        place: str = "",
        seconds: float = 0.0,
    ) -> int:
        """Append an episode and return its id.

        Raises:
            EpisodeStoreError: the file cannot be written or is not one of ours.
        """
        row = (
            sentence,
            json.dumps(plan, sort_keys=True),
            outcome,
            json.dumps(list(corrections)),
            place,
            float(seconds),
        )
        with self._open(write=True) as db, db:
            db.executescript(_SCHEMA)
            cursor = db.execute(
                "INSERT INTO episodes (sentence, plan, outcome, corrections, place, seconds) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            return int(cursor.lastrowid or 0)

    def remember(
        self, run: FinishedRun, *, corrections: Sequence[str] = (), place: str = ""
    ) -> int:
        """Append what became of a run. A success that was not verified is told as such."""
        data = run.to_json()
        status = str(data.get("status", "failed"))
        outcome = (
            status if status != "succeeded" or data.get("verified") else "succeeded unverified"
        )
        seconds = float((data.get("timing") or {}).get("sim_s") or 0.0)
        plan = data.get("plan")
        return self.add(
            run.instruction, plan, outcome, corrections=corrections, place=place, seconds=seconds
        )

    def all(self, *, place: str | None = None) -> list[Episode]:
        """Every episode, oldest first; of one place if it is named. None yet: an empty list.

        Raises:
            EpisodeStoreError: the file cannot be read.
        """
        if not self.path.exists():
            return []
        where, args = ("", ()) if place is None else (" WHERE place = ?", (place,))
        with self._open() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM episodes{where} ORDER BY id", args
            ).fetchall()
            return [_episode(row) for row in rows]

    def similar(self, sentence: str, k: int = 3, *, place: str | None = None) -> list[Episode]:
        """The ``k`` episodes whose sentences share the most telling words (BM25), best first.

        Episodes that share no word are left out; among equals the newest comes first.

        Raises:
            EpisodeStoreError: the file cannot be read.
        """
        episodes = self.all(place=place)
        scores = bm25(words_of(sentence), [words_of(e.sentence) for e in episodes])
        ranked = sorted(
            (i for i in range(len(episodes)) if scores[i] > 0.0),
            key=lambda i: (-scores[i], -episodes[i].id),
        )
        return [episodes[i] for i in ranked[: max(0, k)]]

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=10.0)) as db:
                yield db
        except (sqlite3.Error, OSError, json.JSONDecodeError) as error:
            raise EpisodeStoreError(
                f"the episodes in {self.path} cannot be used ({error}); "
                "move that file away and a new one is begun"
            ) from error


def words_of(sentence: str) -> list[str]:
    """Words that tell something, lower case, plain plurals cut."""
    words = re.findall(r"[a-z0-9]+", sentence.lower())
    return [w[:-1] if len(w) > 3 and w.endswith("s") else w for w in words if w not in _STOP]


def bm25(query: Sequence[str], documents: Sequence[Sequence[str]]) -> list[float]:
    """Okapi BM25 score of each document (Robertson and Zaragoza, 2009), with the idf kept positive."""
    if not documents:
        return []
    counts = [Counter(d) for d in documents]
    mean = sum(len(d) for d in documents) / len(documents) or 1.0
    scores = [0.0] * len(documents)
    for word in sorted(set(query)):
        having = sum(1 for c in counts if c[word])
        idf = math.log(1.0 + (len(documents) - having + 0.5) / (having + 0.5))
        for i, c in enumerate(counts):
            length = _BM25_K * (1.0 - _BM25_B + _BM25_B * len(documents[i]) / mean)
            scores[i] += idf * c[word] * (_BM25_K + 1.0) / (c[word] + length)
    return scores


def _episode(row: tuple[Any, ...]) -> Episode:
    number, sentence, plan, outcome, corrections, place, seconds = row
    said = tuple(str(c) for c in json.loads(corrections))
    return Episode(number, sentence, json.loads(plan), outcome, said, place, seconds)


def _argument(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(
            [*map(str, (value.get("attributes") or {}).values()), str(value.get("cls"))]
        )
    return str(value)
