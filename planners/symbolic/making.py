"""Stages that change the state of things: heat, cool, wash, switch, hold into the light."""

from __future__ import annotations

from collections.abc import Sequence

from diarchy.contracts.entity import Entity, class_words
from diarchy.contracts.household import PROCESSES, State, device_for
from diarchy.contracts.plan import Question
from diarchy.planners.symbolic.answers import Answered, refuse
from diarchy.planners.symbolic.grounding import Grounder
from diarchy.planners.symbolic.knowledge import Grounded
from diarchy.planners.symbolic.stage import Stage, find_first, is_not_so, is_so, symbol
from diarchy.planners.symbolic.steps import Described

_DOING: dict[State, str] = {"hot": "heat", "cold": "cool", "clean": "wash"}


class Maker:
    """Plans with devices: a microwave, a fridge, a sink, lamps."""

    def __init__(self, grounder: Grounder) -> None:
        self._grounder = grounder

    def make(self, things: Sequence[Grounded], state: State) -> list[Stage]:
        """Bring a state about: all things in, then the device does its work, then it is switched off.

        Raises:
            Answered: with a refusal, when this home has no such device.
        """
        if not things:
            return []
        device = self._device(things, state)
        process = PROCESSES[device.cls]
        stages = find_first(*things)
        for thing in things:
            so = is_so(state, thing)
            inside = Stage(
                (is_so("in", thing, device),), (thing, device), unless=(so,), passing=True
            )
            stages.append(inside)
        for thing in things:
            note = f"have the {self._grounder.name(thing)} {state}"
            stages.append(Stage((is_so(state, thing),), (thing, device), note))
        if process.running and not process.stops:
            stages.append(Stage((is_not_so("running", device),), (device,)))
        return stages

    def _device(self, things: Sequence[Grounded], state: State) -> Entity:
        cls = device_for(state)
        devices = [e for e in self._grounder.located("fixture") if e.cls == cls]
        if not devices:
            name = self._grounder.name(things[0])
            raise refuse(
                "impossible",
                f"there is no {class_words(cls)} in this home, so I cannot {_DOING[state]} the {name}",
                "leave that out, and I can do the rest",
            )
        inside = {self._grounder.receptacle_of(symbol(t)) for t in things}
        ordered = self._grounder.by_distance(devices)
        return next((d for d in ordered if d.id in inside), ordered[0])

    def switch(self, thing: Described, on: bool) -> Stage:
        """Switch a device on or off."""
        device = self._grounder.fixture(thing)
        name = self._grounder.name(device)
        if not device.switchable:
            known = sorted(
                {self._grounder.name(e) for e in self._grounder.located() if e.switchable}
            )
            raise refuse(
                "impossible",
                f"the {name} has no switch that I could use",
                f"what can be switched here: {', '.join(known) or 'nothing'}",
            )
        goal = is_so("running", device) if on else is_not_so("running", device)
        process = PROCESSES.get(device.cls)
        by_itself = on and process is not None and process.stops
        words = f"have the {name} {'on' if on else 'off'}"
        return Stage((goal,), (device,), words, passing=by_itself)

    def show(self, thing: Grounded, lamp: Described | None) -> list[Stage]:
        """Hold a thing into the light of a lamp; the lamp stays on."""
        if lamp is None:
            raise Answered(Question(text="In the light of which lamp?"))
        light = self._grounder.fixture(lamp)
        running, lit = is_so("running", light), is_so("lit", thing)
        name = self._grounder.name(thing)
        return [
            *find_first(thing),
            Stage((running,), (light,), unless=(running, lit)),
            Stage((running, lit), (thing, light), f"look at the {name} in the light"),
        ]
