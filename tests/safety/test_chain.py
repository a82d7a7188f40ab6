"""The chain as a whole: its verdicts, its counts, the independent audit, and what it costs."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from diarchy.contracts.guard import ActionGuard, GuardContext, Verdict
from diarchy.contracts.robot import Action, Pose2, Proprio
from diarchy.safety import GuardChain, audit, default_guard
from diarchy.safety.limits import Limits
from diarchy.safety.stats import GuardStats
from diarchy.testing.samples import sample_proprio, sample_spec

SPEC = sample_spec()
LIMITS = Limits.of(SPEC)
CONTEXT = GuardContext(SPEC)
COUNT = len(SPEC.joints)
STILL = Action(np.zeros(2), np.zeros(COUNT), 0.0)
PROPRIO = sample_proprio(SPEC, commanded=STILL)


class Letting:
    """A guard that lets everything through."""

    name = "letting"

    def check(self, action: Action, proprio: Proprio, context: GuardContext) -> Verdict:
        return Verdict(action)


def test_the_guard_that_changed_most_is_named_and_all_are_listed() -> None:
    told = Action(np.zeros(2), np.full(COUNT, 2.5), 0.11)
    verdict = default_guard(SPEC).check(told, PROPRIO, CONTEXT)
    assert verdict.status == "modified"
    assert set(verdict.changes) == {"joint_position", "joint_velocity", "gripper"}
    assert verdict.magnitude == max(verdict.changes.values())
    assert verdict.changes[verdict.guard] == verdict.magnitude
    assert verdict.reason


def test_a_stop_outweighs_any_modification() -> None:
    told = Action(np.array([np.nan, 0.0]), np.full(COUNT, 9.0), 5.0)
    moving = Action(np.array([0.5, 0.0]), np.zeros(COUNT), 0.0)
    verdict = default_guard(SPEC).check(told, sample_proprio(SPEC, commanded=moving), CONTEXT)
    assert verdict.status == "stopped"
    assert verdict.guard == "finite"
    assert verdict.action.base[0] == pytest.approx(0.5 - SPEC.base.linear_braking * 0.005)
    assert set(verdict.changes) == {"finite", "base"}


def test_the_chain_is_itself_a_guard() -> None:
    assert isinstance(default_guard(SPEC), ActionGuard)


def test_counts_tell_passes_modifications_and_stops_apart() -> None:
    chain = default_guard(SPEC)
    chain.check(STILL, PROPRIO, CONTEXT)
    chain.check(Action(np.zeros(2), np.full(COUNT, 9.0), 0.0), PROPRIO, CONTEXT)
    chain.check(Action(np.zeros(2), np.full(COUNT, np.nan), 0.0), PROPRIO, CONTEXT)
    counts = {"checked": 3, "modified": 1, "noticeable": 1, "stopped": 1, "violations": 0}
    assert chain.stats.summary() == counts
    report = chain.stats.report()
    assert report["by_guard"]["finite"] == {"modified": 0, "stopped": 1, "largest": 1.0}
    assert report["by_guard"]["joint_velocity"]["modified"] == 1
    assert json.loads(json.dumps(report, allow_nan=False)) == report


@pytest.mark.parametrize(("share", "noticeable"), [(0.009, 0), (0.011, 1)])
def test_only_changes_of_more_than_a_hundredth_of_a_range_are_noticeable(
    share: float, noticeable: int
) -> None:
    stats = GuardStats()
    stats.record(Verdict("modified", STILL, "base", "too fast", share, {"base": share}), [])
    assert (stats.modified, stats.noticeable) == (1, noticeable)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action(np.zeros(2), np.full(COUNT, np.nan), 0.0), "not finite"),
        (Action(np.zeros(2), np.zeros(3), 0.0), "wrong shape"),
        (Action(np.zeros(2), np.full(COUNT, 3.0), 0.0), "leaves its range"),
        (Action(np.zeros(2), np.full(COUNT, 0.3), 0.0), "moves too fast"),
        (Action(np.zeros(2), np.zeros(COUNT), 0.2), "gripper leaves"),
        (Action(np.array([2.0, 0.0]), np.zeros(COUNT), 0.0), "drives too fast"),
        (Action(np.array([0.0, 0.5]), np.zeros(COUNT), 0.0), "turns with too much acceleration"),
    ],
)
def test_the_audit_finds_what_a_chain_without_guards_lets_through(
    action: Action, words: str
) -> None:
    chain = GuardChain([Letting()], SPEC)
    chain.check(action, PROPRIO, CONTEXT)
    assert chain.stats.violations == 1
    assert any(words in line for line in chain.stats.broken)


def test_the_audit_finds_a_base_that_leaves_the_area() -> None:
    context = GuardContext(SPEC, base_pose=Pose2(0.999, 0.5, 0.0), keep_in=(0.0, 0.0, 1.0, 1.0))
    fast = Action(np.array([0.8, 0.0]), np.zeros(COUNT), 0.0)
    findings = audit(fast, sample_proprio(SPEC, commanded=fast), context, LIMITS)
    assert findings == ["the base leaves the keep-in area"]


def test_reasons_in_the_report_are_bounded() -> None:
    chain = default_guard(SPEC)
    for i in range(200):
        chain.check(Action(np.zeros(2), np.full(COUNT, 3.0 + i), 0.0), PROPRIO, CONTEXT)
    assert len(chain.stats.reasons) <= 20
    assert chain.stats.modified == 200


def test_a_check_costs_far_less_than_a_control_tick() -> None:
    """A bound loose enough for a busy machine: an eighth of a 5 ms tick, at the median."""
    chain = default_guard(SPEC)
    context = GuardContext(SPEC, base_pose=Pose2(2.0, 2.0, 0.3), keep_in=(0.0, 0.0, 4.0, 4.0))
    told = Action(np.array([0.003, 0.0]), np.full(COUNT, 0.0004), 0.05)
    seconds = []
    for _ in range(500):
        begin = time.perf_counter()
        chain.check(told, PROPRIO, context)
        seconds.append(time.perf_counter() - begin)
    assert np.median(seconds) < 0.005 / 8
