"""The terminal while a command runs: a line that is typed is said to the robot, or answers its question."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from typing import IO

from rich.markup import escape

from diarchy.agent.cli.asking import chosen
from diarchy.agent.progress import TerminalProgress

Say = Callable[[str], object]


class Listener:
    """Reads lines in a thread of its own, so that neither the robot nor the person waits for the other.

    Args:
        progress: where questions are shown.
        lines: what is read; the terminal by default.
    """

    def __init__(self, progress: TerminalProgress, lines: IO[str] | None = None) -> None:
        self._progress = progress
        self._lines = lines if lines is not None else sys.stdin
        self._say: Say | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._waiting = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="listener", daemon=True)

    def listen(self, say: Say) -> None:
        """Begin; every line is given to ``say`` unless a question waits for it."""
        self._say = say
        self._thread.start()

    def ask(self, text: str, options: tuple[str, ...]) -> str | None:
        """Put a question and wait for the next line; None when the input has ended."""
        if self._ended.is_set():
            return None
        with self._progress.paused() as console:
            console.print(f"[bold cyan]?[/] {escape(text)}", highlight=False)
            for number, option in enumerate(options, 1):
                console.print(f"  {number}. {escape(option)}", highlight=False)
            self._waiting.set()
            try:
                answer = self._next()
            finally:
                self._waiting.clear()
        return None if answer is None else chosen(answer, options)

    def _next(self) -> str | None:
        """Wait in short steps: Ctrl-C must find its way to the main thread."""
        while True:
            try:
                return self._answers.get(timeout=0.2)
            except queue.Empty:
                if self._ended.is_set():
                    return None

    def _read(self) -> None:
        for line in self._lines:
            text = line.strip()
            if not text:
                continue
            if self._waiting.is_set():
                self._answers.put(text)
            elif self._say is not None:
                self._say(text)
        self._ended.set()
