from __future__ import annotations

import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from diarchy.agent.cli.main import app
from diarchy.agent.run.compare import Comparison
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.result import RunResult
from diarchy.contracts.errors import BadInputError


@dataclass
class FakeSession:
    """Stands in for `diarchy.agent.session`: remembers what it was given, answers what it is told to."""

    result: dict[str, Any] = field(default_factory=dict)
    raises: BaseException | None = None
    asks: tuple[str, tuple[str, ...]] | None = None
    events: tuple[dict[str, Any], ...] = ()
    comparison: Comparison = field(default_factory=lambda: Comparison(True, 10, 400, 2, None))
    configs: list[RunConfig] = field(default_factory=list)
    answers: list[str | None] = field(default_factory=list)

    def run_command(
        self,
        config: RunConfig,
        *,
        observers: Sequence[Callable[[dict[str, Any]], None]] = (),
        ask: Callable[[str, tuple[str, ...]], str | None] | None = None,
        meet: Callable[[Any], None] | None = None,
    ) -> RunResult:
        for event in self.events:
            for observer in observers:
                observer(event)
        if self.asks is not None:
            self.answers.append(ask(*self.asks) if ask is not None else None)
        return self._end(config)

    def resume_command(self, folder: Path, **watching: Any) -> RunResult:
        raise BadInputError(
            f"{folder} holds no run (no run.json); give the folder that a run printed"
        )

    def plan_command(self, config: RunConfig) -> RunResult:
        return self._end(config)

    def replay_command(self, folder: Path) -> Comparison:
        if self.raises is not None:
            raise self.raises
        return self.comparison

    def fresh_folder(self, instruction: str) -> Path:
        return Path("runs") / "fresh"

    def _end(self, config: RunConfig) -> RunResult:
        self.configs.append(config)
        if self.raises is not None:
            raise self.raises
        row = {
            "status": "succeeded",
            "verified": True,
            "truth": True,
            "instruction": config.instruction,
            "planner": "symbolic",
            "perception": "oracle",
            "message": "done, and seen to be done",
            "exit_code": 0,
        }
        return RunResult(**(row | self.result))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeSession:
    fake = FakeSession()
    module = types.ModuleType("diarchy.agent.session")
    for name in ("run_command", "resume_command", "plan_command", "replay_command", "fresh_folder"):
        setattr(module, name, getattr(fake, name))
    import diarchy.agent

    monkeypatch.setitem(sys.modules, "diarchy.agent.session", module)
    monkeypatch.setattr(diarchy.agent, "session", module, raising=False)
    monkeypatch.chdir(tmp_path)
    return fake


@pytest.fixture
def cli() -> Callable[..., Any]:
    return lambda *args: CliRunner().invoke(app, list(args))
