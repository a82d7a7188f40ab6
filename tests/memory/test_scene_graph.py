"""The belief written down as a scene graph."""

from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Truth
from diarchy.memory import build_scene_graph
from diarchy.memory.scene_graph import SceneFixture, SceneGraph, SceneObject

TABLE = (1.5, 0.0, 0.7)
FRIDGE = (4.3, 0.0, 0.8)


def graph_of(lab) -> SceneGraph:
    return build_scene_graph(lab.world, classes=("Mug", "Apple"), perception="oracle")


def thing(lab, name: str) -> SceneObject:
    found = graph_of(lab).node(name)
    assert isinstance(found, SceneObject)
    return found


def fixture(lab, name: str) -> SceneFixture:
    found = graph_of(lab).node(name)
    assert isinstance(found, SceneFixture)
    return found


def test_what_was_seen_is_in_it_with_its_place_and_the_look_that_showed_it(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    mug = thing(lab, "mug_1")
    assert mug.position == pytest.approx((1.4, 0.1, 0.75), abs=0.01)
    assert (mug.room, mug.status, mug.attributes) == ("kitchen", "seen", {"color": "red"})
    (relation,) = mug.relations
    assert (relation.name, relation.of, relation.truth) == ("on", "table_1", Truth.TRUE)
    assert relation.stamp == pytest.approx(lab.now)


def test_before_any_look_there_is_only_the_map(lab) -> None:
    graph = graph_of(lab)
    assert graph.objects == ()
    assert {f.id for f in graph.fixtures} == {"fridge_1", "table_1"}
    assert fixture(lab, "table_1").inspected is None
    assert fixture(lab, "fridge_1").door == "unknown"
    assert fixture(lab, "table_1").door is None


@pytest.mark.parametrize(("angle", "door"), [(0.0, "shut"), (0.5, "ajar"), (1.8, "open")])
def test_a_door_is_as_it_was_seen(lab, angle: float, door: str) -> None:
    lab.door = angle
    lab.look(*FRIDGE)
    assert fixture(lab, "fridge_1").door == door
    assert fixture(lab, "fridge_1").door_seen == pytest.approx(lab.now)


def test_what_is_not_surely_there_is_perhaps_there(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    lab.world._beliefs.movable("mug_1").confidence = 0.3
    lab.feel()
    (relation,) = thing(lab, "mug_1").relations
    assert (relation.of, relation.truth) == ("table_1", Truth.UNKNOWN)


def test_what_was_seen_to_be_gone_is_nowhere(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    del lab.things["mug_1"]
    for _ in range(3):
        lab.look(*TABLE)
    mug = thing(lab, "mug_1")
    assert (mug.status, mug.relations) == ("gone", ())


def test_what_is_in_a_bowl_on_the_table_stands_on_the_table_in_the_end(lab) -> None:
    lab.put("bowl_1", 1.4, 0.0, 0.7, (0.2, 0.2, 0.08))
    lab.put("apple_1", 1.4, 0.0, 0.72, (0.07, 0.07, 0.07))
    lab.look(*TABLE)
    assert "bowl_1" in {r.of for r in thing(lab, "apple_1").relations}
    assert graph_of(lab).fixture_under("apple_1") == "table_1"


def test_the_same_belief_gives_the_same_graph(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    assert graph_of(lab) == graph_of(lab)
    assert np.isfinite(graph_of(lab).robot.pose).all()


def test_an_id_cannot_be_in_it_twice(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    graph = graph_of(lab)
    with pytest.raises(ValueError, match="'mug_1' is in it twice"):
        SceneGraph.model_validate(graph.model_dump() | {"objects": graph.objects * 2})
