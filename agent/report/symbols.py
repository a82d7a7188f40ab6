"""One symbol and one class for each status: nothing in a report is told by colour alone."""

from __future__ import annotations

from diarchy.agent.report.markup import Markup, tag

_GOOD = {"succeeded": "✓", "success": "✓", "true": "✓", "pass": "✓"}
_BAD = {"failed": "✗", "failure": "✗", "false": "✗", "stopped": "■", "refused": "⊘"}
_OPEN = {"running": "▸", "question": "?", "unknown": "?", "unfinished": "…", "modified": "~"}


def tone(status: str) -> str:
    """Return ``good``, ``bad``, ``open`` or ``idle``: the class that colours a status."""
    key = status.lower()
    if key in _GOOD:
        return "good"
    if key in _BAD:
        return "bad"
    return "open" if key in _OPEN else "idle"


def symbol(status: str) -> str:
    """Return the sign of a status."""
    key = status.lower()
    return _GOOD.get(key) or _BAD.get(key) or _OPEN.get(key) or "·"


def badge(status: str, words: str | None = None) -> Markup:
    """Sign and word of a status in its colour."""
    return tag("span", symbol(status), " ", words or status.lower(), class_=f"badge {tone(status)}")
