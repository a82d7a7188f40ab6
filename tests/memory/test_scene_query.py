"""Queries without words: three values, and what is in what."""

from __future__ import annotations

import pytest
from scenes import scene_graph

from diarchy.contracts.entity import Truth
from diarchy.memory.scene_graph import Relation
from diarchy.memory.scene_query import SceneQuery, Where, ask, both


def truths(query: SceneQuery) -> dict[str, Truth]:
    return {a.node.id: a.truth for a in ask(scene_graph(), query)}


def test_a_conjunction_has_three_values() -> None:
    assert both([]) is Truth.TRUE
    assert both([Truth.TRUE, Truth.UNKNOWN]) is Truth.UNKNOWN
    assert both([Truth.UNKNOWN, Truth.FALSE]) is Truth.FALSE


def test_what_lies_in_a_bowl_on_the_table_is_on_the_table() -> None:
    table = Where("on", frozenset({"dining_table_1"}))
    assert truths(SceneQuery(classes=frozenset({"Apple"}), where=(table,))) == {
        "apple_1": Truth.TRUE
    }


def test_what_is_perhaps_there_is_perhaps_an_answer() -> None:
    drawer = Where("in", frozenset({"drawer_1"}))
    assert truths(SceneQuery(where=(drawer,))) == {"key_chain_1": Truth.UNKNOWN}


def test_things_that_carry_each_other_do_not_go_round_for_ever() -> None:
    graph = scene_graph()
    bowl = next(o for o in graph.objects if o.id == "bowl_1")
    circle = bowl.model_copy(update={"relations": (Relation(name="in", of="apple_1"),)})
    objects = [circle if o.id == "bowl_1" else o for o in graph.objects]
    odd = scene_graph(objects=[o.model_dump() for o in objects])
    table = Where("on", frozenset({"coffee_table_1"}))
    assert "apple_1" not in {a.node.id for a in ask(odd, SceneQuery(where=(table,)))}
    assert odd.fixture_under("apple_1") is None


@pytest.mark.parametrize(("value", "truth"), [("hot", None), ("red", Truth.TRUE), ("blue", None)])
def test_a_state_that_no_look_showed_is_not_so(value: str, truth: Truth | None) -> None:
    assert truths(SceneQuery(attributes=(value,))).get("mug_1") is truth


def test_near_is_within_a_metre() -> None:
    near = Where("near", frozenset({"bowl_1"}))
    assert "mug_1" in truths(SceneQuery(where=(near,)))
