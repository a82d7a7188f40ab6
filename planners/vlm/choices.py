"""What can be named in an answer to one request: the entities and classes that fit each parameter.

The schema is built from it, and the decoder checks against it, so that both mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diarchy.contracts.entity import Entity
from diarchy.contracts.plan import PlanRequest
from diarchy.contracts.skill import Parameter, ParameterKind, SkillSpec

THINGS: tuple[ParameterKind, ...] = (
    "object",
    "receptacle",
    "openable",
    "switchable",
    "person",
    "thing",
)


@dataclass(frozen=True)
class Choices:
    """Sorted ids and classes by kind of parameter, and what descriptions may say.

    Attributes:
        ids: entity ids that fit a parameter of a kind.
        classes: classes that a description for a parameter of a kind may name.
        attributes: attribute name to its values.
        anchors: ids and classes that a description may stand in relation to.
        skills: the skills whose parameters can all be filled.
        predicates: names of predicates that the skills bring about, by number of arguments.
        class_of: the class of each entity id.
    """

    ids: dict[str, tuple[str, ...]]
    classes: dict[str, tuple[str, ...]]
    attributes: dict[str, tuple[str, ...]]
    anchors: tuple[str, ...]
    skills: tuple[SkillSpec, ...]
    predicates: dict[int, tuple[str, ...]]
    class_of: dict[str, str]

    @staticmethod
    def of(request: PlanRequest) -> Choices:
        """Read a request."""
        entities, vocabulary = request.world.entities, request.vocabulary
        ids: dict[str, tuple[str, ...]] = {
            kind: _sorted(e.id for e in entities if _fits(e, kind)) for kind in THINGS
        }
        objects, fixtures = _sorted(vocabulary.object_classes), _sorted(vocabulary.fixture_classes)
        everything = _sorted((*objects, *fixtures, *(e.cls for e in entities)))
        holding = {e.cls for e in entities if e.can_hold}
        classes = {
            "object": objects,
            "receptacle": _sorted((*fixtures, *holding)),
            "openable": fixtures,
            "switchable": fixtures,
            "person": (),
            "thing": everything,
        }
        class_of = {e.id: e.cls for e in sorted(entities, key=lambda e: e.id)}
        return Choices(
            ids=ids,
            classes=classes,
            attributes={k: _sorted(v) for k, v in sorted(vocabulary.attributes.items()) if v},
            anchors=_sorted((*ids["thing"], *everything)),
            skills=tuple(s for s in request.skills if _fillable(s, ids, classes, class_of)),
            predicates=_predicates(request.skills),
            class_of=class_of,
        )

    def ids_for(self, parameter: Parameter) -> tuple[str, ...]:
        """Return the entity ids that one parameter of a skill takes."""
        return _of_classes(parameter, self.ids[parameter.kind], self.class_of)

    def classes_for(self, parameter: Parameter) -> tuple[str, ...]:
        """Return the classes that a description for one parameter of a skill may name."""
        classes = self.classes[parameter.kind]
        return tuple(c for c in classes if not parameter.classes or c in parameter.classes)


def _of_classes(
    parameter: Parameter, ids: tuple[str, ...], class_of: dict[str, str]
) -> tuple[str, ...]:
    return tuple(i for i in ids if not parameter.classes or class_of[i] in parameter.classes)


def _fits(entity: Entity, kind: str) -> bool:
    if kind == "object":
        return entity.kind == "object"
    if kind == "receptacle":
        return bool(entity.can_hold)
    if kind == "openable":
        return entity.openable
    if kind == "switchable":
        return entity.switchable
    if kind == "person":
        return entity.kind == "person"
    return True


def _fillable(
    skill: SkillSpec,
    ids: dict[str, tuple[str, ...]],
    classes: dict[str, tuple[str, ...]],
    class_of: dict[str, str],
) -> bool:
    for parameter in skill.parameters:
        if parameter.kind not in THINGS:
            continue
        described = set(classes[parameter.kind]) & set(parameter.classes or classes[parameter.kind])
        if not described and not _of_classes(parameter, ids[parameter.kind], class_of):
            return False
    return True


def _predicates(skills: tuple[SkillSpec, ...]) -> dict[int, tuple[str, ...]]:
    found = [skill.bind(p.template, {}).predicate for skill in skills for p in skill.postconditions]
    return {n: _sorted(p.name for p in found if len(p.args) == n) for n in (0, 1, 2)}


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
