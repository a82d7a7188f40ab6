"""A robot that is put where a picture is wanted: poses of base, head, arm and hand, no physics between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame
from diarchy.robots.home import HomeRobot
from diarchy.robots.home.freespace import FreeFloor
from diarchy.robots.home.household import SWITCHED
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import Placed, place_objects
from diarchy.robots.home.sleep import wake
from diarchy.robots.home.world import BASE_JOINTS, FINGER_JOINTS

_OPTICAL = np.diag([1.0, -1.0, -1.0])
_PAN, _TILT = -2, -1
"""The head's joints are the last two."""
_ARM = slice(1, 8)
HEAD, HAND = "head_camera", "gripper_camera"


class Photographer(HomeRobot):
    """The simulated home with a robot that is moved by hand; `frame` takes its own cameras' pictures."""

    def prepare(self, rng: np.random.Generator) -> None:
        """Get ready for `stand_before` and the rest."""
        self._rng = rng
        start = self.scene.robot
        self._floor = FreeFloor(self.static_map, (start.x, start.y))
        self._q = self._addresses(self._spec.joint_names)
        self._base_q, self._finger_q = self._addresses(BASE_JOINTS), self._addresses(FINGER_JOINTS)

    def rearrange(self) -> None:
        """Put all things somewhere else, two of them on the floor, and let them come to rest."""
        for thing in self._drawn():
            self.truth.place(thing.id, thing.pose)
        for name in self._rng.choice(self.truth.objects, 2, replace=False):
            x, y = self._free_point()
            yaw = float(self._rng.uniform(-np.pi, np.pi))
            self.truth.place(str(name), SE3.from_xyz_yaw(x, y, 0.005, yaw))
        self._settle(self._spec.postures["tuck"])

    def shuffle_states(self) -> None:
        """Draw temperatures, dirt, doors, drawers and switches anew."""
        rng, household = self._rng, self._laws.household
        for name in self.truth.objects:
            heat = str(rng.choice(["ambient", "hot", "cold"], p=[0.55, 0.25, 0.20]))
            dirt = str(rng.choice(["", "dirty", "clean"], p=[0.55, 0.25, 0.20]))
            household.thing(name).hot = household.thing(name).cold = False
            self.set_state(name, temperature=heat, dirty=dirt == "dirty")
            if dirt == "clean":
                household.thing(name).rinse(60.0)
        for name, info in self.static_map.fixtures.items():
            if info.openable:
                share = 0.0 if rng.random() < 0.4 else rng.uniform(0.0, 1.0) ** 0.7
                self.set_door(name, share * info.max_opening)
        for name, device in household.devices.items():
            if device.cls in SWITCHED:
                self._switch(name, bool(rng.random() < 0.5))

    def stand_before(self, point: FloatArray, near: float, far: float) -> None:
        """Stand at a random place from where a point ``[3]`` may be seen, and look about at it."""
        rng = self._rng
        for _ in range(60):
            distance = float(np.exp(rng.uniform(np.log(near), np.log(far))))
            angle = rng.uniform(-np.pi, np.pi)
            x, y = point[:2] + distance * np.array([np.cos(angle), np.sin(angle)])
            if self._floor.room([[x, y]])[0] > 0.28:
                break
        else:
            x, y = self._free_point()
        yaw = float(np.arctan2(point[1] - y, point[0] - x) + rng.normal(0.0, 0.5))
        self._pose(np.array([x, y, yaw]), self._posture(0.15))
        self.look_at(point)

    def look_about(self) -> None:
        """Stand and look anywhere."""
        x, y = self._free_point()
        q = self._posture(0.3)
        q[_PAN], q[_TILT] = self._rng.uniform(-1.2, 1.2), self._rng.uniform(-0.1, 0.9)
        self._pose(np.array([x, y, self._rng.uniform(-np.pi, np.pi)]), q)

    def look_at(self, point: FloatArray) -> None:
        """Turn the head so that a point ``[3]`` is somewhere in the picture."""
        lower, upper = self._spec.limits("lower"), self._spec.limits("upper")
        aside = self._rng.uniform(-0.7, 0.7, 2) * [0.45, 0.34]
        for _ in range(3):
            ahead = self.camera_pose(HEAD).inverse().apply(point)
            right = float(np.arctan2(ahead[0], ahead[2])) + aside[0]
            down = float(np.arctan2(ahead[1], np.hypot(ahead[0], ahead[2]))) + aside[1]
            address = self._q[[_PAN, _TILT]]
            wanted = self._data.qpos[address] + [-right, down]
            self._data.qpos[address] = np.clip(wanted, lower[[_PAN, _TILT]], upper[[_PAN, _TILT]])
            self._forward()

    def reach_out(self, point: FloatArray) -> bool:
        """Hold the hand's camera over a point ``[3]``; tells whether it sees it about."""
        rng, ready = self._rng, self._spec.postures["ready"]
        for _ in range(60):
            angle = rng.uniform(-np.pi, np.pi)
            away = rng.uniform(0.45, 0.9)
            x, y = point[:2] + away * np.array([np.cos(angle), np.sin(angle)])
            if self._floor.room([[x, y]])[0] < 0.28:
                continue
            q = ready.copy()
            q[0] = rng.uniform(0.05, 0.38)
            q[_ARM] += rng.normal(0.0, 0.35, 7)
            yaw = np.arctan2(point[1] - y, point[0] - x) + rng.normal(0.0, 0.3)
            self._pose(np.array([x, y, yaw]), q)
            seen = self.camera_pose(HAND).inverse().apply(point)
            if 0.12 < seen[2] < 1.3 and np.all(np.abs(seen[:2]) < [0.65 * seen[2], 0.5 * seen[2]]):
                return True
        return False

    def hold(self, object_id: str) -> None:
        """Put a thing between the fingers, as after a grasp from some side."""
        rng = self._rng
        extent = np.array(OBJECT_CLASSES[self.truth.attributes(object_id)["class"]].extent)
        hand = self.truth.gripper()
        wide = bool(extent[:2].min() > 0.085)
        out = hand.rotation[:, 0] * (extent[:2].max() / 2 if wide else rng.uniform(-0.01, 0.02))
        if rng.random() < 0.6:
            pose = SE3.from_xyz_yaw(0.0, 0.0, 0.0, float(rng.uniform(-np.pi, np.pi)))
        else:
            turn = SE3.from_xyz_yaw(0.0, 0.0, 0.0, float(rng.choice([0.0, np.pi / 2])))
            pose = SE3(hand.rotation, np.zeros(3)) @ turn
        middle = pose.apply([0.0, 0.0, extent[2] * rng.uniform(0.35, 0.65)])
        self.truth.place(object_id, SE3(pose.rotation, hand.translation + out - middle))
        width = 0.0 if wide else float(min(extent[:2].min(), 0.1))
        self._data.qpos[self._finger_q] = width / 2
        self._forward()

    def remember(self) -> Callable[[], None]:
        """Return what puts everything back to where it is now."""
        kept = self._data.qpos.copy()

        def restore() -> None:
            self._data.qpos[:] = kept
            self._data.qvel[:] = 0.0
            self._forward()

        return restore

    def frame(self, camera: str) -> CameraFrame:
        """Take a picture, at a random phase of steam and running water."""
        self._data.time = float(self._rng.uniform(0.0, 20.0))
        return self._cameras.frame(self._data, camera, 0.0, self._base())

    def camera_pose(self, name: str) -> SE3:
        """``map_from_camera``, optical."""
        camera = self._data.camera(name)
        return SE3(np.array(camera.xmat).reshape(3, 3) @ _OPTICAL, np.array(camera.xpos))

    def _drawn(self) -> list[Placed]:
        """Draw other places; none if in a full home the things do not find room again."""
        for _ in range(3):
            try:
                return place_objects(self.scene, self._rng)
            except BadInputError:
                continue
        return []

    def _posture(self, noise: float) -> FloatArray:
        rng, spec = self._rng, self._spec
        tuck, ready = spec.postures["tuck"], spec.postures["ready"]
        blend = float(rng.choice([0.0, 1.0, rng.uniform()], p=[0.6, 0.2, 0.2]))
        q = (1 - blend) * tuck + blend * ready
        if blend > 0.0:
            q[_ARM] += rng.normal(0.0, noise, 7)
        q[0] = rng.uniform(0.04, 0.386)
        return np.clip(q, spec.limits("lower"), spec.limits("upper"))

    def _pose(self, base: FloatArray, q: FloatArray) -> None:
        self._data.qpos[self._base_q], self._data.qpos[self._q] = base, q
        self._data.qpos[self._finger_q] = float(self._rng.uniform(0.0, 0.05))
        self._forward()

    def _forward(self) -> None:
        import mujoco

        wake(self._data)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def _switch(self, name: str, on: bool) -> None:
        device = self._laws.household.devices[name]
        if device.cls == "Microwave" and not device.shut:
            return
        self.set_power(name, on)

    def _free_point(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.static_map.bounds
        for _ in range(500):
            x, y = float(self._rng.uniform(x0, x1)), float(self._rng.uniform(y0, y1))
            if self._floor.met([[x, y]])[0]:
                return x, y
        return self.start.x, self.start.y

    def _addresses(self, names: Any) -> Any:
        return np.array([int(self._model.joint(n).qposadr[0]) for n in names])
