"""Conformance kit for `Skill`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import BadInputError, DiarchyError
from diarchy.contracts.predicate import ANY
from diarchy.contracts.robot import Action, Proprio
from diarchy.contracts.skill import (
    Ask,
    Look,
    Outcome,
    Parameter,
    Skill,
    SkillCall,
    SkillContext,
    SkillRun,
    SkillSpec,
)
from diarchy.testing.clauses import require, require_chunk, require_members
from diarchy.testing.samples import sample_proprio

_MOST_COMMANDS = 2000
ContextFactory = Callable[[], SkillContext]
_KINDS: dict[str, Callable[[Any], bool]] = {
    "object": lambda e: e.movable,
    "receptacle": lambda e: bool(e.can_hold),
    "openable": lambda e: e.openable,
    "thing": lambda e: True,
}


def check_skill(
    skill: Skill,
    context_factory: ContextFactory,
    *,
    call: SkillCall | None = None,
    proprio: Proprio | None = None,
) -> None:
    """Check a skill's promises, one whole execution, and what closing it early leaves behind.

    The kit plays the executor of a robot that follows every chunk perfectly, sees nothing new when
    the skill looks, and answers a question with its first option or ``yes``.

    Args:
        skill: what to check.
        context_factory: makes a fresh context for each execution, in a world where it can start.
        call: what to execute; default: arguments from the context's world that fit the parameters.
        proprio: the robot's state at the start; default: at rest in the posture ``tuck``.

    Raises:
        AssertionError: a clause of `diarchy.contracts.skill.Skill` is broken.
    """
    require_members(skill, "Skill", ("spec", "backend", "start"))
    _require_spec(skill.spec)
    require(
        skill.backend in ("motion", "vla"),
        f"skill.backend is {skill.backend!r}",
        "say 'motion' or 'vla': results tell who really acted",
    )
    context = context_factory()
    call = call or default_call(skill.spec, context)
    skill.spec.check_args(call.args)
    start = proprio or sample_proprio(context.spec)
    _execute(skill, call, context, start)
    _require_quiet_close(skill, call, context_factory(), start)
    _require_typed_failure(skill, call, context_factory(), start)


def default_call(spec: SkillSpec, context: SkillContext) -> SkillCall:
    """Choose arguments from the world that fit the parameters.

    Raises:
        AssertionError: the world holds nothing that fits one of them.
    """
    return SkillCall(spec.name, {p.name: _argument(p, context) for p in spec.parameters})


def _argument(parameter: Parameter, context: SkillContext) -> Any:
    if parameter.kind == "text":
        return "hello"
    if parameter.kind == "seconds":
        return 0.1
    fits = [e.id for e in context.world.entities() if _KINDS[parameter.kind](e)]
    require(
        bool(fits),
        f"the context's world holds nothing for the parameter '{parameter.name}' ({parameter.kind})",
        "put something fitting into the world, or pass call=",
    )
    return fits[0]


def _require_spec(spec: SkillSpec) -> None:
    require(
        bool(spec.sentence.strip()),
        "spec.sentence is empty",
        "the planner reads it: say what it does",
    )
    require(spec.timeout > 0.0, f"spec.timeout is {spec.timeout}", "give it some seconds")
    names = [p.name for p in spec.parameters]
    require(len(set(names)) == len(names), "two parameters share a name", "rename one")
    templates = [*spec.preconditions, *spec.hold_conditions, *spec.deletes]
    templates += [p.template for p in spec.postconditions]
    for template in templates:
        try:
            condition = spec.bind(template, {})
        except BadInputError as error:
            raise AssertionError(
                f"the template {template!r} is no condition: {error}. To mend it: see "
                "diarchy.contracts.predicate for what exists."
            ) from error
        free = [a for a in condition.predicate.args if a != ANY and a not in names]
        require(
            not free,
            f"the template {template!r} names {', '.join(free)}, which is no parameter",
            f"use the parameters ({', '.join(names) or 'none'}) or *",
        )


def _execute(skill: Skill, call: SkillCall, context: SkillContext, proprio: Proprio) -> None:
    """Run to the end, or to the skill's own timeout, like the executor does."""
    run = _start(skill, call, context, proprio)
    deadline = proprio.tick + round(skill.spec.timeout * context.spec.control_hz)
    try:
        command = next(run)
        for _ in range(_MOST_COMMANDS):
            proprio = _obey(command, context, proprio)
            if proprio.tick > deadline:
                break
            command = run.send(proprio)
        run.close()
    except StopIteration as stop:
        _require_outcome(stop.value)


def _start(skill: Skill, call: SkillCall, context: SkillContext, proprio: Proprio) -> SkillRun:
    run = skill.start(call, context, proprio)
    require(
        inspect.isgenerator(run),
        f"start returned {type(run).__name__}, not a generator",
        "write start as a generator function, or return one",
    )
    return run


def _obey(command: Any, context: SkillContext, proprio: Proprio) -> Proprio:
    if isinstance(command, ActionChunk):
        require_chunk(command, context.spec, epoch=context.epoch, earliest=proprio.tick)
        return _follow(command, context, proprio)
    require(
        isinstance(command, Look | Ask),
        f"the skill yielded {type(command).__name__}",
        "yield an ActionChunk, a Look or an Ask, and return the Outcome",
    )
    if isinstance(command, Ask):
        require(
            bool(command.text.strip()), "the skill asks nothing", "put the question into Ask.text"
        )
        if hasattr(context, "answer"):
            object.__setattr__(context, "answer", command.options[0] if command.options else "yes")
    elif unknown := sorted(set(command.cameras) - set(context.spec.cameras)):
        raise AssertionError(
            f"the skill looks with {', '.join(unknown)}, which this robot does not have. "
            "To mend it: use context.spec.cameras, or leave Look() empty for the head camera."
        )
    return _advance(context, proprio, 1)


def _follow(chunk: ActionChunk, context: SkillContext, proprio: Proprio) -> Proprio:
    moved = _advance(context, proprio, chunk.end_tick - proprio.tick)
    if chunk.representation != "joint":
        return moved
    action = Action.from_vector(chunk.values[-1])
    return replace(
        moved,
        q=action.joints,
        base_velocity=action.base,
        gripper_width=action.gripper,
        commanded=action,
    )


def _advance(context: SkillContext, proprio: Proprio, ticks: int) -> Proprio:
    if isinstance(context.clock, LockstepClock):
        context.clock.advance(ticks)
    tick = proprio.tick + ticks
    return replace(
        proprio, tick=tick, stamp=tick / context.spec.control_hz, dq=np.zeros_like(proprio.q)
    )


def _require_outcome(outcome: Any) -> None:
    require(
        isinstance(outcome, Outcome),
        f"the skill returned {outcome!r}",
        "end every path with 'return Outcome.done(...)' or 'return Outcome.failed(cause, ...)'",
    )
    require(
        outcome.success or outcome.cause is not None,
        "the skill failed without a cause",
        "use Outcome.failed(cause, ...): the cause chooses the branch of recovery",
    )
    require(
        not (outcome.success and outcome.cause is not None),
        f"the skill succeeded with the cause {outcome.cause}",
        "a success has no cause",
    )


def _require_quiet_close(
    skill: Skill, call: SkillCall, context: SkillContext, proprio: Proprio
) -> None:
    run = _start(skill, call, context, proprio)
    try:
        next(run)
        run.close()
    except StopIteration:
        return
    except RuntimeError as error:
        raise AssertionError(
            f"closing the skill in the middle raised: {error}. To mend it: do not catch GeneratorExit "
            "and do not yield in a finally block; the executor brakes."
        ) from error


def _require_typed_failure(
    skill: Skill, call: SkillCall, context: SkillContext, proprio: Proprio
) -> None:
    """Name a thing that does not exist: the skill must say so, not crash and not claim success."""
    things = [p.name for p in skill.spec.parameters if p.kind in _KINDS]
    if not things:
        return
    lost = SkillCall(call.skill, {**call.args, things[0]: "nothing_of_that_name"})
    try:
        run = _start(skill, lost, context, proprio)
        command = next(run)
        for _ in range(_MOST_COMMANDS):
            proprio = _obey(command, context, proprio)
            command = run.send(proprio)
        run.close()
    except StopIteration as stop:
        _require_outcome(stop.value)
        require(
            not stop.value.success,
            f"the skill claims success on '{lost.args[things[0]]}', which does not exist",
            "look the entity up in context.world first",
        )
    except DiarchyError:
        return
    except (KeyError, AttributeError, ValueError, TypeError, IndexError) as error:
        raise AssertionError(
            f"an argument that does not exist made the skill crash: {error!r}. To mend it: look it "
            "up with context.world.entity, or return Outcome.failed(Cause.PRECONDITION, ...)."
        ) from error
