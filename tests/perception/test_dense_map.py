"""The dense coloured map, on frames whose surfaces are known exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.dense_map import DenseMap

try:
    import open3d  # noqa: F401
except ImportError as error:
    pytest.skip(f"Open3D cannot be loaded here: {error}", allow_module_level=True)

LENS = Intrinsics(width=160, height=120, fx=140.0, fy=140.0, cx=79.5, cy=59.5)
LEVEL = SE3(np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]), np.zeros(3))
"""A camera that looks along x of the map with its picture upright."""


def wall(metres: float, colour: tuple[int, int, int]) -> CameraFrame:
    """A picture of a wall square to the optical axis."""
    rgb = np.broadcast_to(np.array(colour, dtype=np.uint8), (120, 160, 3)).copy()
    depth = np.full((120, 160), metres, dtype=np.float32)
    return CameraFrame("head", 0.0, rgb, depth, LENS, SE3.identity())


def standing_at(x: float, y: float, z: float) -> SE3:
    return SE3(LEVEL.rotation, np.array([x, y, z]))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.6, 3.0), st.floats(-2.0, 2.0), st.floats(0.5, 1.5))
def test_a_wall_lies_where_it_was_measured_and_has_its_colour(
    metres: float, x: float, z: float
) -> None:
    dense = DenseMap(voxel=0.02)
    for aside in (-0.02, 0.0, 0.02):
        dense.add(wall(metres, (200, 40, 30)), standing_at(x, aside, z))
    mesh = dense.mesh()
    assert len(mesh.triangles) > 100
    assert np.abs(mesh.vertices[:, 0] - (x + metres)).max() < 0.006
    assert np.abs(mesh.vertices[:, 1]).max() < metres * 0.6 + 0.1
    np.testing.assert_allclose(np.median(mesh.colours, axis=0) * 255, [200, 40, 30], atol=3)


def test_what_is_seen_again_from_elsewhere_is_one_surface() -> None:
    dense = DenseMap(voxel=0.02)
    for back in (0.0, 0.3, 0.6, 0.9):
        dense.add(wall(1.0 + back, (90, 90, 90)), standing_at(1.0 - back, 0.0, 1.0))
    assert np.abs(dense.mesh().vertices[:, 0] - 2.0).max() < 0.006


def test_hidden_pixels_and_what_is_too_far_leave_nothing() -> None:
    dense = DenseMap(voxel=0.02, reach=2.0)
    frame = wall(1.0, (50, 50, 50))
    frame.depth[:, 80:] = 3.0
    hidden = np.zeros(frame.depth.shape, dtype=bool)
    hidden[60:] = True
    for _ in range(3):
        dense.add(frame, standing_at(0.0, 0.0, 1.0), hidden)
    mesh = dense.mesh()
    # Left in the picture is +y, its upper half is above the camera.
    assert mesh.vertices[:, 1].min() > -0.03
    assert mesh.vertices[:, 2].min() > 0.97
    assert mesh.vertices[:, 0].max() < 1.01


def test_the_file_holds_what_is_returned(tmp_path: Path) -> None:
    dense = DenseMap(voxel=0.04)
    for _ in range(2):
        dense.add(wall(1.5, (10, 200, 10)), standing_at(0.0, 0.0, 1.0))
    mesh = dense.save(tmp_path / "wall.ply")
    head = (tmp_path / "wall.ply").read_bytes().split(b"end_header")[0].decode()
    assert f"element vertex {len(mesh.vertices)}" in head
    assert f"element face {len(mesh.triangles)}" in head
    assert "property uchar red" in head


def test_nothing_seen_is_said(tmp_path: Path) -> None:
    dense = DenseMap()
    with pytest.raises(BadInputError, match="no picture"):
        dense.save(tmp_path / "none.ply")
    dense.add(wall(9.0, (1, 2, 3)), standing_at(0.0, 0.0, 1.0))
    assert dense.frames == 0


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    dense = DenseMap(voxel=0.04)
    dense.add(wall(1.5, (10, 200, 10)), standing_at(0.0, 0.0, 1.0))
    with pytest.raises(BadInputError, match="cannot be written"):
        dense.save(tmp_path / "nowhere" / "wall.ply")


@pytest.mark.parametrize(("voxel", "reach"), [(0.0, 3.0), (-0.02, 3.0), (0.02, 0.1)])
def test_a_grid_without_size_is_refused(voxel: float, reach: float) -> None:
    with pytest.raises(BadInputError):
        DenseMap(voxel=voxel, reach=reach)
