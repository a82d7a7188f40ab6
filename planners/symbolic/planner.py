"""The symbolic planner: a household grammar in front, a search over skills behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diarchy.contracts.errors import did_you_mean
from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal
from diarchy.planners.symbolic.answers import EXAMPLE, Answered, Explore, abilities, refuse
from diarchy.planners.symbolic.assembly import Assembly
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.lexicon import lexicon_for
from diarchy.planners.symbolic.reading import read, read_with
from diarchy.planners.symbolic.stages import Stager
from diarchy.planners.symbolic.steps import Described, Reading, Step

_NEEDS: dict[str, tuple[str, ...]] = {
    "put": ("pick",), "hold": ("pick",), "open": ("open",), "close": ("close",),
    "go": ("navigate_to",), "look": ("look_at",), "find": ("search",), "wait": ("wait",),
    "heat": ("pick", "place_in", "toggle_on", "heat"), "cool": ("pick", "place_in", "close", "cool"),
    "clean": ("pick", "place_in", "toggle_on", "wash"), "turn_on": ("toggle_on",),
    "turn_off": ("toggle_off",), "push": ("push_aside",), "tidy": ("pick",), "show": ("show",),
}  # fmt: skip
_VERBS = (
    "put",
    "move",
    "bring",
    "pick up",
    "throw away",
    "find",
    "look at",
    "open",
    "close",
    "heat",
    "cool",
    "wash",
    "turn on",
    "turn off",
    "give",
    "push aside",
    "go to",
    "wait",
)


class SymbolicPlanner:
    """Plans without a model; deterministic, in milliseconds, and honest about what it cannot read."""

    def __init__(self) -> None:
        # Words and grammar are loaded here, so that the first sentence is as quick as the others.
        read("wait", ())

    @property
    def name(self) -> str:
        """Name in results."""
        return "symbolic"

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Read the instruction, ground it in the world, and search for a plan."""
        vocabulary = request.vocabulary
        classes = tuple(sorted({*vocabulary.object_classes, *vocabulary.fixture_classes}))
        lexicon = lexicon_for(classes)
        reading = read_with(request.instruction, lexicon, frozenset(classes))
        answer: Plan | Question | Refusal
        try:
            _check_reading(request, reading)
            answer = _plan(request, reading.steps)
        except Answered as stop:
            answer = stop.answer
        return answer.model_copy(update={"reading": reading.as_dict()})


def _plan(request: PlanRequest, steps: Sequence[Step]) -> Plan:
    grounder = Grounder(request)
    stager = Stager(grounder)
    assembly = Assembly(request, grounder)
    try:
        stages = stager.stages(steps)
    except Explore as first:
        return assembly.explore(first)
    return assembly.build(stages, stager.asked_open, stager.collector.again)


def _check_reading(request: PlanRequest, reading: Reading) -> None:
    """Refuse what was not understood and what no skill can do, before anything is looked up."""
    if not any(c.isalnum() for c in request.instruction):
        raise refuse(
            "not_understood", "there is no sentence to act on", f"say, for example, '{EXAMPLE}'"
        )
    for verb in reading.unknown_verbs:
        raise refuse("unknown_word", f"I do not know what to do by '{verb}'; {did_you_mean(verb, _VERBS)}",
                     f"say, for example, '{EXAMPLE}'")  # fmt: skip
    if not reading.steps:
        raise refuse("unknown_word", f"I know none of the words in '{request.instruction.strip()[:80]}'",
                     f"say, for example, '{EXAMPLE}'")  # fmt: skip
    for index, step in enumerate(reading.steps):
        rest = [*reading.steps[:index], *reading.steps[index + 1 :]]
        _check_sliced(request, step, rest)
        _check_step(request, step)


def _check_step(request: PlanRequest, step: Step) -> None:
    names = {s.name for s in request.skills}
    able = f"what I can do: {abilities(request.skills)}"
    if step.action == "other" and not step.word:
        thing = step.obj
        if thing is not None and thing.kind == "unknown":
            known = (*request.vocabulary.object_classes, *request.vocabulary.fixture_classes)
            raise refuse("unknown_word", f"I do not know '{thing.word}'; {did_you_mean(thing.word, known, limit=40)}",
                         f"say, for example, '{EXAMPLE}'")  # fmt: skip
        named = f" with the {thing.words()}" if thing is not None else ""
        raise refuse(
            "not_understood",
            f"I do not understand what I shall do{named}",
            f"say, for example, '{EXAMPLE}'",
        )
    needs = _NEEDS.get(step.action)
    if step.action == "throw_at":
        raise refuse(
            "no_skill",
            "I do not throw things at anybody; I can bring or hand them over gently",
            able,
        )
    if needs is None or not set(needs) <= names:
        raise refuse("no_skill", f"I have no skill to {step.word or step.action} anything", able)


def _check_sliced(request: PlanRequest, step: Step, rest: Sequence[Step]) -> None:
    """Refuse cutting, and offer what else was asked for."""
    things = [t for t in (step.obj, step.dest) if t is not None and "sliced" in t.states]
    if step.action != "slice" and not things:
        return
    cut = things[0] if things else step.obj
    others = [replace(step, obj=_whole(step.obj)), *rest] if step.action != "slice" else rest
    asked = ", then ".join(_said(s) for s in others if s.obj is not None and s.action != "slice")
    suggestion = f"I can do the rest with it whole: '{asked}'" if asked else (
        f"what I can do: {abilities(request.skills)}")  # fmt: skip
    raise refuse(
        "no_skill",
        f"I have no skill to slice or cut anything, not the {cut.word if cut else 'thing'} either",
        suggestion,
    )


def _whole(thing: Described | None) -> Described | None:
    return replace(thing, states=thing.states - {"sliced"}) if thing is not None else None


def _said(step: Step) -> str:
    """Write a step as a person would say it."""
    verb = {"turn_on": "turn on", "turn_off": "turn off", "hold": "pick up", "show": "look at"}
    words = f"{verb.get(step.action, step.action)} the {step.obj.words() if step.obj else 'thing'}"
    role = {"near": "next to", "down": ""}.get(step.role, step.role)
    return f"{words} {role} the {step.dest.words()}" if step.dest is not None else words
