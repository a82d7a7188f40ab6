"""The scripting language of the XML: assignments and expressions over the blackboard, parsed, never evaluated by Python.

Supported, as https://www.behaviortree.dev/docs/guides/scripting documents it: ``:=``, ``=``, ``+= -= *= /=``,
``+ - * /``, ``..`` (concatenation), comparisons, ``&& || !``, ``? :``, numbers, ``'text'``, ``true``
and ``false``, several statements parted by ``;``. Bit operators and enums are refused by name.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TypeAlias

from diarchy.agent.tree.btcpp.blackboard import (
    Blackboard,
    TreeError,
    Value,
    as_number,
    equal,
    written,
)
from diarchy.contracts.errors import BadInputError

Expression: TypeAlias = Callable[[Blackboard], Value]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>@?[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>:=|\+=|-=|\*=|/=|==|!=|<=|>=|&&|\|\||\.\.|[-+*/<>=!?:;()&|^~]))"
)
_REFUSED = {"&": "bitwise and", "|": "bitwise or", "^": "bitwise xor", "~": "bitwise not"}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_script(code: str) -> Expression:
    """Return what runs a script and gives the value of its last statement.

    Raises:
        BadInputError: the script cannot be read, or uses what is not supported.
    """
    return _Parser(code).statements()


def truthy(value: Value) -> bool:
    """Whether a value counts as true: a number that is not 0, ``true``.

    Raises:
        TreeError: a text is neither.
    """
    number = as_number(value)
    if number is None:
        raise TreeError(f"{value!r} is neither true nor false")
    return number != 0.0


class _Parser:
    """Recursive descent, lowest precedence first."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._tokens = _tokens(code)
        self._at = 0

    def statements(self) -> Expression:
        steps = [self._statement()]
        while self._take(";"):
            if self._at < len(self._tokens):
                steps.append(self._statement())
        if self._at < len(self._tokens):
            raise self._error(f"'{self._tokens[self._at][1]}' is not expected")

        def run(board: Blackboard) -> Value:
            value: Value = True
            for step in steps:
                value = step(board)
            return value

        return run

    def _statement(self) -> Expression:
        following = self._tokens[self._at : self._at + 2]
        if len(following) == 2 and following[0][0] == "name":
            name, sign = following[0][1], following[1][1]
            if sign in (":=", "=", "+=", "-=", "*=", "/="):
                self._at += 2
                return _assign(name, sign, self._ternary())
        return self._ternary()

    def _ternary(self) -> Expression:
        condition = self._either()
        if not self._take("?"):
            return condition
        yes = self._ternary()
        if not self._take(":"):
            raise self._error("a '?' has no ':'")
        no = self._ternary()
        return lambda b: yes(b) if truthy(condition(b)) else no(b)

    def _either(self) -> Expression:
        left = self._both()
        while self._take("||"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._compared()
        while self._take("&&"):
            left = _and(left, self._compared())
        return left

    def _compared(self) -> Expression:
        left = self._joined()
        for sign in ("==", "!=", "<=", ">=", "<", ">"):
            if self._take(sign):
                return _compare(sign, left, self._joined())
        return left

    def _joined(self) -> Expression:
        left = self._sum()
        while self._take(".."):
            left = _join(left, self._sum())
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while sign := self._take("+", "-"):
            left = _calculate(sign, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while sign := self._take("*", "/"):
            left = _calculate(sign, left, self._unary())
        return left

    def _unary(self) -> Expression:
        if self._take("!"):
            inner = self._unary()
            return lambda b: not truthy(inner(b))
        if self._take("-"):
            inner = self._unary()
            return lambda b: -_number(inner(b), "-")
        return self._primary()

    def _primary(self) -> Expression:
        if self._take("("):
            inner = self._ternary()
            if not self._take(")"):
                raise self._error("a '(' is not closed")
            return inner
        if self._at >= len(self._tokens):
            raise self._error("it ends too early")
        kind, token = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return _constant(float(token))
        if kind == "text":
            return _constant(token[1:-1])
        if kind != "name":
            raise self._error(f"'{token}' is not expected")
        if token in ("true", "false"):
            return _constant(token == "true")
        return lambda b: _entry(b, token)

    def _take(self, *signs: str) -> str | None:
        if self._at < len(self._tokens):
            kind, token = self._tokens[self._at]
            if kind == "op" and token in signs:
                self._at += 1
                return token
        return None

    def _error(self, why: str) -> BadInputError:
        return BadInputError(f"the script {self._code!r} cannot be read: {why}")


def _tokens(code: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(code.rstrip())
    while at < end:
        match = _TOKEN.match(code, at)
        if match is None:
            raise BadInputError(f"the script {code!r} cannot be read at {code[at:].strip()[:12]!r}")
        kind = match.lastgroup or ""
        token = match.group(kind)
        if token in _REFUSED:
            raise BadInputError(
                f"the script {code!r} uses '{token}' ({_REFUSED[token]}), which is not supported"
            )
        found.append((kind, token))
        at = match.end()
    if not found:
        raise BadInputError("a script is empty")
    return found


def _constant(value: Value) -> Expression:
    return lambda board: value


def _entry(board: Blackboard, name: str) -> Value:
    value = board.get(name)
    if value is None:
        raise TreeError(f"a script reads '{name}', which nothing has set")
    return value


def _assign(name: str, sign: str, value: Expression) -> Expression:
    def run(board: Blackboard) -> Value:
        new = value(board)
        if sign != ":=":
            old = _entry(board, name)  # only := makes an entry
            if sign == "+=" and isinstance(old, str) and as_number(old) is None:
                new = old + written(new)
            elif sign != "=":
                new = _calculate(sign[0], _constant(old), _constant(new))(board)
        board.set(name, new)
        return new

    return run


def _or(left: Expression, right: Expression) -> Expression:
    return lambda b: truthy(left(b)) or truthy(right(b))


def _and(left: Expression, right: Expression) -> Expression:
    return lambda b: truthy(left(b)) and truthy(right(b))


def _join(left: Expression, right: Expression) -> Expression:
    return lambda b: written(left(b)) + written(right(b))


def _compare(sign: str, left: Expression, right: Expression) -> Expression:
    if sign in ("==", "!="):
        return lambda b: equal(left(b), right(b)) == (sign == "==")
    return lambda b: _ORDER[sign](_number(left(b), sign), _number(right(b), sign))


def _calculate(sign: str, left: Expression, right: Expression) -> Expression:
    def run(board: Blackboard) -> Value:
        a, b = left(board), right(board)
        if sign == "+" and isinstance(a, str) and isinstance(b, str) and as_number(a) is None:
            return a + b
        x, y = _number(a, sign), _number(b, sign)
        if sign == "/" and y == 0.0:
            raise TreeError("a script divides by 0")
        return _ARITHMETIC[sign](x, y)

    return run


def _number(value: Value, sign: str) -> float:
    number = as_number(value)
    if number is None:
        raise TreeError(f"'{sign}' needs numbers, got {value!r}")
    return number
