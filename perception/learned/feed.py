"""Takes pictures into a store while a training runs on it, as they are made beside it."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import torch

from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.shards import read_shards, shards
from diarchy.perception.learned.store import Store

_LOG = logging.getLogger(__name__)
AT_ONCE, THREADS = 8, 3
"""Shards that are read together, and by how many threads besides the training's."""
INDEXED_EVERY = 10.0
"""Seconds after which what came in is looked at closely, too."""


class Feed:
    """A store of the shards of a folder; inside a ``with``, new ones come in until it is full.

    Args:
        folder: of the shards; there must be one.
        labels: of the data.
        device: where the pictures are to be.
        capacity: pictures at most; 0: those that are there, and no thread is started.
        most: use only so many of those that are there; 0: all.

    Raises:
        FileNotFoundError: there is no shard.
    """

    def __init__(
        self, folder: Path, labels: Labels, device: torch.device, *, capacity: int, most: int = 0
    ) -> None:
        self._folder = folder
        paths = shards(folder)
        if not paths:
            raise FileNotFoundError(
                f"no shards (*.npz) in {folder}; 'diarchy collect detector' makes some"
            )
        self._known = set(paths)
        pictures = read_shards(paths)
        if most:
            pictures = pictures.head(most)
        self.store = Store(pictures, labels, device, capacity=capacity)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True) if capacity else None

    def __enter__(self) -> Self:
        """Start to watch the folder."""
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def take(self) -> int:
        """Take in some of the shards that are new; returns how many there were."""
        new = [p for p in shards(self._folder) if p not in self._known][:AT_ONCE]
        if new:
            self._known.update(new)
            self.store.append(read_shards(new, threads=THREADS))
        return len(new)

    def _watch(self) -> None:
        indexed, waiting = time.perf_counter(), 0
        while not self._stop.is_set() and not self.store.full:
            new = self.take()
            waiting += new
            if waiting and (time.perf_counter() - indexed > INDEXED_EVERY or self.store.full):
                self.store.index()
                indexed, waiting = time.perf_counter(), 0
            if not new:
                self._stop.wait(0.5)
        if waiting:
            self.store.index()
