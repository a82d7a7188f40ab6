"""From clauses to steps: which thing is moved, where from and where to.

English leaves much to the order of its phrases. The rules here are few: what stands before the
first place is the object; "from" is where it is; a carrier before a piece of furniture is put into
use ("a fork in a cup on the counter"); "to" beats "on" and "in" as destination.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from diarchy.planners.symbolic.describing import DESTINATIONS, Describer, Found, Where
from diarchy.planners.symbolic.lexicon import Lexicon
from diarchy.planners.symbolic.steps import MAKES, Action, Described, Reading, Step
from diarchy.planners.symbolic.syntax import Clause, Place, Thing

_PUTS = frozenset({"put", "put_back", "put_away", "move", "bring", "toss", "drop", "hand"})
_DIRECT: dict[str, Action] = {
    "heat": "heat", "cool": "cool", "clean": "clean", "slice": "slice", "open": "open",
    "close": "close", "find": "find", "push": "push",
}  # fmt: skip


_ON_FIXTURES = frozenset({"open", "close", "turn_on", "turn_off"})
_WATER = frozenset({"faucet", "tap", "water"})


class Framer(Describer):
    """Reads clauses one after the other, remembering what "it" and "them" stand for."""

    def __init__(self, lexicon: Lexicon, vocabulary: frozenset[str] | None) -> None:
        super().__init__(lexicon, vocabulary)
        self._last_verb: str | None = None
        self._was_at: dict[int, list[Found]] = {}
        self._pending: list[tuple[str, str]] = []
        self.steps: list[Step] = []
        self.unknown_verbs: list[str] = []

    def read(self, clauses: Sequence[Clause]) -> Reading:
        """Read all clauses of a command."""
        for clause in clauses:
            for part in _split_lists(clause, self._is_object):
                self._clause(part)
        return Reading(tuple(self.steps), tuple(self.unknown_verbs))

    # ---- clauses ------------------------------------------------------------------------------

    def _clause(self, clause: Clause) -> None:
        rows = [item for item in clause.items if isinstance(item, tuple)]
        named = [d for row in rows for d in self._describe_all(row)]
        to_person = any(d.kind == "person" for d in named)
        objects = tuple(d for d in named if d.kind != "person")
        where = self._where(clause)
        where.person = where.person or to_person
        verb = self._verb(clause, objects, where)
        fixture = self._last_fixture()
        loose = bool(objects) and not any(self._is_fixed(o.classes) for o in objects)
        if verb in _ON_FIXTURES and loose and fixture is not None and _only_pronouns(rows):
            self._act(verb, clause, (fixture,), where)
            return
        inside = "in" in clause.items or any(t.word == "inside" for row in rows for t in row)
        if verb == "put" and inside and not where.destinations and fixture is not None:
            where.destinations.append(("in", fixture))  # "put it inside"
        if verb == "put" and where.destinations and where.destinations[0][1] in objects:
            objects = ()
        if verb is None:
            self._nothing_said(objects)
        elif clause.verb is None and not objects and not where.destinations and self.steps:
            pass  # ", left of the sponge": more about a place that was named already
        elif verb == "unknown":
            self.unknown_verbs.append(clause.word)
        else:
            self._act(verb, clause, objects, where)
            self._last_verb = verb
        if objects:
            self._last = objects
            self._row += [o for o in objects if all(o.mention != r.mention for r in self._row)]
        if verb in _PUTS:
            self._row = []

    def _nothing_said(self, objects: tuple[Described, ...]) -> None:
        for thing in objects:
            self.steps.append(Step("other", thing, word=""))

    def _verb(self, clause: Clause, objects: tuple[Described, ...], where: Where) -> str | None:
        """Complete the verb: "turn ... on", "take ... to", and clauses that have none."""
        verb = clause.verb
        particles = [i for i in clause.items if isinstance(i, str)]
        if verb is None:
            moved = self._last_verb in _PUTS | {"heat", "cool", "clean"}
            if moved and objects and all(self._is_fixed(o.classes) for o in objects):
                # "in the fridge, then the sink"
                where.destinations += [("to", o) for o in objects]
                return "put"
            has_place = bool(where.destinations or where.beside)
            if has_place and (objects or self._last):
                return "put"
            return self._last_verb if objects else None
        if verb == "turn":
            return "turn_off" if "off" in particles else "turn_on"
        if verb in ("put", "move", "push", "set") and "aside" in particles:
            return "push" if not where.destinations else verb
        if verb == "put" and "away" in particles:
            return "put_away"
        if verb == "put" and "down" in particles and not where.destinations:
            return "drop"
        if verb == "toss" and where.destinations:
            return "toss" if where.at_person else "move"
        if verb == "look" and "for" in clause.word.split():
            return "find"
        if verb == "put" and where.contents and not where.destinations and _is_table(objects):
            return "lay"
        return verb

    def _act(self, verb: str, clause: Clause, objects: tuple[Described, ...], where: Where) -> None:
        lamp = self._lamp(verb, objects, where)
        if verb in MAKES and not objects and not clause.items:
            self._pending.append((verb, clause.word))  # "wash and return the mug"
            return
        for action, word in self._pending if objects else ():
            self.steps += [Step(_DIRECT[action], thing, word=word) for thing in objects]
        self._pending = [] if objects else self._pending
        if verb == "use":
            self.steps += [Step("turn_on", lamp, word=clause.word)] if lamp is not None else []
        elif verb in ("turn_on", "turn_off"):
            self._turn(verb, clause, objects, where, lamp)
        elif lamp is not None and verb in _PUTS | {"look", "take", "pick"}:
            self._examine(clause, objects, where, lamp)
        elif verb == "toss" and where.at_person:
            self._each("throw_at", clause, objects or self._last, where)
        elif verb in _PUTS:
            self._put(verb, clause, objects or self._last, where)
        elif verb in ("take", "pick"):
            self._take(verb, clause, objects or self._last, where)
        elif verb == "clear":
            self._clear(clause, objects, where)
        elif verb == "lay":
            self._lay(clause, objects[0], where)
        elif verb == "go":
            self._go(clause, objects, where)
        elif verb == "look":
            self._look(clause, objects, where)
        elif verb == "wait":
            self._wait(clause, objects, where)
        elif verb in _DIRECT:
            self._each(_DIRECT[verb], clause, objects or self._last, where)
        else:
            self._each("other", clause, objects, where)

    def _lamp(self, verb: str, objects: tuple[Described, ...], where: Where) -> Described | None:
        """Find the lamp that is to give light (not one that only tells where to put something)."""
        places = [*where.destinations, *where.beside, *where.sources]
        if verb in _PUTS:
            places = where.destinations or where.beside
        named = [*objects, *where.tools, *(d for _, d in places)]
        return next((d for d in named if set(d.classes) & self._lexicon.lamps), None)

    def _turn(
        self,
        verb: str,
        clause: Clause,
        objects: tuple[Described, ...],
        where: Where,
        lamp: Described | None,
    ) -> None:
        action: Action = "turn_on" if verb == "turn_on" else "turn_off"
        for held in [*where.contents, *(o for o in objects if o != lamp and lamp is not None)]:
            self.steps.append(Step("hold", held, word=clause.word))
        thing = lamp or (objects[0] if objects else None)
        self.steps.append(Step(action, thing, word=clause.word))

    def _examine(
        self, clause: Clause, objects: tuple[Described, ...], where: Where, lamp: Described
    ) -> None:
        things = [o for o in objects if o != lamp] or list(self._last)
        for thing in things[:1]:
            self.steps.append(Step("look", self._placed(thing, where.sources), word=clause.word))
        self.steps.append(Step("turn_on", lamp, word=clause.word))

    def _each(
        self, action: Action, clause: Clause, objects: tuple[Described, ...], where: Where
    ) -> None:
        places = [*where.sources, *where.destinations, *where.beside]
        if action in ("heat", "cool", "clean", "slice"):
            # "in the microwave" is how, not where from
            places = [*where.sources, *(d for d in where.destinations if d[0] == "on")]
        for thing in objects:
            self.steps.append(Step(action, self._placed(thing, places), word=clause.word))
        if not objects:
            self.steps.append(Step(action, None, word=clause.word))

    def _placed(self, thing: Described, places: Sequence[Found]) -> Described:
        for role, place in places:
            if place.kind in ("thing", "unknown", "room"):
                self._was_at.setdefault(thing.mention, []).append(("to", place))
                thing = thing.at("" if role in ("from", "to") else role, place)
        return thing

    def _take(
        self, verb: str, clause: Clause, objects: tuple[Described, ...], where: Where
    ) -> None:
        towards = [d for d in where.destinations if d[0] == "to"]
        if where.person or towards:
            self._put(verb, clause, objects, where)
            return
        places = [*where.sources, *where.destinations, *where.beside]
        for thing in objects:
            self.steps.append(Step("hold", self._placed(thing, places), word=clause.word))
            for inner in where.contents:
                self.steps.append(Step("put", inner, thing, "in", clause.word))

    def _clear(self, clause: Clause, objects: tuple[Described, ...], where: Where) -> None:
        fixed = [o for o in objects if self._is_fixed(o.classes)]
        if not objects or all(o.kind == "room" for o in objects):
            self.steps.append(Step("tidy", next(iter(objects), None), word=clause.word))
            return
        everything = [
            Described("everything", "everything", quantifier="all", mention=self._number()).at(
                "", f
            )
            for f in fixed
        ]
        self._put("clear", clause, (*everything, *(o for o in objects if o not in fixed)), where)

    def _lay(self, clause: Clause, table: Described, where: Where) -> None:
        """Read "set the table with a plate and a fork": people eat at the dining table."""
        dining = self._only("DiningTable")
        if table.word == "table" and dining:
            table = replace(table, word="dining table", classes=dining, generic=False)
        for thing in where.contents:
            self.steps.append(Step("put", thing, table, "on", clause.word))

    def _go(self, clause: Clause, objects: tuple[Described, ...], where: Where) -> None:
        places = [d for _, d in [*where.destinations, *where.beside]]
        goal = next(iter([*places, *objects]), None)
        if goal is None and where.person:
            goal = Described("person", "person")
        self.steps.append(Step("go", goal, word=clause.word))

    def _look(self, clause: Clause, objects: tuple[Described, ...], where: Where) -> None:
        places = [*where.destinations, *where.beside, *where.sources]
        if objects:
            self._each("look", clause, objects, where)
        else:
            self.steps.append(Step("look", places[0][1] if places else None, word=clause.word))

    def _wait(self, clause: Clause, objects: tuple[Described, ...], where: Where) -> None:
        del objects, where
        said = [i.things if isinstance(i, Place) else i for i in clause.items]
        times = [t for things in said if not isinstance(things, str) for t in things]
        seconds = [
            max(t.count, 1) * (60.0 if t.word.startswith("minute") else 1.0)
            for t in times
            if t.count or t.word.startswith("minute")
        ]
        self.steps.append(Step("wait", seconds=seconds[0] if seconds else 5.0, word=clause.word))

    # ---- moving things ------------------------------------------------------------------------

    def _put(self, verb: str, clause: Clause, objects: tuple[Described, ...], where: Where) -> None:
        person = where.person or verb in ("bring", "hand")
        sources, dest, instead = self._destination(where, objects)
        back = verb == "put_back" or "back" in clause.items
        if dest is None and back and objects:
            dest = next((p for p in self._was_at.get(objects[0].mention, ())), None)
        carrier = self._carrier(where)
        for thing in objects:
            placed = self._placed(thing, sources)
            for excluded in where.excluded:
                placed = placed.at("except", excluded)
            for inner in where.contents:
                self.steps.append(Step("put", inner, thing, "in", clause.word))
            if carrier is not None and dest is not None and carrier[1] != dest[1]:
                self.steps.append(Step("put", placed, carrier[1], carrier[0], clause.word))
                placed = carrier[1]
            if dest is None and person:
                dest = ("to", Described("person", "person"))
            if dest is None and verb == "toss":
                dest = (
                    "in",
                    Described("thing", "garbage can", self._only("GarbageCan"), quantifier="the"),
                )
            role, place = dest if dest is not None else ("down" if verb == "drop" else "", None)
            self.steps.append(Step("put", placed, place, role, clause.word, instead))

    def _only(self, cls: str) -> tuple[str, ...]:
        return (cls,) if self._vocabulary is None or cls in self._vocabulary else ()

    def _carrier(self, where: Where) -> Found | None:
        """Find the carrier of "a fork in a cup on the counter": it is put there with the fork."""
        ends = [d for d in where.destinations if d[1].kind != "room"]
        if (
            len(ends) >= 2
            and set(ends[0][1].classes) & self._lexicon.carriers
            and ends[0][0] != "to"
        ):
            return ends[0]
        return None

    def _destination(
        self, where: Where, objects: tuple[Described, ...]
    ) -> tuple[list[Found], Found | None, Found | None]:
        """Split the places into where the object is, where it shall go, and a second guess."""
        sources = list(where.sources)
        ends = [d for d in where.destinations if d[1].kind != "room"]
        rooms = [d for d in where.destinations if d[1].kind == "room"]
        if not ends and rooms and not where.beside:
            return sources, rooms[-1], None
        if objects and objects[0].kind == "everything":
            sources += rooms
        if not ends:
            return sources, self._beside(where), None
        # "the mug next to the bowl on the shelf": what is said before the destination tells which.
        sources += [("near", d) for role, d in where.early if role == "near"]
        if self._carrier(where) is not None:
            return sources, ends[1], None
        towards = [d for d in ends[1:] if d[0] == "to"]
        if towards and ends[0][0] != "to":
            return [*sources, ends[0]], towards[0], None
        if len(ends) > 1 and objects:
            return sources, ends[0], ends[-1]
        return sources, ends[0], None

    def _beside(self, where: Where) -> Found | None:
        """Read "under the sink" as the cabinet there, and "next to X" as a place near X."""
        for role, place in where.beside:
            if role == "under" and place.word in _WATER:
                return "in", place
            if role == "under" and place.cls in ("SinkBasin", "Sink", "CounterTop"):
                cabinet = self._only("Cabinet")
                if cabinet:
                    return "in", Described("thing", "cabinet", cabinet, quantifier="the")
        return ("near", where.beside[0][1]) if where.beside else None


def _only_pronouns(rows: Sequence[tuple[Thing, ...]]) -> bool:
    return all(thing.kind == "PRON" for row in rows for thing in row)


def _is_table(objects: tuple[Described, ...]) -> bool:
    return len(objects) == 1 and objects[0].word.split()[-1] in ("table", "desk")


def _split_lists(clause: Clause, is_object: Callable[[Thing], bool]) -> list[Clause]:
    """Split "put the apple in the fridge and the mug on the table" into two clauses."""
    for index, item in enumerate(clause.items):
        later = any(isinstance(i, Place) for i in clause.items[index + 1 :])
        if not isinstance(item, Place) or len(item.things) < 2 or not later:
            continue
        if is_object(item.things[-1]) and item.role in DESTINATIONS | {"from"}:
            head = replace(item, things=item.things[:-1])
            first = replace(clause, items=(*clause.items[:index], head))
            second = replace(clause, items=((item.things[-1],), *clause.items[index + 1 :]))
            return [first, *_split_lists(second, is_object)]
    return [clause]
