"""A tree file as data: read, checked for its form, and written again the same to the byte.

The form is that of BehaviorTree.CPP 4 (https://www.behaviortree.dev/docs/learn-the-basics/xml_format)::

    <root BTCPP_format="4" main_tree_to_execute="Main">
      <BehaviorTree ID="Main"> ... one node ... </BehaviorTree>
      <TreeNodesModel> ... what Groot2 shall know of the nodes ... </TreeNodesModel>
    </root>

The explicit notation ``<Action ID="pick" .../>`` is read as the compact one, ``<pick .../>``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from diarchy.contracts.errors import BadInputError, did_you_mean

EXPLICIT = ("Action", "Condition", "Control", "Decorator")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Element:
    """One node: its registered name, its attributes in their order, its children."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Element, ...] = ()

    def walk(self) -> Iterator[Element]:
        """Yield this element and everything below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Tree:
    """One ``<BehaviorTree>``: its root node and its own attributes less the ID."""

    root: Element
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A tree file: trees by ID, which of them is run, and the models of the nodes as they were written."""

    main: str
    trees: Mapping[str, Tree]
    models: tuple[Element, ...] = ()


def read_file(path: Path) -> Document:
    """Read a tree file.

    Raises:
        BadInputError: there is no such file, or `parse` refuses it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"the tree {path} cannot be read: {error}") from error
    try:
        return parse(text)
    except BadInputError as error:
        raise BadInputError(f"{path}: {error}") from error


def parse(text: str) -> Document:
    """Read the text of a tree file.

    Raises:
        BadInputError: it is no XML, of another version, or not in the form above.
    """
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise BadInputError("a tree file has no DOCTYPE and no entities; take them out")
    try:
        top = ET.fromstring(text)
    except ET.ParseError as error:
        raise BadInputError(f"not well-formed XML: {error}") from error
    if top.tag != "root":
        raise BadInputError(f"the outermost element is <{top.tag}>, a tree file begins with <root>")
    version = top.get("BTCPP_format")
    if version != "4":
        raise BadInputError(
            f"the file says BTCPP_format={version!r}, only version 4 is read; "
            "open it in Groot2 and save it as version 4"
        )
    trees, models = _parts(top)
    return Document(_main(top.get("main_tree_to_execute"), trees), trees, models)


def write(document: Document) -> str:
    """Return the text of a tree file; what `parse` reads back as the same document."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<root BTCPP_format="4" main_tree_to_execute={_quoted(document.main)}>')
    for name, tree in document.trees.items():
        held = Element("BehaviorTree", {"ID": name, **tree.attributes}, (tree.root,))
        lines.extend(_lines(held, 1))
    if document.models:
        lines.extend(_lines(Element("TreeNodesModel", {}, document.models), 1))
    return "\n".join([*lines, "</root>", ""])


def _parts(top: ET.Element) -> tuple[dict[str, Tree], tuple[Element, ...]]:
    trees: dict[str, Tree] = {}
    models: list[Element] = []
    for part in top:
        if part.tag == "BehaviorTree":
            name, tree = _tree(part)
            if name in trees:
                raise BadInputError(f"two trees have the ID '{name}'")
            trees[name] = tree
        elif part.tag == "TreeNodesModel":
            models.extend(_verbatim(m) for m in part)
        elif part.tag == "include":
            raise BadInputError(
                "<include> is not supported: put the trees of the other file into this one"
            )
        else:
            raise BadInputError(
                f"<{part.tag}> does not belong into <root>; it holds BehaviorTree and TreeNodesModel"
            )
    if not trees:
        raise BadInputError("the file holds no <BehaviorTree>")
    return trees, tuple(models)


def _main(asked: str | None, trees: Mapping[str, Tree]) -> str:
    if asked is None:
        if len(trees) > 1:
            raise BadInputError(
                "the file holds several trees and does not say which to run: add "
                f'main_tree_to_execute="..." to <root>; it holds {", ".join(trees)}'
            )
        return next(iter(trees))
    if asked not in trees:
        raise BadInputError(
            f"main_tree_to_execute names the tree '{asked}', which is not there; {did_you_mean(asked, trees)}"
        )
    return asked


def _tree(part: ET.Element) -> tuple[str, Tree]:
    attributes = dict(part.attrib)
    name = attributes.pop("ID", "")
    if not name:
        raise BadInputError("a <BehaviorTree> has no ID")
    if len(part) != 1:
        raise BadInputError(f"the tree '{name}' must hold exactly one node, it holds {len(part)}")
    return name, Tree(_element(part[0]), attributes)


def _element(raw: ET.Element) -> Element:
    tag, attributes = raw.tag, dict(raw.attrib)
    if tag in EXPLICIT:
        tag = attributes.pop("ID", "")
        if not tag:
            raise BadInputError(f"a <{raw.tag}> does not say what it is: it has no ID")
    if (raw.text or "").strip():
        raise BadInputError(
            f"<{tag}> holds the text {(raw.text or '').strip()!r}; nodes hold nodes"
        )
    return Element(tag, attributes, tuple(_element(child) for child in raw))


def _verbatim(raw: ET.Element) -> Element:
    # A model's description of a port is text; it is kept as an attribute-like child of its own.
    text = (raw.text or "").strip()
    children = tuple(_verbatim(child) for child in raw)
    return Element(
        raw.tag, dict(raw.attrib), (*children, *([Element("#text", {"": text})] if text else []))
    )


def _lines(element: Element, depth: int) -> Iterator[str]:
    pad = "  " * depth
    attributes = "".join(f" {k}={_quoted(v)}" for k, v in element.attributes.items())
    if not element.children:
        yield f"{pad}<{element.tag}{attributes}/>"
        return
    if len(element.children) == 1 and element.children[0].tag == "#text":
        text = _quoted(element.children[0].attributes[""])[1:-1]
        yield f"{pad}<{element.tag}{attributes}>{text}</{element.tag}>"
        return
    yield f"{pad}<{element.tag}{attributes}>"
    for child in element.children:
        if child.tag != "#text":
            yield from _lines(child, depth + 1)
    yield f"{pad}</{element.tag}>"


def _quoted(value: str) -> str:
    """Quote an attribute; characters that XML cannot hold are replaced, not lost silently."""
    quoted = quoteattr(_ILLEGAL.sub("\ufffd", value), {'"': "&quot;"})
    return quoted if quoted.startswith('"') else f'"{quoted[1:-1]}"'
