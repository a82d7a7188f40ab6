"""The specifications of the built-in skills: what each needs, promises and may touch.

One table, read by the planners (through `PlanRequest.skills`), the compiler and the skills themselves.
"""

from __future__ import annotations

from diarchy.contracts.household import LAMPS, PROCESSES, State
from diarchy.contracts.skill import Parameter, ParameterKind, Postcondition, SkillSpec


def _p(name: str, kind: ParameterKind, doc: str = "", classes: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name=name, kind=kind, doc=doc, classes=classes)


def _devices(state: State) -> tuple[str, ...]:
    return tuple(sorted(cls for cls, process in PROCESSES.items() if process.state == state))


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
INSPECT = SkillSpec(
    name="inspect",
    sentence="Drive to where the places of a piece of furniture can be seen, and look at all of them.",
    parameters=(_p("target", "receptacle"),),
    preconditions=("located(target)",),
    postconditions=(_transient("seen(target)"),),
    deletes=("near(*)",),
    timeout=120.0,
    occupies=("base", "head"),
    cost=4.0,
)
CHANGE_VIEW = SkillSpec(
    name="change_view",
    sentence="Drive to where the target is seen from another side, and look at all of it from there.",
    parameters=(_p("target", "thing"),),
    preconditions=("located(target)",),
    deletes=("near(*)",),
    timeout=90.0,
    occupies=("base", "head"),
    cost=3.0,
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
    deletes=("hand_empty()", "on(object, *)", "in(object, *)", "given(object, *)"),
    allowed_contacts=("object",),
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
PLACE_ON = SkillSpec(
    name="place_on",
    sentence="Put the held object on a surface within reach: furniture, or a plate that stands there.",
    parameters=(_p("object", "object"), _p("receptacle", "receptacle")),
    preconditions=("holding(object)", "near(receptacle)"),
    postconditions=(_goal("on(object, receptacle)"), _transient("hand_empty()")),
    deletes=("holding(object)", "lit(object)"),
    allowed_contacts=("object", "receptacle"),
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
PLACE_IN = SkillSpec(
    name="place_in",
    sentence="Put the held object into a container within reach: a bowl, a box, the sink, a drawer; "
    "one with a door must be open.",
    parameters=(_p("object", "object"), _p("receptacle", "receptacle")),
    preconditions=("holding(object)", "near(receptacle)", "enterable(receptacle)"),
    postconditions=(_goal("in(object, receptacle)"), _transient("hand_empty()")),
    deletes=("holding(object)", "lit(object)"),
    allowed_contacts=("object", "receptacle"),
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
OPEN = SkillSpec(
    name="open",
    sentence="Open a door, or pull a drawer out, with an empty hand.",
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
    sentence="Close a door, or push a drawer in.",
    parameters=(_p("container", "openable"),),
    preconditions=("hand_empty()", "near(container)"),
    postconditions=(_goal("not open(container)"),),
    allowed_contacts=("container",),
    timeout=120.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=4.0,
)
TOGGLE_ON = SkillSpec(
    name="toggle_on",
    sentence="Switch a device on: press its button or turn its lever; its door must be closed.",
    parameters=(_p("device", "switchable", "a microwave, a sink's faucet, a lamp"),),
    preconditions=("hand_empty()", "near(device)", "shut(device)"),
    postconditions=(_transient("running(device)"),),
    allowed_contacts=("device",),
    timeout=60.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
TOGGLE_OFF = SkillSpec(
    name="toggle_off",
    sentence="Switch a device off.",
    parameters=(_p("device", "switchable", "a microwave, a sink's faucet, a lamp"),),
    preconditions=("hand_empty()", "near(device)"),
    postconditions=(_goal("not running(device)"),),
    allowed_contacts=("device",),
    timeout=60.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
HEAT = SkillSpec(
    name="heat",
    sentence="Wait until the running, closed microwave has heated the object in it; it then stops.",
    parameters=(_p("object", "object"), _p("device", "receptacle", classes=_devices("hot"))),
    preconditions=("in(object, device)", "shut(device)", "running(device)"),
    postconditions=(_goal("hot(object)"),),
    deletes=("cold(object)", "running(device)"),
    timeout=60.0,
    occupies=("head",),
    cost=1.5,
)
COOL = SkillSpec(
    name="cool",
    sentence="Wait until the closed fridge has cooled the object in it.",
    parameters=(_p("object", "object"), _p("device", "receptacle", classes=_devices("cold"))),
    preconditions=("in(object, device)", "shut(device)"),
    postconditions=(_goal("cold(object)"),),
    deletes=("hot(object)",),
    timeout=60.0,
    occupies=("head",),
    cost=1.5,
)
WASH = SkillSpec(
    name="wash",
    sentence="Wait until the running water has cleaned the object in the sink.",
    parameters=(_p("object", "object"), _p("device", "receptacle", classes=_devices("clean"))),
    preconditions=("in(object, device)", "running(device)"),
    postconditions=(_goal("clean(object)"),),
    timeout=60.0,
    occupies=("head",),
    cost=1.0,
)
SHOW = SkillSpec(
    name="show",
    sentence="Hold the object into the light of a lamp that is on, and look at it.",
    parameters=(
        _p("object", "object"),
        _p("lamp", "switchable", classes=tuple(sorted(LAMPS))),
    ),
    preconditions=("holding(object)", "near(lamp)", "running(lamp)"),
    postconditions=(_transient("lit(object)"),),
    timeout=60.0,
    occupies=("base", "arm", "head"),
    cost=1.5,
)
HAND_OVER = SkillSpec(
    name="hand_over",
    sentence="Give the held object into the open hands of a person within reach.",
    parameters=(_p("object", "object"), _p("person", "person")),
    preconditions=("holding(object)", "near(person)"),
    postconditions=(_goal("given(object, person)"), _transient("hand_empty()")),
    deletes=("holding(object)", "lit(object)"),
    allowed_contacts=("object", "person"),
    force_limit=40.0,
    timeout=90.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=2.0,
)
PUSH_ASIDE = SkillSpec(
    name="push_aside",
    sentence="Push an object aside on the surface it stands on, with the closed hand, to make room.",
    parameters=(_p("object", "object"),),
    preconditions=("hand_empty()", "located(object)", "near(object)", "accessible(object)"),
    allowed_contacts=("object",),
    timeout=60.0,
    occupies=("base", "arm", "gripper", "head"),
    cost=3.0,
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
    INSPECT,
    CHANGE_VIEW,
    SEARCH,
    PICK,
    PLACE_ON,
    PLACE_IN,
    OPEN,
    CLOSE,
    TOGGLE_ON,
    TOGGLE_OFF,
    HEAT,
    COOL,
    WASH,
    SHOW,
    HAND_OVER,
    PUSH_ASIDE,
    WAIT,
    ASK,
    SAY,
)
