"""What the planner says when it cannot plan: questions, refusals, and how answers are understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.errors import did_you_mean
from diarchy.contracts.plan import Exchange, Plan, Question, Reference, Refusal, RefusalCode
from diarchy.contracts.skill import SkillSpec

EXAMPLE = "put the apple in the fridge"
_ORDINALS = (
    ("first", "1", "one"), ("second", "2", "two"), ("third", "3", "three"),
    ("fourth", "4", "four"), ("fifth", "5", "five"),
)  # fmt: skip
_ANY = (
    "either",
    "any",
    "whichever",
    "whatever",
    "no matter",
    "does not matter",
    "don't care",
    "both",
)


class Answered(Exception):
    """Planning ends here, with this answer."""

    def __init__(self, answer: Plan | Question | Refusal) -> None:
        super().__init__(answer.kind)
        self.answer = answer


class Explore(Exception):
    """More must be known before the rest can be planned.

    Attributes:
        why: what for, in words that follow "First I have to".
        places: fixtures to look at.
        wanted: a thing to search for.
        closer: whether to look at the places from nearer than before.
    """

    def __init__(
        self,
        why: str,
        places: Sequence[Entity] = (),
        wanted: Reference | None = None,
        *,
        closer: bool = False,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.places = tuple(places)
        self.wanted = wanted
        self.closer = closer


def refuse(code: RefusalCode, reason: str, suggestion: str = "") -> Answered:
    """Build the exception that ends planning with a refusal."""
    return Answered(Refusal(code=code, reason=reason, suggestion=suggestion))


def unknown_thing(word: str, known: Iterable[str]) -> Answered:
    """Refuse a thing that this home does not have, and list what it has."""
    names = sorted({class_words(c) for c in known})
    return refuse(
        "unknown_word",
        f"there is no '{word}' here that I know; {did_you_mean(word, names, limit=40)}",
        "say it with one of these words",
    )


def abilities(skills: Sequence[SkillSpec]) -> str:
    """Say in words what the robot can do."""
    words = {
        "navigate_to": "go somewhere", "search": "look for things", "pick": "pick things up",
        "place_on": "put things on surfaces", "place_in": "put things into containers",
        "open": "open doors and drawers", "close": "close them", "look_at": "look at things", "change_view": "look from another side",
        "wait": "wait",
        "toggle_on": "switch devices on", "toggle_off": "switch them off", "heat": "heat things in the microwave",
        "cool": "cool things in the fridge", "wash": "wash things in the sink", "show": "hold things into the light",
        "hand_over": "hand things over", "push_aside": "push things aside",
    }  # fmt: skip
    return ", ".join(
        words.get(s.name, s.name.replace("_", " ")) for s in skills if s.name not in ("ask", "say")
    )


def choose(
    question: str,
    options: Sequence[str],
    exchanges: Sequence[Exchange],
    exact: bool,
    reasoning: str = "",
) -> int | None:
    """Return which option the person chose, None for "any of them".

    Args:
        question: how it would be asked now.
        options: the choices, in words.
        exchanges: what was asked and answered so far, newest last.
        exact: whether only an answer to this very question counts.
        reasoning: what goes into the question if it must be asked.

    Raises:
        Answered: nobody has answered this yet, or not understandably: with the question.
    """
    stem = question.split(":")[0].lower()
    asked = [e for e in exchanges if stem in e.question.lower()] or (
        [] if exact else list(exchanges)
    )
    for exchange in reversed(asked):
        found = understand(exchange.answer, options, exchange.question)
        if found != -1:
            return found
    sorry = (
        f"I did not understand '{asked[-1].answer}'. "
        if asked and stem in asked[-1].question.lower()
        else ""
    )
    raise Answered(Question(text=sorry + question, options=tuple(options), reasoning=reasoning))


def understand(answer: str, options: Sequence[str], question: str = "") -> int | None:
    """Match an answer with the options: words they share, "the second", "2", "either" (None); -1: no."""
    said = answer.lower().strip(" .!?")
    if said in (o.lower() for o in options):
        return [o.lower() for o in options].index(said)
    if any(word in said for word in _ANY):
        return None
    words = set(re.findall(r"[a-z0-9]+", said)) - {
        "the",
        "a",
        "an",
        "please",
        "take",
        "use",
        "it",
        "is",
    }
    ranked = sorted(range(len(options)), key=lambda i: _position(options[i], question, i))
    own = [set(re.findall(r"[a-z0-9]+", o.lower())) for o in options]
    scores = [len(words & (o - set.intersection(*own))) for o in own] if own else []
    if scores and max(scores) > 0 and scores.count(max(scores)) == 1:
        return scores.index(max(scores))
    for place, names in enumerate(_ORDINALS[: len(ranked)]):
        if words & {names[0], names[1]} or words == {names[2]}:
            return ranked[place]
    if "last" in words and ranked:
        return ranked[-1]
    return -1


def _position(option: str, question: str, default: int) -> int:
    """Order options as the question named them, because "the first" means that order."""
    at = question.lower().find(option.lower())
    return at if at >= 0 else 10_000 + default


def tell_apart(
    entities: Sequence[Entity], name: Callable[[Entity], str], where: Callable[[Entity], str]
) -> list[str]:
    """Describe things so that each is told from the others: name, else place, else id."""
    words = [name(e) for e in entities]
    if len(set(words)) < len(words):
        words = [f"{w}{where(e)}" for w, e in zip(words, entities, strict=True)]
    if len(set(words)) < len(words):
        words = [f"{w} ({e.id})" for w, e in zip(words, entities, strict=True)]
    return words


def either_or(options: Sequence[str]) -> str:
    """Join options for a question: "the red mug or the blue mug"."""
    named = [f"the {o}" for o in options]
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + " or " + named[-1]
