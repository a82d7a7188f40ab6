from __future__ import annotations

import pytest
from fakes import FakeBody, FakeWorld, does, fails, mug

from diarchy.agent.tree.executive import Executive
from diarchy.contracts.plan import Plan, Reference, Subtask
from diarchy.contracts.predicate import Condition
from diarchy.contracts.skill import Cause

PICK = Subtask(id="s1", skill="pick", args={"object": "mug_1"}, words="pick the red mug")
PLACE = Subtask(id="s2", skill="place_on", args={"object": "mug_1", "receptacle": "table_1"})
HOLDS = does(sets=("holding(mug_1)",), clears=("hand_empty()",))
PUTS = does(sets=("on(mug_1, table_1)", "hand_empty()"), clears=("holding(mug_1)",))


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.add(mug())
    world.set("near(table_1)")
    return world


def executive(
    body: FakeBody, *subtasks: Subtask, goals: tuple[str, ...] = (), backend: str = "auto"
) -> Executive:
    result = Executive(body, backend=backend)  # type: ignore[arg-type]
    result.graft(Plan(subtasks=subtasks, goals=tuple(Condition.parse(g) for g in goals)))
    return result


def test_subtasks_run_one_at_a_time_and_only_when_it_is_their_turn(world: FakeWorld) -> None:
    body = FakeBody(world, {"pick": [HOLDS], "place_on": [PUTS]})
    tree = executive(body, PICK, PLACE)
    assert tree.run("s1", max_ticks=50)
    assert body.begun == ["pick(mug_1)"]
    assert tree.run("s2", max_ticks=50)
    assert tree.next_open() is None


def test_what_was_done_is_not_done_again_when_its_predicate_lapses(world: FakeWorld) -> None:
    body = FakeBody(
        world, {"pick": [HOLDS], "place_on": [fails(Cause.NO_SPACE), fails(Cause.NO_SPACE)]}
    )
    tree = executive(body, PICK, PLACE)
    tree.run("s1", max_ticks=50)
    assert not tree.run("s2", max_ticks=50)
    world.clear("holding(mug_1)")
    plan, _ = tree.graft(Plan(subtasks=(PLACE,)))
    tree.run(plan.subtasks[0].id, max_ticks=50)
    assert body.begun.count("pick(mug_1)") == 1


def test_a_skill_that_says_done_is_not_done_until_it_is_seen(world: FakeWorld) -> None:
    world.set("holding(mug_1)")
    body = FakeBody(world, {"place_on": [does(clears=("holding(mug_1)",), sets=("hand_empty()",))]})
    tree = executive(body, PLACE)
    assert not tree.run("s2", max_ticks=80)
    seen = tree.memories["s2"].verified[0]
    assert (seen["condition"], seen["truth"]) == ("on(mug_1, table_1)", "false")


def test_old_evidence_makes_the_robot_look_again(world: FakeWorld) -> None:
    world.set("holding(mug_1)", "on(mug_1, table_1)")

    def place(w: FakeWorld) -> object:
        w.clear("holding(mug_1)")
        w.set("hand_empty()")
        return does()(w)

    body = FakeBody(world, {"place_on": [place], "look_at": [does(sets=("on(mug_1, table_1)",))]})  # type: ignore[list-item]
    tree = executive(body, PLACE)
    assert tree.run("s2", max_ticks=80)
    assert body.begun == ["place_on(mug_1, table_1)", "look_at(mug_1)"]


def test_what_is_unknown_from_here_is_looked_at_from_elsewhere(world: FakeWorld) -> None:
    world.set("holding(mug_1)")
    world.unknown.add("on(mug_1, table_1)")

    def arrives(w: FakeWorld) -> object:
        w.unknown.clear()
        w.set("on(mug_1, table_1)")
        return does()(w)

    place = does(clears=("holding(mug_1)",), sets=("hand_empty()",))
    body = FakeBody(world, {"place_on": [place], "change_view": [arrives]})  # type: ignore[list-item]
    assert executive(body, PLACE).run("s2", max_ticks=80)
    assert body.begun == [
        "place_on(mug_1, table_1)",
        "look_at(mug_1)",
        "look_at(table_1)",
        "change_view(mug_1)",
    ]


def test_what_went_into_a_container_that_was_then_closed_stays_believed(world: FakeWorld) -> None:
    world.set("in(mug_1, fridge_1)")
    world.now = 30.0
    body = FakeBody(world)
    tree = executive(body, goals=("in(mug_1, fridge_1)",))
    assert tree.run("goals", max_ticks=20)
    assert body.begun == []


@pytest.mark.parametrize(
    ("cause", "preparation"),
    [(Cause.GRASP_MISSED, "look_at(mug_1)"), (Cause.UNREACHABLE, "navigate_to(mug_1)")],
)
def test_the_cause_of_a_failure_chooses_the_branch_of_recovery(
    world: FakeWorld, cause: Cause, preparation: str
) -> None:
    body = FakeBody(world, {"pick": [fails(cause), HOLDS]})
    tree = executive(body, PICK)
    assert tree.run("s1", max_ticks=50)
    assert body.begun == ["pick(mug_1)", preparation, "pick(mug_1)"]
    assert tree.memories["s1"].attempts == 2
    assert body.loop.trace.of("recovery")[0]["cause"] == cause.value
    assert body.cancelled == []


def test_auto_tries_the_other_backend_last_and_says_who_acted(world: FakeWorld) -> None:
    missed = [fails(Cause.GRASP_MISSED)] * 3
    body = FakeBody(world, {"pick": [*missed, HOLDS]}, backends={"pick": ("motion", "vla")})
    tree = executive(body, PICK)
    assert tree.run("s1", max_ticks=80)
    assert body.begun[-1] == "pick(mug_1) by vla"
    assert tree.memories["s1"].backend == "vla"


def test_an_explicit_backend_is_never_replaced(world: FakeWorld) -> None:
    body = FakeBody(
        world, {"pick": [fails(Cause.GRASP_MISSED)] * 9}, backends={"pick": ("motion", "vla")}
    )
    tree = executive(body, PICK, backend="vla")
    assert not tree.run("s1", max_ticks=80)
    assert all(b.endswith("by vla") for b in body.begun if b.startswith("pick"))


def test_a_held_thing_that_slips_while_driving_stops_the_drive(world: FakeWorld) -> None:
    world.in_hand = "mug_1"
    body = FakeBody(world)
    polls = iter([None, None])

    def poll(subtask: str) -> object:
        world.in_hand = None
        return body._outcome if body.cancelled else next(polls)

    body.poll = poll  # type: ignore[method-assign,assignment]
    drive = Subtask(id="s1", skill="navigate_to", args={"target": "mug_1"})
    tree = executive(body, drive)
    assert not tree.run("s1", max_ticks=20)
    assert body.cancelled[0] is Cause.SLIPPED


def test_a_reference_is_bound_when_its_subtask_runs(world: FakeWorld) -> None:
    red = Reference(cls="Mug", attributes={"color": "red"}, quantifier="the")
    body = FakeBody(world, {"pick": [HOLDS]})
    tree = executive(body, Subtask(id="s1", skill="pick", args={"object": red}))
    assert tree.run("s1", max_ticks=50)
    assert body.begun == ["pick(mug_1)"]


def test_the_mug_among_two_mugs_is_not_guessed(world: FakeWorld) -> None:
    world.add(mug("mug_2", "blue"))
    body = FakeBody(world, {"pick": [HOLDS]})
    which = Reference(cls="Mug", quantifier="the")
    tree = executive(body, Subtask(id="s1", skill="pick", args={"object": which}))
    assert not tree.run("s1", max_ticks=50)
    assert not any(b.startswith("pick") for b in body.begun)


def test_goals_are_looked_at_again_after_the_last_motion(world: FakeWorld) -> None:
    body = FakeBody(
        world,
        {
            "pick": [HOLDS],
            "place_on": [PUTS],
            "look_at": [does(sets=("on(mug_1, table_1)",)), does(sets=("on(mug_1, table_1)",))],
        },
    )
    tree = executive(body, PICK, PLACE, goals=("on(mug_1, table_1)",))
    for name in ("s1", "s2", "goals"):
        assert tree.run(name, max_ticks=60)
    assert tree.goal_rows()[0]["truth"] == "true"


def test_a_graft_replaces_what_is_open_and_keeps_what_is_done(world: FakeWorld) -> None:
    body = FakeBody(world, {"pick": [HOLDS]})
    tree = executive(body, PICK, PLACE)
    tree.run("s1", max_ticks=50)
    tree.graft(Plan(subtasks=(Subtask(id="s3", skill="wait", args={"seconds": 1.0}),)))
    assert list(tree.memories) == ["s1", "s3"]
    assert len(tree.root.children) == 2


def test_a_graft_keeps_the_subtask_that_runs_and_edits_what_comes_after(world: FakeWorld) -> None:
    body = FakeBody(world, {"pick": [HOLDS]})
    tree = executive(body, PICK, PLACE)
    memory = tree.memories["s1"]
    elsewhere = PLACE.model_copy(update={"args": {"object": "mug_1", "receptacle": "shelf_1"}})
    edits: list[str] = []

    def poll(subtask: str) -> object:
        if not edits:
            plan = Plan(subtasks=(PICK.model_copy(update={"id": "s9"}), elsewhere))
            edits.extend(e.op for e in tree.graft(plan)[1])
        return FakeBody.poll(body, subtask)

    body.poll = poll  # type: ignore[method-assign,assignment]
    assert tree.run("s1", max_ticks=50)
    assert edits == ["change"]
    assert tree.memories["s1"] is memory
    assert body.cancelled == []
    assert [m.subtask.args.get("receptacle") for m in tree.memories.values()] == [None, "shelf_1"]


def test_a_subtask_that_is_dropped_while_it_runs_is_cancelled_at_once(world: FakeWorld) -> None:
    body = FakeBody(world, {"pick": [HOLDS]})
    tree = executive(body, PICK, PLACE)
    wait = Subtask(id="s7", skill="wait", args={"seconds": 1.0})
    begun = iter([True])

    def poll(subtask: str) -> object:
        if next(begun, False):
            tree.graft(Plan(subtasks=(wait,)))
            return None
        return FakeBody.poll(body, subtask)

    body.poll = poll  # type: ignore[method-assign,assignment]
    assert not tree.run("s1", max_ticks=50)
    assert body.cancelled == [Cause.CANCELLED]
    assert list(tree.memories) == ["s7"]
    assert tree.run("s7", max_ticks=50)
