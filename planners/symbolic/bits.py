"""States and actions as bits, for a quick search; the same truths as `diarchy.contracts.effects`.

A state is two integers: the predicates that are true, and those of which the truth is not known.
``accessible`` may be unknown when a skill starts: nobody can tell before a thing is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diarchy.contracts.effects import GroundAction, State, holds
from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition, Predicate

_DERIVED = frozenset({"accessible", "enterable", "shut"})


@dataclass(frozen=True)
class Needs:
    """Conditions as masks.

    Attributes:
        true: bits that must be set.
        false: bits that must be neither true nor unknown.
        some: masks of which one bit must be true.
        ways: pairs of bits; where all of the first are true, the second must not be false.
    """

    true: int = 0
    false: int = 0
    some: tuple[int, ...] = ()
    ways: tuple[tuple[int, int], ...] = ()

    def met(self, true: int, unknown: int) -> bool:
        """Whether they hold in a state."""
        if (true & self.true) != self.true or (true | unknown) & self.false:
            return False
        if not all(true & mask for mask in self.some):
            return False
        return all((true & inside) != inside or (true | unknown) & opened
                   for inside, opened in self.ways)  # fmt: skip

    def wanted(self) -> tuple[int, int]:
        """Bits that help when they become true, and bits that help when they become false."""
        true = self.true
        for mask in (*self.some, *(opened for _, opened in self.ways)):
            true |= mask
        return true, self.false


@dataclass(frozen=True)
class Bits:
    """An action: what it needs, and the bits that it clears and sets."""

    needs: Needs
    clear: int
    add: int

    def apply(self, true: int, unknown: int) -> tuple[int, int]:
        """Return the state after it."""
        return (true & ~self.clear) | self.add, unknown & ~(self.clear | self.add)


class Compiler:
    """Numbers the predicates of one search and turns conditions and actions into masks."""

    def __init__(
        self, start: State, goals: Sequence[Condition], actions: Sequence[GroundAction]
    ) -> None:
        self._state = start
        self._actions = actions
        self.atoms = _atoms(start, goals, actions)
        self._bits = {p: 1 << i for i, p in enumerate(self.atoms)}
        self._holders: dict[str, list[Predicate]] = {}
        for atom in self.atoms:
            if atom.name in ("on", "in"):
                self._holders.setdefault(atom.args[0], []).append(atom)
        self._ways: dict[str, tuple[tuple[int, int], ...]] = {}

    @property
    def start(self) -> tuple[int, int]:
        """The state that the search starts from."""
        return self._mask(self._state.true), self._mask(self._state.unknown)

    def bit(self, predicate: Predicate) -> int:
        """The bit of a predicate."""
        return self._bits[predicate]

    def goal(self, goals: Sequence[Condition]) -> Needs | None:
        """Compile goals; None if one can never be known to hold."""
        return self._needs(goals)

    def relevant(self, goal: Needs) -> list[tuple[int, Bits]]:
        """Return the actions (by their number) that can help to reach a goal, directly or not."""
        compiled = [(i, b) for i, a in enumerate(self._actions) if (b := self._bits_of(a))]
        true, false = goal.wanted()
        used: list[tuple[int, Bits]] = []
        while True:
            found = [(i, b) for i, b in compiled if b.add & true or b.clear & ~b.add & false]
            if len(found) == len(used):
                return found
            used = found
            for _, bits in used:
                more = bits.needs.wanted()
                true, false = true | more[0], false | more[1]

    def _bits_of(self, action: GroundAction) -> Bits | None:
        needs = self._needs(action.needs)
        if needs is None:
            return None
        clear = self._mask(p for gone in action.deletes for p in self._matching(gone))
        clear |= self._mask(e.predicate for e in action.effects if not e.value)
        return Bits(needs, clear, self._mask(e.predicate for e in action.effects if e.value))

    def _needs(self, conditions: Iterable[Condition]) -> Needs | None:
        true = false = 0
        some: list[int] = []
        ways: list[tuple[int, int]] = []
        for condition in conditions:
            predicate = condition.predicate
            if predicate.name in _DERIVED:
                derived = self._derived(condition)
                if derived is None:
                    return None
                true, false = true | derived.true, false | derived.false
                ways += derived.ways
            elif predicate.has_wildcard:
                mask = self._mask(self._matching(predicate))
                some += [mask] if condition.value else []
                false |= 0 if condition.value else mask
            elif condition.value:
                true |= self.bit(predicate)
            elif self._can_be_false(predicate):
                false |= self.bit(predicate)
            else:
                return None
        return Needs(true, false, tuple(some), tuple(dict.fromkeys(ways)))

    def _derived(self, condition: Condition) -> Needs | None:
        name, thing = condition.predicate.name, condition.predicate.args[0]
        if not condition.value:
            return None  # no skill asks for what is out of reach
        if name == "accessible":
            return Needs(ways=self._ways_to(thing))
        if thing not in self._state.doors:
            ways = self._ways_to(thing) if name == "enterable" else ()
            return Needs(ways=ways) if thing in self._state.known else None
        opened = self.bit(Predicate("open", (thing,)))
        if name == "enterable":
            return Needs(true=opened, ways=self._ways_to(thing))
        return Needs(false=opened)

    def _ways_to(self, thing: str) -> tuple[tuple[int, int], ...]:
        if thing not in self._ways:
            self._ways[thing] = ()  # things said to be in each other end here
            self._ways[thing] = tuple(self._find_ways(thing))
        return self._ways[thing]

    def _find_ways(self, thing: str) -> Iterator[tuple[int, int]]:
        for atom in self._holders.get(thing, ()):
            holder = atom.args[1]
            if atom.name == "in" and holder in self._state.doors:
                yield self.bit(atom), self.bit(Predicate("open", (holder,)))
            for inside, opened in self._ways_to(holder):
                yield self.bit(atom) | inside, opened

    def _can_be_false(self, predicate: Predicate) -> bool:
        """Whether it is false, not unknown, once it is neither listed as true nor as unknown."""
        bare = State(frozenset(), frozenset(), self._state.known, self._state.doors)
        return holds(Condition(predicate, value=False), bare) is Truth.TRUE

    def _matching(self, pattern: Predicate) -> list[Predicate]:
        if not pattern.has_wildcard:
            return [pattern] if pattern in self._bits else []
        return [p for p in self.atoms if p.name == pattern.name and pattern.matches(p)]

    def _mask(self, predicates: Iterable[Predicate]) -> int:
        mask = 0
        for predicate in predicates:
            mask |= self._bits[predicate]
        return mask


def _atoms(
    start: State, goals: Sequence[Condition], actions: Sequence[GroundAction]
) -> list[Predicate]:
    conditions = [*goals, *(c for a in actions for c in (*a.needs, *a.effects))]
    named = {c.predicate for c in conditions}
    named |= {Predicate("open", (c,)) for c in start.doors}
    basic = {p for p in named if not p.has_wildcard and p.name not in _DERIVED}
    return sorted(basic | start.true | start.unknown)
