"""The specifications of the built-in skills: what each needs, promises and may touch.

One table, read by the planners (through `PlanRequest.skills`), the compiler and the skills themselves.
"""

from __future__ import annotations

from diarchy.contracts.skill import Parameter, ParameterKind, Postcondition, SkillSpec


def _p(name: str, kind: ParameterKind, doc: str = "") -> Parameter:
    return Parameter(name=name, kind=kind, doc=doc)


def _goal(template: str) -> Postcondition:
    return Postcondition(template=template)


def _transient(template: str) -> Postcondition:
    return Postcondition(template=template, transient=True)


NAVIGATE_TO = SkillSpec(
    name="navigate_to",
    sentence="Drive to where the target can be worked on or seen well.",
    parameters=(_p("target", "thing", "a fixture, an object or a person"),),
    preconditions=("located(target)",),
    postconditions=(_transient("near(target)"),),
    deletes=("near(*)",),
    timeout=90.0,
    occupies=("base", "head"),
    cost=3.0,
)
LOOK_AT = SkillSpec(
    name="look_at",
    sentence="Point the head at the target and look, without driving.",
    parameters=(_p("target", "thing"),),
    preconditions=("located(target)",),
    postconditions=(_transient("seen(target)"),),
    timeout=15.0,
    occupies=("head",),
    cost=1.0,
)
SEARCH = SkillSpec(
    name="search",
    sentence="Drive around and look until a thing of this description is found.",
    parameters=(_p("object", "object", "a description: class, colour, where"),),
    postconditions=(_transient("located(object)"),),
    deletes=("near(*)",),
    timeout=240.0,
    occupies=("base", "head"),
    cost=6.0,
)
PICK = SkillSpec(
    name="pick",
    sentence="Grasp an object within reach and lift it.",
    parameters=(_p("object", "object"),),
    preconditions=("hand_empty()", "located(object)", "near(object)", "accessible(object)"),
    postconditions=(_transient("holding(object)"),),
    deletes=("hand_empty()", "on(object, *)", "in(object, *)"),
    allowed_contacts=("object",),
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
PLACE_ON = SkillSpec(
    name="place_on",
    sentence="Put the held object on a surface within reach.",
    parameters=(_p("object", "object"), _p("receptacle", "receptacle")),
    preconditions=("holding(object)", "near(receptacle)"),
    postconditions=(_goal("on(object, receptacle)"), _transient("hand_empty()")),
    deletes=("holding(object)",),
    allowed_contacts=("object", "receptacle"),
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
PLACE_IN = SkillSpec(
    name="place_in",
    sentence="Put the held object into a container within reach; a container with a door must be open.",
    parameters=(_p("object", "object"), _p("receptacle", "receptacle")),
    preconditions=("holding(object)", "near(receptacle)", "enterable(receptacle)"),
    postconditions=(_goal("in(object, receptacle)"), _transient("hand_empty()")),
    deletes=("holding(object)",),
    allowed_contacts=("object", "receptacle"),
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
OPEN = SkillSpec(
    name="open",
    sentence="Open the door of a container with an empty hand.",
    parameters=(_p("container", "openable"),),
    preconditions=("hand_empty()", "near(container)"),
    postconditions=(_transient("open(container)"),),
    allowed_contacts=("container",),
    timeout=120.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=4.0,
)
CLOSE = SkillSpec(
    name="close",
    sentence="Close the door of a container.",
    parameters=(_p("container", "openable"),),
    preconditions=("hand_empty()", "near(container)"),
    postconditions=(_goal("not open(container)"),),
    allowed_contacts=("container",),
    timeout=120.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=4.0,
)
WAIT = SkillSpec(
    name="wait",
    sentence="Stand still for some seconds.",
    parameters=(_p("seconds", "seconds"),),
    timeout=600.0,
)
ASK = SkillSpec(
    name="ask",
    sentence="Ask the person a question and wait for the answer.",
    parameters=(_p("text", "text"),),
    occupies=("voice",),
    timeout=600.0,
)
SAY = SkillSpec(
    name="say",
    sentence="Tell the person something.",
    parameters=(_p("text", "text"),),
    occupies=("voice",),
    timeout=10.0,
)

BUILTIN: tuple[SkillSpec, ...] = (
    NAVIGATE_TO,
    LOOK_AT,
    SEARCH,
    PICK,
    PLACE_ON,
    PLACE_IN,
    OPEN,
    CLOSE,
    WAIT,
    ASK,
    SAY,
)
