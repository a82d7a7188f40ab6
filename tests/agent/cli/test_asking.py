from __future__ import annotations

import io
import signal

import pytest
from rich.console import Console

from diarchy.agent.cli.asking import chosen, person_at
from diarchy.agent.progress import TerminalProgress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _at_terminal(patch: pytest.MonkeyPatch, typed: str) -> TerminalProgress:
    patch.setattr("sys.stdin", _Terminal(typed))
    patch.setattr("sys.stdout", _Terminal())
    return TerminalProgress(Console(file=io.StringIO(), force_terminal=True))


def test_a_person_at_a_terminal_is_asked_until_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    ask = person_at(_at_terminal(monkeypatch, "\n2\n"), as_json=False)
    assert ask is not None
    assert ask("Which [mug]?", ("red", "blue")) == "blue"
    assert ask("And now?", ()) is None
    assert signal.getsignal(signal.SIGINT) is before


def test_nobody_is_asked_by_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = _at_terminal(monkeypatch, "1\n")
    assert person_at(progress, as_json=True) is None
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))
    assert person_at(progress, as_json=False) is None


@pytest.mark.parametrize(
    ("written", "answer"),
    [("1", "red"), ("2", "blue"), ("3", "3"), ("0", "0"), ("the red one", "the red one")],
)
def test_a_number_stands_for_its_option(written: str, answer: str) -> None:
    assert chosen(written, ("red", "blue")) == answer
