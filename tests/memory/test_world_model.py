from __future__ import annotations

import numpy as np
import pytest

from diarchy.contracts.entity import Truth
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2
from diarchy.contracts.world import WorldView

TABLE = (1.5, 0.0, 0.7)
FRIDGE = (4.3, 0.0, 0.8)


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def grip(lab, entity_id: str | None) -> None:
    lab.width, lab.force, lab.commanded = (0.06, 20.0, 0.0) if entity_id else (0.1, 0.0, 0.1)
    lab.world.claim_held(entity_id, lab.proprio())
    lab.feel()


def test_it_is_a_world_view(lab) -> None:
    assert isinstance(lab.world, WorldView)


def test_before_any_look_only_the_map_is_known(lab) -> None:
    assert [e.id for e in lab.world.entities()] == ["fridge_1", "person_1", "table_1"]
    assert truth(lab, "open(fridge_1)") is Truth.UNKNOWN
    assert lab.world.inspected("table_1") is None
    with pytest.raises(BadInputError, match="did you mean 'table_1'"):
        lab.world.entity("tabel_1")


def test_what_is_seen_is_believed_where_it_is(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    mug = lab.world.entity("mug_1")
    assert mug.position == pytest.approx((1.4, 0.1, 0.75), abs=0.01)
    assert mug.extent == pytest.approx((0.08, 0.08, 0.1), abs=0.015)
    assert mug.room == "kitchen"
    assert mug.attributes == {"color": "red"}
    assert truth(lab, "on(mug_1, table_1)") is Truth.TRUE


def test_out_of_sight_stays_believed(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    del lab.things["mug_1"]
    for _ in range(4):
        lab.look(-0.5, 2.0, 0.5)
    assert truth(lab, "located(mug_1)") is Truth.TRUE


def test_hidden_stays_believed(lab) -> None:
    from diarchy.contracts.entity import Box
    from diarchy.contracts.geometry import SE3

    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    lab.screens.append(Box(SE3.from_xyz_yaw(1.0, 0.05, 0.9, 0), np.array([0.05, 0.5, 0.7])))
    for _ in range(4):
        lab.look(*TABLE)
    assert truth(lab, "on(mug_1, table_1)") is Truth.TRUE


def test_seen_to_be_gone_is_lost_and_keeps_its_id_when_found(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    del lab.things["mug_1"]
    lab.look(*TABLE)
    assert truth(lab, "located(mug_1)") is Truth.TRUE  # one look may err
    lab.look(*TABLE)
    assert truth(lab, "located(mug_1)") is Truth.FALSE
    assert truth(lab, "on(mug_1, table_1)") is Truth.UNKNOWN
    with pytest.raises(BadInputError, match="seen to be gone"):
        lab.world.entity("mug_1")
    (lost,) = lab.world.lost()
    assert lost.id == "mug_1"
    assert lost.position[:2] == pytest.approx((1.4, 0.1), abs=0.02)
    lab.put("mug_1", 1.6, -0.3, 0.7)
    lab.look(*TABLE)
    assert lab.world.lost() == []
    assert lab.world.entity("mug_1").position[1] == pytest.approx(-0.3, abs=0.02)


def test_a_look_in_motion_takes_nothing_away(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    del lab.things["mug_1"]
    lab.still = False
    for _ in range(4):
        lab.look(*TABLE)
    assert truth(lab, "located(mug_1)") is Truth.TRUE
    assert lab.world.inspected("table_1") < lab.now - 0.15


def test_a_flat_thing_is_missed_only_after_several_looks(lab) -> None:
    lab.put("remote_control_1", 1.4, 0.1, 0.7, (0.16, 0.05, 0.02))
    lab.look(*TABLE)
    del lab.things["remote_control_1"]
    for _ in range(3):
        lab.look(*TABLE)
    assert truth(lab, "located(remote_control_1)") is Truth.TRUE
    lab.look(*TABLE)
    assert truth(lab, "located(remote_control_1)") is Truth.FALSE


def test_without_identities_two_of_a_kind_are_kept_apart(anonymous_lab) -> None:
    lab = anonymous_lab
    lab.put("mug_7", 1.4, 0.3, 0.7)
    lab.put("mug_8", 1.4, -0.3, 0.7, color="blue")
    for _ in range(3):
        lab.look(*TABLE)
    mugs = [e for e in lab.world.entities() if e.cls == "Mug"]
    assert [m.id for m in mugs] == ["mug_1", "mug_2"]
    by_color = {m.attributes["color"]: m.position[1] for m in mugs}
    assert by_color["red"] == pytest.approx(0.3, abs=0.02)
    assert by_color["blue"] == pytest.approx(-0.3, abs=0.02)


def test_without_identities_a_moved_thing_is_the_same_thing(anonymous_lab) -> None:
    lab = anonymous_lab
    lab.put("mug_7", 1.4, 0.3, 0.7)
    lab.look(*TABLE)
    lab.put("mug_7", 1.4, 0.15, 0.7)
    lab.look(*TABLE)
    mugs = [e for e in lab.world.entities() if e.cls == "Mug"]
    assert len(mugs) == 1
    assert mugs[0].position[1] == pytest.approx(0.15, abs=0.02)


def test_held_needs_claim_width_and_force(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    assert lab.world.held() is None
    grip(lab, "mug_1")
    assert lab.world.held() == "mug_1"
    assert truth(lab, "holding(mug_1)") is Truth.TRUE
    assert truth(lab, "hand_empty()") is Truth.FALSE
    assert truth(lab, "on(mug_1, table_1)") is Truth.FALSE


def test_something_unnamed_in_the_hand_is_an_unknown_object(lab) -> None:
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.look(*TABLE)
    lab.width, lab.force, lab.commanded = 0.05, 15.0, 0.0
    lab.feel()
    assert lab.world.held() == "unknown_object"
    assert truth(lab, "holding(mug_1)") is Truth.UNKNOWN


def test_fingers_closed_on_nothing_hold_nothing(lab) -> None:
    lab.put("mug_1", 1.4, 0.0, 0.7)
    lab.look(*TABLE)
    lab.width, lab.force, lab.commanded = 0.0, 60.0, 0.0
    lab.world.claim_held("mug_1", lab.proprio())
    lab.feel(4)
    assert lab.world.held() is None
    assert truth(lab, "hand_empty()") is Truth.TRUE


def test_the_held_thing_moves_with_the_gripper(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    grip(lab, "mug_1")
    lab.base = Pose2(0.5, 1.0, np.pi / 2)
    lab.feel()
    assert lab.world.entity("mug_1").position == pytest.approx((0.5, 1.6, 0.9), abs=0.02)


def test_what_slipped_is_not_located_until_seen(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    grip(lab, "mug_1")
    lab.force = 0.0
    lab.feel(2)
    assert lab.world.held() == "mug_1"  # force flickers
    lab.feel(2)
    assert lab.world.held() is None
    assert truth(lab, "located(mug_1)") is Truth.UNKNOWN


def test_what_was_put_down_lies_below_but_counts_as_seen_only_after_a_look(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    grip(lab, "mug_1")
    lab.base = Pose2(0.9, 0.0, 0.0)
    lab.feel()
    lab.world.claim_held(None, lab.proprio())
    released = lab.now
    evidence = lab.world.evaluate(Condition.parse("on(mug_1, table_1)"))
    assert evidence.truth is Truth.TRUE
    assert evidence.stamp < released
    lab.put("mug_1", 1.5, 0.0, 0.7)
    lab.look(*TABLE)
    assert lab.world.evaluate(Condition.parse("on(mug_1, table_1)")).stamp > released


def test_a_claim_on_what_is_not_known_is_an_error(lab) -> None:
    with pytest.raises(BadInputError, match="no such object"):
        lab.world.claim_held("mug_9", lab.proprio())


def test_a_held_thing_seen_elsewhere_is_not_held(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    grip(lab, "mug_1")
    lab.put("mug_1", 1.6, 0.3, 0.7)
    lab.look(*TABLE)
    assert truth(lab, "holding(mug_1)") is not Truth.TRUE
    assert truth(lab, "on(mug_1, table_1)") is Truth.TRUE


def test_what_was_in_a_container_when_it_closed_stays_believed(lab) -> None:
    lab.base, lab.door = Pose2(3.0, 0.0, 0.0), 1.9
    lab.put("apple_1", 4.25, 0.0, 0.6)
    lab.look(*FRIDGE)
    assert truth(lab, "in(apple_1, fridge_1)") is Truth.TRUE
    assert truth(lab, "accessible(apple_1)") is Truth.TRUE
    lab.door = 0.0
    for _ in range(4):
        lab.look(*FRIDGE)
    assert truth(lab, "in(apple_1, fridge_1)") is Truth.TRUE
    assert truth(lab, "accessible(apple_1)") is Truth.FALSE


def test_a_closed_container_is_not_inspected_an_open_one_is(lab) -> None:
    lab.base = Pose2(3.0, 0.0, 0.0)
    lab.look(*FRIDGE)
    assert lab.world.inspected("fridge_1") is None
    assert truth(lab, "in(*, fridge_1)") is Truth.UNKNOWN
    lab.door = 1.9
    lab.look(*FRIDGE)
    assert lab.world.inspected("fridge_1") == lab.now
    assert truth(lab, "in(*, fridge_1)") is Truth.FALSE


def test_a_look_leaves_only_what_it_did_not_reach_unseen(lab) -> None:
    lab.base = Pose2(3.0, 0.0, 0.0)
    before = lab.world.unseen("fridge_1")
    lab.look(*FRIDGE)
    assert len(lab.world.unseen("fridge_1")) == len(before) > 0
    lab.door = 1.9
    lab.look(*FRIDGE)
    left = lab.world.unseen("fridge_1")
    assert len(left) < len(before) / 2
    assert all(np.abs(before - point).sum(axis=1).min() < 1e-9 for point in left)
    assert len(lab.world.unseen("mug_1")) == 0


def test_the_distance_field_knows_doors_and_things_but_not_what_is_held(lab) -> None:
    lab.put("mug_1", 1.1, 0.0, 0.85)
    lab.look(*TABLE)
    assert lab.world.distance_field().distance([[1.1, 0.0, 0.9]])[0] < 0
    assert lab.world.distance_field(frozenset({"mug_1"})).distance([[1.1, 0.0, 0.9]])[0] > 0.05
    grip(lab, "mug_1")
    assert lab.world.distance_field().distance([[1.1, 0.0, 0.9]])[0] > 0.05


def test_the_same_looks_give_the_same_snapshot(lab) -> None:
    other = type(lab)()
    for each in (lab, other):
        each.put("mug_1", 1.4, 0.1, 0.7)
        each.put("apple_1", 1.5, -0.2, 0.7)
        each.look(*TABLE)
    assert lab.world.snapshot() == other.world.snapshot()


def test_a_snapshot_is_taken_anew_only_when_something_came_in(lab) -> None:
    lab.put("mug_1", 1.4, 0.1, 0.7)
    lab.look(*TABLE)
    before = lab.world.snapshot()
    assert lab.world.snapshot() is before
    lab.put("apple_1", 1.5, -0.2, 0.7)
    lab.look(*TABLE)
    assert {e.id for e in lab.world.snapshot().entities} > {e.id for e in before.entities}
    grip(lab, "mug_1")
    assert lab.world.snapshot().held == "mug_1"


def test_a_person_known_from_the_map_keeps_their_build_and_is_followed_when_they_walk(lab) -> None:
    build = lab.world.entity("person_1").extent
    lab.put("person_1", 2.1, 2.1, 0.0, (0.6, 0.6, 1.2))
    lab.look(2.1, 2.1, 1.0)
    assert lab.world.entity("person_1").position == (2, 2, 0.8)
    lab.put("person_1", 2.6, 1.2, 0.0, (0.6, 0.6, 1.2))
    lab.look(2.6, 1.2, 1.0)
    person = lab.world.entity("person_1")
    assert person.position == pytest.approx((2.6, 1.2, 0.8), abs=0.3)
    assert person.extent == build
    assert person.last_seen == lab.now
