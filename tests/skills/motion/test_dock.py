"""Who stands elsewhere stands apart from where it was tried in vain."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.robot import Pose2
from diarchy.skills.motion.dock import apart_from

points = st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))


@given(st.lists(points, max_size=12), st.lists(points, max_size=3), st.floats(0.01, 1.0))
def test_only_places_near_none_of_those_left_are_offered_in_their_order(
    places: list[tuple[float, float]], left: list[tuple[float, float]], apart: float
) -> None:
    poses = [Pose2(x, y, 0.0) for x, y in places]
    offered = list(apart_from(poses, [np.array(p) for p in left], apart))
    for pose in poses:
        far = all(np.hypot(pose.x - x, pose.y - y) > apart for x, y in left)
        assert (pose in offered) == far
    assert [p for p in poses if p in offered] == offered
