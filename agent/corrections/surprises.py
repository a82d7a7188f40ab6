"""What the running plan takes for granted, and whether it is still so: a surprise makes the robot think again.

Not only a failure tells that a plan is out of date. After each look it is compared with what was believed when
the plan was made: a thing that shall be taken has gone or stands elsewhere, what shall be brought about is so
already, a door that was open is shut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.plan import Subtask
from diarchy.contracts.predicate import Condition, Predicate

PUTS = {"place_on": ("on", "receptacle"), "place_in": ("in", "receptacle")}


class Belief(Protocol):
    """The part of the world model that is asked."""

    def entities(self) -> Sequence[Entity]:
        """All believed entities."""
        ...

    def truth(self, condition: Condition) -> Truth:
        """What is believed of a condition."""
        ...

    def held(self) -> str | None:
        """What is in the gripper."""
        ...


class Expectations:
    """What was believed of the things of a plan when it was made."""

    def __init__(self, running: Sequence[Subtask], belief: Belief) -> None:
        known = {e.id: e for e in belief.entities()}
        self._doors = {e.id for e in known.values() if e.openable}
        self._places = {t: _places(t, belief) for t in _to_be_taken(running) if t in known}
        self._carried: set[str] = set()
        self._open = {d for d in self._doors if belief.truth(_open(d)) is Truth.TRUE}
        self._done = {c for c in _puts(running) if belief.truth(c) is Truth.TRUE}

    def surprise(
        self, running: Sequence[Subtask], belief: Belief, current: str | None
    ) -> str | None:
        """Say what is not as the plan takes it, None if all is; what is being taken just now is left out."""
        known = {e.id for e in belief.entities()}
        busy = {str(s.args.get("object")) for s in running if s.id == current}
        held = belief.held()
        if held is not None:
            self._carried.add(held)
        for thing in _to_be_taken(running):
            if thing == held or thing not in self._places or thing in busy:
                continue
            if thing not in known:
                return f"{thing} is gone from its place"
            if thing in self._carried:
                # The robot itself has put it elsewhere since.
                self._places[thing] = _places(thing, belief)
                self._carried.discard(thing)
            for place in self._places[thing]:
                if belief.truth(place) is Truth.FALSE:
                    return f"{thing} is not where it was: {place} does not hold any more"
        ahead = [s for s in running if s.id != current]
        return self._reached(ahead, belief, held) or self._shut(running, belief, current)

    def _reached(self, ahead: Sequence[Subtask], belief: Belief, held: str | None) -> str | None:
        wanted = set(_to_be_taken(ahead))
        for goal in _puts(ahead):
            thing = goal.predicate.args[0]
            if thing == held or thing not in wanted or goal in self._done:
                continue
            if belief.truth(goal) is Truth.TRUE:
                return f"{goal} is so already"
        return None

    def _shut(self, running: Sequence[Subtask], belief: Belief, current: str | None) -> str | None:
        opens = {str(s.args.get("container")) for s in running if s.skill == "open"}
        for subtask in running:
            door = str(subtask.args.get("receptacle", ""))
            if (
                subtask.skill != "place_in"
                or door not in self._open - opens
                or subtask.id == current
            ):
                continue
            if belief.truth(_open(door)) is Truth.FALSE:
                return f"{door} is shut, and was open"
        return None


def _open(door: str) -> Condition:
    return Condition(Predicate("open", (door,)))


def _places(thing: str, belief: Belief) -> tuple[Condition, ...]:
    """What a thing is believed to be on or in."""
    rests = (
        Condition(Predicate(relation, (thing, place.id)))
        for place in belief.entities()
        for relation in place.can_hold
        if place.id != thing
    )
    return tuple(c for c in rests if belief.truth(c) is Truth.TRUE)


def _to_be_taken(running: Sequence[Subtask]) -> list[str]:
    things = (s.args.get("object") for s in running if s.skill == "pick")
    return [t for t in things if isinstance(t, str)]


def _puts(running: Sequence[Subtask]) -> list[Condition]:
    return [
        Condition(Predicate(PUTS[s.skill][0], (str(s.args["object"]), str(s.args["receptacle"]))))
        for s in running
        if s.skill in PUTS
    ]
