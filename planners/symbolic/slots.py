"""The reading of a sentence in ALFRED's terms, so that it can be compared with annotated goals.

ALFRED knows seven types of task and five slots. What its goals cannot say (opening a door, two
different things on one table) is projected to the nearest that they can.
"""

from __future__ import annotations

from collections.abc import Sequence

from diarchy.planners.symbolic.describing import FURNITURE
from diarchy.planners.symbolic.lexicon import Lexicon
from diarchy.planners.symbolic.steps import MAKES, Described, Step

_BY_STATE = {
    "hot": "pick_heat_then_place_in_recep",
    "cold": "pick_cool_then_place_in_recep",
    "clean": "pick_clean_then_place_in_recep",
}
_ON_THE_COUNTER = frozenset({"Toaster", "Microwave", "CoffeeMachine", "StoveBurner", "SinkBasin"})
_KNIVES = frozenset({"Knife", "ButterKnife"})
_APPLIANCE = {"Microwave": "hot", "Fridge": "cold", "SinkBasin": "clean"}


class _Account:
    """What becomes of each class over the steps."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.objects: list[Described] = []
        self.states: dict[str, set[str]] = {}
        self.at: dict[str, str] = {}
        self.was_at: dict[str, str] = {}
        self.inside: dict[str, str] = {}
        self.lamp = ""

    def add(self, step: Step) -> None:
        """Take one step into account."""
        thing = step.obj
        if thing is None or thing.kind == "person":
            return
        if step.action in ("turn_on", "turn_off") and set(thing.classes) & self._lexicon.lamps:
            self.lamp = thing.cls
            return
        if thing.cls in FURNITURE and step.action != "put":
            return
        self.objects.append(thing)
        states = self.states.setdefault(thing.cls, set())
        states |= thing.states
        if step.action in MAKES:
            states.add(MAKES[step.action])
        if step.action == "put" and step.dest is not None:
            self._put(thing.cls, step.role, step.dest)
        for place in (p for role, p in thing.places if p.cls and role != "except"):
            self.was_at.setdefault(thing.cls, place.cls)

    def _put(self, cls: str, role: str, dest: Described) -> None:
        target = dest.cls
        if role == "near" and target in _ON_THE_COUNTER:
            target = "CounterTop"
        elif role == "near":
            return
        if target in self._lexicon.carriers:
            self.inside[cls] = target
            return
        before = self.at.get(cls)
        if before in _APPLIANCE and before != target:
            self.states[cls].add(_APPLIANCE[before])
        self.at[cls] = target

    def stateful(self) -> Described | None:
        """The object that was heated, cooled, cleaned or else sliced."""
        for wanted in (set(_BY_STATE), {"sliced"}):
            for thing in reversed(self.objects):
                if self.states[thing.cls] & wanted:
                    return thing
        return None


def alfred_slots(steps: Sequence[Step], lexicon: Lexicon) -> dict[str, object]:
    """Return type, object_target, parent_target, mrecep_target, toggle_target, object_sliced."""
    account = _Account(lexicon)
    for step in steps:
        account.add(step)
    if not account.objects:
        return _slots("", "", toggle=account.lamp)
    if account.lamp and not account.at:
        return _slots("look_at_obj_in_light", account.objects[0].cls, toggle=account.lamp)
    main, carrier = _main(account, lexicon)
    states = account.states.get(main.cls, set())
    parent = account.at.get(carrier) or account.at.get(main.cls, "")
    hot_cold_clean = [t for s, t in _BY_STATE.items() if s in states]
    if hot_cold_clean:
        kind, carrier = hot_cold_clean[-1], ""
        parent = account.at.get(main.cls) or parent or account.was_at.get(main.cls, "")
    elif carrier:
        kind = "pick_and_place_with_movable_recep"
    elif any(t.many for t in account.objects if t.cls == main.cls):
        kind = "pick_two_obj_and_place"
    else:
        kind = "pick_and_place_simple"
    return _slots(kind, main.cls, parent, carrier, sliced="sliced" in states)


def _main(account: _Account, lexicon: Lexicon) -> tuple[Described, str]:
    """Find the object that the task is about, and the carrier that it travels in."""
    held = [(inner, outer) for inner, outer in account.inside.items() if outer != inner]
    # Beside what was cut, the knife that cut it is an accessory.
    held.sort(key=lambda pair: (pair[0] in _KNIVES, "sliced" not in account.states[pair[0]]))
    if held:
        thing = next(t for t in account.objects if t.cls == held[0][0])
        return thing, held[0][1]
    stateful = account.stateful()
    placed = [t for t in account.objects if t.cls in account.at]
    classes = list(dict.fromkeys(t.cls for t in placed))
    carriers = [c for c in classes if c in lexicon.carriers]
    if (
        len(classes) == 2
        and len(carriers) >= 1
        and account.at[classes[0]] == account.at[classes[1]]
    ):
        carrier = carriers[0]
        other = next(t for t in placed if t.cls != carrier)
        return other, carrier
    return stateful or (placed or account.objects)[-1], ""


def _slots(
    kind: str,
    thing: str,
    parent: str = "",
    carrier: str = "",
    toggle: str = "",
    sliced: bool = False,
) -> dict[str, object]:
    return {
        "type": kind,
        "object_target": thing,
        "parent_target": parent,
        "mrecep_target": carrier,
        "toggle_target": toggle,
        "object_sliced": sliced,
    }
