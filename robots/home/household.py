"""The laws of the home: what appliances do to the things in them, as time passes. Pure: no physics here.

`diarchy.robots.home.circumstances` says who is where and what is pressed; the belief's own idea of
these laws, a little slower, is `diarchy.contracts.household.PROCESSES`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.household import LAMPS

AMBIENT, COLDEST, HOTTEST = 21.0, 5.0, 85.0
"""Celsius: of the rooms, of a fridge, and the most that a microwave gives."""
HEATING = 8.0
"""Celsius per second in a running microwave."""
FRIDGE_S, ROOM_S = 5.0, 600.0
"""Time constants of cooling in a closed fridge and of anything left in a room."""
HOT, HOT_ENDS = 60.0, 45.0
COLD, COLD_ENDS = 10.0, 15.0
WASHING_S, MICROWAVE_S = 3.0, 14.0
PRESSED, RELEASED = 0.6, 0.3
"""Fractions of a button's travel: one press is past the first and then back before the second."""
LEVER_ON, LEVER_OFF = 0.5, 0.4
SWITCHED = LAMPS | {"Microwave", "SinkBasin"}
"""Classes of devices that are switched on and off."""


@dataclass
class Thing:
    """State of one movable thing: degrees Celsius, and what of it a camera can see."""

    temperature: float = AMBIENT
    hot: bool = False
    cold: bool = False
    dirty: bool = False
    clean: bool = False
    rinsed: float = 0.0

    def attributes(self) -> dict[str, str]:
        """Return what a camera sees of it; nothing for a state that does not show."""
        found = {}
        if self.hot or self.cold:
            found["temperature"] = "hot" if self.hot else "cold"
        if self.dirty or self.clean:
            found["cleanliness"] = "dirty" if self.dirty else "clean"
        return found

    def set_temperature(self, celsius: float) -> None:
        """Set the temperature; hot and cold begin and end at different ones, so they do not flicker."""
        self.temperature = celsius
        self.hot = celsius >= (HOT_ENDS if self.hot else HOT)
        self.cold = celsius <= (COLD_ENDS if self.cold else COLD)

    def soil(self) -> None:
        """Make it dirty."""
        self.dirty, self.clean, self.rinsed = True, False, 0.0

    def rinse(self, seconds: float) -> None:
        """Hold it under running water."""
        self.rinsed += seconds
        if self.rinsed >= WASHING_S - 1e-9:
            self.dirty, self.clean = False, True


@dataclass
class Device:
    """State of one appliance; ``left`` is how many seconds it still runs by itself."""

    cls: str
    running: bool = False
    left: float | None = None
    shut: bool = True
    pressed: bool = False


@dataclass(frozen=True)
class Circumstances:
    """Who is where: the things in each device, and those that touch a garbage can."""

    inside: Mapping[str, Collection[str]] = field(default_factory=dict)
    soiled: Collection[str] = ()


def heated(celsius: float, seconds: float) -> float:
    """Return the temperature after a time in a running microwave."""
    return max(celsius, min(celsius + HEATING * seconds, HOTTEST))


def drifted(celsius: float, towards: float, constant: float, seconds: float) -> float:
    """Return the temperature after a time in surroundings of a temperature."""
    return towards + (celsius - towards) * math.exp(-seconds / constant)


class Household:
    """States of all things and devices of a home.

    Args:
        things: ids of the movable things.
        devices: class by the id of every fixture that the laws know.
    """

    def __init__(self, things: Iterable[str], devices: Mapping[str, str]) -> None:
        self.things = {name: Thing() for name in things}
        self.devices = {name: Device(cls) for name, cls in devices.items()}

    def thing(self, name: str) -> Thing:
        """Look a thing up.

        Raises:
            BadInputError: no such thing.
        """
        if name not in self.things:
            raise BadInputError(f"no object '{name}'; {did_you_mean(name, self.things)}")
        return self.things[name]

    def switchable(self, name: str) -> Device:
        """Look up a device that can be switched on and off.

        Raises:
            BadInputError: it is none.
        """
        known = [n for n, d in self.devices.items() if d.cls in SWITCHED]
        if name not in known:
            raise BadInputError(
                f"'{name}' cannot be switched on or off; {did_you_mean(name, known)}"
            )
        return self.devices[name]

    def set_shut(self, shut: Mapping[str, bool]) -> None:
        """Tell which doors are shut; a microwave stops when its door opens."""
        for name, value in shut.items():
            device = self.devices[name]
            device.shut = value
            if device.cls == "Microwave" and not value:
                device.running, device.left = False, None

    def feel(self, travel: Mapping[str, float]) -> None:
        """Tell how far each control has gone, as a fraction of its travel: levers and buttons act."""
        for name, fraction in travel.items():
            device = self.devices[name]
            if device.cls == "SinkBasin":
                device.running = fraction >= (LEVER_OFF if device.running else LEVER_ON)
            elif not device.pressed and fraction >= PRESSED:
                device.pressed = True
                self._press(device)
            elif device.pressed and fraction <= RELEASED:
                device.pressed = False

    def switch(self, name: str, on: bool) -> None:
        """Switch a device, as by a press of its button.

        Raises:
            BadInputError: it cannot be switched, or it is a microwave with an open door.
        """
        device = self.switchable(name)
        if device.running == on:
            return
        self._press(device)
        if device.running != on:
            raise BadInputError(f"{name} does not run with its door open; close it first")

    def pass_time(self, seconds: float, now: Circumstances) -> None:
        """Let time pass for all things and devices as they are now."""
        place = {thing: device for device, inside in now.inside.items() for thing in inside}
        for name, thing in self.things.items():
            where = self.devices.get(place.get(name, ""))
            self._temper(thing, where, seconds)
            if where is not None and where.cls == "SinkBasin" and where.running:
                thing.rinse(seconds)
            else:
                thing.rinsed = 0.0
            if name in now.soiled:
                thing.soil()
        for device in self.devices.values():
            if device.left is not None:
                device.left -= seconds
                if device.left <= 1e-9:
                    device.running, device.left = False, None

    @staticmethod
    def _temper(thing: Thing, where: Device | None, seconds: float) -> None:
        if where is not None and where.cls == "Microwave" and where.running:
            thing.set_temperature(heated(thing.temperature, seconds))
        elif where is not None and where.cls == "Fridge" and where.shut:
            thing.set_temperature(drifted(thing.temperature, COLDEST, FRIDGE_S, seconds))
        else:
            thing.set_temperature(drifted(thing.temperature, AMBIENT, ROOM_S, seconds))

    @staticmethod
    def _press(device: Device) -> None:
        """Switch over; a microwave with an open door does nothing, with a shut one it starts its timer."""
        starts = not device.running
        if device.cls != "Microwave":
            device.running = starts
        elif not starts:
            device.running, device.left = False, None
        elif device.shut:
            device.running, device.left = True, MICROWAVE_S
