"""The words that the symbolic planner knows, and what each may mean.

The list itself is ``lexicon.yaml``; this module derives plurals and verb forms and looks phrases
up, longest first. A phrase may have several senses; `diarchy.planners.symbolic.tagging` chooses.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from diarchy.contracts.entity import class_words

_FILE = Path(__file__).with_name("lexicon.yaml")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is
_VOWELS = "aeiou"


@dataclass(frozen=True)
class Sense:
    """One meaning of a phrase.

    ``kind`` is the terminal of the grammar, ``value`` what it stands for (a verb family, a colour,
    a preposition's role ...), ``classes`` what a noun may denote, best guess first. ``form`` tells
    how the phrase is inflected: ``base``, ``plural``, ``participle`` or ``gerund``.
    """

    kind: str
    value: str
    classes: tuple[str, ...] = ()
    form: str = "base"


def plural_of(phrase: str) -> str:
    """Return the regular English plural of a noun phrase (its last word is inflected)."""
    if phrase.endswith(("s", "x", "ch", "sh", "tomato", "potato")):
        return phrase + "es"
    if phrase.endswith("y") and phrase[-2] not in _VOWELS:
        return phrase[:-1] + "ies"
    return phrase + "s"


def verb_forms(phrase: str) -> Iterator[tuple[str, str]]:
    """Yield the regular forms of a verb phrase (its first word is inflected) with their names."""
    head, _, tail = phrase.partition(" ")
    rest = f" {tail}" if tail else ""
    short = len(head) <= 4 and head[-1] not in _VOWELS + "wxyk" and head[-2] in _VOWELS
    double = head + head[-1] if short and (len(head) <= 3 or head[-3] not in _VOWELS) else head
    stem = head[:-1] if head.endswith("e") and not head.endswith("ee") else double
    past = head[:-1] + "ied" if head.endswith("y") and head[-2] not in _VOWELS else stem + "ed"
    yield phrase, "base"
    yield plural_of(head) + rest, "base"
    yield stem + "ing" + rest, "gerund"
    yield past + rest, "participle"


class Lexicon:
    """All phrases, for one vocabulary of classes.

    Args:
        data: the content of ``lexicon.yaml``.
        classes: names of classes that this home has; their own names become words as well.
    """

    def __init__(self, data: Mapping[str, Any], classes: Iterable[str] = ()) -> None:
        self.phrases: dict[tuple[str, ...], list[Sense]] = {}
        self.carriers = frozenset(data["carriers"])
        self.lamps = frozenset(data["lamps"])
        self.generic = frozenset(data["generic"])
        self.collective = frozenset(data["collective"])
        self._plurals: dict[str, str] = data["plurals"]
        self._not_many = frozenset(data["singular_plurals"])
        things: dict[str, list[str]] = dict(data["things"])
        for cls in sorted(set(classes)):
            # A class of this home is always a word, whatever the list says.
            name = class_words(cls)
            if cls not in things.get(name, []):
                things[name] = [cls, *things.get(name, [])]
            things.setdefault(cls.lower(), things[name])
        self._add_things(things)
        self._add_verbs(data["verbs"], data["irregular"])
        self._add_small_words(data)
        self.longest = max(len(words) for words in self.phrases)
        self._single = sorted({w for words in self.phrases for w in words if len(w) > 3})

    def _add(self, phrase: str, sense: Sense) -> None:
        senses = self.phrases.setdefault(tuple(phrase.split()), [])
        if all((s.kind, s.value) != (sense.kind, sense.value) for s in senses):
            senses.append(sense)

    def _add_things(self, things: Mapping[str, list[str]]) -> None:
        for word, classes in things.items():
            many = self._plurals.get(word, plural_of(word))
            one = "plural" if word in self.collective else "base"
            self._add(word, Sense("NOUN", word, tuple(classes), self._number(word, one)))
            self._add(many, Sense("NOUN", word, tuple(classes), self._number(many, "plural")))

    def _number(self, word: str, default: str = "base") -> str:
        return "base" if word in self._not_many else default

    def _add_verbs(self, verbs: Mapping[str, list[str]], odd: Mapping[str, list[str]]) -> None:
        for family, bases in verbs.items():
            for base in bases:
                forms: Iterable[tuple[str, str]] = verb_forms(base)
                if base in odd:
                    kinds = ((f, "gerund" if "ing" in f else "base") for f in odd[base])
                    forms = [(base, "base"), *kinds]
                for phrase, form in forms:
                    self._add(phrase, Sense("VERB", family, form=form))

    def _add_small_words(self, data: Mapping[str, Any]) -> None:
        for kind, section in (("STATE", "states"), ("PREP", "prepositions")):
            for value, phrases in data[section].items():
                for phrase in phrases:
                    self._add(phrase, Sense(kind, value))
        for colour in data["colours"]:
            self._add(colour, Sense("COLOUR", data["colour_names"].get(colour, colour)))
        for number, count in data["numbers"].items():
            self._add(number, Sense("NUM", str(count)))
        for pronoun, number in data["pronouns"].items():
            self._add(pronoun, Sense("PRON", number))
        for kind, section in (
            ("SLICE", "slices"), ("PART", "part_of"), ("PERSON", "persons"), ("DET", "determiners"),
            ("EVERYTHING", "everything"), ("SOMETHING", "something"), ("ALL", "all"),
            ("BOTH", "both"), ("OTHER", "others"), ("ROOM", "rooms"), ("SEP", "separators"),
            ("AND", "conjunctions"), ("PARTICLE", "particles"), ("UNKNOWN", "durations"), ("DROP", "courtesy"),
            ("DROP", "noise"), ("ADJ", "adjectives"),
        ):  # fmt: skip
            for phrase in data[section]:
                self._add(phrase, Sense(kind, phrase))

    def match(self, words: list[str], start: int) -> tuple[int, list[Sense]]:
        """Return the length and the senses of the longest phrase at ``start`` (0: none)."""
        for length in range(min(self.longest, len(words) - start), 0, -1):
            senses = self.phrases.get(tuple(words[start : start + length]))
            if senses:
                return length, senses
        return 0, []

    @lru_cache(maxsize=4096)  # noqa: B019  (a lexicon lives as long as the process)
    def respell(self, word: str) -> str:
        """Return the known word that an unknown one is a misspelling of, or the word itself."""
        if len(word) < 4 or (word,) in self.phrases or word in self._single:
            return word
        for at in range(len(word) - 1):
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            if swapped in self._single:
                return swapped
        close = difflib.get_close_matches(word, self._single, n=1, cutoff=0.84)
        return close[0] if close and abs(len(close[0]) - len(word)) <= 2 else word

    def names_of(self, cls: str) -> tuple[str, ...]:
        """Return the phrases that denote a class first of all, shortest first."""
        found = {
            " ".join(words)
            for words, senses in self.phrases.items()
            for s in senses
            if s.kind == "NOUN" and s.form == "base" and s.classes[:1] == (cls,)
        }
        return tuple(sorted(found, key=lambda w: (len(w), w)))


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=_LOADER)
    return content


@lru_cache(maxsize=32)
def lexicon_for(classes: tuple[str, ...]) -> Lexicon:
    """Return the lexicon for a vocabulary (cached, because building it takes some milliseconds)."""
    return Lexicon(_data(), classes)
