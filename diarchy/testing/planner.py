"""Conformance kit for `Planner`."""

from __future__ import annotations

from collections.abc import Sequence

from diarchy.contracts.errors import BadInputError, DiarchyError
from diarchy.contracts.plan import (
    Argument,
    Exchange,
    Plan,
    Planner,
    PlanRequest,
    Question,
    Reference,
    Refusal,
    Subtask,
    SubtaskRecord,
    find_skill,
)
from diarchy.contracts.predicate import ANY, Condition
from diarchy.contracts.skill import Parameter
from diarchy.testing.clauses import require, require_members, require_name
from diarchy.testing.samples import sample_request

Answer = Plan | Question | Refusal


def check_planner(
    planner: Planner,
    requests: Sequence[PlanRequest] | None = None,
    *,
    deterministic: bool = True,
) -> None:
    """Check what a planner answers to a handful of requests.

    Args:
        planner: what to check; its model, if any, must be reachable.
        requests: what to ask; default: the sample kitchen, first try, after a failure, after a
            question, and with a word that nothing covers.
        deterministic: the same request must give the same answer (off for sampling models).

    Raises:
        AssertionError: a clause of `diarchy.contracts.plan.Planner` is broken.
    """
    require_members(planner, "Planner", ("name", "plan"))
    require_name(planner.name, "planner")
    for request in requests or _requests():
        before = request.model_copy(deep=True)
        answer = _ask(planner, request)
        require(
            request == before,
            "plan changed the request it was given",
            "copy what you want to change: the request is recorded and asked again",
        )
        _require_answer(answer, request)
        if deterministic:
            require(
                _ask(planner, request) == answer,
                f"{request.instruction!r} gave two different answers",
                "seed what is random, sort what comes from sets, keep no state between calls, "
                "or call check_planner(..., deterministic=False)",
            )


def _ask(planner: Planner, request: PlanRequest) -> Answer:
    try:
        answer = planner.plan(request)
    except DiarchyError as error:
        raise AssertionError(
            f"plan({request.instruction!r}) raised {type(error).__name__}: {error}. To mend it: "
            "answer with a Refusal or a Question; only a model that cannot be reached or read raises."
        ) from error
    require(
        isinstance(answer, Plan | Question | Refusal),
        f"plan returned {type(answer).__name__}",
        "return a Plan, a Question or a Refusal",
    )
    return answer


def _require_answer(answer: Answer, request: PlanRequest) -> None:
    restored = type(answer).model_validate_json(answer.model_dump_json())
    require(
        restored == answer,
        "the answer does not survive its own JSON",
        "put only strings, numbers and lists into args and reading: traces store the answer",
    )
    if isinstance(answer, Question):
        require(bool(answer.text.strip()), "the question has no text", "say what you need to know")
    elif isinstance(answer, Refusal):
        require(bool(answer.reason.strip()), "the refusal has no reason", "say why, to the person")
    else:
        _require_plan(answer, request)


def _require_plan(plan: Plan, request: PlanRequest) -> None:
    require(
        bool(plan.subtasks or plan.goals),
        "the plan has neither subtasks nor goals",
        "refuse, ask, or list as goals what is already so",
    )
    ids = [subtask.id for subtask in plan.subtasks]
    require(
        all(ids) and len(set(ids)) == len(ids),
        f"the ids of the subtasks are not different and non-empty: {ids}",
        "number them, for example s1, s2",
    )
    for subtask in plan.subtasks:
        _require_subtask(subtask, request)
    for goal in plan.goals:
        _require_known(goal, request, "a goal")


def _require_subtask(subtask: Subtask, request: PlanRequest) -> None:
    spec = find_skill(request.skills, subtask.skill)
    names = ", ".join(s.name for s in request.skills)
    if spec is None:
        raise AssertionError(
            f"subtask {subtask.id} uses the skill '{subtask.skill}', which the request does not offer. "
            f"To mend it: plan with what request.skills lists: {names}."
        )
    try:
        spec.check_args(subtask.args)
    except BadInputError as error:
        raise AssertionError(
            f"subtask {subtask.id}: {error}. To mend it: give each parameter of the skill, no other."
        ) from error
    for parameter in spec.parameters:
        _require_argument(subtask, parameter, subtask.args[parameter.name], request)
    for condition in subtask.expects:
        _require_known(condition, request, f"subtask {subtask.id}")


def _require_argument(
    subtask: Subtask, parameter: Parameter, value: Argument, request: PlanRequest
) -> None:
    where = f"{subtask.id}.{parameter.name}"
    if parameter.kind == "text":
        require(isinstance(value, str), f"{where} is not text", "give a string")
    elif parameter.kind == "seconds":
        require(
            isinstance(value, int | float) and value >= 0,
            f"{where} is not a number of seconds",
            "give a number that is not negative",
        )
    elif isinstance(value, Reference):
        vocabulary = request.vocabulary
        classes = {*vocabulary.object_classes, *vocabulary.fixture_classes}
        classes |= {entity.cls for entity in request.world.entities}
        require(
            value.cls in classes,
            f"{where} refers to the class '{value.cls}', which the vocabulary does not know",
            "use a class of request.vocabulary, or refuse with code 'unknown_word'",
        )
    else:
        known = [entity.id for entity in request.world.entities]
        require(
            value in known,
            f"{where} is {value!r}, which is no known entity ({', '.join(known)})",
            "use an id of request.world, or a Reference for what was not seen yet",
        )


def _require_known(condition: Condition, request: PlanRequest, where: str) -> None:
    known = {entity.id for entity in request.world.entities} | {ANY}
    unknown = [a for a in condition.predicate.args if a not in known]
    require(
        not unknown,
        f"{where} expects {condition}, but {', '.join(unknown)} is no known entity",
        "expect conditions on bound entities only",
    )


def _requests() -> list[PlanRequest]:
    first = sample_request()
    failed = SubtaskRecord(
        id="s2",
        skill="pick",
        args={"object": "Mug_1"},
        status="failed",
        cause="grasp_missed",
        detail="the fingers closed on nothing",
    )
    asked = Exchange(question="Which mug: the red or the blue?", answer="the blue one")
    return [
        first,
        first.model_copy(update={"history": (failed,), "feedback": "the grasp missed"}),
        sample_request("pick up the mug").model_copy(update={"exchanges": (asked,)}),
        sample_request("pick up the flurble"),
    ]
