from __future__ import annotations

import itertools

import numpy as np

from diarchy.skills.motion.rrt import plan_path, segment_free

LOWER, UPPER = np.full(2, -2.0), np.full(2, 2.0)


def wall(q: np.ndarray) -> bool:
    """A wall at x = 0 with a gap above y = 1."""
    return not (abs(q[0]) < 0.2 and q[1] < 1.0)


def test_a_free_line_is_taken_as_it_is() -> None:
    a, b = np.array([-1.0, 1.5]), np.array([1.0, 1.5])
    path = plan_path(a, b, wall, LOWER, UPPER, np.random.default_rng(0))
    assert path is not None
    assert len(path) == 2


def test_a_way_round_a_wall_is_found_and_is_free() -> None:
    a, b = np.array([-1.0, -1.0]), np.array([1.0, -1.0])
    for seed in range(5):
        path = plan_path(a, b, wall, LOWER, UPPER, np.random.default_rng(seed))
        assert path is not None
        np.testing.assert_array_equal(path[0], a)
        np.testing.assert_array_equal(path[-1], b)
        for first, second in itertools.pairwise(path):
            assert segment_free(first, second, wall)


def test_the_same_seed_gives_the_same_path() -> None:
    a, b = np.array([-1.0, -1.0]), np.array([1.0, -1.0])
    paths = [plan_path(a, b, wall, LOWER, UPPER, np.random.default_rng(3)) for _ in range(2)]
    assert paths[0] is not None
    assert paths[1] is not None
    np.testing.assert_array_equal(np.array(paths[0]), np.array(paths[1]))


def test_a_goal_that_is_not_free_has_no_path() -> None:
    goal = np.array([0.0, 0.0])
    assert plan_path(-np.ones(2), goal, wall, LOWER, UPPER, np.random.default_rng(0)) is None


def test_a_closed_wall_is_given_up_on() -> None:
    def closed(q: np.ndarray) -> bool:
        return bool(abs(q[0]) >= 0.2)

    rng = np.random.default_rng(0)
    assert plan_path(-np.ones(2), np.ones(2), closed, LOWER, UPPER, rng, iterations=50) is None
