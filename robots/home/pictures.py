"""Pictures for people: the open home from above, the robot from behind, the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.robots.home.effects import Effects
from diarchy.robots.home.parts import FIXED_GROUP, VISUAL_GROUP, WALL_GROUP
from diarchy.robots.home.rooms import home_bounds
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.sensors import new_renderer, visual_option

CHASE_AZIMUTHS = (65.0, -65.0, 40.0, -40.0, 115.0, -115.0, 25.0, 0.0)
"""Degrees between the robot's heading and the view that follows it, the best first."""
_BEYOND = (1.1, 0.0, 0.9)
"""Where (m in base) somebody stands to whom something is handed: to be in the picture, if that can be."""


class Pictures:
    """Renders views that no camera of the robot has; the renderer is made on first use."""

    def __init__(self, model: Any, scene: Scene, effects: Effects) -> None:
        self._model = model
        self._effects = effects
        self._bounds = home_bounds(scene)
        self._renderer: Any = None
        self._size = (0, 0)
        self._views: dict[str, Callable[[SE3], Any]] = {
            "overview": self._overview,
            "top": self._top,
        }
        self._solid = np.zeros(6, dtype=np.uint8)
        self._solid[[FIXED_GROUP, VISUAL_GROUP, WALL_GROUP]] = 1

    def take(
        self, data: Any, view: str, width: int, height: int, base: SE3
    ) -> npt.NDArray[np.uint8]:
        """Render ``[height, width, 3]``.

        Raises:
            BadInputError: no such view.
        """
        if view not in (known := ("chase", *self._views)):
            raise BadInputError(f"no view '{view}'; {did_you_mean(view, known)}")
        if self._size != (width, height):
            self.close()
            self._renderer = new_renderer(self._model, width, height, fine=True)
            self._size = (width, height)
        camera = self._chase(base, data) if view == "chase" else self._views[view](base)
        option = visual_option(near_walls=view == "chase")
        self._renderer.update_scene(data, camera=camera, scene_option=option)
        with self._effects.drawn(data, self._renderer.scene):
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

    def _chase(self, base: SE3, data: Any) -> Any:
        """Show the hand at work: from the side, if nothing stands between, else from behind."""
        ahead, beyond = base.apply([0.45, 0.0, 0.85]), base.apply(_BEYOND)
        heading = float(np.degrees(base.yaw))
        cameras = [
            _camera(tuple(ahead), distance, heading + azimuth, -25.0)
            for azimuth in CHASE_AZIMUTHS
            for distance in (2.4, 1.9)
        ]
        seeing = [c for c in cameras if self._sees(c, ahead, data)]
        best = (c for c in seeing if self._sees(c, beyond, data))
        return next(best, seeing[0] if seeing else cameras[-1])

    def _sees(self, camera: Any, point: FloatArray, data: Any) -> bool:
        """Tell whether a camera stands inside the home with a free view of a point ``[3]`` in ``map``."""
        import mujoco

        azimuth, elevation = np.radians(camera.azimuth), np.radians(camera.elevation)
        level = np.cos(elevation)
        forward = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
        eye = np.asarray(camera.lookat) - camera.distance * forward
        x0, y0, x1, y1 = self._bounds
        if not (x0 + 0.1 < eye[0] < x1 - 0.1 and y0 + 0.1 < eye[1] < y1 - 0.1):
            return False
        away = float(np.linalg.norm(point - eye))
        hit = np.zeros(1, dtype=np.int32)
        ray = (point - eye) / away
        reach = mujoco.mj_ray(self._model, data, eye, ray, self._solid, 1, -1, hit)
        # What is hit within half a metre of the hand is the robot or what it works on.
        return bool(reach < 0.0 or reach > away - 0.6)

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
