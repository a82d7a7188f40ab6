"""What is plainly far from a place is not asked about closely, and the answer is the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("mujoco")

from diarchy.contracts.entity import Entity, Surface
from diarchy.contracts.geometry import SE3
from diarchy.memory import relations
from diarchy.robots.home import circumstances

metres = st.floats(-0.6, 0.6)
sizes = st.floats(0.02, 0.8)


@st.composite
def surfaces(draw: st.DrawFn) -> Surface:
    pose = SE3.from_xyz_yaw(1.0, -2.0, 0.8, draw(st.floats(-np.pi, np.pi)))
    radius = draw(st.none() | st.floats(0.05, 0.4))
    size = (draw(sizes), draw(sizes)) if radius is None else (0.02, 0.02)
    return Surface(pose, size, draw(st.floats(0.05, 0.6)), "in", "top", radius)


def thing_at(x: float, y: float, z: float) -> Entity:
    where = (1.0 + x, -2.0 + y, 0.8 + z + 0.05)
    return Entity(id="cup_1", cls="Cup", kind="object", position=where, extent=(0.1, 0.1, 0.1))


@given(surface=surfaces(), x=metres, y=metres, z=metres)
def test_nothing_that_is_on_or_in_a_place_counts_as_far(
    surface: Surface, x: float, y: float, z: float
) -> None:
    thing = thing_at(x, y, z)
    early = relations.rests_on(thing, surface), relations.lies_in(thing, surface)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relations, "_far", lambda *_: False)
        assert early == (relations.rests_on(thing, surface), relations.lies_in(thing, surface))


@given(surface=surfaces(), offsets=st.lists(st.tuples(metres, metres, metres), max_size=4))
def test_nothing_that_is_in_a_space_counts_as_away_from_it(
    surface: Surface, offsets: list[tuple[float, float, float]]
) -> None:
    centres = np.array([1.0, -2.0, 0.8]) + np.array(offsets).reshape(-1, 3)
    early = circumstances.contained(surface, centres, 0.4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(circumstances, "_reach", lambda *_: np.inf)
        np.testing.assert_array_equal(early, circumstances.contained(surface, centres, 0.4))
