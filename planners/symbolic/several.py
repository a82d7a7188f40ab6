"""Several things at once: "both mugs", "all food", "everything on the table", "everything else"."""

from __future__ import annotations

from collections.abc import Sequence

from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import Question
from diarchy.contracts.predicate import Predicate
from diarchy.planners.symbolic.answers import Answered, Explore, refuse
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.knowledge import Grounded
from diarchy.planners.symbolic.steps import Described

_DISCARDED = frozenset({"GarbageCan"})


class Collector:
    """Finds all the things that are meant, looking first where nobody has looked."""

    def __init__(self, grounder: Grounder) -> None:
        self._grounder = grounder
        self._taken: set[str] = set()
        self.again: list[Entity] = []

    def all_of(self, thing: Described) -> list[Grounded]:
        """Find all the things that are meant.

        Raises:
            Explore: a surface that matters was not inspected yet.
            Answered: fewer exist than were asked for.
        """
        found: list[Grounded]
        if self._grounder.takes_no_more:
            found = list(self._allowed(self._grounder.candidates(thing)))
        elif thing.kind == "everything" and not _placed(thing):
            found = self._everything(thing)
        elif thing.kind == "everything" or _placed(thing):
            found = self._at_places(thing)
        else:
            found = self._of_kind(thing)
        self._taken |= {e.id for e in found if isinstance(e, Entity)}
        return found

    def _at_places(self, thing: Described) -> list[Grounded]:
        places = [self._grounder.one(p) for role, p in _placed(thing) if p.kind != "room"]
        self._inspect([p for p in places if isinstance(p, Entity)])
        if not places:
            self._look_around(thing)
        fits = self._grounder.by_distance(self._grounder.candidates(thing))
        found: list[Grounded] = list(self._allowed(fits))
        wanted = self._wanted(thing, fits)
        if wanted and len(found) < wanted:
            raise self._too_few(thing, len(found), wanted)
        return found[:wanted] if wanted else found

    def _of_kind(self, thing: Described) -> list[Grounded]:
        fits = self._known(thing)
        wanted, found = self._wanted(thing, fits), self._allowed(fits)
        if len(found) < wanted or not wanted:
            self._look_around(thing)
        if len(found) < wanted:
            self._look_behind_doors(thing)
        if (wanted and len(found) < wanted) or not fits:
            raise self._too_few(thing, len(found), wanted)
        if not wanted:
            self._look_there_again(found)
        things: list[Grounded] = list(found)
        return things[:wanted] if wanted else things

    def _allowed(self, things: Sequence[Entity]) -> list[Entity]:
        """Leave out what the person wants left alone."""
        return [t for t in things if self._grounder.may_take(t)]

    def _wanted(self, thing: Described, fits: Sequence[Entity]) -> int:
        """How many are asked for; what is left alone is one less ("both mugs", "not the blue one")."""
        said = 2 if thing.quantifier == "both" else thing.count
        return max(said - (len(fits) - len(self._allowed(fits))), 0)

    def _known(self, thing: Described) -> list[Entity]:
        """What fits; thrown away things are none of "all mugs"."""
        found = self._grounder.by_distance(self._grounder.candidates(thing))
        return [e for e in found if self._class_of_place(e) not in _DISCARDED]

    def _class_of_place(self, thing: Entity) -> str:
        place = self._grounder.entities.get(self._grounder.receptacle_of(thing.id) or "")
        return place.cls if place is not None else ""

    def _everything(self, thing: Described) -> list[Grounded]:
        """Find what lies about openly and was not named in this sentence."""
        if not thing.other:
            options = {
                self._grounder.name(e) for e in self._grounder.located("fixture") if e.can_hold
            }
            raise Answered(Question(text="Everything from where?", options=tuple(sorted(options))))
        self._look_around(thing)
        true = self._grounder.state.true
        open_places = {e.id for e in self._grounder.located("fixture") if not e.openable}
        loose = [
            e
            for e in self._grounder.by_distance(self._grounder.candidates(thing))
            if e.id not in self._taken
            and self._grounder.may_take(e)
            and any(p.name == "on" and p.args[0] == e.id and p.args[1] in open_places for p in true)
        ]
        self._look_there_again(loose)
        return list(loose)

    # ---- looking ------------------------------------------------------------------------------

    def _look_around(self, thing: Described) -> None:
        rooms = [self._grounder.one(p) for _, p in _placed(thing) if p.kind == "room"]
        names = {r.room for r in rooms if isinstance(r, Entity)}
        unseen = self._not_looked(
            self._grounder.unseen(lambda e: not e.openable and (not names or e.room in names))
        )
        if unseen:
            raise Explore(f"find every {thing.word}", tuple(unseen))

    def _look_behind_doors(self, thing: Described) -> None:
        cls = next(iter(self._grounder.classes(thing)), "")
        closed = self._grounder.closed_places(cls)
        if closed:
            raise Explore(f"look for more {thing.words()} where a door hides them", closed[:1])

    def _inspect(self, places: Sequence[Entity]) -> None:
        inspected = self._grounder.request.world.inspected
        unseen = self._not_looked(
            [p for p in places if p.kind == "fixture" and p.id not in inspected]
        )
        if unseen:
            names = ", ".join(self._grounder.name(p) for p in unseen)
            raise Explore(f"see what is there: {names}", tuple(unseen))

    def _not_looked(self, places: Sequence[Entity]) -> list[Entity]:
        """Leave out what was looked at twice already: a third look would show no more."""
        looks = [
            str(r.args.get("target", ""))
            for r in self._grounder.request.history
            if r.skill in ("look_at", "inspect")
        ]
        return [p for p in places if looks.count(p.id) < 2]

    def _look_there_again(self, things: Sequence[Entity]) -> None:
        """Remember where they stand: one more may stand behind them."""
        for thing in things:
            place = self._grounder.entities.get(self._grounder.receptacle_of(thing.id) or "")
            on = place and Predicate("on", (thing.id, place.id)) in self._grounder.state.true
            if place is not None and on and place.kind == "fixture" and place not in self.again:
                self.again.append(place)

    def _too_few(self, thing: Described, known: int, wanted: int) -> Answered:
        number = f"only {known}" if known else "no"
        return refuse(
            "impossible",
            f"I know of {number} {thing.words()}, you asked for {wanted or 'them'}",
        )


def _placed(thing: Described) -> list[tuple[str, Described]]:
    return [(role, p) for role, p in thing.places if role in ("on", "in", "")]
