"""From the steps that were said to the steps that are meant.

"Look at the book, turn on the lamp" is one wish; "a clean mug" asks for washing; what is put into the
fridge and then elsewhere shall be cold; what a later step does anyway need not be done before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diarchy.contracts.household import LAMPS
from diarchy.planners.symbolic.describing import FURNITURE
from diarchy.planners.symbolic.steps import MAKES, Action, Described, Step

_BY_STATE: dict[str, Action] = {"hot": "heat", "cold": "cool", "clean": "clean"}
_BY_DEVICE: dict[str, Action] = {"Microwave": "heat", "Fridge": "cool", "SinkBasin": "clean"}
_CARRIES = ("put", "hold", "heat", "cool", "clean", "show", "push")


def intended(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that are meant."""
    rules = [s for s in steps if s.action != "tidy"]
    meant = [_pulled(s) for s in rules or steps]  # "tidy up: ..." is said in full by its rules
    meant = _in_the_light(meant)
    meant = _through_devices(meant)
    meant = _with_states(meant)
    return [s for i, s in enumerate(meant) if not _included_later(s, meant[i + 1 :])]


def _pulled(step: Step) -> Step:
    """Read "pull out the drawer" and "push the drawer in" as opening and closing it."""
    doors: dict[Action, Action] = {"hold": "open", "push": "close"}
    thing = step.obj
    if thing is not None and step.action in doors and (
        thing.cls in ("Drawer", "Cabinet") or "drawer" in thing.adjectives
    ):  # fmt: skip
        return replace(step, action=doors[step.action])
    return step


def _is_lamp(thing: Described | None) -> bool:
    return thing is not None and bool(LAMPS & set(thing.classes))


def _in_the_light(steps: list[Step]) -> list[Step]:
    """Join looking at (or holding) a thing with turning on a lamp: it is held into the light."""
    lamps = [i for i, s in enumerate(steps) if s.action == "turn_on" and _is_lamp(s.obj)]
    if not lamps:
        return steps
    lamp = lamps[0]
    viewed = [
        i for i, s in enumerate(steps)
        if s.action in ("look", "hold") and s.obj is not None and s.obj.cls not in FURNITURE
        and not _put_between(steps, s.obj, i, lamp)
    ]  # fmt: skip
    if not viewed:
        return steps
    seen = viewed[-1]
    show = Step("show", steps[seen].obj, steps[lamp].obj, word=steps[seen].word)
    last = max(seen, lamp)
    kept = [
        s for i, s in enumerate(steps)
        if i not in (seen, last, *lamps) and not _lit_already(s, show)
    ]  # fmt: skip
    at = sum(1 for s in steps[:last] if any(s is k for k in kept))
    return [*kept[:at], show, *kept[at:]]


def _put_between(steps: Sequence[Step], thing: Described, at: int, lamp: int) -> bool:
    """Whether it is put down before the lamp, or taken only to be put elsewhere after it."""
    later = steps[at + 1 : lamp] if at < lamp else steps[at + 1 :]
    return any(s.action == "put" and s.obj is not None and s.obj.mention == thing.mention
               for s in later)  # fmt: skip


def _lit_already(step: Step, show: Step) -> bool:
    """Whether "... and turn it on" names the thing that is held, though the lamp is meant."""
    return step.action == "turn_on" and step.obj is not None and step.obj == show.obj


def _through_devices(steps: list[Step]) -> list[Step]:
    """What is put into the microwave and later elsewhere shall be heated there; so for the others."""
    meant: list[Step] = []
    for index, step in enumerate(steps):
        action = _BY_DEVICE.get(step.dest.cls) if step.dest is not None else None
        later = [
            s
            for s in steps[index + 1 :]
            if step.obj and s.obj and s.obj.mention == step.obj.mention
        ]
        moved_on = any(
            s.action == "put" and s.dest is not None and s.dest.cls != (step.dest and step.dest.cls)
            for s in later
        )
        treated = any(s.action in MAKES for s in later[:1])
        if step.action == "put" and action is not None and moved_on and not treated:
            meant.append(Step(action, step.obj, word=step.word))
        else:
            meant.append(step)
    return meant


def _with_states(steps: list[Step]) -> list[Step]:
    """Insert what "a clean mug" asks for, where the mug is to be put, handed over or carried."""
    meant: list[Step] = []
    made: set[tuple[int, str]] = set()
    for step in steps:
        if step.obj is not None and step.action in MAKES:
            made.add((step.obj.mention, MAKES[step.action]))
        for thing in _wished(step):
            for state in sorted(thing.states & set(_BY_STATE)):
                if (thing.mention, state) not in made:
                    made.add((thing.mention, state))
                    meant.append(Step(_BY_STATE[state], thing, word=_BY_STATE[state]))
        meant.append(step)
    return meant


def _wished(step: Step) -> list[Described]:
    """Things of which a step wishes the state that is said; "find the hot mug" only describes it."""
    things: list[Described] = []
    definite = step.obj is not None and step.obj.quantifier == "the"
    if step.obj is not None and (step.action in ("put", "show") or
                                 (step.action == "hold" and not definite)):  # fmt: skip
        things.append(step.obj)
    if step.action == "put" and step.dest is not None and step.dest.cls not in FURNITURE:
        things.append(step.dest)
    return things


def _included_later(step: Step, later: Sequence[Step]) -> bool:
    """Whether a later step does this on its way: what is put somewhere is picked up for it."""
    if step.action not in ("hold", "find", "look") or step.obj is None:
        return False
    actions = ("put", "heat", "cool", "clean", "show") if step.action == "hold" else _CARRIES
    return any(
        s.action in actions and s.obj is not None and s.obj.mention == step.obj.mention
        for s in later
    )
