"""What an earlier run saw: hints where to look, and evidence of nothing."""

from __future__ import annotations

import pytest

from diarchy.contracts.entity import Truth
from diarchy.contracts.predicate import Condition
from diarchy.memory import SceneGraph, WorldModel, build_scene_graph
from diarchy.memory.belief import SURE
from diarchy.memory.recollections import FADED, FORGOTTEN, aged

TABLE = (1.5, 0.0, 0.7)
AWAY = (-0.5, 2.0, 0.5)


def graph_of(lab) -> SceneGraph:
    return build_scene_graph(lab.world, classes=("Mug",), perception="oracle")


def next_day(lab, graph: SceneGraph) -> None:
    """Another run in the same home: the clock and the belief begin anew."""
    from tests.memory.conftest import HAND, tiny_spec

    lab.world = WorldModel(lab.static_map, tiny_spec(), base_from_gripper=lambda p: HAND)
    lab.now = 0.0
    lab.world.remember(graph)


def seen_once(lab, name: str = "mug_1") -> SceneGraph:
    lab.put(name, 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    lab.wait(30)
    return graph_of(lab)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def status(lab, name: str = "mug_1") -> str:
    return next(o.status for o in graph_of(lab).objects if o.id == name)


def test_a_memory_is_less_sure_than_what_counts_as_known() -> None:
    assert FADED < SURE


def test_it_says_where_to_look_and_how_long_ago_that_was(lab) -> None:
    next_day(lab, seen_once(lab))
    (hint,) = lab.world.remembered()
    assert (hint.thing.id, hint.place) == ("mug_1", "table_1")
    assert hint.thing.confidence == pytest.approx(FADED)
    assert hint.thing.last_seen == pytest.approx(-30.0, abs=0.5)
    assert lab.world.snapshot().remembered == (hint,)


def test_nothing_is_believed_of_it(lab) -> None:
    next_day(lab, seen_once(lab))
    lab.look(*AWAY)
    assert "mug_1" not in {e.id for e in lab.world.entities()}
    for text in ("on(mug_1, table_1)", "located(mug_1)", "on(*, table_1)", "accessible(mug_1)"):
        assert truth(lab, text) is Truth.UNKNOWN
    assert truth(lab, "seen(mug_1)") is Truth.FALSE
    assert not any("mug_1" in str(f.condition) for f in lab.world.snapshot().facts)
    assert lab.world.inspected("table_1") is None


def test_what_is_seen_again_is_believed_and_no_longer_remembered(lab) -> None:
    next_day(lab, seen_once(lab))
    lab.look(*TABLE)
    assert truth(lab, "on(mug_1, table_1)") is Truth.TRUE
    assert lab.world.remembered() == ()
    assert status(lab) == "seen"


def test_without_identities_a_thing_that_stayed_keeps_its_name(anonymous_lab) -> None:
    lab = anonymous_lab
    lab.put("mug_2", 1.6, -0.2, 0.7, color="blue")
    graph = seen_once(lab)
    names = {o.attributes["color"]: o.id for o in graph.objects}
    next_day(lab, graph)
    lab.look(*TABLE)
    assert {o.attributes["color"]: o.id for o in graph_of(lab).objects} == names


def test_a_new_thing_does_not_take_the_name_of_a_remembered_one(anonymous_lab) -> None:
    lab = anonymous_lab
    next_day(lab, seen_once(lab))
    del lab.things["mug_1"]
    lab.put("mug_9", 1.7, -0.4, 0.7, color="blue")
    lab.look(*TABLE)
    assert {e.id for e in lab.world.entities() if e.cls == "Mug"} == {"mug_2"}


def test_a_place_that_is_seen_empty_ends_it(lab) -> None:
    next_day(lab, seen_once(lab))
    del lab.things["mug_1"]
    for _ in range(2):
        lab.look(*TABLE)
    assert lab.world.remembered() == ()
    assert status(lab) == "gone"


def test_what_was_moved_is_believed_where_it_is_now(lab) -> None:
    next_day(lab, seen_once(lab))
    lab.put("mug_1", 1.6, -0.35, 0.7)
    lab.look(*TABLE)
    assert lab.world.remembered() == ()
    assert lab.world.entity("mug_1").position == pytest.approx((1.6, -0.35, 0.75), abs=0.01)


def test_a_look_elsewhere_changes_nothing(lab) -> None:
    next_day(lab, seen_once(lab))
    lab.look(*AWAY)
    assert [h.thing.id for h in lab.world.remembered()] == ["mug_1"]
    assert status(lab) == "remembered"


def test_each_run_that_does_not_look_is_less_sure_until_it_is_forgotten(lab) -> None:
    graph = seen_once(lab)
    sure = []
    while graph.objects:
        sure.append(graph.objects[0].confidence)
        next_day(lab, graph)
        lab.wait(10)
        graph = graph_of(lab)
    assert sure == sorted(sure, reverse=True)
    assert 3 <= len(sure) <= 6
    assert all(c >= FORGOTTEN for c in sure)


def test_what_was_known_of_a_door_stays_known_as_something_old(lab) -> None:
    lab.door = 1.8
    lab.look(4.3, 0.0, 0.8)
    next_day(lab, graph_of(lab))
    lab.look(*AWAY)
    fridge = next(f for f in graph_of(lab).fixtures if f.id == "fridge_1")
    assert (fridge.door, fridge.door_seen is not None and fridge.door_seen <= 0.0) == ("open", True)
    assert truth(lab, "open(fridge_1)") is Truth.UNKNOWN


def test_what_is_gone_is_not_remembered(lab) -> None:
    graph = seen_once(lab)
    gone = graph.objects[0].model_copy(update={"status": "gone"})
    assert aged(graph.model_copy(update={"objects": (gone,)})).objects == ()
