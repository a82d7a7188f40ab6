"""The behaviour tree as nested boxes."""

from __future__ import annotations

from typing import Any

from diarchy.agent.report.markup import Markup, join, tag
from diarchy.agent.report.symbols import badge, tone

_KINDS = {
    "sequence": ("→", "sequence: one after the other"),
    "selector": ("?", "selector: the first that works"),
    "fallback": ("?", "selector: the first that works"),
    "parallel": ("⇉", "parallel: at the same time"),
    "retry": ("↻", "retry"),
    "oneshot": ("1×", "done once, not done again"),
}
_IDLE = {"invalid", "", "idle"}


def draw_tree(tree: dict[str, Any] | None) -> Markup:
    """Draw the last picture of the tree; empty if there was none."""
    return tag("div", _node(tree), class_="tree") if tree else Markup()


def _node(node: dict[str, Any]) -> Markup:
    status = str(node.get("status", ""))
    children = node.get("children") or []
    words = "not reached" if status.lower() in _IDLE else None
    head = tag(
        "div",
        _kind(str(node.get("type", "")), bool(children)),
        tag("span", str(node.get("name", "")), class_="node-name"),
        tag("span", str(node["note"]), class_="node-note") if node.get("note") else None,
        badge(status, words),
        class_="node-head",
    )
    inner = tag("div", *(_node(child) for child in children), class_="node-children")
    body = join(head, inner if children else None)
    return tag("div", body, class_=f"node {tone(status)}{'' if children else ' leaf'}")


def _kind(name: str, inner: bool) -> Markup:
    sign, title = next(
        (kind for key, kind in _KINDS.items() if key in name.lower()),
        ("→", name) if inner else ("●", name),
    )
    return tag("span", sign, class_="node-kind", title=title)
