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
    """Draw the last picture of the tree; empty if there was none.

    Subtasks that went well and branches that were never reached are folded.
    """
    return tag("div", _node(tree, depth=0), class_="tree") if tree else Markup()


def _node(node: dict[str, Any], *, depth: int) -> Markup:
    kinds = [_kind(node)]
    while _is_wrapper(node):
        node = node["children"][0]
        kinds.append(_kind(node))
    status = str(node.get("status", ""))
    children = node.get("children") or []
    content = join(
        *kinds,
        tag("span", str(node.get("name", "")), class_="node-name"),
        tag("span", str(node["note"]), class_="node-note") if node.get("note") else None,
        badge(status, "not reached" if _is_idle(node) else None),
    )
    look = f"node {tone(status)}"
    if not children:
        return tag("div", tag("div", content, class_="node-head"), class_=f"{look} leaf")
    opened = _has_trouble(node) if depth == 1 else not _is_idle(node)
    inner = tag(
        "div", *(_node(child, depth=depth + 1) for child in children), class_="node-children"
    )
    return tag(
        "details",
        tag("summary", content, class_="node-head"),
        inner,
        class_=look,
        open=depth == 0 or opened,
    )


def _is_wrapper(node: dict[str, Any]) -> bool:
    """Tell whether a node only decorates a child of the same name: the two share a box."""
    children = node.get("children") or []
    return len(children) == 1 and children[0].get("name") == node.get("name")


def _is_idle(node: dict[str, Any]) -> bool:
    return str(node.get("status", "")).lower() in _IDLE


def _has_trouble(node: dict[str, Any]) -> bool:
    if str(node.get("status", "")).lower() in ("failure", "running"):
        return True
    return any(_has_trouble(child) for child in node.get("children") or ())


def _kind(node: dict[str, Any]) -> Markup:
    name = str(node.get("type", ""))
    plain = ("→", name) if node.get("children") else ("●", name)
    sign, title = next((kind for key, kind in _KINDS.items() if key in name.lower()), plain)
    return tag("span", sign, class_="node-kind", title=title)
