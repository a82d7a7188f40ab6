"""The blackboard of one tree, and how a node's attributes read and write it.

Every tree has a board of its own; the ports of a ``<SubTree>`` connect entries of the two:
``<SubTree ID="Fetch" what="{target}" where="table_1"/>`` makes the subtree's ``what`` the caller's
``target`` and sets its ``where``. With ``_autoremap="true"`` every other name is the caller's too,
except private ones, which begin with an underscore.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from diarchy.contracts.errors import DiarchyError

Value: TypeAlias = str | float | bool


class TreeError(DiarchyError):
    """The tree asks for something while it runs that it cannot have: an entry that is not set, a wrong number."""


class Blackboard:
    """Entries by name; ``remapped`` ones live in the parent."""

    def __init__(
        self,
        parent: Blackboard | None = None,
        remapped: Mapping[str, str] | None = None,
        *,
        autoremap: bool = False,
    ) -> None:
        self._own: dict[str, Value] = {}
        self._parent = parent
        self._remapped = dict(remapped or {})
        self._autoremap = autoremap

    def get(self, key: str) -> Value | None:
        """Return an entry, None if it is not set."""
        board, name = self._find(key)
        return board._own.get(name)

    def set(self, key: str, value: Value) -> None:
        """Set an entry, here or where it is remapped to."""
        board, name = self._find(key)
        board._own[name] = value

    def own(self, key: str, value: Value) -> None:
        """Set an entry of this very board, whatever is remapped: a constant given to a subtree."""
        self._own[key] = value

    def unset(self, key: str) -> None:
        """Remove an entry; one that is not set stays so."""
        board, name = self._find(key)
        board._own.pop(name, None)

    def _find(self, key: str) -> tuple[Blackboard, str]:
        if key.startswith("@"):  # the board of the outermost tree
            board = self
            while board._parent is not None:
                board = board._parent
            return board, key[1:]
        if self._parent is not None:
            if key in self._remapped:
                return self._parent._find(self._remapped[key])
            if self._autoremap and not key.startswith("_") and key not in self._own:
                return self._parent._find(key)
        return self, key


def pointer(port: str, text: str) -> str | None:
    """Return the entry that an attribute points to: ``{name}``, or ``{=}`` for the port's own name."""
    if len(text) >= 3 and text.startswith("{") and text.endswith("}"):
        return port if text == "{=}" else text[1:-1].strip()
    return None


class Ports:
    """The attributes of one node, read when they are needed, because the board changes while it runs."""

    def __init__(self, node: str, attributes: Mapping[str, str], board: Blackboard) -> None:
        self._node, self._attributes, self.board = node, attributes, board

    def __contains__(self, port: str) -> bool:
        return port in self._attributes

    def value(self, port: str, default: Value | None = None) -> Value:
        """Return the value of a port.

        Raises:
            TreeError: it is missing, or points to an entry that is not set.
        """
        if port not in self._attributes:
            if default is None:
                raise TreeError(f"{self._node} needs the port '{port}'")
            return default
        text = self._attributes[port]
        key = pointer(port, text)
        if key is None:
            return text
        found = self.board.get(key)
        if found is None:
            if default is None:
                raise TreeError(f"{self._node} reads {text}, which nothing has set")
            return default
        return found

    def text(self, port: str, default: str | None = None) -> str:
        """Return a port as text."""
        return written(self.value(port, default))

    def number(self, port: str, default: float | None = None) -> float:
        """Return a port as a number.

        Raises:
            TreeError: it is none.
        """
        value = self.value(port, default)
        number = as_number(value)
        if number is None:
            raise TreeError(f"{self._node}: {port}={value!r} is no number")
        return number

    def integer(self, port: str, default: int | None = None) -> int:
        """Return a port as a whole number."""
        number = self.number(port, default)
        if number != int(number):
            raise TreeError(f"{self._node}: {port}={number} is no whole number")
        return int(number)

    def flag(self, port: str, default: bool) -> bool:
        """Return a port as true or false."""
        value = self.text(port, "true" if default else "false").lower()
        if value not in ("true", "false", "1", "0"):
            raise TreeError(f"{self._node}: {port}={value!r} is neither true nor false")
        return value in ("true", "1")


def as_number(value: Value) -> float | None:
    """Return a value as a number, None if it is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if value.lower() in ("true", "false"):
        return float(value.lower() == "true")
    try:
        return float(value)
    except ValueError:
        return None


def written(value: Value) -> str:
    """Write a value as an attribute would hold it: whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def equal(a: Value, b: Value) -> bool:
    """Compare as text, else as numbers: "1" and "1.0" are equal."""
    if written(a) == written(b):
        return True
    x, y = as_number(a), as_number(b)
    return x is not None and y is not None and x == y
