"""HTML and SVG by construction: a plain string is always escaped, only `Markup` is taken as it is."""

from __future__ import annotations

from html import escape

_VOID = frozenset({"img", "br", "hr", "meta", "input", "link"})


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


Child = str | Markup | int | float | None
Attribute = str | int | float | bool | None


def text(child: Child) -> Markup:
    """Escape a child; `Markup` passes, None is nothing."""
    if child is None:
        return Markup()
    return child if isinstance(child, Markup) else Markup(escape(str(child)))


def join(*children: Child) -> Markup:
    """Put children one after the other."""
    return Markup("".join(text(child) for child in children))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """Build an element: ``tag("p", "a < b", class_="note")``.

    A trailing underscore is dropped from attribute names, others become hyphens; True is a bare
    attribute, None and False are left out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if name == "viewbox":
        name = "viewBox"
    if value is True:
        return f" {name}"
    shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f' {name}="{escape(shown)}"'
