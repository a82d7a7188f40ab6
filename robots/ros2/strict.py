"""Strict stand-ins of ROS 2 messages: no ROS, and less forgiving than rclpy.

rclpy checks field types only when ROS_PYTHON_CHECK_FIELDS is set; otherwise ``linear.x = 1`` (an int)
arrives as 5e-324. A stand-in raises at the assignment. `new` is the message factory of the core.
"""

from __future__ import annotations

import array
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import numpy as np

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.robots.ros2.definitions import DEFINITIONS

_INTS = {
    f"{sign}int{bits}": (0 if sign else -(2 ** (bits - 1)), 2 ** (bits if sign else bits - 1) - 1)
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
}
_CODES = {
    "float32": "f", "float64": "d", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H",
    "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
}  # fmt: skip
Check = Callable[[str, Any], Any]


class WrongFieldError(TypeError):
    """A field was assigned a value of another type than its definition says."""


class StrictMessage:
    """Base of all stand-ins; fields are attributes, checked when they are assigned."""

    TYPE = ""
    _checks: ClassVar[dict[str, Check]] = {}
    _plain: ClassVar[dict[str, Any]] = {}
    """Defaults that cannot change, for all fields in order; those that can are made anew by `_made`."""
    _made: ClassVar[tuple[tuple[str, Callable[[], Any]], ...]] = ()

    __slots__ = ("__dict__",)

    def __init__(self) -> None:
        values = self.__dict__
        values.update(self._plain)
        for name, make in self._made:
            values[name] = make()

    def __setattr__(self, name: str, value: Any) -> None:
        check = self._checks.get(name)
        if check is None:
            raise WrongFieldError(f"{self.TYPE} has no field '{name}': {', '.join(self._checks)}")
        try:
            self.__dict__[name] = check(name, value)
        except WrongFieldError as error:
            raise WrongFieldError(f"{self.TYPE}.{error}") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StrictMessage) and as_plain(self) == as_plain(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ", ".join(f"{k}={v!r}" for k, v in self.__dict__.items())
        return f"{self.TYPE.rsplit('/', 1)[-1]}({fields})"


def new(type_name: str) -> StrictMessage:
    """Return a message of a type like ``geometry_msgs/msg/Twist`` with all fields at their defaults.

    Raises:
        BadInputError: there is no definition of that type.
    """
    return message_class(type_name)()


@cache
def message_class(type_name: str) -> type[StrictMessage]:
    """Return the stand-in class of a type."""
    if type_name not in DEFINITIONS:
        raise BadInputError(
            f"no message type '{type_name}'; {did_you_mean(type_name, DEFINITIONS)}"
        )
    checks: dict[str, Check] = {}
    plain: dict[str, Any] = {}
    made: list[tuple[str, Callable[[], Any]]] = []
    for kind, name in fields(type_name):
        checks[name], default = _field(kind)
        plain[name] = default()
        if not isinstance(plain[name], (float, int, str, bytes)):
            plain[name] = None
            made.append((name, default))
    body = {
        "TYPE": type_name,
        "_checks": checks,
        "_plain": plain,
        "_made": tuple(made),
        "__slots__": (),
    }
    return type(type_name.rsplit("/", 1)[-1], (StrictMessage,), body)


def fields(type_name: str) -> list[tuple[str, str]]:
    """Return ``(type, name)`` of every field; message types in full (``pkg/msg/Name``)."""
    found = []
    for part in DEFINITIONS[type_name].split(";"):
        if part.strip():
            kind, name = part.split()
            found.append((_full(kind), name))
    return found


def _full(kind: str) -> str:
    package, slash, rest = kind.partition("/")
    return f"{package}/msg/{rest}" if slash and not rest.startswith("msg/") else kind


def as_plain(value: Any) -> Any:
    """Return a message as nested dicts and lists, for comparing."""
    if isinstance(value, StrictMessage):
        return {name: as_plain(item) for name, item in value.__dict__.items()}
    if isinstance(value, (array.array, np.ndarray)):
        return list(value.tolist())
    if isinstance(value, list):
        return [as_plain(item) for item in value]
    return value


def _field(kind: str) -> tuple[Check, Callable[[], Any]]:
    if kind.endswith("]"):
        base, _, count = kind[:-1].partition("[")
        return _sequence(base, int(count) if count else None)
    if kind in ("float32", "float64"):
        return _float, float
    if kind in _INTS:
        return _integer(*_INTS[kind]), int
    if kind == "bool":
        return _exactly(bool), bool
    if kind == "string":
        return _exactly(str), str
    if kind == "byte":
        return _byte, lambda: b"\x00"
    cls = message_class(kind)
    return _exactly(cls), _quaternion if kind.endswith("/Quaternion") else cls


def _quaternion() -> StrictMessage:
    """As ROS 2 has it, a fresh quaternion is the identity."""
    made = message_class("geometry_msgs/msg/Quaternion")()
    made.w = 1.0
    return made


def _float(where: str, value: Any) -> float:
    if type(value) is not float:
        raise WrongFieldError(
            f"{where} is a float, got {type(value).__name__} {value!r}: use float()"
        )
    return value


def _integer(low: int, high: int) -> Check:
    def check(where: str, value: Any) -> Any:
        if type(value) is not int:
            raise WrongFieldError(f"{where} is an integer, got {type(value).__name__} {value!r}")
        if not low <= value <= high:
            raise WrongFieldError(f"{where} holds {low} to {high}, got {value}")
        return value

    return check


def _exactly(cls: type) -> Check:
    def check(where: str, value: Any) -> Any:
        if type(value) is not cls:
            raise WrongFieldError(f"{where} is a {cls.__name__}, got {type(value).__name__}")
        return value

    return check


def _byte(where: str, value: Any) -> Any:
    if type(value) is not bytes or len(value) != 1:
        raise WrongFieldError(f"{where} is one byte (bytes of length 1), got {value!r}")
    return value


def _sequence(base: str, count: int | None) -> tuple[Check, Callable[[], Any]]:
    if base in _CODES:
        return _numbers(base, count)
    item, _ = _field(base)

    def check(where: str, value: Any) -> Any:
        if type(value) is not list:
            raise WrongFieldError(f"{where} is a list, got {type(value).__name__}")
        for i, entry in enumerate(value):
            item(f"{where}[{i}]", entry)
        return value

    return check, list


def _numbers(base: str, count: int | None) -> tuple[Check, Callable[[], Any]]:
    """As rclpy keeps them: open sequences as ``array.array``, fixed ones as NumPy arrays."""
    code = _CODES[base]
    scalar = _float if code in "fd" else _integer(*_INTS[base])
    dtype = np.dtype(code)

    def check(where: str, value: Any) -> Any:
        if isinstance(value, array.array) and value.typecode == code:
            kept: Any = value
        elif isinstance(value, np.ndarray) and value.dtype == dtype and value.ndim == 1:
            kept = value
        elif base in ("uint8", "int8"):
            raise WrongFieldError(
                f"{where} is an array.array('{code}'), got {type(value).__name__}: lists of bytes are "
                "a hundred times slower"
            )
        elif isinstance(value, list):
            for i, entry in enumerate(value):
                scalar(f"{where}[{i}]", entry)
            kept = array.array(code, value)
        else:
            raise WrongFieldError(f"{where} is a sequence of {base}, got {type(value).__name__}")
        if count is None:
            return kept if isinstance(kept, array.array) else array.array(code, kept.tobytes())
        if len(kept) != count:
            raise WrongFieldError(f"{where} has {count} values, got {len(kept)}")
        return np.array(kept, dtype=dtype)

    if count is None:
        return check, lambda: array.array(code)
    return check, lambda: np.zeros(count, dtype=dtype)
