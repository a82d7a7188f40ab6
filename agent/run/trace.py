"""The trace: what happened in a run, on disk, readable however the run ends.

A run folder holds

=====================  =========================================================================
``run.json``           the `RunConfig` and the versions of what ran
``trace.jsonl``        one event a line, flushed at once (`Trace.event`)
``chunks.f32``         values of all action chunks, float32, appended; ``chunk`` events point into it
``frames/``            pictures, named by ``frame`` events
``result.json``        the `RunResult`
``scene_graph.json``   the belief at the end (`diarchy.memory.SceneGraph`)
``dense_map.ply``      what the camera saw as a coloured surface, if that was asked for; ``dense_map.jpg`` is its picture
``remembered.json``    what an earlier run had left, if the run began with that
``report.html``        the same for a person
=====================  =========================================================================

Events carry ``t`` (simulated seconds), ``tick`` and ``kind``. Whatever depends on the machine and
not on the run (durations, latencies, tokens a second) is under the key ``wall`` and nowhere else, so
that two runs of one seed are equal byte for byte once ``wall`` is removed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import Clock
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import FloatArray

TRACE_FILE = "trace.jsonl"
CHUNK_FILE = "chunks.f32"
RUN_FILE = "run.json"
RESULT_FILE = "result.json"
REPORT_FILE = "report.html"
DENSE_FILE, DENSE_PICTURE = "dense_map.ply", "dense_map.jpg"


class Trace:
    """Appends events of one run to its folder.

    Args:
        folder: of the run.
        clock: the robot's.
        resume: go on with the run that the folder holds; a line that was cut off is taken away.

    Raises:
        BadInputError: the folder cannot be written, or already holds a run.
    """

    def __init__(self, folder: Path, clock: Clock, *, resume: bool = False) -> None:
        self.folder = folder
        self._clock = clock
        try:
            (folder / "frames").mkdir(parents=True, exist_ok=True)
            if (folder / TRACE_FILE).exists() and not resume:
                raise BadInputError(
                    f"{folder} already holds a run; choose another folder with --record, "
                    "or take it up again with --resume"
                )
            if resume:
                _cut_half_line(folder / TRACE_FILE)
            self._events: IO[str] = (folder / TRACE_FILE).open("a", encoding="utf-8")
            self._chunks: IO[bytes] = (folder / CHUNK_FILE).open("ab")
        except OSError as error:
            raise BadInputError(
                f"cannot write the run folder {folder}: {error.strerror}; choose another with --record"
            ) from error
        self._offset = (folder / CHUNK_FILE).stat().st_size
        self._frames = len(list((folder / "frames").iterdir()))
        self.broken: str | None = None  # why nothing can be written any more
        self._observers: list[Callable[[dict[str, Any]], None]] = []

    def subscribe(self, observer: Callable[[dict[str, Any]], None]) -> None:
        """Call ``observer`` with every later event, after it is on disk; it must neither wait nor change it."""
        self._observers.append(observer)

    def event(self, kind: str, *, wall: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Append one event; the line is on disk when this returns."""
        line: dict[str, Any] = {
            "t": round(self._clock.now(), 4),
            "tick": self._clock.tick,
            "kind": kind,
        }
        line.update(fields)
        if wall:
            line["wall"] = dict(wall)
        text = json.dumps(line, ensure_ascii=False, default=str) + "\n"
        with self._may_be_full():
            self._events.write(text)
            self._events.flush()
        for observer in self._observers:
            observer(line)

    def chunk(self, chunk: ActionChunk) -> None:
        """Append the values of a chunk and the event that points to them."""
        data = np.ascontiguousarray(chunk.values, dtype=np.float32).tobytes()
        with self._may_be_full():
            self._chunks.write(data)
        self.event(
            "chunk",
            source=chunk.source,
            epoch=chunk.epoch,
            start=chunk.start_tick,
            stride=chunk.stride,
            shape=list(chunk.values.shape),
            offset=self._offset,
            sha=hashlib.sha256(data).hexdigest()[:12],
        )
        self._offset += len(data)

    def frame(
        self, image: np.ndarray[Any, Any], *, view: str, label: str, subtask: str | None
    ) -> str:
        """Save a picture ``[H, W, 3]`` uint8 as JPEG; returns its path inside the run folder."""
        name = f"frames/{self._frames:03d}_{view}.jpg"
        self._frames += 1
        with self._may_be_full():
            Image.fromarray(image).save(self.folder / name, quality=88)
        self.event("frame", path=name, view=view, label=label, subtask=subtask)
        return name

    def write_json(self, name: str, data: Any) -> None:
        """Write a JSON document into the folder."""
        text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
        with self._may_be_full():
            (self.folder / name).write_text(text + "\n", encoding="utf-8")

    def close(self) -> None:
        """Close the files; idempotent."""
        for file in (self._events, self._chunks):
            with self._may_be_full():
                file.close()

    @contextmanager
    def _may_be_full(self) -> Iterator[None]:
        """A disk that is full is noted once and stops the run in order; nothing raises in the middle of a tick."""
        try:
            yield
        except OSError as error:
            if self.broken is None:
                self.broken = (
                    f"cannot write the run folder {self.folder}: {error.strerror or error}"
                )


def _cut_half_line(path: Path) -> None:
    """Take away what a process that died was writing."""
    if not path.is_file():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)


def read_events(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of a run; a last line that was cut off is left out.

    Raises:
        BadInputError: the folder holds no run.
    """
    path = folder / TRACE_FILE
    if not path.is_file():
        raise BadInputError(
            f"{folder} holds no run (no {TRACE_FILE}); give the folder that a run printed"
        )
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return


def without_wall(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event less what depends on the machine."""
    return {key: value for key, value in event.items() if key != "wall"}


def read_chunk(folder: Path, event: Mapping[str, Any]) -> FloatArray:
    """Read the values of a ``chunk`` event, ``[H, D]``."""
    rows, columns = event["shape"]
    with (folder / CHUNK_FILE).open("rb") as file:
        file.seek(event["offset"])
        data = file.read(rows * columns * 4)
    return np.frombuffer(data, dtype=np.float32).reshape(rows, columns).astype(np.float64)
