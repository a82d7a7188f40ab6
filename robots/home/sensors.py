"""Cameras and lidar of the simulated robot, rendered only when asked for."""

from __future__ import annotations

import atexit
import copy
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import SE3, Intrinsics
from diarchy.contracts.robot import CameraFrame, LidarScan
from diarchy.robots.home.effects import Effects
from diarchy.robots.home.gl import no_graphics
from diarchy.robots.home.instances import Instances
from diarchy.robots.home.parts import COLLISION_GROUP, FIXED_GROUP, VISUAL_GROUP, WALL_GROUP
from diarchy.robots.home.segmented import depth_and_geoms

LIDAR_AT = (0.235, 0.0, 0.2978)
LIDAR_BEAMS, LIDAR_FOV, LIDAR_RANGE, LIDAR_NOISE = 360, np.radians(220.0), 10.0, 0.005
CAMERA_RANGE = 12.0
_UNSEEN_GROUP, _LEVEL_SLACK = 4, 0.02
"""A geom group that no ray asks for; m that a fixed shape may be off the lidar's height and count."""
_ROUNDING = 1e-6
_OPTICAL = np.diag([1.0, -1.0, -1.0])


class Cameras:
    """RGB-D cameras and the segmentation image, through one offscreen context.

    ``bent`` is ``nominal_from_true`` of cameras whose mounts are not quite what their robot was told.
    """

    def __init__(
        self,
        model: Any,
        size: tuple[int, int],
        instances: Instances,
        effects: Effects,
        bent: Mapping[str, SE3] | None = None,
    ) -> None:
        self._model = model
        self._bent = dict(bent or {})
        self._effects = effects
        self._size = size
        self._instances = instances
        self._renderer: Any = None
        self._option: Any = None

    def frame(self, data: Any, name: str, stamp: float, base: SE3) -> CameraFrame:
        """Render colour, depth and instance ids of one camera.

        Raises:
            NoGraphicsError: no OpenGL context can be made here.
        """
        renderer = self._ready()
        renderer.update_scene(data, camera=name, scene_option=self._option)
        _plain(renderer)
        # Steam and dirt are on the picture only: neither depth nor instance ids know of them.
        with self._effects.drawn(data, renderer.scene):
            rgb = renderer.render().copy()
        depth, geoms = depth_and_geoms(renderer)
        depth[depth > CAMERA_RANGE] = 0.0
        ids = self._instances.of_geom[geoms]
        camera = data.camera(name)
        mount = SE3(np.array(camera.xmat).reshape(3, 3), np.array(camera.xpos))
        if name in self._bent:
            # The robot knows where the camera should be, not where it is.
            mount = mount @ self._bent[name].inverse()
        pose = base.inverse() @ SE3(mount.rotation @ _OPTICAL, mount.translation)
        fovy = float(self._model.camera(name).fovy[0])
        width, height = self._size
        intrinsics = Intrinsics.from_fovy(width, height, fovy)
        return CameraFrame(name, stamp, rgb, depth, intrinsics, pose, ids)

    def close(self) -> None:
        """Release the OpenGL context; idempotent."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _ready(self) -> Any:
        if self._renderer is None:
            self._renderer = new_renderer(self._model, *self._size)
            self._option = visual_option()
        return self._renderer


def new_renderer(model: Any, width: int, height: int, *, fine: bool = False) -> Any:
    """Make an offscreen renderer of that many pixels; ``fine`` smooths edges and has shadows.

    Raises:
        NoGraphicsError: no OpenGL context can be made here.
    """
    import mujoco

    model.vis.global_.offwidth = max(width, model.vis.global_.offwidth)
    model.vis.global_.offheight = max(height, model.vis.global_.offheight)
    model.vis.quality.offsamples = 8 if fine else 0
    model.vis.quality.shadowsize = 4096 if fine else 0
    try:
        renderer = mujoco.Renderer(model, height=height, width=width)
    except Exception as error:  # each back-end raises its own kind, down to plain ImportError
        raise no_graphics(error) from error
    if not _OPEN:
        # Registered after the back-end's own clean-up, so that it runs before it.
        atexit.unregister(_close_what_is_open)
        atexit.register(_close_what_is_open)
    _OPEN.add(renderer)
    return renderer


_OPEN: weakref.WeakSet[Any] = weakref.WeakSet()


def _close_what_is_open() -> None:
    """A context that outlives the interpreter's EGL bindings dies noisily."""
    for renderer in list(_OPEN):
        renderer.close()


def visual_option(*, near_walls: bool = True) -> Any:
    """Return what is drawn: skins instead of collision hulls; ``near_walls`` False opens the home."""
    import mujoco

    option = mujoco.MjvOption()
    option.geomgroup[:] = 0
    for group in (FIXED_GROUP, VISUAL_GROUP, 2):
        option.geomgroup[group] = 1
    option.geomgroup[WALL_GROUP] = int(near_walls)
    option.sitegroup[:] = 0
    return option


def _plain(renderer: Any) -> None:
    """Leave out shadows and reflections: they cost more than everything else in software."""
    import mujoco

    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0


class Lidar:
    """A planar scanner over 220 degrees, as the Fetch's; it does not see the robot itself."""

    def __init__(self, model: Any, rng: np.random.Generator) -> None:
        self._model = model
        self._rng = rng
        self._angles = np.linspace(-LIDAR_FOV / 2, LIDAR_FOV / 2, LIDAR_BEAMS)
        self._directions = np.stack(
            [np.cos(self._angles), np.sin(self._angles), np.zeros(LIDAR_BEAMS)], axis=1
        )
        self._groups = np.zeros(6, dtype=np.uint8)
        self._groups[[FIXED_GROUP, VISUAL_GROUP, COLLISION_GROUP, WALL_GROUP]] = 1
        self._mount = SE3.from_translation(LIDAR_AT)
        self._at_height: Any = None

    def scan(self, data: Any, stamp: float, base: SE3) -> LidarScan:
        """Cast all beams from where the base stands."""
        import mujoco

        pose = base @ self._mount
        directions = self._directions @ pose.rotation.T
        if self._at_height is None:
            self._at_height = _level_with(self._model, data, LIDAR_AT[2])
        model, geom = self._at_height, np.empty(1, dtype=np.int32)
        eye, groups = pose.translation, model.geom_group.copy()
        model.geom_group[_above_or_below(model, data, eye[2])] = _UNSEEN_GROUP
        # One ray at a time: mj_multiRay culls by angle and misses furniture that stands close by.
        ranges = np.array(
            [mujoco.mj_ray(model, data, eye, d, self._groups, 1, -1, geom) for d in directions]
        )
        model.geom_group[:] = groups
        hit = (ranges >= 0.0) & (ranges <= LIDAR_RANGE)
        noise = self._rng.normal(0.0, LIDAR_NOISE, LIDAR_BEAMS)
        ranges = np.where(hit, np.maximum(ranges + noise, 0.0), np.inf)
        return LidarScan(stamp, self._angles.copy(), ranges, self._mount)


def _above_or_below(model: Any, data: Any, height: float) -> npt.NDArray[np.bool_]:
    """Tell which shapes no level ray at a height can meet just now, by their spheres; planes have none."""
    away = np.abs(data.geom_xpos[:, 2] - height) > model.geom_rbound + _ROUNDING
    return np.asarray(away & (model.geom_rbound > 0.0))


def _level_with(model: Any, data: Any, height: float) -> Any:
    """Return the model with those fixed shapes hidden from rays that no level ray at a height can meet.

    Only what moves freely may come to the height of the lidar: doors and drawers move level.
    """
    seen = copy.copy(model)
    turned = np.abs(data.geom_xmat.reshape(-1, 3, 3)[:, 2])
    centre, half = model.geom_aabb[:, :3], model.geom_aabb[:, 3:]
    middle = data.geom_xpos[:, 2] + np.einsum(
        "gj,gj->g", data.geom_xmat.reshape(-1, 3, 3)[:, 2], centre
    )
    reach = np.einsum("gj,gj->g", turned, half) + _LEVEL_SLACK
    root = model.body_rootid[model.geom_bodyid]
    freely = np.isin(root, model.jnt_bodyid[model.jnt_type == 0])
    plane = model.geom_type == 0
    away = (np.abs(middle - height) > reach) & ~freely & ~plane
    seen.geom_group[away] = _UNSEEN_GROUP
    return seen
