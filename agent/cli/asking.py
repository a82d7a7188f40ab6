"""Putting the robot's question to the person at the terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape

from diarchy.agent.progress import TerminalProgress

Ask = Callable[[str, tuple[str, ...]], str | None]


def person_at(progress: TerminalProgress, *, as_json: bool) -> Ask | None:
    """Return who answers questions: the person at the terminal, or nobody."""
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    return lambda text, options: _ask(progress, text, options)


def _ask(progress: TerminalProgress, text: str, options: tuple[str, ...]) -> str | None:
    """Ask until there is an answer; the end of input is none."""
    with progress.paused() as console, _ctrl_c_raises():
        console.print(f"[bold cyan]?[/] {escape(text)}", highlight=False)
        for number, option in enumerate(options, 1):
            console.print(f"  {number}. {escape(option)}", highlight=False)
        while True:
            try:
                written = console.input("[bold cyan]>[/] ").strip()
            except EOFError:
                return None
            if written:
                return chosen(written, options)


def chosen(written: str, options: tuple[str, ...]) -> str:
    """Return the option whose number was written, else what was written."""
    if written.isdecimal() and 1 <= int(written) <= len(options):
        return options[int(written) - 1]
    return written


@contextmanager
def _ctrl_c_raises() -> Iterator[None]:
    """A run handles Ctrl-C by coming to rest in order, which would leave the prompt waiting."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
