from __future__ import annotations

from typing import Any

import pytest

from diarchy.agent.build import build_planner
from diarchy.contracts.errors import PlannerUnavailableError
from diarchy.contracts.plan import Plan
from diarchy.planners.fallback import URL_VARIABLE, FallbackPlanner


class Planned:
    def __init__(self, name: str, *, fails_from: int = 99) -> None:
        self.name, self.asked, self._fails_from = name, 0, fails_from

    def plan(self, request: Any) -> Plan:
        self.asked += 1
        if self.asked >= self._fails_from:
            raise PlannerUnavailableError(f"{self.name} does not answer")
        return Plan(reasoning=self.name)


def test_the_first_plans_while_it_answers() -> None:
    planner = FallbackPlanner(Planned("vlm:big"), Planned("symbolic"))
    assert planner.plan(None).reasoning == "vlm:big"  # type: ignore[arg-type]
    assert planner.name == "vlm:big"


def test_the_second_takes_over_for_good_and_the_name_says_so_and_why() -> None:
    first = Planned("vlm:big", fails_from=2)
    planner = FallbackPlanner(first, Planned("symbolic"))
    planned = [planner.plan(None).reasoning for _ in range(4)]  # type: ignore[arg-type]
    assert planned == ["vlm:big", "symbolic", "symbolic", "symbolic"]
    assert planner.name == "symbolic (in place of vlm:big: vlm:big does not answer)"
    assert first.asked == 2


def test_when_neither_is_there_the_error_is_the_seconds() -> None:
    planner = FallbackPlanner(Planned("a", fails_from=1), Planned("b", fails_from=1))
    with pytest.raises(PlannerUnavailableError, match="b does not answer"):
        planner.plan(None)  # type: ignore[arg-type]


def test_only_auto_falls_back_and_only_if_a_server_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    assert build_planner("auto").name == "symbolic"
    monkeypatch.setenv(URL_VARIABLE, "http://127.0.0.1:9/v1")
    assert isinstance(build_planner("auto"), FallbackPlanner)
    assert not isinstance(build_planner("symbolic"), FallbackPlanner)
    assert not isinstance(build_planner("http://127.0.0.1:9/v1"), FallbackPlanner)
