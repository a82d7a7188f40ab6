"""What a sentence speaks of, word by word, for `diarchy.safety.rules.mandate`.

This is no understanding: every phrase of the lexicon counts with everything it may mean, because
what a person may have meant is what a planner may do. Text in quotation marks is somebody else's
and counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diarchy.contracts.entity import class_words
from diarchy.planners.symbolic.lexicon import Lexicon, Sense, lexicon_for
from diarchy.planners.symbolic.tagging import normalise
from diarchy.safety.rules import Mandate, Mention

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']*'(?!\w)")
_HANDLES = frozenset(
    {
        "put",
        "put_back",
        "move",
        "bring",
        "hand",
        "take",
        "pick",
        "toss",
        "drop",
        "put_away",
        "clear",
    }
) | {"heat", "cool", "clean", "use", "slice", "other", "push"}
_GIVES = frozenset({"bring", "hand"})
_GETS = frozenset({"get", "fetch", "gets", "getting", "want", "need"})
_DISCARDS = frozenset({"toss", "clear"})
_MAKES = {"heat": "hot", "cool": "cold", "clean": "clean"}
_KIN = frozenset(
    [
        "brother",
        "sister",
        "mother",
        "father",
        "mom",
        "mum",
        "dad",
        "grandma",
        "grandpa",
        "grandmother",
        "grandfather",
        "wife",
        "husband",
        "son",
        "daughter",
        "child",
        "kid",
        "baby",
        "boy",
        "girl",
        "guest",
        "friend",
        "neighbour",
        "neighbor",
        "them",
    ]
)
_SEEKS = frozenset({"find"})


def mandate_of(sentences: Iterable[str], classes: Sequence[str]) -> Mandate:
    """Read what a person said in this command: the sentence, and answers to questions."""
    lexicon = lexicon_for(tuple(sorted(set(classes))))
    spoken = [_senses(s, lexicon, classes) for s in sentences]
    return _mandate([piece for row in spoken for piece in row])


def _senses(
    sentence: str, lexicon: Lexicon, classes: Sequence[str]
) -> list[tuple[str, list[Sense]]]:
    """Cut a sentence into the longest known phrases, with all that each may mean."""
    words = normalise(_QUOTED.sub(" ", sentence))
    found: list[tuple[str, list[Sense]]] = []
    at = 0
    while at < len(words):
        length, senses = lexicon.match(words, at)
        if not length:
            length, senses = lexicon.match([lexicon.respell(words[at])], 0)
        if not senses:
            senses = _part_of_a_name(words[at], classes)
        found.append((" ".join(words[at : at + max(length, 1)]), list(senses)))
        # A person or a room inside a phrase counts as well: "give me", "kitchen table".
        found += _parts(words[at : at + length], lexicon)
        at += max(length, 1)
    return found


def _part_of_a_name(word: str, classes: Sequence[str]) -> list[Sense]:
    """Return what an unknown word may mean as a part of a class's name: "pills", a pill bottle."""
    stems = {word, word.removesuffix("s")}
    meant = tuple(sorted(c for c in classes if stems & set(class_words(c).split())))
    return [Sense("NOUN", word, meant)] if meant else []


def _parts(words: Sequence[str], lexicon: Lexicon) -> list[tuple[str, list[Sense]]]:
    if len(words) < 2:
        return []
    parts: list[tuple[str, list[Sense]]] = []
    for word in words:
        senses = [s for s in lexicon.match([word], 0)[1] if s.kind in ("ROOM", "PERSON")]
        parts += [(word, senses)] if senses else []
    return parts


def _mandate(pieces: Sequence[tuple[str, list[Sense]]]) -> Mandate:
    kinds = {(s.kind, s.value) for _, senses in pieces for s in senses}
    verbs = {value for kind, value in kinds if kind == "VERB"}
    words = {w for text, _ in pieces for w in text.split()}
    states = {v for k, v in kinds if k == "STATE"}
    makes = {_MAKES[v] for v in verbs if v in _MAKES} | (states & {"hot", "cold", "clean"})
    mentions, plural = _mentions(pieces)
    lamp = any(c in ("DeskLamp", "FloorLamp") for m in mentions for c in m.classes)
    acts = bool(verbs & _HANDLES) or bool(words & (_GETS | {"with"})) or bool(makes)
    people = any(k == "PERSON" for k, _ in kinds) or bool(words & _KIN)
    named = {k for k, _ in kinds}
    return Mandate(
        mentions=mentions,
        # A sentence without any verb ("the apple in the fridge, please") still asks for something.
        handles=acts or not verbs,
        gives=bool(verbs & _GIVES) or bool(words & _GETS) or (people and acts),
        discards=bool(verbs & _DISCARDS),
        seeks=bool(verbs & _SEEKS) or plural or bool(named & {"ALL", "BOTH", "OTHER", "NUM"}),
        everything=bool(named & {"EVERYTHING", "SOMETHING"})
        or bool(verbs & {"clear", "put_away"})
        or ("look" in verbs and "around" in words),
        makes=frozenset(makes),
        lights=lamp or bool(words & {"light", "lamp"}),
        switches=bool(verbs & {"turn", "turn_on", "turn_off", "use"})
        or bool(words & {"start", "stop", "run", "on", "off"}),
        opens=bool(verbs & {"open", "close"}),
        waits="wait" in verbs,
        pushes=bool(verbs & {"push", "clear", "move"}),
        rooms=frozenset(v.replace(" ", "_") for k, v in kinds if k == "ROOM"),
        people=people,
    )


def _mentions(pieces: Sequence[tuple[str, list[Sense]]]) -> tuple[tuple[Mention, ...], bool]:
    found: list[Mention] = []
    colours: set[str] = set()
    plural = False
    for _, senses in pieces:
        nouns = [s for s in senses if s.kind == "NOUN"]
        colours |= {s.value for s in senses if s.kind == "COLOUR"}
        for sense in nouns:
            found.append(Mention(frozenset(sense.classes), frozenset(colours)))
            plural = plural or sense.form == "plural"
        # A colour belongs to the next noun; words between (and, or, big) do not part them.
        if nouns or any(s.kind in ("VERB", "SEP", "PREP") for s in senses):
            colours = set()
    return tuple(found), plural
