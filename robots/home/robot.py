"""`HomeRobot`: a Fetch in a physically simulated home, behind the `Robot` Protocol."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError, MissingExtraError, did_you_mean
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import Action, Observation, Pose2, Proprio, RobotSpec
from diarchy.robots.home.culling import Culling
from diarchy.robots.home.effects import Effects
from diarchy.robots.home.fetch import fetch_spec
from diarchy.robots.home.following import Following
from diarchy.robots.home.gl import choose_backend
from diarchy.robots.home.instances import InstanceLabel, Instances
from diarchy.robots.home.laws import Laws
from diarchy.robots.home.pictures import Pictures
from diarchy.robots.home.placement import place_objects
from diarchy.robots.home.randomize import vary_model, vary_scene
from diarchy.robots.home.scene import Scene, load_scene
from diarchy.robots.home.sensors import Cameras, Lidar
from diarchy.robots.home.servo import BodyServo
from diarchy.robots.home.static_map import static_map
from diarchy.robots.home.truth import HomeTruth
from diarchy.robots.home.world import PHYSICS_STEP, build_model

SETTLE_S = 0.6


class HomeRobot:
    """A Fetch in a simulated home; lockstep: `apply` advances the world by one control tick.

    Args:
        scene: a checked scene, the name of a shipped one, or the path of a YAML file.
        seed: decides where "random" objects stand, every sensor's noise, and what the scene has
            randomised; `randomization` says what was drawn.
        camera_size: width and height of the images in pixels.
        odometry_noise: False gives exact dead reckoning.
        odometry_scale: relative errors of distance and of turning; else each run draws its own.

    Raises:
        BadInputError: the scene does not exist or is malformed.
        MissingExtraError: the ``sim`` extra is not installed.
    """

    def __init__(
        self,
        scene: Scene | str | Path = "home",
        seed: int = 0,
        *,
        camera_size: tuple[int, int] = (640, 480),
        odometry_noise: bool = True,
        odometry_scale: tuple[float, float] | None = None,
    ) -> None:
        mujoco = _import_mujoco()
        asked = scene if isinstance(scene, Scene) else load_scene(scene, seed)
        self.scene, report = vary_scene(asked, seed)
        self.seed = seed
        self._spec = fetch_spec()
        place_rng, odom_rng, lidar_rng = (
            np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)
        )
        placed = place_objects(self.scene, place_rng)
        self._model = build_model(self.scene, placed)
        varied = vary_model(self._model, self.scene, placed, tuple(self._spec.cameras), seed)
        self.randomization: dict[str, Any] = {**report, **varied.report}
        self._data = mujoco.MjData(self._model)
        self._step = mujoco.mj_step
        start = self.scene.robot
        self.start = Pose2(start.x, start.y, float(np.radians(start.yaw_deg)))
        self.static_map: StaticMap = static_map(self.scene)
        self._clock = LockstepClock(period=1.0 / self._spec.control_hz)
        self._substeps = round(self._clock.period / PHYSICS_STEP)
        self._servo = BodyServo(self._model, self._data, self._spec, self.start, varied.delay)
        self._culling = Culling(self._model)
        self._following = Following(self._model, self._clock.period)
        self._instances = Instances(self._model, self.scene, placed)
        self._laws = Laws(
            self._model, self._data, self.scene, placed, self.static_map, self._clock.period
        )
        effects = Effects(self._model, self.scene, placed, self._laws.household)
        self._cameras = Cameras(self._model, camera_size, self._instances, effects, varied.cameras)
        self._lidar = Lidar(self._model, lidar_rng)
        self._pictures = Pictures(self._model, self.scene, effects)
        self.truth = HomeTruth(
            self._model, self._data, self.scene, placed, self.static_map, self._laws.household
        )
        self._lock = threading.RLock()
        self._commanded: Action | None = None
        self._braking = False
        self._settle(self._spec.postures[start.posture])
        self._servo.start_odometry(odom_rng, noisy=odometry_noise, scale=odometry_scale)

    @property
    def spec(self) -> RobotSpec:
        """The Fetch's description."""
        return self._spec

    @property
    def clock(self) -> LockstepClock:
        """Simulated time; `apply` advances it."""
        return self._clock

    @property
    def instances(self) -> dict[int, InstanceLabel]:
        """What each instance id stands for, states as of now. Only the oracle detector reads it."""
        return self._instances.read(self._data, self._laws.household)

    def proprio(self) -> Proprio:
        """Read joints, gripper and odometry; no rendering."""
        servo = self._servo
        return Proprio(
            stamp=self._clock.now(),
            tick=self._clock.tick,
            q=servo.q(),
            dq=servo.dq(),
            effort=servo.effort(),
            gripper_width=servo.gripper_width(),
            gripper_force=servo.gripper_force(),
            odom=servo.odometry,
            base_velocity=servo.base_velocity(),
            commanded=self._commanded,
        )

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        """Read the named cameras and, if asked, the lidar, at this instant.

        Raises:
            BadInputError: a camera is not in ``spec.cameras``.
            NoGraphicsError: a camera is asked for and there is no OpenGL here.
        """
        for name in cameras:
            if name not in self._spec.cameras:
                hint = did_you_mean(name, self._spec.cameras)
                raise BadInputError(f"the robot has no camera '{name}'; {hint}")
        with self._lock:
            stamp, base = self._clock.now(), self._base()
            frames = {n: self._cameras.frame(self._data, n, stamp, base) for n in cameras}
            scan = self._lidar.scan(self._data, stamp, base) if lidar else None
            return Observation(self.proprio(), frames, scan)

    def apply(self, action: Action) -> None:
        """Command one control tick and advance the world by it; releases a latched `stop`.

        Raises:
            BadInputError: the action has the wrong shape or is not finite.
        """
        action.refuse_malformed(len(self._spec.joints))
        with self._lock:
            self._commanded, self._braking = action, False
            self._servo.command(action)
            self._advance()

    def stop(self) -> None:
        """Brake to rest and hold. Lockstep: simulated time runs on until everything is at rest."""
        with self._lock:
            if self._braking:
                return
            self._braking = True
            held = Action(np.zeros(2), self._servo.braking_point(), self._servo.gripper_target)
            self._commanded = held
            for _ in range(2 * self._spec.control_hz):
                self._servo.command(held)
                self._advance()
                if self.proprio().at_rest():
                    return

    def close(self) -> None:
        """Release the renderers; idempotent."""
        self._cameras.close()
        self._pictures.close()

    def render(
        self,
        view: Literal["overview", "chase", "top"] = "overview",
        width: int = 1280,
        height: int = 720,
    ) -> npt.NDArray[np.uint8]:
        """Take a picture ``[height, width, 3]`` for people: with shadows, from outside the robot.

        Raises:
            BadInputError: no such view.
            NoGraphicsError: there is no OpenGL here.
        """
        with self._lock:
            return self._pictures.take(self._data, view, width, height, self._base())

    def move_object(self, object_id: str, xyz: Sequence[float], yaw: float = 0.0) -> None:
        """Put an object elsewhere, bottom centre at ``xyz`` in ``map``: an event from outside.

        Raises:
            BadInputError: no such object.
        """
        with self._lock:
            self.truth.place(object_id, SE3.from_xyz_yaw(xyz[0], xyz[1], xyz[2], yaw))

    def set_door(self, fixture_id: str, angle: float) -> None:
        """Open or close a door to ``angle`` rad, or pull a drawer out by as many m: an event from outside.

        Raises:
            BadInputError: no such door or drawer.
        """
        with self._lock:
            self.truth.turn_door(fixture_id, angle)
            self._laws.feel()

    def set_power(self, device_id: str, on: bool) -> None:
        """Switch a device on or off: an event from outside.

        Raises:
            BadInputError: it cannot be switched, or it is a microwave with an open door.
        """
        with self._lock:
            self._laws.set_power(device_id, on)

    def set_state(
        self, object_id: str, *, temperature: float | str | None = None, dirty: bool | None = None
    ) -> None:
        """Make an object hot, cold, ambient or so many degrees C, dirty or not: an event from outside.

        Raises:
            BadInputError: no such object or temperature.
        """
        with self._lock:
            self._laws.set_state(object_id, temperature=temperature, dirty=dirty)

    def knock_from_hand(self) -> str:
        """Knock what is held out of the gripper: an event from outside; returns what it was.

        The fingers are forced open for a moment and the object is hit; it falls by itself.

        Raises:
            BadInputError: nothing is held.
        """
        with self._lock:
            held = [o for o in self.truth.objects if self.truth.holds("holding", o)]
            if not held:
                raise BadInputError("nothing is in the gripper that could be knocked out of it")
            self._laws.knock(held[0])
            return held[0]

    def move_person(self, person_id: str, x: float, y: float, yaw: float) -> None:
        """Stand a person elsewhere, facing ``yaw`` (rad, in ``map``): an event from outside.

        Raises:
            BadInputError: no such person.
        """
        with self._lock:
            self.truth.stand_person(person_id, SE3.from_xyz_yaw(x, y, 0.0, yaw))

    def _advance(self) -> None:
        self._laws.before_tick()
        self._culling.before_tick(self._data)
        self._step(self._model, self._data, self._substeps)
        self._clock.advance()
        self._following.after_tick(self._data)
        self._servo.after_step()
        self._laws.after_tick()

    def _base(self) -> SE3:
        return self._servo.base_pose().se3()

    def _settle(self, posture: FloatArray) -> None:
        """Let the objects come to rest before time begins."""
        self._servo.reset(posture)
        for entity_id, share in self.scene.openings.items():
            self.truth.turn_door(entity_id, share * self.static_map.fixtures[entity_id].max_opening)
        for _ in range(round(SETTLE_S / PHYSICS_STEP)):
            self._step(self._model, self._data)
        self._data.time = 0.0
        self._laws.feel()


def _import_mujoco() -> Any:
    choose_backend()
    try:
        import mujoco
    except ImportError as error:
        raise MissingExtraError("the simulated home", "sim") from error
    return mujoco
