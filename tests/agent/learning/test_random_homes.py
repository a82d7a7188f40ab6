from __future__ import annotations

import pytest

from diarchy.agent.learning.random_homes import HELD_OUT, STUDIO, random_home
from diarchy.robots.home.scene import layout_names


def test_held_out_homes_and_training_homes_share_no_layout() -> None:
    training = {random_home(seed).layout for seed in range(20)}
    held_out = {random_home(seed, held_out=True).layout for seed in range(20)}
    assert held_out == set(HELD_OUT)
    assert not training & held_out
    assert set(HELD_OUT) < set(layout_names())


def test_the_same_seed_is_the_same_home_and_later_attempts_have_fewer_things() -> None:
    assert random_home(3) == random_home(3)
    counts = [len(random_home(3, attempt=a).objects) for a in range(4)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


@pytest.mark.parametrize("seed", range(8))
def test_furniture_of_a_studio_stands_in_its_room_and_not_in_each_other(seed: int) -> None:
    scene = next(s for s in map(random_home, range(10 * seed, 10 * seed + 10)) if s.name == STUDIO)
    assert len(scene.fixtures) > 5
    assert scene.layout is None
