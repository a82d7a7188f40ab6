"""Corrections at seeded moments, judged by the simulator's truth.

    python benchmarks/corrections.py --n 200 --out runs/corrections

Each case draws an order, a kind of correction and a moment (early: on the way to the first thing; middle:
with it in the hand; late: after it was put down), lets the agent work, says the sentence, and compares where
every thing is in the end with where the order and the correction say it shall be. Nothing is told to the agent.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from diarchy.agent.evaluation.inventory import Inventory, Thing, inventory, spoken
from diarchy.agent.evaluation.stats import Rate
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.trace import read_events
from diarchy.agent.session import Agent, agent_for

KINDS = (
    "stop", "pause", "undo", "instead", "leave", "rest", "not_trash", "also", "pace", "question", "task",
)  # fmt: skip
MOMENTS = ("early", "middle", "late")
EASY = frozenset({"Apple", "Potato", "Mug", "Cup", "SodaCan", "DishSponge", "SaltShaker", "Bread"})
TABLES = frozenset({"CounterTop", "DiningTable", "CoffeeTable"})
FULL_SPEED = 0.6
"""Base speed (m/s) above which it drives at its full cruising speed of 0.68."""


@dataclass
class Case:
    """What is ordered, what is said when, and where things shall be in the end (id to place)."""

    kind: str
    moment: str
    order: str
    says: str
    first: str
    second: str
    expected: dict[str, str]
    afterwards: str = ""


@dataclass
class Outcome:
    """What came of one case."""

    case: Case
    seed: int
    good: bool
    wrong: list[str] = field(default_factory=list)
    status: str = ""
    read_as: list[str] = field(default_factory=list)
    said_at: float | None = None
    stop_seconds: float | None = None
    stop_ticks: int | None = None
    speed: float = 0.0
    sim_s: float = 0.0
    wall_s: float = 0.0
    run_dir: str = ""


def draw(kind: str, moment: str, home: Inventory, rng: np.random.Generator) -> Case:
    """Draw two things that words tell apart, and two places for them."""
    things = [t for t in home.unique(EASY) if home.fixtures[t.where] in TABLES | {"Shelf"}]
    order = rng.permutation(len(things))
    a, b = (
        things[order[0]],
        next(things[i] for i in order[1:] if things[i].cls != things[order[0]].cls),
    )
    places = [i for i, c in sorted(home.fixtures.items()) if c in TABLES]
    free = [p for p in places if p not in (a.where, b.where)]
    y = str(rng.choice(free or [p for p in places if p != a.where]))
    z = str(rng.choice([p for p in places if p not in (y, b.where)]))
    return _case(kind, moment, home, (a, b), (y, z))


def _case(
    kind: str, moment: str, home: Inventory, things: tuple[Thing, Thing], places: tuple[str, str]
) -> Case:
    a, b = things
    y, z = places
    na, nb = home.words(a), home.words(b)
    ny, nz = spoken(home.fixtures[y]), spoken(home.fixtures[z])
    one = f"put the {na} on the {ny}"
    two = f"put the {na} on the {ny} and then put the {nb} on the {ny}"
    done, both = {a.id: y, b.id: b.where}, {a.id: y, b.id: y}
    late = moment == "late"

    def case(order: str, says: str, expected: dict[str, str], afterwards: str = "") -> Case:
        return Case(kind, moment, order, says, a.id, b.id, expected, afterwards)

    if kind == "stop":
        return case(two if late else one, "stop", {})
    if kind == "pause":
        return case(two, "wait a moment", both, "go on")
    if kind == "undo":
        undone = {
            "early": both,
            "middle": {a.id: a.where, b.id: y},
            "late": {a.id: a.where, b.id: y},
        }
        return case(two, "undo that" if not late else f"put the {na} back", undone[moment])
    if kind == "instead":
        if late:  # said of what was put down already
            return case(two, f"not on the {ny}, on the {nz}", {a.id: z, b.id: z})
        return case(one, f"not the {na}, the {nb}", {a.id: a.where, b.id: y})
    if kind == "leave":
        if late:
            return case(two, f"leave the {nb}", {a.id: y, b.id: b.where})
        return case(two, "leave it", {a.id: a.where, b.id: y})
    if kind == "rest":
        return case(two, "the rest can stay", done)
    if kind == "not_trash":
        can = next(i for i, c in home.fixtures.items() if c == "GarbageCan")
        expected = {a.id: can, b.id: b.where} if late else {a.id: a.where, b.id: can}
        return case(
            f"throw away the {na} and then throw away the {nb}", "that's not trash", expected
        )
    if kind == "also":
        return case(two if late else one, f"also put the {nb} on the {nz}", {a.id: y, b.id: z})
    if kind == "pace":
        return case(two, "slower", both)
    if kind == "question":
        return case(two, "what are you doing, and why?", both)
    expected = {a.id: y if late else a.where, b.id: z}
    return case(two if late else one, f"forget that, put the {nb} on the {nz} instead", expected)


class Speaker:
    """Says the sentence at its moment and measures what the robot does then; `tick` after every tick."""

    def __init__(self, agent: Agent, case: Case, rng: np.random.Generator) -> None:
        self._agent, self._case = agent, case
        self._robot: Any = agent.robot
        self._delay = float(rng.uniform(0.5, 2.5))
        self._since: float | None = None
        self.said_at: float | None = None
        self.said_tick = 0
        self.halted_at: float | None = None
        self.commanded_tick: int | None = None
        self.fastest = 0.0
        self.moved_in_pause = False
        self._resumed = False
        self._origin = support(self._robot.truth, case.first, self._robot)
        self._speed = 0.0
        self._was_held = False

    def tick(self) -> None:
        """Watch for the moment; after it, watch the robot."""
        now = self._robot.clock.now()
        if self.said_at is None:
            if self._is_time(now):
                self.said_at, self.said_tick = now, self._robot.clock.tick
                command = self._robot.proprio().commanded
                self._speed = 0.0 if command is None else abs(float(command.base[0]))
                self._agent.say(self._case.says)
            return
        proprio = self._robot.proprio()
        if self._case.kind == "stop" and self.commanded_tick is None:
            commanded = abs(float(proprio.commanded.base[0]))
            if commanded < self._speed - 0.5 * proprio_braking(self._robot):
                self.commanded_tick = self._robot.clock.tick
        if self.halted_at is None and proprio.at_rest():
            self.halted_at = now
        if now > self.said_at + 1.5:
            self.fastest = max(self.fastest, abs(float(proprio.base_velocity[0])))
        if self._case.afterwards and not self._resumed:
            self._pausing(now, proprio)

    def _pausing(self, now: float, proprio: Any) -> None:
        assert self.said_at is not None
        if now > self.said_at + 1.5 and not proprio.at_rest():
            self.moved_in_pause = True
        if now > self.said_at + 4.0:
            self._resumed = True
            self._agent.say(self._case.afterwards)

    def _is_time(self, now: float) -> bool:
        if (
            self._case.kind == "stop"
            and abs(float(self._robot.proprio().base_velocity[0])) < FULL_SPEED
        ):
            return False
        if not self._begun():
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= self._delay

    def _begun(self) -> bool:
        truth, case = self._robot.truth, self._case
        holding = truth.holds("holding", case.first)
        if case.moment == "early":
            return bool(self._robot.clock.now() > 2.0 and not holding)
        if case.moment == "middle":
            return bool(holding)
        self._was_held = self._was_held or holding
        # Not where it came from: fingers that close on a thing may lose it for an instant.
        resting = support(truth, case.first, self._robot) not in ("", self._origin)
        other = truth.holds("holding", case.second)
        return bool(self._was_held and not holding and resting and not other)


def proprio_braking(robot: Any) -> float:
    """How much slower (m/s) a braking base is commanded from one tick to the next."""
    return float(robot.spec.base.linear_braking / robot.spec.control_hz)


def support(truth: Any, thing: str, robot: Any) -> str:
    """Return the fixture that a thing is on or in, by the truth."""
    for place in robot.static_map.fixtures:
        if truth.holds("on", thing, place) or truth.holds("in", thing, place):
            return str(place)
    return ""


def run_case(kind: str, moment: str, seed: int, scene: str, out: Path) -> Outcome:
    """Build the home, draw, run, judge."""
    began = time.perf_counter()
    rng = np.random.default_rng([seed, KINDS.index(kind), MOMENTS.index(moment)])
    config = RunConfig(
        instruction="", scene=scene, seed=seed, planner="symbolic", system1="motion", pictures=False,
        report=True, record=out / f"{seed}-{kind}-{moment}", approve="never",
    )  # fmt: skip
    with agent_for(config) as agent:
        robot: Any = agent.robot
        home = inventory(robot)
        before = {o: support(robot.truth, o, robot) for o in robot.truth.objects}
        case = draw(kind, moment, home, rng)
        speaker = Speaker(agent, case, rng)
        result = agent.run(case.order, config=config, watchers=(speaker.tick,))
        after = {o: support(robot.truth, o, robot) for o in robot.truth.objects}
        at_rest = robot.proprio().at_rest()
    outcome = Outcome(case, seed, good=False, status=result.status, said_at=speaker.said_at)
    outcome.read_as = [str(c["read_as"]) for c in result.corrections]
    outcome.speed, outcome.sim_s = speaker.fastest, result.timing.sim_s
    outcome.run_dir = str(result.run_dir)
    outcome.wrong = _judge(case, speaker, before, after)
    if kind == "stop":
        _judge_stop(outcome, speaker, at_rest)
    elif result.status != "succeeded" or not result.verified:
        outcome.wrong.append(f"it ended {result.status}: {result.message}")
    outcome.good = not outcome.wrong
    outcome.wall_s = round(time.perf_counter() - began, 1)
    return outcome


def _judge(
    case: Case, speaker: Speaker, before: dict[str, str], after: dict[str, str]
) -> list[str]:
    if speaker.said_at is None:
        return ["the moment to speak never came"]
    expected = {**before, **case.expected} if case.kind != "stop" else {}
    wrong = [
        f"{thing} is at '{after[thing]}', not at '{place}'"
        for thing, place in expected.items()
        if after[thing] != place
    ]
    if case.kind == "pace" and speaker.fastest > 0.5:
        wrong.append(f"it still drove at {speaker.fastest:.2f} m/s")
    if speaker.moved_in_pause:
        wrong.append("it moved while it was to wait")
    return wrong


def _judge_stop(outcome: Outcome, speaker: Speaker, at_rest: bool) -> None:
    events = list(read_events(Path(outcome.run_dir)))
    if speaker.said_at is not None and speaker.halted_at is not None:
        outcome.stop_seconds = round(speaker.halted_at - speaker.said_at, 3)
    if speaker.commanded_tick is not None:
        outcome.stop_ticks = speaker.commanded_tick - speaker.said_tick
    if outcome.stop_seconds is None or outcome.stop_seconds > 0.5:
        outcome.wrong.append(f"halted after {outcome.stop_seconds} s")
    if outcome.stop_ticks is None or outcome.stop_ticks > 1:
        outcome.wrong.append(f"commanded after {outcome.stop_ticks} ticks")
    if outcome.status != "stopped" or not at_rest or events[-1]["kind"] != "run_ended":
        outcome.wrong.append(f"it ended {outcome.status}")


def main(arguments: list[str] | None = None) -> None:
    """Run the cases and print a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="cases")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--scene", default="home")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--out", type=Path, default=Path("runs/corrections"))
    chosen = parser.parse_args(arguments)
    kinds = chosen.kinds.split(",")
    outcomes: list[Outcome] = []
    chosen.out.mkdir(parents=True, exist_ok=True)
    with (chosen.out / "outcomes.jsonl").open("a", encoding="utf-8") as lines:
        for i in range(chosen.n):
            kind = kinds[i % len(kinds)]
            moment = MOMENTS[(i // len(kinds) + i) % len(MOMENTS)]
            outcome = run_case(kind, moment, chosen.seed + i, chosen.scene, chosen.out)
            outcomes.append(outcome)
            lines.write(json.dumps(asdict(outcome)) + "\n")
            lines.flush()
            sign = "ok " if outcome.good else "BAD"
            print(
                f"{sign} {kind:9} {moment:6} {outcome.wall_s:5.0f} s  {'; '.join(outcome.wrong)}",
                flush=True,
            )
    print(summary(outcomes))


def summary(outcomes: list[Outcome]) -> str:
    """Write the figures."""
    good = sum(o.good for o in outcomes)
    low, high = Rate.of(good, len(outcomes)).ci95
    text = f"{good} of {len(outcomes)} end as judged (95%: {100 * low:.1f} to {100 * high:.1f}%)"
    by: Callable[[str], str] = lambda k: (
        f"{sum(o.good for o in outcomes if o.case.kind == k)}/{sum(o.case.kind == k for o in outcomes)}"
    )
    text += "\n" + ", ".join(
        f"{k} {by(k)}" for k in KINDS if any(o.case.kind == k for o in outcomes)
    )
    stops = [o for o in outcomes if o.case.kind == "stop" and o.stop_seconds is not None]
    if stops:
        slowest = max(o.stop_seconds or 0.0 for o in stops)
        ticks = max(o.stop_ticks or 0 for o in stops)
        text += (
            f"\nstop at full speed: halted within {slowest:.3f} s, commanded within {ticks} tick(s)"
        )
    return text


if __name__ == "__main__":
    main()
