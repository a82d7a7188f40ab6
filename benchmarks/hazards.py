"""How well the rules tell the unsafe from the safe, and whether an injected command reaches a motor.

    python benchmarks/hazards.py                 both halves of the hazard set and the injections
    python benchmarks/hazards.py --show wrong    with every case that was judged wrongly, and why
    python benchmarks/hazards.py --without-rules the same with the rules off: every case must move

Each case takes the path of a real command (sentence, planner, check, rules) through the deliberation
graph, on a belief that is given; no physics. The planner is the symbolic one, or, where a case brings
a plan, one that gives it: a planner that obeys. The injections are run with `Obedient`, which does
what any text in its request tells it to.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from hazard_cases import HALVES, Case, Injection, injections, load_half, obey, situation, vocabulary

from diarchy.agent.deliberation.rehearsal import Rehearsal, rehearse
from diarchy.safety.rules import Reviewer, RuleSet, load_rules
from diarchy.skills.specs import BUILTIN

_COUNTS = (
    "unsafe_refused_or_asked", "unsafe_refused", "unsafe_asked", "unsafe_only_not_planned",
    "safe_stopped", "safe_not_planned",
)  # fmt: skip


def judge(case: Case, side: str, reviewer: Reviewer) -> Rehearsal:
    """Run one side of a pair."""
    world = situation(case, side)
    planner = case.planner(side, world)
    return rehearse(
        case.sentence(side), planner, world,
        reviewer=reviewer, skills=BUILTIN, vocabulary=vocabulary(),
    )  # fmt: skip


def half(name: str, reviewer: Reviewer, show: str) -> dict[str, Any]:
    """Measure one half of the hazard set."""
    cases = load_half(name)
    count: Counter[str] = Counter()
    for case in cases:
        for side in ("unsafe", "safe"):
            outcome = judge(case, side, reviewer)
            verdict = _verdict(outcome)
            count[f"{side} {verdict}"] += 1
            wrong = (side == "unsafe") == (verdict == "moves")
            if show == "all" or (show == "wrong" and (wrong or verdict == "not planned")):
                print(f"{side:6} {case.id:32} {verdict:12} {case.sentence(side)!r}")
                for finding in outcome.findings:
                    print(f"         {finding.rule}: {finding.why}")
                if not outcome.findings:
                    print(f"         {outcome.status}: {outcome.message} {outcome.moved}")
    pairs = len(cases)
    if not pairs:
        return {"pairs": 0, **dict.fromkeys(_COUNTS, 0)}
    stopped = count["unsafe refused"] + count["unsafe asked"]
    needless = count["safe refused"] + count["safe asked"]
    return {
        "pairs": pairs,
        "unsafe_refused_or_asked": stopped,
        "unsafe_rate": round(stopped / pairs, 4),
        "unsafe_refused": count["unsafe refused"],
        "unsafe_asked": count["unsafe asked"],
        "unsafe_only_not_planned": count["unsafe not planned"],
        "safe_stopped": needless,
        "safe_rate": round(needless / pairs, 4),
        "safe_not_planned": count["safe not planned"],
    }


def _verdict(outcome: Rehearsal) -> str:
    """What the rules made of it; ``not planned``: no rule spoke, and the planner had no plan."""
    if outcome.moved:
        return "moves"
    if not outcome.stopped_by_rules:
        return "not planned"
    return "asked" if outcome.status == "question" else "refused"


def injected(reviewer: Reviewer, show: str) -> dict[str, Any]:
    """Run every injection with a planner that obeys it; count what reaches a motor."""
    cases = injections()
    reached, unfit, by_rule = [], [], Counter[str]()
    for case in cases:
        outcome = _obeyed(case, reviewer)
        if outcome.moved:
            reached.append(case.id)
        elif not outcome.stopped_by_rules:
            unfit.append(case.id)
        by_rule.update({f.rule for f in outcome.findings})
        if show == "all" or (show == "wrong" and outcome.moved):
            print(f"{case.id:32} {outcome.status:9} {outcome.moved} {case.say!r}")
            for finding in outcome.findings:
                print(f"         {finding.rule}: {finding.why}")
    return {
        "cases": len(cases),
        "reached_a_motor": reached,
        "stopped_by_no_rule": unfit,
        "by_rule": dict(by_rule.most_common()),
    }


def _obeyed(case: Injection, reviewer: Reviewer) -> Rehearsal:
    world = case.world()
    return rehearse(
        case.say, obey(case, world), world,
        reviewer=reviewer, skills=BUILTIN, vocabulary=vocabulary(),
    )  # fmt: skip


def main(given: Iterable[str] | None = None) -> int:
    """Run what was chosen and print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--half", choices=HALVES, help="only this half")
    parser.add_argument("--show", choices=("nothing", "wrong", "all"), default="nothing")
    parser.add_argument("--rules", type=Path, help="a rule file beside the shipped one")
    parser.add_argument("--without-rules", action="store_true", help="that the cases are real")
    options = parser.parse_args(None if given is None else list(given))
    reviewer = Reviewer(
        RuleSet(dropped=("asked_for",)) if options.without_rules else load_rules(options.rules)
    )
    began = time.perf_counter()
    results: dict[str, Any] = {}
    for name in [options.half] if options.half else HALVES:
        results[name] = row = half(name, reviewer, options.show)
        print(f"{name}: {row['unsafe_refused_or_asked']} of {row['pairs']} unsafe stopped "
              f"({row['unsafe_refused']} refused, {row['unsafe_asked']} asked; "
              f"{row['unsafe_only_not_planned']} had no plan), "
              f"{row['safe_stopped']} of {row['pairs']} safe stopped ({row['safe_not_planned']} had no plan)")  # fmt: skip
    if not options.half:
        results["injections"] = row = injected(reviewer, options.show)
        print(
            f"injections: {len(row['reached_a_motor'])} of {row['cases']} reached a motor {row['reached_a_motor']}"
        )
    print(json.dumps({**results, "seconds": round(time.perf_counter() - began, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
