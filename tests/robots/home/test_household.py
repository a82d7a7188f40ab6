from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.household import PROCESSES
from diarchy.robots.home.household import (
    AMBIENT,
    COLDEST,
    HOTTEST,
    MICROWAVE_S,
    Circumstances,
    Household,
)

STEP = 0.1
DEVICES = {
    "microwave_1": "Microwave",
    "fridge_1": "Fridge",
    "sink_basin_1": "SinkBasin",
    "desk_lamp_1": "DeskLamp",
}
PLACES = (None, *DEVICES)


def kitchen() -> Household:
    return Household(["potato_1", "mug_1"], DEVICES)


def spend(home: Household, seconds: float, where: str | None = None, *soiled: str) -> None:
    inside = {where: ["potato_1"]} if where else {}
    for _ in range(round(seconds / STEP)):
        home.pass_time(STEP, Circumstances(inside, soiled))


def press(home: Household, name: str) -> None:
    for fraction in (0.2, 0.7, 1.0, 0.5, 0.0):
        home.feel({name: fraction})


def test_a_running_microwave_heats_what_is_in_it_and_stops_by_itself() -> None:
    home = kitchen()
    press(home, "microwave_1")
    spend(home, 5.0, "microwave_1")
    assert home.thing("potato_1").attributes() == {"temperature": "hot"}
    assert home.thing("mug_1").attributes() == {}
    spend(home, MICROWAVE_S - 5.2, "microwave_1")
    assert home.devices["microwave_1"].running
    spend(home, 0.3, "microwave_1")
    assert not home.devices["microwave_1"].running
    assert home.thing("potato_1").temperature == pytest.approx(HOTTEST, abs=0.1)


def test_a_second_press_or_the_opening_of_the_door_stops_a_microwave() -> None:
    for stop in (
        lambda home: press(home, "microwave_1"),
        lambda home: home.set_shut({"microwave_1": False}),
    ):
        home = kitchen()
        press(home, "microwave_1")
        spend(home, 1.0, "microwave_1")
        stop(home)
        before = home.thing("potato_1").temperature
        spend(home, 2.0, "microwave_1")
        assert not home.devices["microwave_1"].running
        assert home.thing("potato_1").temperature <= before


def test_a_microwave_does_not_start_with_an_open_door() -> None:
    home = kitchen()
    home.set_shut({"microwave_1": False})
    press(home, "microwave_1")
    assert not home.devices["microwave_1"].running
    with pytest.raises(BadInputError, match="door open"):
        home.switch("microwave_1", True)


def test_only_a_closed_fridge_cools() -> None:
    home = kitchen()
    home.set_shut({"fridge_1": False})
    spend(home, 10.0, "fridge_1")
    assert home.thing("potato_1").temperature == pytest.approx(AMBIENT)
    home.set_shut({"fridge_1": True})
    spend(home, 7.0, "fridge_1")
    assert home.thing("potato_1").attributes() == {"temperature": "cold"}


def test_three_seconds_of_running_water_clean_and_the_garbage_can_undoes_it() -> None:
    home = kitchen()
    home.thing("potato_1").soil()
    spend(home, 5.0, "sink_basin_1")
    assert home.thing("potato_1").dirty
    home.feel({"sink_basin_1": 0.9})
    spend(home, 2.9, "sink_basin_1")
    assert home.thing("potato_1").dirty
    spend(home, 0.1, "sink_basin_1")
    assert home.thing("potato_1").attributes() == {"cleanliness": "clean"}
    spend(home, STEP, None, "potato_1")
    assert home.thing("potato_1").attributes() == {"cleanliness": "dirty"}


def test_hot_and_cold_wear_off_in_minutes() -> None:
    for celsius, said in ((85.0, "hot"), (5.0, "cold")):
        home = kitchen()
        thing = home.thing("potato_1")
        thing.set_temperature(celsius)
        spend(home, 500.0)
        assert thing.attributes() == {"temperature": said}
        spend(home, 150.0)
        assert thing.attributes() == {}


def test_a_lever_acts_beyond_half_its_travel_and_back() -> None:
    home = kitchen()
    for fraction, running in ((0.45, False), (0.55, True), (0.45, True), (0.2, False)):
        home.feel({"sink_basin_1": fraction})
        assert home.devices["sink_basin_1"].running is running


def test_the_laws_are_no_slower_than_the_belief_of_them() -> None:
    def running(home: Household) -> None:
        press(home, "microwave_1")
        home.feel({"sink_basin_1": 1.0})

    for cls, process in PROCESSES.items():
        home = kitchen()
        running(home)
        name = next(n for n, c in DEVICES.items() if c == cls)
        spend(home, process.seconds, name)
        assert process.state in home.thing("potato_1").attributes().values()


def test_what_cannot_be_switched_says_what_can() -> None:
    with pytest.raises(BadInputError, match="desk_lamp_1"):
        kitchen().switch("desk_lmp_1", True)
    with pytest.raises(BadInputError, match="cannot be switched"):
        kitchen().switch("fridge_1", True)


@given(st.lists(st.floats(0.0, 1.0), max_size=60))
def test_one_press_of_a_lamps_button_is_one_switch(path: list[float]) -> None:
    home = kitchen()
    presses, down = 0, False
    for fraction in path:
        if not down and fraction >= 0.6:
            presses, down = presses + 1, True
        elif down and fraction <= 0.3:
            down = False
        home.feel({"desk_lamp_1": fraction})
    assert home.devices["desk_lamp_1"].running == (presses % 2 == 1)


@given(
    st.floats(COLDEST, HOTTEST),
    st.lists(st.tuples(st.sampled_from(PLACES), st.booleans()), max_size=80),
)
def test_temperatures_stay_between_the_fridges_and_the_microwaves(
    start: float, story: list[tuple[str | None, bool]]
) -> None:
    home = kitchen()
    thing = home.thing("potato_1")
    thing.set_temperature(start)
    for where, pressing in story:
        if pressing:
            press(home, "microwave_1")
        spend(home, 1.0, where)
        assert COLDEST <= thing.temperature <= HOTTEST
        assert not (thing.hot and thing.cold)
        assert not (thing.dirty and thing.clean)


@given(st.floats(COLDEST, HOTTEST), st.sampled_from(["microwave_1", "fridge_1", None]))
def test_a_thing_left_alone_approaches_its_surroundings_without_turning(
    start: float, where: str | None
) -> None:
    home = kitchen()
    thing = home.thing("potato_1")
    thing.set_temperature(start)
    press(home, "microwave_1")
    goal = {"microwave_1": HOTTEST, "fridge_1": COLDEST, None: AMBIENT}[where]
    gap = abs(goal - start)
    for _ in range(20):
        spend(home, 0.5, where)
        assert abs(goal - thing.temperature) <= gap + 1e-9
        gap = abs(goal - thing.temperature)
