"""A dense coloured map: pictures with depth, fused into a truncated signed distance field.

The field (Curless and Levoy, SIGGRAPH 1996) lies in blocks of voxels that are only there where a surface was seen, as in
Open3D's `VoxelBlockGrid` (Dong et al., "ASH", TPAMI 2022), which does the fusing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError, MissingExtraError
from diarchy.contracts.geometry import SE3, FloatArray, Intrinsics
from diarchy.contracts.robot import CameraFrame

_BLOCKS = 1_000
"""Blocks of 16 x 16 x 16 voxels that there is room for at first; the grid grows by itself."""
_TRUNCATION = 5.0
"""Width of the band around a surface that is kept, in voxels to each side."""
_NEAREST = 0.3
"""Nearer (m) than this a depth camera sees nothing that it can measure."""


@dataclass(frozen=True)
class Mesh:
    """A coloured surface: ``vertices`` ``[V, 3]`` m in ``map``, ``colours`` ``[V, 3]`` from 0 to 1, ``triangles`` ``[T, 3]``."""

    vertices: FloatArray
    colours: FloatArray
    triangles: npt.NDArray[np.int64]


class DenseMap:
    """Fuses frames; what was seen more often counts more. What is moved meanwhile may stay at both places.

    Args:
        voxel: edge (m) of a voxel. Each block of 16 x 16 x 16 of them, where a surface is, takes 80 KB.
        reach: depth (m) beyond which a frame is not used: its errors grow with distance.

    Attributes:
        frames: how many frames were fused.

    Raises:
        MissingExtraError: Open3D is not installed, or lacks a library of the system.
    """

    def __init__(self, *, voxel: float = 0.02, reach: float = 3.5) -> None:
        if voxel <= 0.0 or reach <= _NEAREST:
            raise BadInputError(f"voxel must be above 0 and reach above {_NEAREST} m")
        self._o3d = o3d = _open3d()
        core = o3d.core
        self._reach = reach
        self._grid = o3d.t.geometry.VoxelBlockGrid(
            attr_names=("tsdf", "weight", "color"),
            attr_dtypes=(core.float32, core.float32, core.float32),
            attr_channels=((1), (1), (3)),
            voxel_size=voxel,
            block_resolution=16,
            block_count=_BLOCKS,
        )
        self.frames = 0

    def add(
        self,
        frame: CameraFrame,
        map_from_camera: SE3,
        hidden: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Fuse one frame.

        Args:
            frame: picture and depth.
            map_from_camera: pose of its optical frame.
            hidden: pixels ``[H, W]`` to leave out: the robot itself.
        """
        depth = np.where(frame.depth < _NEAREST, 0.0, frame.depth).astype(np.float32)
        if hidden is not None:
            depth[hidden] = 0.0
        depth[depth > self._reach] = 0.0
        if not depth.any():
            return
        geometry, core = self._o3d.t.geometry, self._o3d.core
        image = geometry.Image(core.Tensor(np.ascontiguousarray(depth)))
        colour = geometry.Image(core.Tensor(frame.rgb.astype(np.float32) / 255.0))
        intrinsic = core.Tensor(_matrix(frame.intrinsics))
        extrinsic = core.Tensor(map_from_camera.inverse().matrix())
        seen = self._grid.compute_unique_block_coordinates(
            image, intrinsic, extrinsic, 1.0, self._reach, _TRUNCATION
        )
        self._grid.integrate(
            seen, image, colour, intrinsic, extrinsic, 1.0, self._reach, _TRUNCATION
        )
        self.frames += 1

    def mesh(self, *, least: float = 1.0) -> Mesh:
        """Return the surface of all voxels that were seen in more than ``least`` frames.

        Raises:
            BadInputError: nothing was seen yet.
        """
        return self._arrays(self._surface(least))

    def save(self, path: Path, *, least: float = 1.0) -> Mesh:
        """Write the surface as PLY and return it.

        Raises:
            BadInputError: nothing was seen yet, or the file cannot be written.
        """
        surface = self._surface(least)
        # It warns of a failed file, which is said below, and of colours that rounding took above 1.
        quiet = self._o3d.utility.VerbosityContextManager(self._o3d.utility.VerbosityLevel.Error)
        with quiet:
            written = self._o3d.t.io.write_triangle_mesh(str(path), surface)
        if not written:
            raise BadInputError(f"{path}: the dense map cannot be written there")
        return self._arrays(surface)

    def _surface(self, least: float) -> Any:
        if self.frames == 0:
            raise BadInputError("the dense map is empty: no picture with depth was taken")
        surface = self._grid.extract_triangle_mesh(min(least, self.frames - 0.5))
        if "positions" not in surface.vertex or len(surface.vertex.positions) == 0:
            raise BadInputError("the dense map is empty: nothing was near enough to be measured")
        return surface

    def _arrays(self, surface: Any) -> Mesh:
        return Mesh(
            surface.vertex.positions.numpy().astype(np.float64),
            surface.vertex.colors.numpy().astype(np.float64),
            surface.triangle.indices.numpy().astype(np.int64),
        )


def _matrix(intrinsics: Intrinsics) -> FloatArray:
    """Pinhole matrix ``[3, 3]``."""
    i = intrinsics
    return np.array([[i.fx, 0.0, i.cx], [0.0, i.fy, i.cy], [0.0, 0.0, 1.0]])


def _open3d() -> Any:
    try:
        import open3d
    except ImportError as error:
        missing = MissingExtraError("a dense map", "open3d")
        if "cannot open shared object" in str(error):
            raise BadInputError(
                f"a dense map needs Open3D, which lacks a library of the system here ({error}); "
                "on Debian: apt-get install libusb-1.0-0 libgl1 libx11-6"
            ) from error
        raise missing from error
    return open3d
