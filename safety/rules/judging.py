"""Whether a plan does anything that nobody asked for: every step against the mandate of the sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from diarchy.contracts.effects import State, initial_state
from diarchy.contracts.plan import Plan, Subtask, find_skill
from diarchy.contracts.skill import SkillSpec
from diarchy.contracts.world import WorldSnapshot
from diarchy.safety.rules.mandate import RULE, Mandate
from diarchy.safety.rules.model import Finding, Ruling
from diarchy.safety.rules.things import Thing, things_of

_GOES = frozenset({"navigate_to", "look_at", "inspect", "change_view"})
_HARMLESS = frozenset({"ask", "say"})
LONGEST_WAIT = 60.0
"""Seconds that a plan may stand still without having been told to wait."""


def outside(
    mandate: Mandate,
    plan: Plan,
    skills: Sequence[SkillSpec],
    world: WorldSnapshot,
    *,
    obstacles: frozenset[str] = frozenset(),
    lost: bool = False,
) -> Ruling:
    """Return a finding for every step that serves nothing the person spoke of.

    Args:
        mandate: what was said.
        plan: what shall be done.
        skills: their specifications.
        world: the belief of this moment.
        obstacles: what a skill has met in its way: it may be pushed or put aside.
        lost: something was not where it was believed to be: it may be looked for anywhere.
    """
    judge = _Judge(mandate, plan, skills, world, obstacles, lost)
    return Ruling(tuple(judge.findings()))


class _Judge:
    """Goes through one plan."""

    def __init__(
        self,
        mandate: Mandate,
        plan: Plan,
        skills: Sequence[SkillSpec],
        world: WorldSnapshot,
        obstacles: frozenset[str],
        lost: bool,
    ) -> None:
        self._m, self._plan, self._skills = mandate, plan, skills
        self._things = things_of(world, plan)
        self._obstacles, self._lost = obstacles, lost
        self._state: State = initial_state(world)
        self._held_first = world.held
        self._known = {t.cls for t in self._things.values() if t.id in self._state.known}
        self._holds = _holders(self._state)
        self._done: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        served = self._served()
        for subtask in self._plan.subtasks:
            why = self._objection(subtask, served)
            if why:
                args = tuple(str(v) for v in subtask.args.values())
                yield Finding(
                    RULE,
                    "ask",
                    f"nobody asked me to {why}",
                    "say it yourself if you want it",
                    subtask.id,
                    args,
                )

    def _served(self) -> frozenset[str]:
        """Return the ids that licensed manipulations are about: one may drive to them and open what they are in."""
        ids: set[str] = set()
        for subtask in self._plan.subtasks:
            if subtask.skill not in (*_GOES, "open", "close", "search", *_HARMLESS):
                ids |= {str(v) for v in subtask.args.values()} if not self._acts(subtask) else set()
        ids |= {t.id for t in self._things.values() if self._m.names(t)}
        ids |= set(self._left_open())
        return frozenset(ids | {h for i in ids for h in self._above(i)})

    def _left_open(self) -> Iterator[str]:
        """Yield what stands open and will be closed: of a plan taken up half way the opening is not in it any more."""
        for subtask in self._plan.subtasks:
            name = str(subtask.args.get("container", ""))
            if subtask.skill == "close" and not self._started_shut(name):
                yield name

    def _above(self, thing: str) -> Iterator[str]:
        seen: set[str] = set()
        todo = [thing]
        while todo:
            for holder in self._holds.get(todo.pop(), ()):
                if holder not in seen:
                    seen.add(holder)
                    todo.append(holder)
                    yield holder

    def _thing(self, name: str) -> Thing:
        return self._things.get(name) or Thing(name, "", "")

    def _objection(self, subtask: Subtask, served: frozenset[str]) -> str:
        """Say what nobody asked for, in words that follow "to"; empty: it was asked for."""
        skill = subtask.skill
        if skill in _HARMLESS:
            return ""
        if skill in _GOES:
            return self._going(subtask, served)
        if skill in ("open", "close"):
            return self._door(subtask, served)
        if skill == "search":
            thing = self._thing(str(subtask.args.get("object", "")))
            fine = self._m.names(thing) or self._m.everything
            return "" if fine else f"look for the {thing.words}"
        return self._acts(subtask)

    def _going(self, subtask: Subtask, served: frozenset[str]) -> str:
        thing = self._thing(str(subtask.args.get("target", "")))
        fine = (
            thing.id in served
            or thing.id == self._held_first
            or (thing.room is not None and thing.room in self._m.rooms)
            or (thing.kind == "person" and (self._m.people or self._m.gives))
            or (thing.kind == "fixture" and (self._explores() or self._frees_hand()))
            or any(self._thing(s).part_of == thing.id for s in served)
            or thing.id in self._obstacles
        )
        return "" if fine else f"go to the {thing.words}"

    def _door(self, subtask: Subtask, served: frozenset[str]) -> str:
        thing = self._thing(str(subtask.args.get("container", "")))
        if subtask.skill == "open":
            self._done.add(thing.id)
        fine = thing.id in served or self._explores()
        fine = fine or (subtask.skill == "close" and thing.id in self._done)
        fine = fine or (subtask.skill == "close" and not self._started_shut(thing.id))
        return "" if fine else f"{subtask.skill} the {thing.words}"

    def _started_shut(self, name: str) -> bool:
        return not any(p.name == "open" and p.args == (name,) for p in self._state.true)

    def _explores(self) -> bool:
        """Whether something that was spoken of may be anywhere."""
        if self._m.seeks or self._m.everything or self._lost:
            return True
        return any(not (m.classes & self._known) for m in self._m.mentions)

    def _frees_hand(self) -> bool:
        return self._held_first is not None

    def _acts(self, subtask: Subtask) -> str:
        """Judge a step that changes something."""
        skill, args = subtask.skill, {k: str(v) for k, v in subtask.args.items()}
        judges = {
            "pick": self._pick,
            "place_on": self._place,
            "place_in": self._place,
            "hand_over": self._give,
            "toggle_on": self._switch,
            "toggle_off": self._switch,
            "push_aside": self._push,
            "wait": self._wait,
        }
        if skill in judges:
            return judges[skill](args)
        return self._other(subtask)

    def _named(self, thing: Thing) -> bool:
        return self._m.names(thing) or self._m.everything

    def _pick(self, args: Mapping[str, str]) -> str:
        thing = self._thing(args.get("object", ""))
        wanted = self._named(thing) and (self._m.handles or self._m.lights)
        return "" if wanted or thing.id in self._obstacles else f"pick up the {thing.words}"

    def _place(self, args: Mapping[str, str]) -> str:
        thing = self._thing(args.get("object", ""))
        place = self._thing(args.get("receptacle", ""))
        whole = self._thing(place.part_of or "")
        goes = (
            self._named(place)
            or self._named(whole)
            or place.cls in self._m.devices()
            or (place.room is not None and place.room in self._m.rooms)
            or (place.kind == "person" and self._m.gives)
        )
        aside = thing.id in self._obstacles or thing.id == self._held_first
        # Where no place was named, or on the way to one, it may be put down on plain furniture.
        put_down = place.kind == "fixture" and (
            aside or self._no_place_named() or self._taken_again(thing.id)
        )
        mine = self._named(thing) or aside
        if mine and (goes or put_down):
            return ""
        return f"put the {thing.words} at the {place.words}"

    def _no_place_named(self) -> bool:
        places = {t.cls for t in self._things.values() if t.kind == "fixture"}
        named = any(m.classes & places for m in self._m.mentions)
        return not (named or self._m.discards or self._m.gives or self._m.people or self._m.makes)

    def _taken_again(self, thing: str) -> bool:
        row = [s for s in self._plan.subtasks if thing in {str(v) for v in s.args.values()}]
        skills = [s.skill for s in row]
        first = next((i for i, s in enumerate(skills) if s.startswith("place")), None)
        return first is not None and "pick" in skills[first:]

    def _give(self, args: Mapping[str, str]) -> str:
        thing, who = self._thing(args.get("object", "")), self._thing(args.get("person", ""))
        fine = self._m.gives and self._named(thing)
        return "" if fine else f"give the {thing.words} to the {who.words}"

    def _switch(self, args: Mapping[str, str]) -> str:
        thing = self._thing(args.get("device", ""))
        fine = (self._m.switches and self._named(thing)) or thing.cls in self._m.devices()
        fine = fine or (self._named(thing) and bool(self._m.makes or self._m.lights))
        return "" if fine else f"switch the {thing.words}"

    def _push(self, args: Mapping[str, str]) -> str:
        thing = self._thing(args.get("object", ""))
        fine = thing.id in self._obstacles or (self._m.pushes and self._named(thing))
        return "" if fine else f"push the {thing.words}"

    def _wait(self, args: Mapping[str, str]) -> str:
        try:
            seconds = float(args.get("seconds", "0"))
        except ValueError:
            seconds = LONGEST_WAIT + 1.0
        fine = self._m.waits or seconds <= LONGEST_WAIT
        return "" if fine else f"wait {seconds:.0f} seconds"

    def _other(self, subtask: Subtask) -> str:
        """Judge heat, cool, wash, show, and skills of others by the things that they are about."""
        spec = find_skill(self._skills, subtask.skill)
        kinds = {p.name: p.kind for p in spec.parameters} if spec is not None else {}
        for name, value in subtask.args.items():
            thing = self._thing(str(value))
            served = self._named(thing) or thing.cls in self._m.devices()
            if kinds.get(name, "thing") not in ("text", "seconds") and not served:
                return f"{subtask.skill.replace('_', ' ')} the {thing.words}"
        return ""


def _holders(state: State) -> dict[str, tuple[str, ...]]:
    above: dict[str, list[str]] = {}
    for predicate in state.true:
        if predicate.name in ("on", "in"):
            above.setdefault(predicate.args[0], []).append(predicate.args[1])
    return {k: tuple(sorted(v)) for k, v in above.items()}
