"""The things that rules speak of: known entities, and things that a plan only describes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from diarchy.contracts.entity import class_words
from diarchy.contracts.plan import Plan, Reference
from diarchy.contracts.world import WorldSnapshot
from diarchy.safety.rules.model import RuleSet, Sort

_SORTS = {"anything": None, "object": "object", "fixture": "fixture", "person": "person"}
LONGEST_NAME = 60


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """Write text of others so that it can be shown: printable, on one line, of bounded length.

    Names come from detectors, maps and models; nothing in them may steer a terminal or fill a page.
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    shown = re.sub(r"\s+", " ", shown).strip()
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


@dataclass(frozen=True)
class Thing:
    """One thing as rules see it; ``kind`` is empty for a thing that is only described."""

    id: str
    cls: str
    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    room: str | None = None
    part_of: str | None = None

    @property
    def words(self) -> str:
        """Its name for a person: colour and class, and nothing else that was read off it."""
        name = class_words(self.cls) if self.cls else self.id
        colour = self.attributes.get("color", "")
        return plain(f"{colour} {name}" if colour.isalpha() else name)


def things_of(snapshot: WorldSnapshot, plan: Plan | None = None) -> dict[str, Thing]:
    """Collect known entities by id and described things by ``str(reference)``."""
    found = {
        e.id: Thing(e.id, e.cls, e.kind, e.attributes, e.room, e.part_of) for e in snapshot.entities
    }
    for value in _arguments(plan):
        if isinstance(value, Reference):
            found[str(value)] = Thing(str(value), value.cls, "", value.attributes)
    return found


def _arguments(plan: Plan | None) -> Iterable[object]:
    return (v for s in plan.subtasks for v in s.args.values()) if plan is not None else ()


class Kinds:
    """Answers whether a thing is of a sort; kinds are resolved once."""

    def __init__(self, rules: RuleSet) -> None:
        self._classes = {name: classes_of(name, rules.kinds) for name in rules.kinds}

    def fits(self, thing: Thing, sort: Sort) -> bool:
        """Whether the thing may be what the sort describes."""
        return (
            any(self._is(thing, name) for name in sort.is_)
            and not any(self._is(thing, name) for name in sort.not_)
            and all(_has(thing, k, vs) for k, vs in sort.has.items())
            and not any(_has(thing, k, vs) for k, vs in sort.lacks.items())
        )

    def _is(self, thing: Thing, name: str) -> bool:
        if name in _SORTS:
            # What is only described has no kind yet: it may be any object.
            return _SORTS[name] in (None, thing.kind) or (name == "object" and not thing.kind)
        return thing.cls in self._classes.get(name, frozenset({name}))


def _has(thing: Thing, attribute: str, values: tuple[str, ...]) -> bool:
    """Whether an attribute has one of the values; ``*`` is any."""
    value = thing.attributes.get(attribute)
    return value is not None and (value in values or "*" in values)


def classes_of(name: str, kinds: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the classes of a kind, through the kinds that it is made of.

    Raises:
        ValueError: it is made of itself.
    """
    return _classes_of(name, kinds, ())


def _classes_of(
    name: str, kinds: Mapping[str, tuple[str, ...]], above: tuple[str, ...]
) -> frozenset[str]:
    if name in above:
        raise ValueError(f"kind '{name}' is made of itself: {' -> '.join((*above, name))}")
    if name not in kinds:
        return frozenset({name})
    parts = (_classes_of(part, kinds, (*above, name)) for part in kinds[name])
    return frozenset().union(*parts)


def is_known_sort(name: str, kinds: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a name is a kind of the rules, a built-in sort, or is written like a class."""
    return name in kinds or name in _SORTS or (name[:1].isupper() and name.isalnum())
