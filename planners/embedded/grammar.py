"""What may come next: the language of `diarchy.planners.embedded.language` as a machine on tokens.

For one home, the machine lists at every point which tokens go on to a valid answer, so that an answer about what
cannot be is not writable. Pieces of text are cut where the tokenizer cuts anyway (before runs of
punctuation and before words), so that what is written token by token is what the tokenizer would make of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from diarchy.planners.embedded.language import (
    ACTIONS,
    CARRIERS,
    COLOURS,
    EVERYTHING,
    KEYS,
    MANY,
    MOST_STEPS,
    PERSON,
    REASONS,
    UNCLEAR,
)
from diarchy.planners.embedded.prompt import Scene

State = tuple[Any, ...]
Encode = Callable[[str], tuple[int, ...]]
_END: State = ("end",)
_SECONDS = ("1", "2", "3", "5", "10", "15", "20", "30", "45", "60", "90", "120", "300", "600")
_DEVICES = ("open", "close", "turn on", "turn off")
_ANYWHERE = ("find", "look", "go")
Piece = tuple[str, State]


class Grammar:
    """All answers to one home's sentences."""

    def __init__(self, scene: Scene) -> None:
        self._objects = tuple(sorted(set(scene.objects)))
        self._places = tuple(sorted(set(scene.places)))
        self._rooms = tuple(sorted(set(scene.rooms)))
        self._things = tuple(sorted({*self._objects, *self._places}))
        self._lamps = tuple(p for p in self._things if p.endswith("Lamp"))
        self._into = tuple(sorted({*self._places, *(c for c in CARRIERS if c in self._objects)}))
        self._someone = (PERSON,) if scene.person else ()

    def pieces(self, state: State) -> list[Piece]:
        """Return what can be written in a state, with the state that it leads to."""
        if state[0] == "start":
            return [('{"reasoning":"', ("sketch", ()))]
        if state[0] == "sketch":
            return self._sketch(state[1])
        _, actions, index, key = state
        if state[0] == "value":
            following = ("keys", actions, index, key)
            return [(v, following) for v in self._values(actions[index], key)]
        return self._keys(actions, index, key)

    def _sketch(self, actions: tuple[str, ...]) -> list[Piece]:
        if not actions:
            begun: list[Piece] = [(a, ("sketch", (a,))) for a in self._possible()]
            refused = [
                (f'{reason}","answer":{{"kind":"refusal","code":"{code}"}}}}', _END)
                for code, reason in REASONS.items()
            ]
            return [*begun, *refused, (f'{UNCLEAR}","answer":{{"kind":"question"}}}}', _END)]
        first = f'","answer":{{"kind":"plan","steps":[{{"{_head(actions[0])}'
        pieces: list[Piece] = [(first, ("value", actions, 0, ""))]
        if len(actions) < MOST_STEPS:
            pieces += [(f", then {a}", ("sketch", (*actions, a))) for a in self._possible()]
        return pieces

    def _possible(self) -> tuple[str, ...]:
        """Actions that have something to act on here."""
        return tuple(a for a in ACTIONS if self._values(a, ""))

    def _keys(self, actions: tuple[str, ...], index: int, key: str) -> list[Piece]:
        """What may be said next about a step, or the end of it."""
        names = ("", *KEYS[actions[index]])
        later = names[names.index(key) + 1 :]
        pieces: list[Piece] = [
            (f'","{k}":"', ("value", actions, index, k))
            for k in later
            if self._values(actions[index], k)
        ]
        if index + 1 < len(actions):
            following = ("value", actions, index + 1, "")
            return [*pieces, (f'"}},{{"{_head(actions[index + 1])}', following)]
        return [*pieces, ('"}]}}', _END)]

    def _values(self, action: str, key: str) -> Iterable[str]:
        if key in ("many", "color"):
            return MANY if key == "many" else COLOURS
        if key in ("from", "near"):
            return (*self._things, *self._rooms) if key == "from" else self._things
        if key == "except":
            return (*self._objects, *COLOURS)
        if key == "to":
            return self._lamps if action == "show" else (*self._into, *self._rooms)
        if action == "wait":
            return _SECONDS
        if action in _DEVICES:
            return self._things
        if action in _ANYWHERE:
            return (*self._things, *self._rooms, *self._someone)
        return (*self._objects, EVERYTHING) if action in ("put", "give") else self._objects


def _head(action: str) -> str:
    """How a step begins, up to its first value."""
    return f'do":"{action}","{"seconds" if action == "wait" else "object"}":"'


class Machine:
    """One answer in the making.

    Args:
        grammar: what can be said.
        encode: text to tokens, without special tokens.
        end: the token that ends an answer.
    """

    def __init__(self, grammar: Grammar, encode: Encode, end: int) -> None:
        self._grammar = grammar
        self._encode = encode
        self._end = end
        self._open: set[tuple[tuple[int, ...], State]] = set()
        self.done = False
        self._enter(("start",))

    def allowed(self) -> list[int]:
        """Tokens that may come next, sorted; empty when the answer is complete."""
        return [] if self.done else sorted({tokens[0] for tokens, _ in self._open})

    def advance(self, token: int) -> None:
        """Take a token.

        Raises:
            ValueError: it was not allowed.
        """
        rest = [(tokens[1:], state) for tokens, state in self._open if tokens[0] == token]
        if not rest:
            raise ValueError(f"token {token} is not allowed here")
        self._open = {(tokens, state) for tokens, state in rest if tokens}
        for tokens, state in rest:
            if not tokens:
                self._enter(state)

    def _enter(self, state: State) -> None:
        if state == _END:
            self._open.add(((self._end,), ("over",)))
        elif state == ("over",):
            self.done = True
        else:
            for text, following in self._grammar.pieces(state):
                self._open.add((self._encode(text), following))


def matches(grammar: Grammar, encode: Encode, end: int, tokens: Iterable[int]) -> bool:
    """Whether tokens (with the one that ends an answer) are an answer."""
    machine = Machine(grammar, encode, end)
    try:
        for token in tokens:
            machine.advance(token)
    except ValueError:
        return False
    return machine.done
