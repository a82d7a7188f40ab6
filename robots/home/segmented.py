"""Depth and what is seen where, in one pass of the renderer.

`mujoco.Renderer` draws the same picture twice for the two, and asks every geom of the scene for its number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Depth = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]


def depth_and_geoms(renderer: Any) -> tuple[Depth, Ids]:
    """Draw the scene that was updated last; returns depth in m and geom ids (-1: none), both ``[H, W]``.

    The values are those of `mujoco.Renderer` with depth and with segmentation rendering enabled.
    """
    import mujoco

    scene, flags = renderer.scene, renderer.scene.flags.copy()
    scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = True
    scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = True
    shape = (renderer.height, renderer.width)
    colour, depth = np.empty((*shape, 3), np.uint8), np.empty(shape, np.float32)
    # The public class reads only one of the two buffers; context and viewport are not public.
    renderer._gl_context.make_current()
    mujoco.mjr_render(renderer._rect, scene, renderer._mjr_context)
    mujoco.mjr_readPixels(colour, depth, renderer._rect, renderer._mjr_context)
    scene.flags[:] = flags
    metres, geoms = _metres(depth, renderer.model), _geoms(colour, scene)
    return np.ascontiguousarray(metres[::-1]), np.ascontiguousarray(geoms[::-1])


def _metres(buffer: Depth, model: Any) -> Depth:
    """Undo the perspective of a depth buffer with reversed z."""
    near = np.float32(model.vis.map.znear * model.stat.extent)
    far = np.float32(model.vis.map.zfar * model.stat.extent)
    scale = np.float32(-0.5) * (-(far + near) / (far - near)) - np.float32(0.5)
    shift = np.float32(-0.5) * (-(np.float32(2) * far * near) / (far - near))
    return (shift / (buffer.astype(np.float64) + scale)).astype(np.float32)


def _geoms(colour: npt.NDArray[np.uint8], scene: Any) -> Ids:
    """Geom ids ``[H, W]`` of a picture ``[H, W, 3]`` whose colours number the shapes of the scene from 1."""
    import mujoco

    red, green, blue = (colour[..., k].astype(np.int32) for k in range(3))
    number = red | green << 8 | blue << 16
    drawn = np.zeros(scene.ngeom + 1, dtype=np.bool_)
    drawn[number] = True
    geom_of = np.full(scene.ngeom + 1, -1, dtype=np.int32)
    # Shapes are numbered as they lie in the scene; 0 is the background.
    for k in np.flatnonzero(drawn[1:]).tolist():
        shape = scene.geoms[k]
        if shape.objtype == int(mujoco.mjtObj.mjOBJ_GEOM):
            geom_of[k + 1] = shape.objid
    return np.asarray(geom_of[number])
