"""What a sentence asks for, and whether a plan does anything else.

Whatever a planner was shown (a sign before the camera, the name of a thing, an old episode), the
only source of a command is what the person said. So every step that moves something must serve
something the person spoke of. What does not is put to the person before anything moves.

The words of the sentence are read by the agent with the grammar's lexicon; this module knows only
what came of that, so it judges the plans of every planner alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.contracts.household import LAMPS, PROCESSES
from diarchy.safety.rules.things import Thing

RULE = "asked_for"


@dataclass(frozen=True)
class Mention:
    """One noun of the sentence: what it may be, and in which colours."""

    classes: frozenset[str]
    colours: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mandate:
    """What a person's words allow.

    Attributes:
        mentions: the things and places that were named.
        handles: whether anything shall be picked up, moved, heated, washed ...
        gives: whether anything shall be handed to somebody.
        discards: whether something shall be thrown away.
        seeks: whether things are to be found that may be anywhere: all, both, find, a room's contents.
        everything: whether all things alike are meant.
        makes: of hot, cold, clean.
        lights: whether a lamp is needed to look.
        switches, opens, waits, pushes: whether that was said.
        rooms: rooms that were named, as written in the map.
        people: whether a person was named.
    """

    mentions: tuple[Mention, ...] = ()
    handles: bool = False
    gives: bool = False
    discards: bool = False
    seeks: bool = False
    everything: bool = False
    makes: frozenset[str] = frozenset()
    lights: bool = False
    switches: bool = False
    opens: bool = False
    waits: bool = False
    pushes: bool = False
    rooms: frozenset[str] = frozenset()
    people: bool = False

    def names(self, thing: Thing) -> bool:
        """Whether the sentence speaks of a thing like this one, in its colour if one was said."""
        colour = thing.attributes.get("color")
        return any(
            thing.cls in m.classes and (not m.colours or not colour or colour in m.colours)
            for m in self.mentions
        )

    def devices(self) -> frozenset[str]:
        """Classes of what the wishes need without naming it: a microwave to heat, a bin to discard."""
        needed = {cls for cls, p in PROCESSES.items() if p.state in self.makes}
        needed |= set(LAMPS) if self.lights else set()
        return frozenset(needed | ({"GarbageCan"} if self.discards else set()))
