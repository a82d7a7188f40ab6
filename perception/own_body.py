"""Where in a picture the robot sees itself, by its own model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import MissingExtraError
from diarchy.contracts.geometry import FloatArray
from diarchy.contracts.robot import CameraFrame, RobotSpec

_STEP = 8
"""Pixels between the rays that are cast; what lies between two of them is taken with them."""
_IN_HAND = 0.30
"""How far (m) from the gripper what is held may reach."""


class OwnBody:
    """Finds the robot's own body, and what its hand holds, in its camera's pictures.

    Args:
        spec: the embodiment; its model's shapes are what is looked for.

    Raises:
        MissingExtraError: MuJoCo, which reads the model, is not installed.
    """

    def __init__(self, spec: RobotSpec) -> None:
        try:
            import mujoco
        except ImportError as error:
            raise MissingExtraError("finding the robot in its own pictures", "sim") from error
        self._mujoco = mujoco
        self._model = mujoco.MjModel.from_xml_string(spec.model_xml)
        self._data = mujoco.MjData(self._model)
        joints = [int(self._model.joint(name).qposadr[0]) for name in spec.joint_names]
        self._qpos = np.asarray(joints, dtype=np.intp)
        self._site = int(self._model.site(spec.gripper_site).id)

    def in_view(
        self, frame: CameraFrame, q: FloatArray, *, holding: bool = False
    ) -> npt.NDArray[np.bool_]:
        """Return the pixels ``[H, W]`` of the robot, and with ``holding`` those near its gripper.

        Args:
            frame: the picture; where its camera is in ``base`` is told by it.
            q: joints ``[J]`` at its exposure.
            holding: whether the hand holds something.
        """
        self._data.qpos[self._qpos] = q
        self._mujoco.mj_kinematics(self._model, self._data)
        mask = self._covered(frame)
        if holding:
            points = frame.base_from_camera.apply(frame.intrinsics.backproject(frame.depth))
            away = np.linalg.norm(points - self._data.site_xpos[self._site], axis=-1)
            mask |= away < _IN_HAND
        return mask

    def _covered(self, frame: CameraFrame) -> npt.NDArray[np.bool_]:
        """Cast a coarse grid of rays at the model; a hit hides the cells around it, too."""
        height, width = frame.depth.shape
        rows, columns = np.arange(0, height, _STEP), np.arange(0, width, _STEP)
        unit = np.ones((height, width), dtype=np.float32)
        rays = frame.intrinsics.backproject(unit)[np.ix_(rows, columns)].reshape(-1, 3)
        rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        eye = frame.base_from_camera.translation
        geom = np.zeros(1, dtype=np.int32)
        hit = np.array(
            [
                self._mujoco.mj_ray(self._model, self._data, eye, ray, None, 1, -1, geom) >= 0.0
                for ray in rays @ frame.base_from_camera.rotation.T
            ]
        ).reshape(len(rows), len(columns))
        grown = np.pad(hit, 1)
        near = np.zeros_like(hit)
        for dy in range(3):
            for dx in range(3):
                near |= grown[dy : dy + hit.shape[0], dx : dx + hit.shape[1]]
        return np.kron(near, np.ones((_STEP, _STEP), dtype=bool))[:height, :width]
