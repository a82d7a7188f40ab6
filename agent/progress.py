"""Progress of a run in the terminal, drawn from the events of its trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

Event = dict[str, Any]
_SIGNS = {
    "open": ("·", "dim"),
    "running": ("▸", "bold cyan"),
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("–", "dim"),
}


@dataclass
class _Row:
    id: str
    words: str
    state: str = "open"
    began: float = 0.0
    seconds: float = 0.0


class PatientConsole(Console):
    """A console that falls silent when its pipe is closed; rich's own would end the process."""

    def on_broken_pipe(self) -> None:
        """Show nothing from now on."""
        self.quiet = True


@final
class TerminalProgress:
    """Follows a run: a live picture on a terminal, plain lines anywhere else.

    Use it as a context manager and give `on_event` to the run as an observer. A console that breaks
    (a closed pipe) ends the display, never the run.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or PatientConsole(stderr=True)
        self._rows: list[_Row] = []
        self._doing = ""
        self._now = 0.0
        self._live: Live | None = None
        self._broken = False

    def __enter__(self) -> TerminalProgress:
        if self._console.is_terminal:
            self._start_live()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_live()

    @contextmanager
    def paused(self) -> Iterator[Console]:
        """Give the console to someone who asks a question."""
        was_live = self._live is not None
        self._stop_live()
        try:
            yield self._console
        finally:
            if was_live:
                self._start_live()

    def on_event(self, event: Event) -> None:
        """Take in one event of the trace; events of no interest cost next to nothing."""
        handler = getattr(self, f"_on_{event.get('kind')}", None)
        self._now = float(event.get("t", self._now))
        if handler is None or self._broken:
            return
        try:
            handler(event)
        except OSError:
            self._broken = True

    def _on_run_started(self, e: Event) -> None:
        by = f"planner {e.get('planner')}, detector {e.get('detector')}, seed {e.get('seed')}"
        self._say(f"[bold]{escape(str(e.get('instruction', '')))}[/]  [dim]{escape(by)}[/]")
        self._doing = "looking around"

    def _on_remembered(self, e: Event) -> None:
        if count := len(e.get("things") or ()):
            self._say(f"  [dim]begins with where an earlier run saw {count} thing(s)[/]")

    def _on_plan_requested(self, e: Event) -> None:
        self._doing = "thinking"

    def _on_plan_answered(self, e: Event) -> None:
        answer = e.get("answer") or {}
        self._doing = ""
        if reasoning := str(answer.get("reasoning") or "").strip():
            self._say(Padding(Text(reasoning, style="italic dim"), (0, 0, 0, 2)))
        if answer.get("kind") == "plan":
            self._keep_what_was_done()
            self._rows = [_row(row) for row in answer.get("subtasks") or ()]
            if self._live is None:
                for number, row in enumerate(self._rows, 1):
                    self._say(f"  {number}. {escape(row.words)}")
        elif answer.get("kind") == "refusal":
            self._say(f"[red]⊘[/] {escape(str(answer.get('reason', '')))}")

    def _on_plan_checked(self, e: Event) -> None:
        for violation in e.get("violations") or ():
            self._say(f"[yellow]✗ the plan does not work:[/] {escape(str(violation))}")

    def _on_rules(self, e: Event) -> None:
        for row in e.get("findings") or ():
            sign = "[red]⊘[/]" if row.get("answer") == "refuse" else "[yellow]?[/]"
            said = (
                f"{escape(str(row.get('why', '')))} [dim](rule {escape(str(row.get('rule')))})[/]"
            )
            self._say(f"  {sign} {said}")

    def _on_subtask_started(self, e: Event) -> None:
        row = self._row_of(e)
        row.state, row.began = "running", self._now

    def _on_subtask_ended(self, e: Event) -> None:
        row = self._find(str(e.get("id")))
        if row is None:
            return
        row.state, row.seconds = str(e.get("status")), self._now - row.began
        if self._live is None:
            self._say(_line(row))
        if row.state == "failed":
            why = ": ".join(str(part) for part in (e.get("cause"), e.get("detail")) if part)
            self._say(f"  [red]{escape(row.words)}[/] {escape(why)}")

    def _on_recovery(self, e: Event) -> None:
        cause = str(e.get("cause", "")).replace("_", " ")
        self._say(f"  [yellow]↻[/] {escape(cause)}: {escape(str(e.get('branch', '')))}")

    def _on_replanned(self, e: Event) -> None:
        self._say(f"[yellow]↻ planning again[/] {escape(str(e.get('reason', '')))}")

    def _on_said(self, e: Event) -> None:
        self._say(f"[cyan]robot:[/] {escape(str(e.get('text', '')))}")

    def _on_heard(self, e: Event) -> None:
        self._say(f"[cyan]you:[/] {escape(str(e.get('text', '')))}")

    def _on_corrected(self, e: Event) -> None:
        edits = e.get("edits") or ()
        for edit in edits:
            if edit.get("op") == "drop" and (row := self._find(str(edit.get("subtask_id")))):
                row.state = "skipped"
            elif edit.get("op") in ("insert", "change") and edit.get("subtask"):
                self._edited(edit)
        if edits and self._live is None:
            self._say(f"  [yellow]↻ {len(edits)} edits of the plan[/]")

    def _edited(self, edit: Event) -> None:
        new = _row(edit["subtask"])
        old = self._find(new.id)
        if old is not None:
            self._rows[self._rows.index(old)] = new
            return
        before = self._find(str(edit.get("subtask_id")))
        self._rows.insert(self._rows.index(before) if before else len(self._rows), new)

    def _on_asked(self, e: Event) -> None:
        self._say(f"[cyan]robot asks:[/] {escape(str(e.get('text', '')))}")

    def _on_answered(self, e: Event) -> None:
        self._say(f"[cyan]you:[/] {escape(str(e.get('text', '')))}")

    def _on_goals_checked(self, e: Event) -> None:
        for goal in e.get("goals") or ():
            sign, style = _SIGNS["succeeded" if goal.get("truth") == "true" else "failed"]
            self._say(f"[{style}]{sign}[/] goal {escape(str(goal.get('condition')))}")

    def _on_run_ended(self, e: Event) -> None:
        self._doing = ""
        self._stop_live()

    def _keep_what_was_done(self) -> None:
        """A new plan takes the place of the old one in the live picture: its past stays above."""
        if self._live is not None:
            for row in self._rows:
                if row.state not in ("open", "running"):
                    self._say(_line(row))

    def _row_of(self, e: Event) -> _Row:
        """Return the row of what begins: steps of a plan get other ids when they go into the tree of another."""
        begun = _row(e)
        row = self._find(begun.id)
        if row is not None and (row.words == begun.words or not e.get("words")):
            return row
        if row is not None:
            row.id = ""
        same = (r for r in self._rows if r.state == "open" and r.words == begun.words)
        row = next(same, None)
        if row is None:
            self._rows.append(begun)
            return begun
        row.id = begun.id
        return row

    def _find(self, subtask: str) -> _Row | None:
        return next((row for row in self._rows if row.id == subtask), None)

    def _say(self, what: RenderableType) -> None:
        self._console.print(what, highlight=False)

    def _start_live(self) -> None:
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=6,
            redirect_stdout=False,
        )
        self._live.start()

    def _stop_live(self) -> None:
        live, self._live = self._live, None
        if live is None:
            return
        try:
            live.stop()
        except OSError:
            self._broken = True

    def _picture(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        for number, row in enumerate(list(self._rows), 1):
            sign, style = _SIGNS.get(row.state, _SIGNS["open"])
            running = row.state == "running"
            mark: RenderableType = _SPINNER if running else Text(sign, style=style)
            seconds = self._now - row.began if running else row.seconds
            clock = "" if row.state == "open" else f"{seconds:5.1f} s"
            words = Text(
                f"{number}. {row.words}",
                style="bold" if running else style if style == "dim" else "",
            )
            table.add_row(mark, words, Text(clock, style="dim"))
        if self._doing:
            table.add_row(_SPINNER, Text(self._doing, style="dim"), "")
        return Group(table)


_SPINNER = Spinner("dots", style="cyan")


def _row(e: Event) -> _Row:
    args = ", ".join(str(v) for v in (e.get("args") or {}).values() if not isinstance(v, dict))
    return _Row(str(e.get("id")), str(e.get("words") or f"{e.get('skill')}({args})"))


def _line(row: _Row) -> str:
    sign, style = _SIGNS.get(row.state, _SIGNS["open"])
    return f"\\[{row.began + row.seconds:6.1f} s] [{style}]{sign}[/] {escape(row.words)} [dim]{row.seconds:.1f} s[/]"
