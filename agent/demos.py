"""Demonstrations that a stranger can watch with one command."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.agent.run.config import RunConfig
from diarchy.contracts.errors import BadInputError, did_you_mean


@dataclass(frozen=True)
class Demo:
    """A sentence in a home, with the choices that make it repeat exactly."""

    name: str
    title: str
    config: RunConfig


DEMOS: dict[str, Demo] = {
    demo.name: demo
    for demo in (
        Demo(
            "mug",
            "The red mug from the kitchen comes to the person in the living room",
            RunConfig(instruction="bring me the red mug", scene="home", seed=0),
        ),
        Demo(
            "fridge",
            "The apple goes into the closed fridge, which is closed again",
            RunConfig(instruction="put the apple in the fridge", scene="home", seed=0),
        ),
        Demo(
            "tidy",
            "Everything on the coffee table moves to the shelf",
            RunConfig(
                instruction="move everything from the coffee table to the shelf",
                scene="home",
                seed=0,
            ),
        ),
    )
}


def find_demo(name: str) -> Demo:
    """Look a demonstration up.

    Raises:
        BadInputError: there is none of that name.
    """
    if name not in DEMOS:
        raise BadInputError(f"no demonstration '{name}'; {did_you_mean(name, DEMOS)}")
    return DEMOS[name]
