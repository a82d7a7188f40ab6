"""From what the model read to a checked plan: steps are grounded in the belief and searched for.

The model names actions, classes and what tells things apart; the symbolic planner's grounding and search find
the entities and the skills. Where only the person can say what is meant, that is a question.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from diarchy.contracts.entity import class_words
from diarchy.contracts.plan import Plan, PlanRequest, Question, Reference, Refusal
from diarchy.contracts.predicate import Condition
from diarchy.planners.embedded.language import EVERYTHING, PERSON, Code, Reading, Wish, goal_of
from diarchy.planners.symbolic.answers import EXAMPLE, Answered, Explore, abilities, refuse
from diarchy.planners.symbolic.assembly import Assembly
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.stages import Stager
from diarchy.planners.symbolic.steps import Action, Described, Step
from diarchy.planners.vlm.choices import Choices
from diarchy.planners.vlm.decode import AnswerError, decode

UNCLEAR_QUESTION = "What exactly shall I do, and with which thing?"
_REASONS: dict[Code, str] = {
    "unknown_word": "I know nothing here that '{sentence}' could be about",
    "no_skill": "I have no skill for '{sentence}'",
    "unsafe": "'{sentence}' could hurt someone or ruin something, so I will not do it",
    "not_understood": "'{sentence}' says nothing that a robot could do",
}
_ACTIONS: dict[str, Action] = {
    "put": "put", "give": "put", "hold": "hold", "find": "find", "look": "look", "push": "push",
    "heat": "heat", "cool": "cool", "clean": "clean", "slice": "slice", "open": "open", "close": "close",
    "turn on": "turn_on", "turn off": "turn_off", "go": "go", "show": "show", "wait": "wait",
}  # fmt: skip
_NEEDS: dict[Action, tuple[str, ...]] = {
    "put": ("pick",), "hold": ("pick",), "open": ("open",), "close": ("close",),
    "go": ("navigate_to",), "look": ("look_at",), "find": ("search",), "wait": ("wait",),
    "heat": ("pick", "place_in", "toggle_on", "heat"), "cool": ("pick", "place_in", "close", "cool"),
    "clean": ("pick", "place_in", "toggle_on", "wash"), "turn_on": ("toggle_on",),
    "turn_off": ("toggle_off",), "push": ("push_aside",), "show": ("show",),
}  # fmt: skip
_INSIDE = frozenset({
    "BathtubBasin", "Bowl", "Box", "Cabinet", "Cup", "Drawer", "Fridge", "GarbageCan", "Microwave",
    "Mug", "Pan", "Pot", "Safe", "SinkBasin",
})  # fmt: skip
_ENDS = frozenset({"put", "give"})
_SLOTS = ("type", "object_target", "parent_target", "mrecep_target", "toggle_target", "object_sliced")  # fmt: skip


def expand(reading: Reading, request: PlanRequest, sentence: str) -> Plan | Question | Refusal:
    """Make a plan, a question or a refusal of a reading.

    Args:
        reading: what the model made of the sentence.
        request: what was asked.
        sentence: that was read: the instruction, or the answer to a question about it.
    """
    answer: Plan | Question | Refusal
    try:
        answer = _answer(reading, request, sentence)
    except Answered as stop:
        answer = stop.answer
    if isinstance(answer, Plan) and answer.subtasks:
        try:
            decode(answer_text(answer, request), request)
        except (
            AnswerError
        ) as error:  # what this robot has no words for, as colours it cannot tell apart
            answer = Refusal(
                code="unknown_word",
                reason=f"I read '{told(reading.steps)}', but {error}",
                suggestion="say it without that",
            )
    reasoning = f"{reading.sketch}. {answer.reasoning}".strip()
    return answer.model_copy(update={"reading": as_dict(reading), "reasoning": reasoning})


def as_dict(reading: Reading) -> dict[str, Any]:
    """Return what goes into `Plan.reading`: ALFRED's slots and the steps in short."""
    slots = dict(zip(_SLOTS, goal_of(reading), strict=True)) if reading.steps else {}
    return {**slots, "steps": [_short(s) for s in reading.steps]}


def _short(wish: Wish) -> str:
    return " ".join([wish.do, wish.object, *(f"{k} {v}" for k, v in wish.said().items())])


def _answer(reading: Reading, request: PlanRequest, sentence: str) -> Plan | Question | Refusal:
    if reading.code is not None:
        reason = _REASONS[reading.code].format(sentence=sentence.strip()[:80])
        suggestion = f"say, for example, '{EXAMPLE}'"
        if reading.code == "no_skill":
            suggestion = f"what I can do: {abilities(request.skills)}"
        return Refusal(code=reading.code, reason=reason, suggestion=suggestion)
    if not reading.steps:
        return Question(text=UNCLEAR_QUESTION)
    _check_able(reading.steps, request)
    steps = steps_for(reading.steps, request)
    grounder = Grounder(request)
    stager, assembly = Stager(grounder), Assembly(request, grounder)
    try:
        stages = stager.stages(steps)
    except Explore as first:
        return assembly.explore(first)
    return assembly.build(stages, stager.asked_open, stager.collector.again)


def _check_able(wishes: Sequence[Wish], request: PlanRequest) -> None:
    """Refuse cutting, and what no skill can do."""
    names = {s.name for s in request.skills}
    for wish in wishes:
        if wish.do == "slice":
            rest = told([w for w in wishes if w.do != "slice"])
            suggestion = f"I can do the rest with it whole: '{rest}'" if rest else (
                f"what I can do: {abilities(request.skills)}")  # fmt: skip
            raise refuse("no_skill", f"I have no skill to slice or cut anything, not the {class_words(wish.object)} either", suggestion)  # fmt: skip
        if not set(_NEEDS[_ACTIONS[wish.do]]) <= names:
            raise refuse("no_skill", f"I have no skill to {wish.do} anything", f"what I can do: {abilities(request.skills)}")  # fmt: skip


def told(wishes: Sequence[Wish]) -> str:
    """Say in words what was read."""
    return ", then ".join(_said(w) for w in wishes)


def _said(wish: Wish) -> str:
    to = f" {_role(wish.to)} the {class_words(wish.to)}" if wish.to else ""
    source = f" from the {class_words(wish.where)}" if wish.where else ""
    article = {"": "the", "two": "two", "a": "a", "all": "all"}[wish.many]
    words = [wish.do, article, wish.color, class_words(wish.object)]
    return f"{' '.join(w for w in words if w)}{source}{to}"


def _role(cls: str) -> str:
    return "in" if cls in _INSIDE else "on"


# ---- descriptions -------------------------------------------------------------------------------


def steps_for(wishes: Sequence[Wish], request: PlanRequest) -> list[Step]:
    """Write wishes as the steps that the symbolic planner grounds."""
    speaker = _Describer(request)
    return [speaker.step(wish) for wish in wishes]


class _Describer:
    """Describes things, giving one number to what is one thing."""

    def __init__(self, request: PlanRequest) -> None:
        self._rooms = {e.room for e in request.world.entities if e.room}
        self._last: dict[tuple[str, str], Described] = {}
        self._mentions = 0

    def step(self, wish: Wish) -> Step:
        """Describe what a wish is about and where it goes."""
        action = _ACTIONS[wish.do]
        if wish.do == "wait":
            return Step(action, seconds=float(wish.object), word=wish.do)
        thing = self._object(wish)
        dest, role = None, ""
        if wish.do == "give":
            dest, role = Described("person", "person"), "to"
        elif wish.to:
            dest, role = self._place(wish.to), _role(wish.to)
        if wish.do in _ENDS:
            self._last.pop((wish.object, wish.color), None)  # the next of that name is another one
        return Step(action, thing, dest, role, wish.do)

    def _object(self, wish: Wish) -> Described:
        key = (wish.object, wish.color)
        if key in self._last and not wish.where and not wish.near:
            return self._last[key]
        thing = self._plain(wish.object, wish.many, wish.color)
        if wish.where:
            thing = thing.at("", self._place(wish.where))
        if wish.near:
            thing = thing.at("near", self._place(wish.near))
        if wish.left_out:
            thing = thing.at("except", self._left_out(wish))
        self._last[key] = thing
        return thing

    def _left_out(self, wish: Wish) -> Described:
        if wish.left_out[:1].islower():
            return self._plain(wish.object, "", wish.left_out)
        return self._plain(wish.left_out, "", "")

    def _place(self, cls: str) -> Described:
        """Describe a place; of several pieces of furniture any will do, but a vessel is the one."""
        if (cls, "") not in self._last:
            self._last[cls, ""] = self._plain(cls, "", "")
        return self._last[cls, ""]

    def _plain(self, cls: str, many: str, color: str) -> Described:
        self._mentions += 1
        if cls == PERSON:
            return Described("person", "person")
        if cls in self._rooms:
            return Described("room", cls.replace("_", " "), mention=self._mentions)
        if cls == EVERYTHING:
            return Described("everything", EVERYTHING, quantifier="all", mention=self._mentions)
        return Described(
            kind="thing",
            word=class_words(cls),
            classes=(cls,),
            quantifier={"": "the", "two": "", "a": "a", "all": "all"}[many],
            count=2 if many == "two" else 0,
            plural=many in ("two", "all"),
            colours=(color,) if color else (),
            mention=self._mentions,
        )


# ---- the plan as any model would have answered it ------------------------------------------------


def answer_text(plan: Plan, request: PlanRequest) -> str:
    """Write a plan as the JSON of `diarchy.planners.vlm.schema`; goals that it cannot say are left out."""
    choices = Choices.of(request)
    steps = [
        {"skill": s.skill, "args": {k: _argument(v) for k, v in s.args.items()}, "words": s.words}
        for s in plan.subtasks
    ]
    goals = [g for g in (_goal(c, choices) for c in plan.goals) if g is not None]
    answer = {"kind": "plan", "steps": steps, "goals": goals, "complete": plan.complete}
    return json.dumps({"reasoning": plan.reasoning, "answer": answer})


def _argument(value: str | float | Reference) -> Any:
    if not isinstance(value, Reference):
        return value
    said = value.model_dump()
    return {"class": said.pop("cls"), **said}


def _goal(condition: Condition, choices: Choices) -> dict[str, Any] | None:
    predicate = condition.predicate
    known = set(choices.ids["thing"])
    if predicate.name not in choices.predicates.get(len(predicate.args), ()) or not known.issuperset(predicate.args):  # fmt: skip
        return None
    second = "person" if predicate.name == "given" else "receptacle"
    names = {0: (), 1: ("thing",), 2: ("object", second)}[len(predicate.args)]
    return {"predicate": predicate.name, **dict(zip(names, predicate.args, strict=True)), "value": condition.value}  # fmt: skip
