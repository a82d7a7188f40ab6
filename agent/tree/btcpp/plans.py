"""A plan as a tree file, and a tree file of that shape as a plan again.

::

    <SequenceWithMemory name="plan">
      <pick name="s1: pick the red mug" object="mug_1"/>
      <Sequence name="s2: put it on the table">          a subtask that expects something of its own
        <place_on name="s2" object="mug_1" receptacle="dining_table_1"/>
        <Holds condition="on(mug_1, dining_table_1)"/>
      </Sequence>
      <Sequence name="goals"> <Holds condition="..."/> </Sequence>
    </SequenceWithMemory>

What a planner only wants done to learn more ends with ``<Script code="plan_again := true"/>``. The
planner's own terms (`Plan.reading`) are not in it; they are in the trace.
"""

from __future__ import annotations

from collections.abc import Sequence

from diarchy.agent.tree.btcpp.arguments import argument_text, read_argument
from diarchy.agent.tree.btcpp.document import Document, Element, Tree
from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.plan import Plan, Subtask, find_skill
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import SkillSpec

HOLDS = "Holds"
_AGAIN = Element("Script", {"name": "look, then plan again", "code": "plan_again := true"})


def plan_to_document(plan: Plan, skills: Sequence[SkillSpec]) -> Document:
    """Write a plan as a tree; the models of its skills are added, so that Groot2 knows them.

    Raises:
        BadInputError: a subtask's id or argument cannot be written so that it reads back the same.
    """
    steps = [_subtask(s) for s in plan.subtasks]
    if plan.goals:
        steps.append(Element("Sequence", {"name": "goals"}, tuple(_holds(g) for g in plan.goals)))
    if not plan.complete:
        steps.append(_AGAIN)
    root = Element("SequenceWithMemory", {"name": "plan"}, tuple(steps or [_nothing()]))
    about = {"_description": plan.reasoning} if plan.reasoning else {}
    return Document("Plan", {"Plan": Tree(root, about)}, models(skills, root))


def document_to_plan(document: Document, skills: Sequence[SkillSpec]) -> Plan:
    """Read a tree that has the shape of a plan.

    Raises:
        BadInputError: it has another shape (run it as a tree instead), or a skill is not known.
    """
    tree = document.trees[document.main]
    if tree.root.tag != "SequenceWithMemory":
        raise BadInputError(f"<{tree.root.tag}> is not how a plan begins; run the file as a tree")
    steps = [s for s in tree.root.children if s != _nothing()]
    complete = not (steps and steps[-1].attributes.get("code") == _AGAIN.attributes["code"])
    if not complete:
        steps.pop()
    goals: tuple[Condition, ...] = ()
    if steps and steps[-1].tag == "Sequence" and steps[-1].attributes.get("name") == "goals":
        goals = tuple(_condition(e) for e in steps.pop().children)
    return Plan(
        reasoning=tree.attributes.get("_description", ""),
        subtasks=tuple(_read_subtask(e, skills) for e in steps),
        goals=goals,
        complete=complete,
    )


def models(skills: Sequence[SkillSpec], root: Element) -> tuple[Element, ...]:
    """Describe the robot's own nodes that a tree uses, for Groot2's palette."""
    used = {e.tag for e in root.walk()}
    found = [
        _model("Action", s.name, [(p.name, p.doc) for p in s.parameters])
        for s in skills
        if s.name in used
    ]
    if HOLDS in used:
        found.append(
            _model("Condition", HOLDS, [("condition", "for example in(apple_1, fridge_1)")])
        )
    return tuple(found)


def _model(kind: str, name: str, ports: Sequence[tuple[str, str]]) -> Element:
    def port(name: str, doc: str) -> Element:
        text = (Element("#text", {"": doc}),) if doc.strip() else ()
        return Element("input_port", {"name": name, "type": "std::string"}, text)

    return Element(kind, {"ID": name}, tuple(port(n, d) for n, d in ports))


def _nothing() -> Element:
    return Element("AlwaysSuccess", {"name": "nothing to do"})


def _subtask(subtask: Subtask) -> Element:
    if ": " in subtask.id or subtask.id in ("goals", ""):
        raise BadInputError(f"a subtask with the id {subtask.id!r} cannot be written as a tree")
    title = f"{subtask.id}: {subtask.words}" if subtask.words else subtask.id
    arguments = {k: argument_text(v) for k, v in subtask.args.items()}
    if not subtask.expects:
        return Element(subtask.skill, {"name": title, **arguments})
    act = Element(subtask.skill, {"name": subtask.id, **arguments})
    return Element("Sequence", {"name": title}, (act, *(_holds(c) for c in subtask.expects)))


def _holds(condition: Condition) -> Element:
    return Element(HOLDS, {"condition": str(condition)})


def _condition(element: Element) -> Condition:
    if element.tag != HOLDS:
        raise BadInputError(
            f"<{element.tag}> stands where a plan has only <{HOLDS}>; run the file as a tree"
        )
    return Condition.parse(element.attributes.get("condition", ""))


def _read_subtask(element: Element, skills: Sequence[SkillSpec]) -> Subtask:
    title = element.attributes.get("name", "")
    act, expects = element, element.children
    if element.tag == "Sequence" and element.children:
        act, expects = element.children[0], element.children[1:]
    spec = find_skill(skills, act.tag)
    if spec is None or act.children:
        hint = did_you_mean(act.tag, [s.name for s in skills])
        raise BadInputError(
            f"<{act.tag}> is no skill; {hint}. A file of another shape is run as a tree"
        )
    kinds = {p.name: p for p in spec.parameters}
    args = {}
    for port, text in act.attributes.items():
        if port == "name":
            continue
        if port not in kinds:
            raise BadInputError(f"<{act.tag}> has no port '{port}'; {did_you_mean(port, kinds)}")
        args[port] = read_argument(kinds[port], text)
    name, _, words = title.partition(": ")
    return Subtask(
        id=name or act.tag,
        skill=act.tag,
        args=args,
        words=words,
        expects=tuple(_condition(e) for e in expects),
    )
