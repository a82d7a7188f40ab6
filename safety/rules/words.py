"""Phrases of rules, and whether a sentence says them.

A phrase is words in their order: ``a|b`` is either word, ``burn*`` any word that begins so, ``<name>``
a word of the rule file's ``words``, ``..`` up to five words between, never across the end of a
sentence. Inside ``a|b`` a blank is written ``_``: ``get_rid_of|burn``. What is denied ("do not throw it") is
not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from diarchy.contracts.errors import did_you_mean

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[.;!?]")
_DENIED = re.compile(
    r"(?:^| )(?:don't|do not|never|without|avoid|not to|stop|instead of|rather than)(?: \S+){0,2} $"
)
_GAP = r"(?:[a-z0-9']+ ){0,5}"


def normal(sentence: str) -> str:
    """Write a sentence as lower-case words with single blanks around; ``.`` between its sentences."""
    text = sentence.lower().replace("’", "'").replace("-", " ").replace("_", " ")
    words = [w if w[0].isalnum() else "." for w in _WORD.findall(text)]
    return f"{' '.join(words)} " if words else ""


def compile_phrase(phrase: str, words: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    """Translate a phrase.

    Raises:
        ValueError: it has no word, or names a set of words that does not exist.
    """
    parts = phrase.lower().split()
    if not any(p != ".." for p in parts):
        raise ValueError(f"the phrase {phrase!r} has no word")
    return _compiled(tuple(_part(p, words) for p in parts))


@lru_cache(maxsize=4096)
def _compiled(parts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:(?<= )|^){''.join(parts)}")


def _part(part: str, words: Mapping[str, tuple[str, ...]]) -> str:
    if part == "..":
        return _GAP
    choices: list[str] = []
    for choice in part.split("|"):
        if choice.startswith("<") and choice.endswith(">"):
            name = choice[1:-1]
            if name not in words:
                raise ValueError(f"there is no set of words '{name}'; {did_you_mean(name, words)}")
            choices += words[name]
        else:
            choices.append(choice)
    written = "|".join(_word(c) for c in choices if c)
    if not written:
        raise ValueError(f"{part!r} in a phrase names no word")
    return f"(?:{written}) "


def _word(choice: str) -> str:
    choice = choice.lower().replace("_", " ")
    ending = "[a-z0-9']*" if choice.endswith("*") else ""
    return re.escape(choice.rstrip("*")) + ending


def is_said(sentence: str, pattern: re.Pattern[str]) -> bool:
    """Whether a `normal` sentence says it, and does not deny it."""
    return any(not _DENIED.search(sentence[: m.start()]) for m in pattern.finditer(sentence))
