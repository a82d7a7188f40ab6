"""The pure simulator of skill effects on predicates.

It answers one question without moving anything: if every skill does what its specification
promises, does this plan work? Planners search with it, and the checker reads a model's plans with it.

A `State` holds what is true and what is known to be unknown. What it does not list is false for
things that are known and located, and unknown for the others (`WorldSnapshot` says the same); what
the robot knows of itself (``near``, ``holding``, ``hand_empty``, ``located``, ``seen``) is never
unknown merely for not being listed. A `Reference` is an opaque symbol, written ``str(reference)``,
that becomes located by ``search``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from diarchy.contracts.entity import Entity, Truth, class_words
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.plan import Plan, Reference, Subtask, find_skill
from diarchy.contracts.predicate import ANY, Condition, Predicate
from diarchy.contracts.skill import Parameter, SkillSpec
from diarchy.contracts.world import WorldSnapshot

_OF_THE_ROBOT = frozenset({"near", "holding", "hand_empty", "located", "seen"})
_DERIVED = frozenset({"accessible", "enterable", "shut"})
_THINGS = frozenset({"object", "receptacle", "openable", "switchable", "person", "thing"})


@dataclass(frozen=True)
class State:
    """What is believed at one point of a plan.

    Attributes:
        true: predicates that hold (never a derived one, never with a wildcard).
        unknown: predicates of which the truth is not known.
        known: ids of the things that are known and located at the start.
        doors: ids of the things that have a door.
    """

    true: frozenset[Predicate]
    unknown: frozenset[Predicate] = frozenset()
    known: frozenset[str] = frozenset()
    doors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Violation:
    """One reason why a plan cannot work as written.

    Attributes:
        subtask_id: where it goes wrong; ``"goals"`` for a goal that does not hold at the end.
        condition: what does not hold; None if the subtask itself is malformed.
        why: a sentence for a person.
    """

    subtask_id: str
    condition: Condition | None
    why: str


@dataclass(frozen=True)
class Simulation:
    """The result of simulating a plan: what is wrong, what had to be assumed, where it ends."""

    violations: tuple[Violation, ...] = ()
    assumptions: tuple[Violation, ...] = ()
    final: State = field(default_factory=lambda: State(frozenset()))


def initial_state(snapshot: WorldSnapshot) -> State:
    """Read the state that a plan starts from out of a snapshot of the belief."""
    true = {f.condition.predicate for f in snapshot.facts if _says(f.condition, f.truth, True)}
    denied = {f.condition.predicate for f in snapshot.facts if _says(f.condition, f.truth, False)}
    unknown = {f.condition.predicate for f in snapshot.facts if f.truth is Truth.UNKNOWN}
    true = {p for p in true if p.name not in _DERIVED}
    unknown = {p for p in unknown if p.name not in _DERIVED}
    for entity in snapshot.entities:
        located = Predicate("located", (entity.id,))
        if located not in denied | unknown:
            true.add(located)
    if snapshot.held is not None:
        # What is in the hand rests nowhere, whatever an old look said.
        true = {p for p in true if not (p.name in ("on", "in") and p.args[0] == snapshot.held)}
        true = (true | {Predicate("holding", (snapshot.held,))}) - {Predicate("hand_empty")}
    elif Predicate("hand_empty") not in denied | unknown:
        true.add(Predicate("hand_empty"))
    return State(
        true=frozenset(true),
        unknown=frozenset(unknown - true),
        known=frozenset(e.id for e in snapshot.entities if Predicate("located", (e.id,)) in true),
        doors=frozenset(e.id for e in snapshot.entities if e.openable),
    )


def _says(condition: Condition, truth: Truth, value: bool) -> bool:
    return truth is not Truth.UNKNOWN and (truth is Truth.TRUE) == (condition.value == value)


def holds(condition: Condition, state: State) -> Truth:
    """Evaluate a condition; ``*`` in a positive one asks for an instance, in a negative one for none."""
    truth = _holds(condition.predicate, state)
    if condition.value or truth is Truth.UNKNOWN:
        return truth
    return Truth.of(truth is Truth.FALSE)


def _holds(predicate: Predicate, state: State) -> Truth:
    if predicate.name == "accessible":
        return _accessible(predicate.args[0], state)
    if predicate.name in ("enterable", "shut"):
        thing = predicate.args[0]
        if predicate.name == "enterable" and _accessible(thing, state) is Truth.FALSE:
            return Truth.FALSE  # a bowl in a closed cabinet
        if thing in state.doors:
            opened = Condition(Predicate("open", (thing,)), predicate.name == "enterable")
            return holds(opened, state)
        return Truth.of(True if thing in state.known else None)
    if predicate.has_wildcard:
        if any(predicate.matches(p) for p in state.true):
            return Truth.TRUE
        return Truth.of(None if any(predicate.matches(p) for p in state.unknown) else False)
    if predicate in state.true:
        return Truth.TRUE
    if predicate in state.unknown:
        return Truth.UNKNOWN
    closed_world = predicate.name in _OF_THE_ROBOT or all(a in state.known for a in predicate.args)
    return Truth.of(False if closed_world else None)


def _accessible(thing: str, state: State) -> Truth:
    """An object is accessible if nothing that it is in, or on, however deep, is closed."""
    truth = Truth.TRUE
    seen: set[str] = set()
    above = [thing]
    while above:
        name = above.pop()
        seen.add(name)
        holders = [p for p in state.true if p.name in ("on", "in") and p.args[0] == name]
        inside = [p.args[1] for p in holders if p.name == "in" and p.args[1] in state.doors]
        ways = [_holds(Predicate("open", (c,)), state) for c in inside]
        if Truth.FALSE in ways:
            return Truth.FALSE
        held = Predicate("holding", (name,)) in state.true
        doubtful = any(p.name == "in" and p.args[0] == name for p in state.unknown)
        if Truth.UNKNOWN in ways or doubtful or not (holders or held or name in state.known):
            truth = Truth.UNKNOWN
        above += [p.args[1] for p in holders if p.args[1] not in seen]
    return truth


def symbols(args: Mapping[str, Any]) -> dict[str, str]:
    """Name every argument by a string: ids as they are, a `Reference` by its text."""
    return {name: str(value) for name, value in args.items()}


@dataclass(frozen=True)
class GroundAction:
    """A skill with its arguments filled in once, for search: what it needs and what it changes.

    Attributes:
        needs: pre- and hold-conditions.
        deletes: patterns of what stops being true.
        effects: what holds afterwards.
    """

    needs: tuple[Condition, ...]
    deletes: tuple[Predicate, ...]
    effects: tuple[Condition, ...]

    @staticmethod
    def of(spec: SkillSpec, args: Mapping[str, Any]) -> GroundAction:
        """Fill a specification with arguments.

        Raises:
            BadInputError: the arguments do not fit the parameters.
        """
        spec.check_args(args)
        bound = symbols(args)
        return GroundAction(
            tuple(spec.bind(t, bound) for t in (*spec.preconditions, *spec.hold_conditions)),
            tuple(spec.bind(t, bound).predicate for t in spec.deletes),
            tuple(spec.bind(p.template, bound) for p in spec.postconditions),
        )

    def apply(self, state: State) -> State:
        """Return the state after a success: deletes first, then effects."""
        true, unknown = set(state.true), set(state.unknown)
        for gone in self.deletes:
            true.difference_update([p for p in true if p.name == gone.name and gone.matches(p)])
            unknown.difference_update(
                [p for p in unknown if p.name == gone.name and gone.matches(p)]
            )
        for effect in self.effects:
            unknown.discard(effect.predicate)
            if effect.value:
                true.add(effect.predicate)
            else:
                true.discard(effect.predicate)
        return replace(state, true=frozenset(true), unknown=frozenset(unknown))

    def unmet(self, state: State) -> Iterator[tuple[Condition, Truth]]:
        """Yield the conditions it needs that are not known to be true, with what they are."""
        for condition in self.needs:
            truth = holds(condition, state)
            if truth is not Truth.TRUE:
                yield condition, truth


def apply(spec: SkillSpec, args: Mapping[str, Any], state: State) -> State:
    """Return the state after a success of the skill: deletes first, then postconditions.

    Preconditions are not checked here; see `failed_preconditions`.

    Raises:
        BadInputError: the arguments do not fit the parameters.
    """
    return GroundAction.of(spec, args).apply(state)


def failed_preconditions(
    spec: SkillSpec, args: Mapping[str, Any], state: State
) -> tuple[tuple[Condition, Truth], ...]:
    """List the pre- and hold-conditions that are not known to be true, with what they are."""
    return tuple(GroundAction.of(spec, args).unmet(state))


def simulate(plan: Plan, skills: Sequence[SkillSpec], snapshot: WorldSnapshot) -> Simulation:
    """Run a plan on predicates from a snapshot; goals are looked at if the plan is complete."""
    state = initial_state(snapshot)
    bad: list[Violation] = []
    assumed: list[Violation] = []
    for subtask in plan.subtasks:
        faults = list(_malformed(subtask, skills, snapshot))
        bad.extend(faults)
        spec = find_skill(skills, subtask.skill)
        if spec is None or faults:
            continue
        for condition, truth in failed_preconditions(spec, subtask.args, state):
            _sort_out(subtask, condition, truth, "needs", bad, assumed)
        state = apply(spec, subtask.args, state)
        for condition in subtask.expects:
            _sort_out(subtask, condition, holds(condition, state), "is said to give", bad, assumed)
    if plan.complete:
        for goal in plan.goals:
            truth = holds(goal, state)
            if truth is Truth.FALSE:
                bad.append(Violation("goals", goal, f"the goal '{goal}' does not hold at the end"))
            elif truth is Truth.UNKNOWN:
                assumed.append(Violation("goals", goal, f"nobody knows whether '{goal}' will hold"))
    return Simulation(tuple(bad), tuple(assumed), state)


def violations(plan: Plan, skills: Sequence[SkillSpec], snapshot: WorldSnapshot) -> list[Violation]:
    """Return every reason why the plan cannot work; empty: it can, as far as predicates tell."""
    return list(simulate(plan, skills, snapshot).violations)


def assumptions(
    plan: Plan, skills: Sequence[SkillSpec], snapshot: WorldSnapshot
) -> list[Violation]:
    """Return what the plan relies on though nobody knows whether it holds."""
    return list(simulate(plan, skills, snapshot).assumptions)


def _sort_out(
    subtask: Subtask,
    condition: Condition,
    truth: Truth,
    verb: str,
    bad: list[Violation],
    assumed: list[Violation],
) -> None:
    if truth is Truth.FALSE:
        why = f"{subtask.skill} {verb} '{condition}', which does not hold at that point"
        bad.append(Violation(subtask.id, condition, why))
    elif truth is Truth.UNKNOWN:
        why = f"{subtask.skill} {verb} '{condition}', which is not known"
        assumed.append(Violation(subtask.id, condition, why))


def _malformed(
    subtask: Subtask, skills: Sequence[SkillSpec], snapshot: WorldSnapshot
) -> Iterable[Violation]:
    """Say what is wrong with the call itself: skill, names and kinds of arguments."""
    spec = find_skill(skills, subtask.skill)
    if spec is None:
        hint = did_you_mean(subtask.skill, [s.name for s in skills])
        yield Violation(subtask.id, None, f"there is no skill '{subtask.skill}'; {hint}")
        return
    try:
        spec.check_args(subtask.args)
    except BadInputError as error:
        yield Violation(subtask.id, None, str(error))
        return
    for parameter in spec.parameters:
        why = _misfit(spec, parameter, subtask.args[parameter.name], snapshot)
        if why is not None:
            yield Violation(subtask.id, None, why)


def _misfit(
    spec: SkillSpec, parameter: Parameter, value: Any, snapshot: WorldSnapshot
) -> str | None:
    if parameter.kind == "seconds":
        fine = isinstance(value, int | float) and value >= 0
        return None if fine else f"{spec.name} needs a number of seconds, got {value!r}"
    if parameter.kind not in _THINGS:
        return None if isinstance(value, str) else f"{spec.name} needs a text, got {value!r}"
    if isinstance(value, Reference):
        return None
    entity = snapshot.entity(value) if isinstance(value, str) else None
    if entity is None:
        hint = did_you_mean(str(value), [e.id for e in snapshot.entities])
        return f"{spec.name}: there is no '{value}'; {hint}"
    return _unsuited(spec, parameter, entity)


def _unsuited(spec: SkillSpec, parameter: Parameter, entity: Entity) -> str | None:
    """Say why a known thing cannot play this part in this skill."""
    if parameter.kind == "openable" and not entity.openable:
        return f"{spec.name}: '{entity.id}' has no door"
    if parameter.kind == "switchable" and not entity.switchable:
        return f"{spec.name}: '{entity.id}' cannot be switched on or off"
    if parameter.kind == "person" and entity.kind != "person":
        return f"{spec.name}: '{entity.id}' is a {entity.kind}, not a person"
    if parameter.classes and entity.cls not in parameter.classes:
        kinds = " or ".join(class_words(c) for c in parameter.classes)
        return f"{spec.name}: '{entity.id}' is no {kinds}"
    if parameter.kind == "object" and entity.kind != "object":
        return f"{spec.name}: '{entity.id}' is a {entity.kind}, not an object that can be handled"
    for relation in relations_achieved(spec, parameter.name):
        if relation not in entity.can_hold:
            return f"{spec.name}: nothing can be put {relation} '{entity.id}'"
    return None


def relations_achieved(spec: SkillSpec, receptacle: str) -> tuple[str, ...]:
    """Return which of ``on`` and ``in`` the skill brings about at its parameter ``receptacle``."""
    effects = [Condition.parse(p.template) for p in spec.postconditions]
    return tuple(
        e.predicate.name
        for e in effects
        if e.value and e.predicate.name in ("on", "in") and e.predicate.args[1] in (receptacle, ANY)
    )
