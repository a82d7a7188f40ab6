"""Reads a robot's file; every mistake becomes one line that says what was wrong, what exists, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.robots.ros2.config.schema import Ros2Config

EXAMPLES = Path(__file__).parent


def example_names() -> list[str]:
    """Names of the robots that ship as examples."""
    return sorted(p.stem for p in EXAMPLES.glob("*.yaml"))


def load_config(path: str | Path) -> Ros2Config:
    """Read and check a robot's file, or a shipped example by its name.

    Raises:
        BadInputError: it does not exist, is no YAML, or says what makes no sense.
    """
    file = Path(path)
    if not file.is_file() and (EXAMPLES / f"{path}.yaml").is_file():
        file = EXAMPLES / f"{path}.yaml"
    if not file.is_file():
        hint = did_you_mean(str(path), example_names())
        raise BadInputError(
            f"there is no robot file {path}; give a YAML file or a shipped example: {hint}"
        )
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(
            f"{file} cannot be read as YAML: {' '.join(str(error).split())}"
        ) from error
    return parse_config(content, str(file), file.parent)


def parse_config(content: Any, name: str = "robot file", folder: Path | None = None) -> Ros2Config:
    """Check what a robot's file says; relative paths in it are relative to ``folder``.

    Raises:
        BadInputError: it says what makes no sense.
    """
    if not isinstance(content, dict):
        raise BadInputError(
            f"{name}: expected keys like 'robot' and 'joints', got {type(content).__name__}"
        )
    try:
        config = Ros2Config.model_validate(content)
    except ValidationError as error:
        raise BadInputError(f"{name}: {_first(error)}") from error
    return config.model_copy(update={"folder": folder or Path(".")})


def _first(error: ValidationError) -> str:
    """The first mistake, where it is, and how many there are."""
    # A misspelt key is told before the key that is missing because of it.
    mistakes = sorted(error.errors(), key=lambda m: m["type"] != "extra_forbidden")
    first = mistakes[0]
    where = ".".join(str(part) for part in first["loc"])
    words = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        words = f"no such key; {did_you_mean(str(first['loc'][-1]), _siblings(first['loc'][:-1]))}"
    elif first["type"] == "missing":
        words = "this key is needed"
    elif "input" in first and not isinstance(first["input"], (dict, list)):
        words = f"{words}, got {first['input']!r}"
    more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    return f"{where}: {words}{more}" if where else f"{words}{more}"


def _siblings(where: tuple[Any, ...]) -> list[str]:
    """Keys that exist at a place of the schema."""
    node: Any = Ros2Config.model_json_schema()
    definitions = node.get("$defs", {})
    for part in where:
        node = _resolved(node, definitions)
        properties = node.get("properties", {})
        node = properties.get(part) or node.get("additionalProperties") or node.get("items") or {}
    return list(_resolved(node, definitions).get("properties", {}))


def _resolved(node: Any, definitions: dict[str, Any]) -> Any:
    for option in (node, *node.get("anyOf", ())):
        if "$ref" in option:
            return definitions[option["$ref"].rsplit("/", 1)[-1]]
    return node
