"""What a question is made of besides the things it is about: "what is", "not seen for 60 s", "that are open"."""

from __future__ import annotations

import re

from diarchy.memory.scene_query import SceneQuery

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = r"(?:(?:the )?(?:last|past) )?(\d+(?:\.\d+)?)? ?(s|sec|second|m|min|minute|h|hour)s?\b"
_THAT = r"(?:\b(?:that|which) )?(?:\b(?:was|were|is|are|have been|has been|i have|you have) )?"
_UNSEEN = re.compile(_THAT + r"\b(?:not|never|un) ?seen(?: (?:for|in|since|during) " + _TIME + ")?")
_SEEN = re.compile(_THAT + r"\bseen (?:in|within|during) " + _TIME)
_WHAT = re.compile(
    r"^(?:what|which|list|show)(?: me)?(?: all)?(?: things| objects)?(?: (?:is|are|was|were|lies|stands|do you see))?"
    r"(?: there)?(?= (?:on|in|at|near|under|inside|next)\b|$)"
)
_ASKING = re.compile(r"^(?:what|which|list|show)(?: me)? ")
_MANY = re.compile(r"^how many (.*?)(?: (?:are|is) there)?( (?:on|in|near|at) .*)?$")
_WHO = re.compile(
    r"^(?:who|who is|who are|people|persons?|anybody|somebody)\b(?: (?:is|are|there|here))*"
)
_STATE = re.compile(
    _THAT + r"(?:\b(?:switched|turned|standing) )?\b(on|off|open|closed|shut|running)$"
)
STATES = {
    "on": "on", "running": "on", "off": "off", "open": "open", "closed": "shut", "shut": "shut",
}  # fmt: skip


def asked_for(words: str) -> str:
    """Leave the things that are asked for: "what is on the table" asks for everything on the table."""
    return _ASKING.sub("", _WHAT.sub("everything", _MANY.sub(r"\1\2", words)))


def people_asked_for(words: str) -> str | None:
    """Return what is said of the people that are asked for; None if none are."""
    who = _WHO.match(words)
    return None if who is None else words[who.end() :].strip()


def without_state(words: str) -> tuple[str, str | None]:
    """Take "that are open" from the end of a question."""
    match = _STATE.search(words)
    if match is None or match.start() == 0:
        return words, None
    return words[: match.start()].strip(), STATES[match.group(1)]


def without_times(words: str) -> tuple[str, SceneQuery]:
    """Take "not seen for 60 s" out of a question; without a time it means: not in this run."""
    if (match := _UNSEEN.search(words)) is not None:
        timed = match.group(2) is not None
        when = SceneQuery(unseen_for=_seconds(match)) if timed else SceneQuery(never=True)
        return _cut(words, match), when
    if (match := _SEEN.search(words)) is not None:
        return _cut(words, match), SceneQuery(seen_within=_seconds(match))
    return words, SceneQuery()


def _cut(words: str, match: re.Match[str]) -> str:
    left = f"{words[: match.start()]} {words[match.end() :]}".strip()
    return " ".join(left.split()) or "everything"


def _seconds(match: re.Match[str]) -> float:
    return float(match.group(1) or 1.0) * _SECONDS[match.group(2)[0]]
