"""From a tree file to a tree that ticks; whatever cannot be run is refused by name before anything moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from py_trees.behaviour import Behaviour

from diarchy.agent.tree.btcpp.blackboard import Blackboard, Ports, pointer
from diarchy.agent.tree.btcpp.decorators import Scripted
from diarchy.agent.tree.btcpp.document import Document, Element
from diarchy.agent.tree.btcpp.node import Decorator, Step
from diarchy.agent.tree.btcpp.script import compile_script
from diarchy.agent.tree.btcpp.standard import NOT_SUPPORTED, STANDARD, Kind, Site
from diarchy.contracts.errors import BadInputError, did_you_mean

_OF_EVERY_NODE = frozenset(
    {"name", "_description", "_uid", "_fullpath", *Scripted.BEFORE, *Scripted.AFTER}
)


class Leaves(Protocol):
    """Makes the leaves that a robot has: its skills as actions, what it can tell as conditions."""

    @property
    def known(self) -> Mapping[str, frozenset[str]]:
        """Names of the leaves and the ports that each needs."""
        ...

    def make(self, tag: str, name: str, ports: Ports) -> Behaviour:
        """Make one; ``tag`` is a known name and its ports are there."""
        ...


class SubTree(Decorator):
    """Another tree of the file, with a board of its own."""

    def step(self) -> Step:
        """Tick it."""
        return (yield from self.tick_child(self.child))


@dataclass
class _Builder:
    document: Document
    leaves: Leaves
    now: Callable[[], float]
    open_trees: list[str] = field(default_factory=list)

    def tree(self, name: str, board: Blackboard) -> Behaviour:
        if name not in self.document.trees:
            raise BadInputError(
                f"there is no tree '{name}' in the file; {did_you_mean(name, self.document.trees)}"
            )
        if name in self.open_trees:
            raise BadInputError(f"the tree '{name}' contains itself: {' > '.join(self.open_trees)}")
        self.open_trees.append(name)
        built = self.node(self.document.trees[name].root, board)
        self.open_trees.pop()
        return built

    def node(self, element: Element, board: Blackboard) -> Behaviour:
        scripts = {
            key: compile_script(text)
            for key, text in element.attributes.items()
            if key in (*Scripted.BEFORE, *Scripted.AFTER)
        }
        built = self._plain(element, board)
        return Scripted(built, scripts, board) if scripts else built

    def _plain(self, element: Element, board: Blackboard) -> Behaviour:
        tag = element.tag
        name = element.attributes.get("name") or tag
        given = {k: v for k, v in element.attributes.items() if k not in _OF_EVERY_NODE}
        if tag == "SubTree":
            return self._subtree(element, given, board)
        ports = Ports(f"<{tag}>", given, board)
        if tag in STANDARD:
            _check(element, STANDARD[tag], given)
            children = [self.node(child, board) for child in element.children]
            site = Site(name, children, ports, given, board, self.now)
            return STANDARD[tag].make(site)
        if tag in NOT_SUPPORTED:
            raise BadInputError(f"<{tag}> is not supported: {NOT_SUPPORTED[tag]}")
        if tag not in self.leaves.known:
            known = [*self.leaves.known, *STANDARD, "SubTree"]
            raise BadInputError(
                f"<{tag}> is neither a standard node nor a skill of this robot; {did_you_mean(tag, known)}"
            )
        needed = self.leaves.known[tag]
        _check(element, Kind(_no_site, 0, 0, needed, needed), given)
        return self.leaves.make(tag, name, ports)

    def _subtree(self, element: Element, given: dict[str, str], board: Blackboard) -> Behaviour:
        tree = given.pop("ID", "")
        if not tree:
            raise BadInputError("a <SubTree> has no ID")
        if element.children:
            raise BadInputError(f"<SubTree ID='{tree}'> must not hold nodes of its own")
        auto = given.pop("_autoremap", "false").lower() in ("true", "1")
        pointed = {k: pointer(k, v) for k, v in given.items()}
        inner = Blackboard(
            board, {k: p for k, p in pointed.items() if p is not None}, autoremap=auto
        )
        for key, text in given.items():
            if pointed[key] is None:
                inner.own(key, text)
        name = element.attributes.get("name") or tree
        return SubTree(name, [self.tree(tree, inner)])


def build(
    document: Document,
    leaves: Leaves,
    now: Callable[[], float],
    board: Blackboard | None = None,
) -> Behaviour:
    """Return the main tree of a file, ready to be ticked.

    Args:
        document: the file.
        leaves: what the robot can do and tell.
        now: seconds on the robot's clock.
        board: of the main tree.

    Raises:
        BadInputError: a node is unknown or not supported, has the wrong number of children, or a wrong
            or missing port; a script cannot be read; a tree is missing or contains itself.
    """
    return _Builder(document, leaves, now).tree(document.main, board or Blackboard())


def _no_site(site: Site) -> Behaviour:
    raise AssertionError("leaves are made by the robot's own maker")


def _check(element: Element, kind: Kind, given: Mapping[str, str]) -> None:
    count = len(element.children)
    if count < kind.least or (kind.most is not None and count > kind.most):
        if kind.most is None:
            wanted = f"at least {kind.least}"
        else:
            wanted = str(kind.least) if kind.least == kind.most else f"{kind.least} to {kind.most}"
        raise BadInputError(f"<{element.tag}> takes {wanted} children, it has {count}")
    for port in given:
        if port not in kind.ports:
            raise BadInputError(
                f"<{element.tag}> has no port '{port}'; {did_you_mean(port, kind.ports)}"
            )
    missing = sorted(kind.needed - set(given))
    if missing:
        raise BadInputError(f"<{element.tag}> needs the port {', '.join(missing)}")
