"""Rule files: YAML in, a checked `RuleSet` out. The format is documented in docs/safety-rules.md."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.safety.rules.mandate import RULE as ASKED_FOR
from diarchy.safety.rules.model import Rule, RuleSet, Sort
from diarchy.safety.rules.things import classes_of, is_known_sort
from diarchy.safety.rules.words import compile_phrase

DEFAULT = Path(__file__).with_name("default.yaml")
_KEYS = ("kinds", "words", "rules", "drop")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=8)
def _shipped() -> RuleSet:
    return _with_file(RuleSet(), DEFAULT, "default")


def load_rules(path: Path | None = None) -> RuleSet:
    """Return the shipped rules, with those of a file added.

    A rule of the file takes the place of one of the same id; ``drop`` takes rules out; kinds and
    words of the same name are added to.

    Raises:
        BadInputError: the file cannot be read, or something in it is wrong; the message says what
            and where, and what exists.
    """
    return _shipped() if path is None else _with_file(_shipped(), path, str(path))


def _with_file(before: RuleSet, path: Path, name: str) -> RuleSet:
    data = _read(path)
    kinds = _merged(before.kinds, data.get("kinds"), "kinds", name)
    words = _merged(before.words, data.get("words"), "words", name)
    rules = _rules(data.get("rules"), name)
    dropped = _dropped(data.get("drop"), before, name)
    new = {r.id for r in rules}
    kept = tuple(r for r in before.rules if r.id not in new and r.id not in dropped)
    full = RuleSet(
        kinds=kinds,
        words=words,
        rules=(*kept, *rules),
        sources=(*before.sources, name),
        dropped=(*before.dropped, *dropped),
    )
    _check_kinds(full, name)
    for rule in rules:
        _check(rule, full, name)
    return full


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as error:
        raise BadInputError(f"cannot read the rules {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise BadInputError(f"{path}: rules are a mapping of keys; known: {', '.join(_KEYS)}")
    for key in data:
        if key not in _KEYS:
            raise BadInputError(f"{path}: unknown key '{key}'; {did_you_mean(str(key), _KEYS)}")
    return data


def _merged(
    before: Mapping[str, tuple[str, ...]], given: Any, key: str, name: str
) -> dict[str, tuple[str, ...]]:
    merged = dict(before)
    if given is None:
        return merged
    if not isinstance(given, dict):
        raise BadInputError(f"{name}: '{key}' is a mapping of names to lists")
    for word, members in given.items():
        if not isinstance(members, list) or not all(isinstance(m, str) for m in members):
            raise BadInputError(f"{name}: {key}.{word} must be a list of words")
        merged[str(word)] = tuple(dict.fromkeys((*merged.get(str(word), ()), *members)))
    return merged


def _rules(given: Any, name: str) -> tuple[Rule, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise BadInputError(f"{name}: 'rules' is a list")
    found: list[Rule] = []
    for number, row in enumerate(given, 1):
        label = row.get("id", f"number {number}") if isinstance(row, dict) else f"number {number}"
        try:
            found.append(Rule.model_validate(row))
        except ValidationError as error:
            raise BadInputError(f"{name}: rule {label}: {_first(error)}") from error
        if found[-1].id in {r.id for r in found[:-1]}:
            raise BadInputError(f"{name}: two rules are called '{found[-1].id}'")
    return tuple(found)


def _first(error: ValidationError) -> str:
    details = error.errors()[0]
    where = ".".join(str(part) for part in details["loc"])
    if details["type"] == "extra_forbidden":
        model: type[BaseModel] = Sort if details["loc"][0] == "where" else Rule
        known = [f.alias or n for n, f in model.model_fields.items()]
        return f"unknown key '{where}'; {did_you_mean(str(details['loc'][-1]), known)}"
    message = details["msg"].removeprefix("Value error, ")
    return f"{where + ': ' if where else ''}{message}"


def _dropped(given: Any, before: RuleSet, name: str) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise BadInputError(f"{name}: 'drop' is a list of ids of rules")
    known = [*(r.id for r in before.rules), ASKED_FOR]
    for rule in given:
        if rule not in known:
            raise BadInputError(f"{name}: drop: no rule '{rule}'; {did_you_mean(str(rule), known)}")
    return tuple(given)


def _check_kinds(rules: RuleSet, name: str) -> None:
    for kind, members in rules.kinds.items():
        for member in members:
            if not is_known_sort(member, rules.kinds):
                hint = did_you_mean(member, rules.kinds)
                raise BadInputError(
                    f"{name}: kinds.{kind}: '{member}' is no kind, and no class (those are written CellPhone); {hint}"
                )
        try:
            classes_of(kind, rules.kinds)
        except ValueError as error:
            raise BadInputError(f"{name}: {error}") from error


def _check(rule: Rule, rules: RuleSet, name: str) -> None:
    """Check what one rule alone cannot know: its kinds and its sets of words."""
    for letter, sort in rule.where.items():
        for word in sort.names():
            if not is_known_sort(word, rules.kinds):
                hint = did_you_mean(word, [*rules.kinds, "anything", "object", "fixture", "person"])
                raise BadInputError(
                    f"{name}: rule {rule.id}: where.{letter}: '{word}' is no kind, and no class "
                    f"(those are written CellPhone); {hint}"
                )
    for phrase in (*rule.said, *rule.unless):
        try:
            compile_phrase(phrase, rules.words)
        except ValueError as error:
            raise BadInputError(f"{name}: rule {rule.id}: {error}") from error
