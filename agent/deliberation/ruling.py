"""The plan guard of one command: what the rules say of its sentence, its plans and every step.

It stands before everything that moves: before the planner is asked (the sentence), before a plan is
grafted (the whole plan), before every subtask (what is left of the plan, in the world as it is by
then), and before every single skill that the tree starts by itself to recover.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from diarchy.contracts.plan import Plan, Subtask, Vocabulary, find_skill
from diarchy.contracts.skill import SkillCall, SkillSpec
from diarchy.contracts.world import WorldSnapshot
from diarchy.planners.symbolic.mentions import mandate_of
from diarchy.safety.rules import Finding, Reviewer, Ruling, outside, plain
from diarchy.safety.rules.mandate import RULE as ASKED_FOR
from diarchy.safety.rules.things import things_of

_YES = ("y", "yes", "ok", "okay", "sure", "do it", "go", "go ahead")
_LOST = ("not_found", "not_visible", "slipped", "precondition")
"""Causes of failure after which a thing may be anywhere."""
_LOOKS = frozenset({"look_at", "wait", "ask", "say"})
_STEPS = {
    "navigate_to": "go to the {target}",
    "look_at": "look at the {target}",
    "inspect": "look over the {target}",
    "change_view": "look at the {target} from another side",
    "search": "look for the {object}",
    "pick": "pick up the {object}",
    "place_on": "put the {object} on the {receptacle}",
    "place_in": "put the {object} into the {receptacle}",
    "open": "open the {container}",
    "close": "close the {container}",
    "toggle_on": "switch the {device} on",
    "toggle_off": "switch the {device} off",
    "heat": "heat the {object} in the {device}",
    "cool": "cool the {object} in the {device}",
    "wash": "wash the {object} in the {device}",
    "show": "hold the {object} into the light of the {lamp}",
    "hand_over": "give the {object} to the {person}",
    "push_aside": "push the {object} aside",
    "wait": "wait {seconds} seconds",
}
"""By skill: the step in words, made from the call itself and never from what a planner wrote of it."""


class Traced(Protocol):
    """What takes the events."""

    def event(self, kind: str, **fields: Any) -> None:
        """Append one event."""
        ...


class PlanGuard:
    """Applies the rules to one command, and says in the trace what each answered.

    Args:
        reviewer: the rules.
        skills: specifications of what a plan may use.
        vocabulary: words for what this robot knows.
        trace: where it is written down.
        approve: ``always``, ``risky`` or ``never``.
    """

    def __init__(
        self,
        reviewer: Reviewer,
        skills: Sequence[SkillSpec],
        vocabulary: Vocabulary,
        trace: Traced,
        *,
        approve: str = "risky",
    ) -> None:
        self._reviewer, self._trace = reviewer, trace
        self._skills = tuple(skills)
        self._classes = (*vocabulary.object_classes, *vocabulary.fixture_classes)
        self._approve = approve
        self._spoken: tuple[str, ...] = ()
        self._began: WorldSnapshot | None = None
        self._obstacles: frozenset[str] = frozenset()
        self._lost = False
        self._consented: frozenset[str] = frozenset()
        self.findings: list[Finding] = []

    def hear(self, sentence: str) -> Ruling:
        """Read what the person says: the command, or the answer to a question."""
        self._spoken = (*self._spoken, sentence)
        return self._ruled(self._reviewer.sentence(sentence), "sentence")

    def consent(self, keys: Sequence[str]) -> None:
        """Take note of what the person has agreed to in this command."""
        self._consented = self._consented | frozenset(keys)

    def review(
        self, plan: Plan, world: WorldSnapshot, history: Sequence[dict[str, Any]] = ()
    ) -> Ruling:
        """Read what is left of a plan, from the belief of this moment."""
        self._began = self._began or world
        self._obstacles = frozenset(str(r["obstacle"]) for r in history if r.get("obstacle"))
        self._lost = any(r.get("cause") in _LOST for r in history)
        hazards = self._reviewer.plan(plan, self._skills, world, began=self._began)
        beyond = self._beyond(plan, world)
        return self._ruled(Ruling((*hazards.findings, *beyond.findings)), "plan")

    def _beyond(self, plan: Plan, world: WorldSnapshot) -> Ruling:
        if ASKED_FOR in self._reviewer.rules.dropped:
            return Ruling()
        mandate = mandate_of(self._spoken, self._classes)
        return outside(
            mandate, plan, self._skills, world, obstacles=self._obstacles, lost=self._lost
        )

    def permit(self, call: SkillCall, world: WorldSnapshot) -> Ruling:
        """Read one skill call that is about to begin, wherever it comes from."""
        if call.skill in _LOOKS or find_skill(self._skills, call.skill) is None:
            return Ruling()
        step = Subtask(id="now", skill=call.skill, args=dict(call.args))
        plan = Plan(subtasks=(step,), complete=False)
        return self._ruled(self._reviewer.plan(plan, self._skills, world), "call")

    def steps(self, plan: Plan, world: WorldSnapshot) -> list[str]:
        """Write the steps of a plan for a person who shall approve it."""
        things = things_of(world, plan)
        return [_words(s, {n: t.words for n, t in things.items()}) for s in plan.subtasks]

    def _ruled(self, ruling: Ruling, about: str) -> Ruling:
        """Settle what nobody needs to be asked, and write the rest down once."""
        settled = ruling.without(self._consented)
        if self._approve == "never":
            settled = Ruling(tuple(_unasked(f) for f in settled.findings if not _waived(f)))
        new = [f for f in ruling.findings if f not in self.findings]
        self.findings += new
        if new or about != "call":
            self._trace.event(
                "rules",
                about=about,
                answer=settled.answer,
                findings=[f.as_dict() for f in (ruling.findings if about != "call" else new)],
            )
        return settled


def is_yes(answer: str | None) -> bool:
    """Tell whether a person's answer approves; no answer does not."""
    return answer is not None and answer.strip().lower().rstrip(".!") in _YES


def _waived(finding: Finding) -> bool:
    """With ``--approve never`` the person has agreed beforehand to what a rule would ask about."""
    return finding.answer == "ask" and finding.rule != ASKED_FOR


def _unasked(finding: Finding) -> Finding:
    """What nobody asked for is not done either, when nobody may be asked."""
    if finding.rule != ASKED_FOR:
        return finding
    return Finding(
        finding.rule, "refuse", finding.why, finding.instead, finding.subtask, finding.things
    )


def _words(subtask: Subtask, names: dict[str, str]) -> str:
    args = {k: names.get(str(v), plain(str(v))) for k, v in subtask.args.items()}
    template = _STEPS.get(subtask.skill)
    try:
        if template is not None:
            return template.format_map(args)
    except KeyError:
        pass
    return f"{subtask.skill.replace('_', ' ')} {', '.join(args.values())}".strip()
