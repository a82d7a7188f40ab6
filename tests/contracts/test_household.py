from __future__ import annotations

from diarchy.contracts.household import device_for, is_likely_place


def test_a_potato_is_looked_for_in_the_kitchen_and_keys_are_not() -> None:
    assert is_likely_place("Potato", "CounterTop")
    assert not is_likely_place("Potato", "Bed")
    assert not is_likely_place("KeyChain", "StoveBurner")


def test_of_an_unknown_kind_of_thing_every_place_is_likely() -> None:
    assert is_likely_place("Theremin", "Bed")


def test_each_state_has_its_device() -> None:
    assert [device_for(s) for s in ("hot", "cold", "clean")] == ["Microwave", "Fridge", "SinkBasin"]
