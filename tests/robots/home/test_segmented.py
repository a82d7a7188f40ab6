"""One pass of the renderer gives what two passes of MuJoCo's own class give."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from diarchy.robots.home import HomeRobot
from diarchy.robots.home.segmented import depth_and_geoms
from diarchy.robots.home.sensors import new_renderer, visual_option


@pytest.mark.parametrize("camera", ["head_camera", "gripper_camera"])
def test_depth_and_geoms_are_those_of_the_public_class(home: HomeRobot, camera: str) -> None:
    renderer = new_renderer(home._model, 160, 120)
    renderer.update_scene(home._data, camera=camera, scene_option=visual_option())
    before = renderer.scene.flags.copy()
    depth, geoms = depth_and_geoms(renderer)
    np.testing.assert_array_equal(renderer.scene.flags, before)
    renderer.enable_depth_rendering()
    np.testing.assert_array_equal(depth, renderer.render())
    renderer.disable_depth_rendering()
    renderer.enable_segmentation_rendering()
    image = renderer.render()
    expected = np.where(image[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM), image[..., 0], -1)
    np.testing.assert_array_equal(geoms, expected)
    assert len(np.unique(geoms)) > 5
    renderer.close()
