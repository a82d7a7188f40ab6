from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.entity import Entity, Truth
from diarchy.contracts.geometry import SE3
from diarchy.contracts.predicate import Condition
from diarchy.contracts.robot import Pose2
from diarchy.memory.belief import CAN_HOLD
from diarchy.memory.containers import carried_surfaces, carrier_of, contents_of

TABLE = (1.5, 0.0, 0.7)


def thing(name: str, x: float, y: float, bottom: float, size: tuple[float, float, float]) -> Entity:
    cls = name.split("_")[0].capitalize()
    return Entity(
        id=name, cls=cls, kind="object", position=(x, y, bottom + size[2] / 2), extent=size,
        movable=True, can_hold=CAN_HOLD.get(cls, ()),
    )  # fmt: skip


MUG = thing("mug_1", 0.0, 0.0, 0.7, (0.11, 0.075, 0.09))
BOWL = thing("bowl_1", 0.0, 0.0, 0.7, (0.15, 0.15, 0.06))
PLATE = thing("plate_1", 0.0, 0.0, 0.7, (0.20, 0.20, 0.034))
SPOON = thing("spoon_1", 0.03, 0.0, 0.79, (0.06, 0.02, 0.08))
PHONE = thing("phone_1", 0.02, 0.0, 0.78, (0.145, 0.068, 0.014))
FORK = thing("fork_1", 0.0, 0.0, 0.78, (0.165, 0.032, 0.014))
BOX = thing("box_1", 0.0, 0.0, 0.7, (0.16, 0.12, 0.08))
ASLANT = thing("phone_1", 0.02, 0.0, 0.755, (0.140, 0.068, 0.055))
SUNK = thing("phone_1", 0.0, 0.0, 0.72, (0.135, 0.068, 0.050))
APPLE = thing("apple_1", 0.0, 0.0, 0.7, (0.07, 0.07, 0.07))


def truth(lab, text: str) -> Truth:
    return lab.world.truth(Condition.parse(text))


def hold(lab, entity_id: str | None) -> None:
    lab.width, lab.force, lab.commanded = (0.06, 20.0, 0.0) if entity_id else (0.1, 0.0, 0.1)
    lab.world.claim_held(entity_id, lab.proprio())
    lab.feel()


@pytest.mark.parametrize(
    ("content", "foot", "container", "expected"),
    [
        (ASLANT, (-0.05, 0.0, 0.755), BOX, False),  # one end over the rim
        (SUNK, (-0.05, 0.0, 0.72), BOX, True),  # aslant inside of it
        (SPOON, (0.035, 0.0, 0.79), MUG, True),  # leaning: first seen at the rim
        (SPOON, (0.066, 0.0, 0.80), MUG, True),
        (SPOON, (0.066, 0.0, 0.70), MUG, False),  # standing beside it
        (SPOON, (0.12, 0.0, 0.79), MUG, False),  # behind it: its lower part is hidden
        (PHONE, (0.02, 0.0, 0.778), BOX, False),  # across its rims
        (PHONE, (0.02, 0.0, 0.715), BOX, True),  # on its floor
        (
            FORK,
            (0.01, 0.0, 0.788),
            MUG,
            True,
        ),  # leaning, its shape known from when it lay on a table
        (APPLE, (0.02, 0.0, 0.73), BOWL, True),
        (APPLE, (0.07, 0.07, 0.70), BOWL, False),  # in the corner of the bowl's box
        (APPLE, (0.02, 0.0, 0.71), PLATE, True),
        (APPLE, (0.02, 0.0, 0.90), PLATE, False),  # above it, in the air
        (PLATE, (0.0, 0.0, 0.70), BOWL, False),  # too large to be in it
        (BOWL, (0.02, 0.0, 0.71), PLATE, True),
    ],
)
def test_what_is_in_or_on_a_container_is_told_by_its_foot(content, foot, container, expected):
    found = carrier_of(
        content, np.array(foot), [container, thing("potato_1", 0, 0, 0.7, (1, 1, 1))]
    )
    assert found == (container.id if expected else None)


def test_of_two_containers_the_inner_one_counts(request) -> None:
    assert carrier_of(SPOON, np.array([0.0, 0.0, 0.75]), [PLATE, BOWL, MUG]) == "mug_1"


def test_what_was_in_it_before_is_given_up_less_easily() -> None:
    foot = np.array([0.078, 0.0, 0.75])
    assert carrier_of(APPLE, foot, [BOWL], before="bowl_1") == "bowl_1"
    assert carrier_of(APPLE, np.array([0.093, 0.0, 0.75]), [BOWL]) is None


@given(
    st.floats(-3, 3), st.floats(-3, 3), st.floats(-np.pi, np.pi),
    st.floats(-0.09, 0.09), st.floats(-0.09, 0.09), st.floats(0.0, 0.1),
)  # fmt: skip
def test_it_does_not_matter_where_the_container_stands(x, y, yaw, fx, fy, fz) -> None:
    moved = SE3.from_xyz_yaw(x, y, 0.0, yaw)
    there = moved @ MUG.pose()
    mug = MUG.model_copy(
        update={"position": tuple(float(v) for v in there.translation), "yaw": there.yaw}
    )
    foot = np.array([fx, fy, 0.7 + fz])
    here = carrier_of(SPOON, foot, [MUG])
    assert carrier_of(SPOON, moved.apply(foot), [mug]) == here


def test_contents_go_as_deep_as_they_are_stacked() -> None:
    carriers = {"egg": "cup", "cup": "plate", "fork": "plate", "apple": None, "plate": None}
    assert contents_of(carriers, "plate") == ["cup", "fork", "egg"]
    assert contents_of(carriers, "apple") == []


def test_a_plate_offers_its_top_and_a_bowl_its_floor() -> None:
    (top,), (floor,) = carried_surfaces(PLATE), carried_surfaces(BOWL)
    assert (top.relation, top.pose.translation[2]) == ("on", pytest.approx(0.734))
    assert (floor.relation, floor.pose.translation[2]) == ("in", pytest.approx(0.708))
    assert carried_surfaces(APPLE) == ()


def plate_with_apple(lab) -> None:
    lab.put("plate_1", 1.2, 0.0, 0.7, (0.2, 0.2, 0.034))
    lab.put("apple_1", 1.22, 0.02, 0.71, (0.07, 0.07, 0.07))
    lab.look(*TABLE)


@settings(max_examples=20, deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-np.pi, np.pi))
def test_what_lies_on_a_held_plate_keeps_its_place_on_it(x: float, y: float, yaw: float) -> None:
    from tests.memory.conftest import Lab

    lab = Lab()
    plate_with_apple(lab)
    before = offset(lab)
    hold(lab, "plate_1")
    assert truth(lab, "on(apple_1, plate_1)") is Truth.TRUE
    assert truth(lab, "holding(apple_1)") is Truth.FALSE
    assert truth(lab, "on(apple_1, table_1)") is Truth.FALSE
    lab.base = Pose2(x, y, yaw)
    lab.feel()
    assert offset(lab) == pytest.approx(before, abs=1e-6)
    assert lab.world.in_hand() == {"apple_1", "plate_1"}
    centre = lab.world.entity("apple_1").position
    assert lab.world.distance_field().distance([centre])[0] > -0.02 or y < 1.0


def offset(lab) -> np.ndarray:
    """Where the apple is in the plate's frame."""
    plate, apple = lab.world.entity("plate_1"), lab.world.entity("apple_1")
    return plate.pose().inverse().apply(np.array(apple.position))


def test_what_was_carried_along_is_still_there_after_placing_and_until_seen_otherwise(lab) -> None:
    plate_with_apple(lab)
    hold(lab, "plate_1")
    lab.base = Pose2(0.9, 0.2, 0.0)
    lab.feel()
    released = lab.now
    hold(lab, None)
    assert truth(lab, "on(apple_1, plate_1)") is Truth.TRUE
    assert truth(lab, "on(plate_1, table_1)") is Truth.TRUE
    assert lab.world.evaluate(Condition.parse("on(apple_1, plate_1)")).stamp < released
    lab.put("plate_1", 1.5, 0.2, 0.7, (0.2, 0.2, 0.034))
    lab.put("apple_1", 1.5, 0.22, 0.71, (0.07, 0.07, 0.07))
    lab.look(*TABLE)
    evidence = lab.world.evaluate(Condition.parse("on(apple_1, plate_1)"))
    assert evidence.truth is Truth.TRUE
    assert evidence.stamp > released
    lab.put("apple_1", 1.5, -0.3, 0.7, (0.07, 0.07, 0.07))
    lab.look(*TABLE)
    assert truth(lab, "on(apple_1, plate_1)") is Truth.FALSE
    assert truth(lab, "on(apple_1, table_1)") is Truth.TRUE


def test_looks_while_carrying_take_nothing_off_the_plate(lab) -> None:
    plate_with_apple(lab)
    hold(lab, "plate_1")
    lab.things.clear()
    for _ in range(4):
        lab.look(*TABLE)
    assert truth(lab, "on(apple_1, plate_1)") is Truth.TRUE
    assert truth(lab, "located(apple_1)") is Truth.TRUE


def test_what_is_seen_to_have_fallen_off_is_not_carried_any_longer(lab) -> None:
    plate_with_apple(lab)
    hold(lab, "plate_1")
    lab.base = Pose2(0.5, 1.2, 0.0)
    lab.feel()
    del lab.things["plate_1"]
    lab.put("apple_1", 1.5, 0.3, 0.7, (0.07, 0.07, 0.07))
    lab.look(*TABLE)
    assert truth(lab, "on(apple_1, plate_1)") is Truth.FALSE
    assert truth(lab, "on(apple_1, table_1)") is Truth.TRUE
    assert lab.world.held() == "plate_1"


def test_what_is_in_a_bowl_that_someone_moved_is_believed_to_have_moved_too(lab) -> None:
    plate_with_apple(lab)
    apple = np.array(lab.world.entity("apple_1").position)
    plate = np.array(lab.world.entity("plate_1").position)
    lab.put("plate_1", 1.5, -0.3, 0.7, (0.2, 0.2, 0.034))
    del lab.things["apple_1"]
    lab.look(*TABLE)
    shift = np.array(lab.world.entity("plate_1").position) - plate
    assert abs(shift[1] + 0.3) < 0.02
    assert np.array(lab.world.entity("apple_1").position) == pytest.approx(apple + shift, abs=1e-6)


def test_what_was_picked_from_a_plate_is_not_on_it(lab) -> None:
    plate_with_apple(lab)
    hold(lab, "apple_1")
    assert truth(lab, "on(apple_1, plate_1)") is Truth.FALSE
    assert truth(lab, "on(*, plate_1)") is Truth.FALSE


def test_what_was_let_go_of_over_a_cup_and_hides_in_it_is_in_it(lab) -> None:
    lab.put("cup_1", 1.2, 0.0, 0.7, (0.08, 0.08, 0.11))
    lab.put("egg_1", 1.2, 0.4, 0.7, (0.045, 0.045, 0.045))
    lab.look(*TABLE)
    lab.base = Pose2(0.6, 0.0, 0.0)
    hold(lab, "egg_1")
    lab.feel()
    del lab.things["egg_1"]  # the cup is solid here: nobody could see what is in it
    released = lab.now
    hold(lab, None)
    assert truth(lab, "in(egg_1, cup_1)") is Truth.TRUE
    lab.base = Pose2(0.3, 0.0, 0.0)
    for _ in range(3):
        lab.look(*TABLE)
    evidence = lab.world.evaluate(Condition.parse("in(egg_1, cup_1)"))
    assert evidence.truth is Truth.TRUE
    assert evidence.stamp > released


def test_what_missed_the_cup_is_not_in_it(lab) -> None:
    lab.put("cup_1", 1.2, 0.0, 0.7, (0.08, 0.08, 0.11))
    lab.put("egg_1", 1.2, 0.4, 0.7, (0.045, 0.045, 0.045))
    lab.look(*TABLE)
    lab.base = Pose2(0.6, 0.0, 0.0)
    hold(lab, "egg_1")
    hold(lab, None)
    lab.put("egg_1", 1.2, 0.08, 0.7, (0.045, 0.045, 0.045))
    lab.look(*TABLE)
    assert truth(lab, "in(egg_1, cup_1)") is Truth.FALSE
    assert truth(lab, "on(egg_1, table_1)") is Truth.TRUE


def test_a_slipped_plate_has_lost_what_lay_on_it(lab) -> None:
    plate_with_apple(lab)
    hold(lab, "plate_1")
    lab.base = Pose2(0.5, 1.2, np.pi)
    lab.feel()
    lab.width, lab.force = 0.0, 0.0
    lab.feel(4)
    assert lab.world.held() is None
    for name in ("plate_1", "apple_1"):
        assert truth(lab, f"located({name})") is Truth.UNKNOWN
        assert lab.world.entity(name).bottom == pytest.approx(0.0, abs=0.01)
    assert truth(lab, "on(apple_1, plate_1)") is Truth.UNKNOWN
