"""The grammar's trees, as data: clauses with their things and places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.lexer import Lexer

from diarchy.planners.symbolic.tagging import Tag

_ELSE = frozenset({"everything else", "all else", "the rest", "the others", "all the rest"})


@dataclass(frozen=True)
class Thing:
    """A noun phrase.

    ``kind`` is the terminal of its head; ``word`` the noun as the lexicon knows it (or as typed);
    ``quantifier`` one of ``the``, ``a``, ``all``, ``both``, or empty; ``count`` 0 if not said.
    """

    kind: str
    word: str
    classes: tuple[str, ...] = ()
    plural: bool = False
    quantifier: str = ""
    count: int = 0
    colours: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()
    other: bool = False
    adjectives: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Place:
    """A prepositional phrase: the preposition's role and its things."""

    role: str
    things: tuple[Thing, ...]
    text: str = ""


@dataclass(frozen=True)
class Clause:
    """A verb (its family; None: taken over from the clause before) and what was said after it."""

    verb: str | None
    word: str
    items: tuple[tuple[Thing, ...] | Place | str, ...]
    form: str = "base"
    joined_by: str = ""


class _TagLexer(Lexer):
    """Feeds tags to lark as its tokens; each token's text is the index of its tag."""

    def __init__(self, lexer_conf: Any) -> None:
        del lexer_conf

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens; lark hands its input, here the tags, to custom lexers as it is."""
        for index, tag in enumerate(data):
            yield Token(tag.kind, str(index))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = Path(__file__).with_name("household.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_TagLexer)


def parse(tags: Sequence[Tag]) -> list[Clause]:
    """Parse tagged words into clauses; whatever tagging lets through can be parsed."""
    if not tags:
        return []
    tree: Any = _parser().parse(list(tags))
    clauses: list[Clause] = []
    opening = tuple(_item(c, tags) for c in tree.children if c.data == "item")
    if opening:
        clauses.append(Clause(None, "", opening))
    for segment in tree.children:
        if segment.data not in ("clause", "rest"):
            continue
        first = tags[int(segment.children[0])]
        items = tuple(_item(c, tags) for c in segment.children[1:])
        if segment.data == "clause":
            joint = clauses.pop().joined_by if clauses and _is_joint(clauses[-1]) else ""
            clauses.append(Clause(first.value, first.text, items, first.form, joint))
        else:
            clauses.append(Clause(None, "", items, joined_by=first.value))
    return [c for c in clauses if c.verb is not None or c.items]


def _is_joint(clause: Clause) -> bool:
    return clause.verb is None and not clause.items


def _item(item: Tree[Token], tags: Sequence[Tag]) -> tuple[Thing, ...] | Place | str:
    child = item.children[0]
    if isinstance(child, Token):
        return tags[int(child)].value
    if child.data == "place":
        preposition = tags[int(str(child.children[0]))]
        return Place(preposition.value, _things(child.children[1], tags), preposition.text)
    return _things(child, tags)


def _things(node: Any, tags: Sequence[Tag]) -> tuple[Thing, ...]:
    return tuple(_thing(c, tags) for c in node.children if isinstance(c, Tree))


def _thing(node: Tree[Token], tags: Sequence[Tag]) -> Thing:
    parts = [
        (str(c.data), tags[int(str(c.children[0]))]) for c in node.children if isinstance(c, Tree)
    ]
    before = [t for data, t in parts if data == "before"]
    head = next(t for data, t in parts if data == "head")
    after = [t for data, t in parts if data == "after"]
    sliced = any(t.kind == "SLICEOF" for t in before) or any(t.kind == "SLICE" for t in after)
    states = {t.value for t in [*before, *after] if t.kind in ("STATE", "STATEAFTER")}
    if sliced or head.value == "sliced":
        states.add("sliced")
    kinds = {t.kind: t for t in before}
    return Thing(
        kind=head.kind,
        word=head.value,
        classes=head.classes,
        plural=head.form == "plural" or head.value == "many",
        quantifier=_quantifier(kinds),
        count=int(kinds["NUM"].value) if "NUM" in kinds else 0,
        colours=tuple(t.value for t in before if t.kind == "COLOUR"),
        states=frozenset(states),
        other="OTHER" in kinds or head.value in _ELSE,
        adjectives=tuple(t.text for t in before if t.kind == "ADJ"),
        text=" ".join(t.text for _, t in parts if t.kind != "DET"),
    )


def _quantifier(kinds: dict[str, Tag]) -> str:
    if "ALL" in kinds:
        return "all"
    if "BOTH" in kinds:
        return "both"
    if "DET" not in kinds:
        return ""
    return "a" if kinds["DET"].text in ("a", "an", "some", "any", "either", "one of the") else "the"
