"""Pictures for people: the open home from above, the robot from behind, the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3
from diarchy.robots.home.rooms import home_bounds
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.sensors import new_renderer, visual_option


class Pictures:
    """Renders views that no camera of the robot has; the renderer is made on first use."""

    def __init__(self, model: Any, scene: Scene) -> None:
        self._model = model
        self._bounds = home_bounds(scene)
        self._renderer: Any = None
        self._size = (0, 0)
        self._views: dict[str, Callable[[SE3], Any]] = {
            "overview": self._overview,
            "chase": self._chase,
            "top": self._top,
        }

    def take(
        self, data: Any, view: str, width: int, height: int, base: SE3
    ) -> npt.NDArray[np.uint8]:
        """Render ``[height, width, 3]``.

        Raises:
            BadInputError: no such view.
        """
        if view not in self._views:
            raise BadInputError(f"no view '{view}'; {did_you_mean(view, self._views)}")
        if self._size != (width, height):
            self.close()
            self._renderer = new_renderer(self._model, width, height, fine=True)
            self._size = (width, height)
        camera = self._views[view](base)
        option = visual_option(near_walls=view == "chase")
        self._renderer.update_scene(data, camera=camera, scene_option=option)
        picture: npt.NDArray[np.uint8] = self._renderer.render().copy()
        return picture

    def close(self) -> None:
        """Release the OpenGL context; idempotent."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer, self._size = None, (0, 0)

    def _overview(self, base: SE3) -> Any:
        x0, y0, x1, y1 = self._bounds
        span = max(x1 - x0, 1.5 * (y1 - y0))
        return _camera(((x0 + x1) / 2, (y0 + y1) / 2 - 0.1, 0.35), 1.02 * span, 90.0, -52.0)

    def _chase(self, base: SE3) -> Any:
        ahead = base.apply([0.5, 0.0, 0.8])
        return _camera(tuple(ahead), 2.6, float(np.degrees(base.yaw)) + 25.0, -28.0)

    def _top(self, base: SE3) -> Any:
        x0, y0, x1, y1 = self._bounds
        span = max(x1 - x0, 1.6 * (y1 - y0))
        return _camera(((x0 + x1) / 2, (y0 + y1) / 2, 0.0), 0.92 * span, 90.0, -89.9)


def _camera(at: tuple[float, ...], distance: float, azimuth: float, elevation: float) -> Any:
    import mujoco

    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FREE
    camera.lookat[:] = at
    camera.distance, camera.azimuth, camera.elevation = distance, azimuth, elevation
    return camera
