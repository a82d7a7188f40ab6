"""What holds at one point of a plan, with what rules derive from it, and which things fit a rule there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from diarchy.contracts.effects import State
from diarchy.safety.rules.conditions import DERIVED, RuleCondition
from diarchy.safety.rules.model import Sort
from diarchy.safety.rules.things import Kinds, Thing

Binding = tuple[tuple[str, str], ...]
Row = tuple[str, ...]
_DEEPEST = 8


class Facts:
    """The true predicates of one state, by name. What is unknown counts as not so.

    Args:
        state: of the simulation.
        things: everything that rules may speak of.
        inspected: ids of the places that were looked at.
        robot_room: where the robot is if it stands near nothing.
    """

    def __init__(
        self,
        state: State,
        things: Mapping[str, Thing],
        inspected: frozenset[str],
        robot_room: str | None,
    ) -> None:
        self.state, self.things = state, things
        self._inspected, self._robot_room = inspected, robot_room
        rows: dict[str, set[Row]] = defaultdict(set)
        for predicate in state.true:
            rows[predicate.name].add(predicate.args)
        self._rows: dict[str, frozenset[Row]] = {n: frozenset(r) for n, r in rows.items()}

    def of(self, name: str) -> frozenset[Row]:
        """Return the arguments for which a predicate holds."""
        if name in DERIVED or name == "shut":
            found: frozenset[Row] = getattr(self, f"_{name}")
            return found
        return self._rows.get(name, frozenset())

    @cached_property
    def _shut(self) -> frozenset[Row]:
        opened = self.of("open")
        return frozenset((d,) for d in self.state.doors if (d,) not in opened)

    @cached_property
    def _holders(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By thing: what it is directly on or in, with the relation."""
        above: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name in ("on", "in"):
            for thing, holder in self.of(name):
                above[thing].append((name, holder))
        return {k: tuple(sorted(v)) for k, v in above.items()}

    def _chain(self, thing: str, last: str) -> Iterator[str]:
        """Yield what holds a thing, however deep, by a last link of one relation."""
        seen: set[str] = set()
        todo = [thing]
        while todo:
            for relation, holder in self._holders.get(todo.pop(), ()):
                if relation == last:
                    yield holder
                if holder not in seen:
                    seen.add(holder)
                    todo.append(holder)

    @cached_property
    def _within(self) -> frozenset[Row]:
        return frozenset((x, c) for x in self._holders for c in self._chain(x, "in"))

    @cached_property
    def _upon(self) -> frozenset[Row]:
        return frozenset((x, c) for x in self._holders for c in self._chain(x, "on"))

    @cached_property
    def _together(self) -> frozenset[Row]:
        by: dict[str, list[str]] = defaultdict(list)
        for thing, holders in self._holders.items():
            for _, holder in holders:
                by[holder].append(thing)
        return frozenset((a, b) for row in by.values() for a in row for b in row if a != b)

    @cached_property
    def _empty(self) -> frozenset[Row]:
        used = {h for name in ("on", "in") for _, h in self.of(name)}
        doubtful = {p.args[1] for p in self.state.unknown if p.name in ("on", "in")}
        return frozenset((c,) for c in self._inspected - used - doubtful)

    @cached_property
    def _carrying(self) -> frozenset[Row]:
        held = {a for (a,) in self.of("holding")}
        above = {x for x in self._holders if held & {*self._chain(x, "in"), *self._chain(x, "on")}}
        return frozenset((x,) for x in held | above)

    def room_of(self, thing: str, depth: int = 0) -> str | None:
        """Return the room that a thing is in at this point; None: not known."""
        if (thing,) in self._carrying:
            return self.robot_room
        for given, person in self.of("given"):
            if given == thing and person in self.things:
                return self.things[person].room
        for _, holder in self._holders.get(thing, ()):
            known = self.things.get(holder)
            if known is not None and known.kind != "object":
                return known.room
            if depth < _DEEPEST:
                return self.room_of(holder, depth + 1)
        return self.things[thing].room if thing in self.things else None

    @cached_property
    def robot_room(self) -> str | None:
        """The room that the robot is in at this point."""
        near = [x for (x,) in sorted(self.of("near")) if x in self.things]
        held = {a for (a,) in self.of("holding")}
        rooms = {self.things[x].room or self._room_of_place(x) for x in near if x not in held} - {
            None
        }
        return rooms.pop() if len(rooms) == 1 else self._robot_room

    def _room_of_place(self, thing: str) -> str | None:
        for _, holder in self._holders.get(thing, ()):
            if holder in self.things and self.things[holder].room:
                return self.things[holder].room
        return None

    @cached_property
    def _robot_with(self) -> frozenset[Row]:
        here = self.robot_room
        return frozenset((x,) for x in self.things if here and self.room_of(x) == here)

    @cached_property
    def _same_room(self) -> frozenset[Row]:
        by: dict[str, list[str]] = defaultdict(list)
        for thing in self.things:
            if (room := self.room_of(thing)) is not None:
                by[room].append(thing)
        return frozenset((a, b) for row in by.values() for a in row for b in row if a != b)

    # ---- which things fit ----------------------------------------------------------------------

    def solutions(
        self,
        conditions: Sequence[RuleCondition],
        where: Mapping[str, Sort],
        kinds: Kinds,
        given: Mapping[str, str] | None = None,
    ) -> frozenset[Binding]:
        """Return every way to fill the letters so that all conditions hold; each a sorted binding."""
        start = dict(given or {})
        if any(not self._fits(v, where[k], kinds) for k, v in start.items()):
            return frozenset()
        ordered = sorted(conditions, key=lambda c: (not c.value, c.name == "same_room"))
        return frozenset(
            tuple(sorted(full.items())) for full in self._solve(ordered, where, kinds, start)
        )

    def _solve(
        self,
        conditions: Sequence[RuleCondition],
        where: Mapping[str, Sort],
        kinds: Kinds,
        bound: dict[str, str],
    ) -> Iterator[dict[str, str]]:
        if not conditions:
            yield from self._fill(where, kinds, bound)
            return
        first, rest = conditions[0], conditions[1:]
        if not first.value:
            for full in self._fill({a: where[a] for a in first.args if a != "*"}, kinds, bound):
                if not any(
                    _unify(first.args, row, full) is not None for row in self.of(first.name)
                ):
                    yield from self._solve(rest, where, kinds, full)
            return
        for row in self.of(first.name):
            more = _unify(first.args, row, bound)
            fresh = {} if more is None else {k: v for k, v in more.items() if k not in bound}
            if more is not None and all(self._fits(v, where[k], kinds) for k, v in fresh.items()):
                yield from self._solve(rest, where, kinds, more)

    def _fill(
        self, where: Mapping[str, Sort], kinds: Kinds, bound: dict[str, str]
    ) -> Iterator[dict[str, str]]:
        """Fill the letters that no condition has filled with everything that may be meant."""
        missing = [name for name in where if name not in bound]
        if not missing:
            yield bound
            return
        for thing in self.things.values():
            if thing.id not in bound.values() and kinds.fits(thing, where[missing[0]]):
                yield from self._fill(where, kinds, {**bound, missing[0]: thing.id})

    def _fits(self, name: str, sort: Sort, kinds: Kinds) -> bool:
        return name in self.things and kinds.fits(self.things[name], sort)


def _unify(args: Row, row: Row, bound: Mapping[str, str]) -> dict[str, str] | None:
    """Match letters with a row of things; None if they contradict what is bound."""
    full = dict(bound)
    for letter, value in zip(args, row, strict=True):
        if letter == "*":
            continue
        if full.setdefault(letter, value) != value:
            return None
    return full
