"""A scenario file: YAML in, a checked `Scenario` out. The format is documented in docs/scenarios.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from diarchy.agent.evaluation.judge import AnyOf
from diarchy.contracts.errors import BadInputError, did_you_mean

SHIPPED = Path(__file__).parent / "shipped"
Seconds = Annotated[float, Field(ge=0.0, le=7200.0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Spoken(_Strict):
    """A sentence said to the robot; ``at`` seconds of the scenario, else when the one before is done.

    A correction (``interrupt: true``) is said while the command before it is being carried out, and is
    read with its plan as context; another command waits until that is done.
    """

    say: str = Field(min_length=1)
    at: Seconds | None = None
    interrupt: bool = False

    @model_validator(mode="after")
    def _interrupts_at_a_time(self) -> Spoken:
        if self.interrupt and self.at is None:
            raise ValueError("a correction (interrupt: true) needs the time it is said: at")
        return self


class WorldEvent(_Strict):
    """Something that happens in the home at a time, whether or not the robot sees it.

    Exactly one of: ``move`` an object to a fixture (``to``) or a point; ``shut`` or ``open`` a door;
    ``knock`` what is held out of the hand; ``switch`` a device ``on`` or off.
    """

    at: Seconds
    move: str | None = None
    to: str | tuple[float, float, float] | None = None
    shut: str | None = None
    open: str | None = None
    knock: bool = False
    switch: str | None = None
    on: bool = True

    @model_validator(mode="after")
    def _one_thing(self) -> WorldEvent:
        given = [n for n in ("move", "shut", "open", "knock", "switch") if getattr(self, n)]
        if len(given) != 1:
            raise ValueError("an event has exactly one of move, shut, open, knock, switch")
        if (self.move is None) != (self.to is None):
            raise ValueError("'move' needs 'to': a fixture's id or [x, y, z]; 'to' needs 'move'")
        return self


class Scenario(_Strict):
    """Commands in a home, with what happens meanwhile and what shall be true in the end.

    ``scene`` is a scene's name or the path of its file, relative to the scenario's. ``goals`` are what
    the judge asks of the simulator's truth at the end (``a or b`` is allowed).
    """

    name: str
    title: str
    scene: str = "home"
    seed: Annotated[int, Field(ge=0)] = 0
    planner: str = "auto"
    system1: str = "auto"
    commands: tuple[Spoken, ...] = Field(min_length=1)
    events: tuple[WorldEvent, ...] = ()
    goals: tuple[str, ...] = ()

    @field_validator("goals")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for goal in value:
            try:
                AnyOf.parse(goal)
            except BadInputError as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("commands", mode="before")
    @classmethod
    def _plain_sentences(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [{"say": v} if isinstance(v, str) else v for v in value]
        return value


def shipped() -> dict[str, Path]:
    """Return the scenarios that ship with diarchy: name to file, ``mug`` first."""
    names = sorted((p.stem for p in SHIPPED.glob("*.yaml")), key=lambda n: (n != "mug", n))
    return {name: SHIPPED / f"{name}.yaml" for name in names}


def load_scenario(source: str | Path) -> Scenario:
    """Load a shipped scenario by name, or a YAML file by path.

    Raises:
        BadInputError: no such scenario or file, not YAML, or something wrong in it.
    """
    path = Path(source)
    if path.suffix not in (".yaml", ".yml"):
        known = shipped()
        if str(source) not in known:
            hint = did_you_mean(str(source), known)
            raise BadInputError(f"no demonstration '{source}'; {hint}; or give a .yaml file")
        path = known[str(source)]
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"cannot read the scenario {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        known_keys = ", ".join(Scenario.model_fields)
        raise BadInputError(f"{path}: a scenario is a mapping of keys; known: {known_keys}")
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise BadInputError(f"{path}: {_first(error)}") from error
    if scenario.scene.endswith((".yaml", ".yml")):
        beside = path.parent / scenario.scene
        scenario = scenario.model_copy(update={"scene": str(beside)})
    return scenario


def _first(error: ValidationError) -> str:
    details = error.errors()[0]
    where = ".".join(str(part) for part in details["loc"])
    if details["type"] == "extra_forbidden":
        parts: dict[str, type[BaseModel]] = {"commands": Spoken, "events": WorldEvent}
        model: type[BaseModel] = Scenario
        if len(details["loc"]) > 1:
            model = parts[str(details["loc"][0])]
        return f"unknown key '{where}'; {did_you_mean(str(details['loc'][-1]), model.model_fields)}"
    message = details["msg"].removeprefix("Value error, ")
    return f"{where + ': ' if where else ''}{message}"
