"""What people know of appliances: what they do to what is in them, and how long that takes.

The belief reasons with it about what cannot be seen (a potato in a running microwave); the simulated
home has laws of its own, which are a little faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["hot", "cold", "clean"]
LIGHT_REACH = 0.8
"""A thing is lit when it is at most this far (m) from a lamp that is on."""


@dataclass(frozen=True)
class Process:
    """What a device does to a thing in it: in ``seconds`` it becomes ``state``.

    ``running``: it must be switched on; ``shut``: its door must be closed; ``stops``: it switches
    itself off afterwards (a microwave's timer).
    """

    state: State
    seconds: float
    running: bool
    shut: bool
    stops: bool = False


PROCESSES: dict[str, Process] = {
    "Microwave": Process("hot", 12.0, running=True, shut=True, stops=True),
    "Fridge": Process("cold", 10.0, running=False, shut=True),
    "SinkBasin": Process("clean", 4.0, running=True, shut=False),
}
"""By the class of the device."""

LAMPS = frozenset({"DeskLamp", "FloorLamp"})

ATTRIBUTE: dict[State, tuple[str, str]] = {
    "hot": ("temperature", "hot"),
    "cold": ("temperature", "cold"),
    "clean": ("cleanliness", "clean"),
}
"""The attribute, and its value, by which a camera sees a state."""


_KITCHEN = frozenset(
    {
        "CounterTop",
        "DiningTable",
        "SinkBasin",
        "StoveBurner",
        "CoffeeMachine",
        "Fridge",
        "Microwave",
    }
)
_SERVING = frozenset({"CoffeeTable", "SideTable"})
_LIVING = frozenset(
    {"CoffeeTable", "SideTable", "Shelf", "Desk", "Dresser", "Sofa", "Bed", "DiningTable", "Drawer"}
)
_EATEN = ("Apple", "Bread", "Egg", "Lettuce", "Potato", "Tomato", "SodaCan")
_TABLEWARE = ("Bowl", "Cup", "Mug", "Plate", "Pan", "Pot", "Spoon", "Fork", "Knife", "ButterKnife")
_COOKING = ("SaltShaker", "PepperShaker", "DishSponge", "SoapBottle", "WineBottle", "GlassBottle")
_ONES_OWN = ("Book", "CellPhone", "KeyChain", "RemoteControl", "AlarmClock", "Pencil", "Pen")
_ORNAMENTS = ("Candle", "Statue", "Vase", "TeddyBear", "Box", "TissueBox")
_PLACES: dict[str, frozenset[str]] = {
    **dict.fromkeys((*_EATEN, *_COOKING), _KITCHEN),
    **dict.fromkeys(_TABLEWARE, _KITCHEN | _SERVING),
    **dict.fromkeys((*_ONES_OWN, *_ORNAMENTS), _LIVING),
}


def is_likely_place(cls: str, fixture: str) -> bool:
    """Tell whether a thing of a class is usually kept at a class of furniture; True where nothing is known."""
    return fixture in _PLACES.get(cls, {fixture})


def device_for(state: State) -> str:
    """Class of the device that brings a state about."""
    return next(cls for cls, process in PROCESSES.items() if process.state == state)
