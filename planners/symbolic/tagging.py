"""From a sentence as typed to the terminals of the household grammar.

Normalises spelling, punctuation and politeness, looks phrases up, and decides by the neighbours
which sense a word has: "clean the cup" and "the clean cup", "turn on the lamp" and "on the table".
What no rule needs is dropped here, so that the grammar itself stays small and never fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from diarchy.planners.symbolic.lexicon import Lexicon, Sense

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[.,;:!?&]")
_STARTS_THING = frozenset(
    [
        "DET",
        "ADJ",
        "COLOUR",
        "STATE",
        "NUM",
        "ALL",
        "BOTH",
        "OTHER",
        "SLICEOF",
        "SLICE",
        "NOUN",
        "UNKNOWN",
        "PRON",
        "PERSON",
        "ROOM",
        "EVERYTHING",
        "SOMETHING",
        "PART",
    ]
)
_BEFORE = frozenset(["DET", "ADJ", "COLOUR", "STATE", "NUM", "ALL", "BOTH", "OTHER", "SLICEOF"])
_HEADS = frozenset(["NOUN", "UNKNOWN", "PRON", "PERSON", "ROOM", "EVERYTHING", "SOMETHING", "PART"])


_TELLS_MORE = frozenset({"with", "holding", "near", "under", "above", "except"})


@dataclass(frozen=True)
class Tag:
    """One terminal: its kind, what it stands for, and the words as typed."""

    kind: str
    value: str
    text: str
    classes: tuple[str, ...] = ()
    form: str = "base"


@dataclass(frozen=True)
class _Piece:
    text: str
    senses: tuple[Sense, ...]

    def kinds(self) -> frozenset[str]:
        return frozenset(s.kind for s in self.senses) or frozenset({"UNK"})


def normalise(sentence: str) -> list[str]:
    """Split a sentence into lower-case words and punctuation marks."""
    text = sentence.lower().replace("’", "'").replace("-", " ").replace("/", " ")
    text = re.sub(r"\b(where|who|what)'s\b", r"\1 is", text)
    text = re.sub(r"\bt\.\s?v\.?(?=\s|$)", "tv", text)
    text = re.sub(r"\b(cd|dvd|phone|toilet|lamp)'?s'?\b(?=\s|$)", r"\1s", text)
    return [re.sub(r"(?<!that)(?<!it)(?<!let)'s$", "", w) for w in _WORD.findall(text)]


def tag(sentence: str, lexicon: Lexicon) -> list[Tag]:
    """Return the terminals of a sentence; an empty list if it has no word."""
    pieces = _lookup(normalise(sentence), lexicon)
    tags: list[Tag] = []
    for index, piece in enumerate(pieces):
        tags.append(_choose(piece, tags, pieces[index + 1 :]))
    for rule in (_drop_marks, _parts, _slices, _unknowns, _compounds, _dangling, _conjunctions):
        tags = rule(tags)
    return tags


def _lookup(words: list[str], lexicon: Lexicon) -> list[_Piece]:
    words = [w if not w[0].isalpha() else lexicon.respell(w) for w in words]
    words = [part for w in words for part in w.split()]
    pieces: list[_Piece] = []
    at = 0
    while at < len(words):
        length, senses = lexicon.match(words, at)
        if words[at] in ".,;:!?":
            pieces.append(_Piece(words[at], (Sense("MARK", words[at]),)))
        else:
            pieces.append(_Piece(" ".join(words[at : at + max(length, 1)]), tuple(senses)))
        at += max(length, 1)
    return [p for p in pieces if p.kinds() != {"DROP"} or p.text in ("of", "while", "that")]


def _choose(piece: _Piece, before: Sequence[Tag], after: Sequence[_Piece]) -> Tag:
    """Pick a sense by the neighbours."""
    kinds = piece.kinds()
    if kinds == {"UNK"}:
        kind = "NUM" if piece.text.isdigit() and len(piece.text) < 5 else "UNK"
        return Tag(kind, piece.text, piece.text)
    following = after[0].kinds() if after else frozenset({"END"})
    previous = before[-1] if before else Tag("START", "", "")
    kind = _decide(piece.text, kinds, previous, following, after)
    sense = next(s for s in piece.senses if s.kind == kind)
    return Tag(kind, sense.value, piece.text, sense.classes, sense.form)


def _decide(
    text: str,
    kinds: frozenset[str],
    previous: Tag,
    following: frozenset[str],
    after: Sequence[_Piece],
) -> str:
    begins = previous.kind in ("START", "SEP", "AND", "MARK", "PARTICLE", "DROP") or (
        previous.kind == "PREP" and previous.text in ("to", "for", "by")
    )
    of_follows = bool(after) and after[0].text == "of"
    thing_follows = bool(following & (_STARTS_THING | {"UNK"}))
    if len(kinds) == 1:
        return next(iter(kinds))
    if "VERB" in kinds:
        verb_here = begins and (thing_follows or following & {"PREP", "PARTICLE", "DROP", "AND"})
        if "STATE" in kinds and text.endswith("ed") and not following & {"DET", "PRON"}:
            verb_here = False
        if "SLICE" in kinds and (of_follows or previous.kind in ("NOUN", *_BEFORE)):
            verb_here = False
        if "NOUN" in kinds and not following & {"DET", "PRON", "NUM", "ALL", "PERSON", "BOTH"}:
            verb_here = False
        if "DROP" in kinds and previous.kind in ("NOUN", "PRON"):
            verb_here = False
        others = kinds - {"VERB", "DROP"}
        if verb_here or not others:
            return "VERB"
        kinds = others
    for kind, wanted in (
        ("PART", of_follows),
        ("SLICE", of_follows or previous.kind in ("NOUN", *_BEFORE)),
        ("SEP", begins or not thing_follows),
        ("NOUN", not following & {"NOUN"} or "ADJ" not in kinds),
        ("ALL", thing_follows),
        ("BOTH", bool(following & {"NOUN", "ADJ", "COLOUR", "STATE", "DET", "SLICE"})),
        ("OTHER", bool(following & {"NOUN", "PRON"})),
        ("NUM", bool(following & (_BEFORE | {"NOUN", "SLICE", "UNK", "PART", "SOMETHING"}))),
        ("PRON", True),
        ("ROOM", not following & {"NOUN"}),
        ("ADJ", bool(following & (_BEFORE | _HEADS | {"UNK"}))),
        ("COLOUR", True),
        ("STATE", True),
        ("DET", bool(following & (_BEFORE | _HEADS | {"UNK", "SLICE"}))),
        ("PREP", thing_follows),
        ("PART", True),
        ("PARTICLE", True),
    ):
        if kind in kinds and wanted:
            return kind
    return min(kinds)


def _drop_marks(tags: list[Tag]) -> list[Tag]:
    """Turn punctuation into separators or conjunctions; leave out what carries nothing."""
    kept: list[Tag] = []
    for index, t in enumerate(tags):
        if t.kind == "MARK":
            ahead = next((n for n in tags[index + 1 :] if n.kind not in ("DROP", "AND")), None)
            more = ahead is not None and ahead.kind == "PREP" and ahead.value in _TELLS_MORE
            if t.text == "," and more:
                continue
            listing = t.text == "," and ahead is not None and ahead.kind in _STARTS_THING
            kept.append(replace(t, kind="AND" if listing else "SEP", value="mark"))
        elif t.kind == "DROP" and t.text == "while":
            kept.append(replace(t, kind="SEP", value="while"))
        elif t.kind != "DROP" or t.text == "of":
            kept.append(t)
    return kept


def _parts(tags: list[Tag]) -> list[Tag]:
    """Leave out "the back of", "top of": the thing itself is meant."""
    kept: list[Tag] = []
    index = 0
    while index < len(tags):
        t = tags[index]
        follows_of = index + 1 < len(tags) and tags[index + 1].text == "of"
        if t.kind == "PART" and follows_of:
            said: list[Tag] = [replace(t, kind="ADJ")] if t.text == "drawer" else []
            while kept and kept[-1].kind in ("DET", "ADJ"):
                gone = kept.pop()
                said += [gone] if said and gone.kind == "ADJ" else []
            kept += said  # "the top drawer of the dresser" is at the dresser, in that drawer
            index += 2
            continue
        kept.append(t)
        index += 1
    return kept


def _slices(tags: list[Tag]) -> list[Tag]:
    """Read "a slice of X" as a state of X, "X slice" likewise, a lone "slice" as "it"."""
    kept: list[Tag] = []
    for index, t in enumerate(tags):
        follower = tags[index + 1] if index + 1 < len(tags) else None
        if t.text == "of" and t.kind == "DROP":
            if kept and kept[-1].kind == "NOUN" and follower and follower.kind in _STARTS_THING:
                kept.append(Tag("PREP", "of", "of"))
            continue
        if t.kind == "SLICE":
            if follower is not None and follower.text == "of":
                kept.append(replace(t, kind="SLICEOF"))
            elif kept and kept[-1].kind == "NOUN":
                kept.append(t)
            elif follower is not None and follower.kind == "NOUN":
                kept.append(replace(t, kind="SLICEOF"))
            else:
                kept.append(Tag("PRON", "sliced", t.text))
            continue
        kept.append(t)
    return kept


def _unknowns(tags: list[Tag]) -> list[Tag]:
    """Decide what an unknown word stands for: an adjective, a thing, an action, or nothing."""
    kept: list[Tag] = []
    for index, t in enumerate(tags):
        if t.kind != "UNK":
            kept.append(t)
            continue
        ahead = next((n.kind for n in tags[index + 1 :] if n.kind not in ("UNK", "ADJ")), "END")
        follower = tags[index + 1].kind if index + 1 < len(tags) else "END"
        previous = kept[-1].kind if kept else "START"
        begins = previous in ("START", "SEP", "AND")
        if begins and follower in ("DET", "PRON", "PERSON", "ALL", "NUM") and previous != "AND":
            kept.append(replace(t, kind="VERB", value="unknown"))
        elif previous in _BEFORE | {"PREP", "VERB", "AND"}:
            kind = "ADJ" if ahead in ("NOUN", "COLOUR", "STATE") or follower == "UNK" else "UNKNOWN"
            kept.append(replace(t, kind=kind))
        elif previous == "ADJ" or (begins and ahead == "NOUN"):
            kept.append(replace(t, kind="ADJ"))
        elif begins and follower == "END":
            kept.append(replace(t, kind="UNKNOWN"))
    return kept


def _compounds(tags: list[Tag]) -> list[Tag]:
    """In "kitchen table drawer" only the last noun is the thing; rooms before nouns likewise."""
    kept = list(tags)
    for index in range(len(kept) - 1):
        this, following = kept[index], kept[index + 1]
        if this.kind in ("NOUN", "ROOM", "PART", "UNKNOWN", "SOMETHING") and following.kind in (
            "NOUN", "UNKNOWN",
        ):  # fmt: skip
            kept[index] = replace(this, kind="ADJ")
        if this.kind == "NOUN" and following.kind in ("STATE", "COLOUR"):
            after = kept[index + 2].kind if index + 2 < len(kept) else "END"
            if after not in _BEFORE | _HEADS and following.kind == "STATE":
                kept[index + 1] = replace(following, kind="STATEAFTER")
    return kept


def _dangling(tags: list[Tag]) -> list[Tag]:
    """Leave out determiners and adjectives without a noun, and prepositions without a thing."""
    kept: list[Tag] = []
    for t in reversed(tags):
        following = kept[-1].kind if kept else "END"
        if t.kind in _BEFORE and following not in _BEFORE | _HEADS:
            if t.kind == "COLOUR":
                kept.append(Tag("PRON", "one", t.text))
                kept.append(t)
            elif t.kind in ("NUM", "BOTH", "ALL"):
                kept.append(Tag("PRON", "one" if t.value == "1" else "many", t.text))
            continue
        if t.kind == "PREP" and following not in _BEFORE | _HEADS:
            if t.value in ("on", "from", "above") and t.text in ("on", "off", "over"):
                kept.append(Tag("PARTICLE", t.text, t.text))
            elif t.value in ("on", "in", "back", "back_in", "under", "above", "near"):
                kept.append(Tag("PARTICLE", t.value, t.text))
            continue
        kept.append(t)
    return kept[::-1]


def _conjunctions(tags: list[Tag]) -> list[Tag]:
    """Keep AND between two things; everywhere else it separates clauses."""
    kept: list[Tag] = []
    for index, t in enumerate(tags):
        if t.kind == "AND":
            follower = tags[index + 1].kind if index + 1 < len(tags) else "END"
            joins = bool(kept) and kept[-1].kind in _HEADS | {"SLICE", "STATEAFTER"}
            joins = joins and follower in _BEFORE | _HEADS
            if not joins and follower == "AND":
                continue
            kept.append(t if joins else replace(t, kind="SEP"))
        else:
            kept.append(t)
    return kept
