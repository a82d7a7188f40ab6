"""The robot kit passes a good robot and says what is broken about each bad one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import Action, Observation, Pose2, Proprio, Robot, RobotSpec
from diarchy.testing import check_robot, sample_frame, sample_proprio, sample_spec


class Kinematic:
    """A robot without dynamics: joints go where they are told, at once."""

    def __init__(self) -> None:
        self.spec: RobotSpec = sample_spec()
        self.clock = LockstepClock(period=1.0 / self.spec.control_hz)
        self.q = self.spec.postures["tuck"].copy()
        self.x = 0.0
        self.speed = 0.0
        self.commanded: Action | None = None

    def proprio(self) -> Proprio:
        return replace(
            sample_proprio(self.spec, tick=self.clock.tick, commanded=self.commanded),
            q=self.q.copy(),
            odom=Pose2(self.x, 0.0, 0.0),
            base_velocity=np.array([self.speed, 0.0]),
        )

    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        for name in cameras:
            if name not in self.spec.cameras:
                raise BadInputError(f"no camera '{name}'")
        frame = replace(sample_frame(), stamp=self.clock.now())
        return Observation(self.proprio(), dict.fromkeys(cameras, frame))

    def apply(self, action: Action) -> None:
        self.q = action.joints.copy()
        self.speed = float(action.base[0])
        self.x += self.speed * self.clock.period
        self.commanded = action
        self.clock.advance()

    def stop(self) -> None:
        self.speed = 0.0

    def close(self) -> None:
        pass


class Skips(Kinematic):
    def apply(self, action: Action) -> None:
        super().apply(action)
        self.clock.advance()


class Lazy(Kinematic):
    def apply(self, action: Action) -> None:
        super().apply(replace(action, joints=self.q))


class Backwards(Kinematic):
    def apply(self, action: Action) -> None:
        super().apply(action)
        self.x -= 2.0 * self.speed * self.clock.period


class SharesArrays(Kinematic):
    def apply(self, action: Action) -> None:
        shared = self.q
        super().apply(action)
        shared[:] = action.joints + 1e-3 * self.clock.tick
        self.q = shared

    def proprio(self) -> Proprio:
        return replace(super().proprio(), q=self.q)


class Forgets(Kinematic):
    def proprio(self) -> Proprio:
        return replace(super().proprio(), commanded=None)


class Unstoppable(Kinematic):
    def __init__(self) -> None:
        super().__init__()
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def proprio(self) -> Proprio:
        moving = np.array([0.5 if self.stopped else self.speed, 0.0])
        return replace(super().proprio(), base_velocity=moving)


class StopsOnce(Kinematic):
    stopped = False

    def stop(self) -> None:
        if self.stopped:
            raise RuntimeError("already stopped")
        self.stopped = True


class AnyCamera(Kinematic):
    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        return super().sense([c for c in cameras if c in self.spec.cameras], lidar=lidar)


class AlwaysLooks(Kinematic):
    def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
        return super().sense((*cameras, "head_camera"), lidar=lidar)


class FromTheFuture(Kinematic):
    def proprio(self) -> Proprio:
        return replace(super().proprio(), stamp=self.clock.now() + 1.0)


_RUNS = iter(range(1000))


class Unrepeatable(Kinematic):
    def __init__(self) -> None:
        super().__init__()
        self.x = 0.001 * next(_RUNS)


def frames(**changes: Any) -> Callable[[], Robot]:
    class Spoilt(Kinematic):
        def sense(self, cameras: Sequence[str] = (), *, lidar: bool = True) -> Observation:
            seen = super().sense(cameras, lidar=lidar)
            return replace(seen, frames={n: replace(f, **changes) for n, f in seen.frames.items()})

    return Spoilt


def spec(**changes: Any) -> Callable[[], Robot]:
    class Spoilt(Kinematic):
        def __init__(self) -> None:
            super().__init__()
            self.spec = replace(self.spec, **changes)

    return Spoilt


def test_a_good_robot_passes() -> None:
    check_robot(Kinematic)


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        pytest.param(spec(groups={}), "no 'arm'", id="has no arm"),
        pytest.param(spec(groups={"arm": (99,)}), "outside the joints", id="has a joint too many"),
        pytest.param(spec(postures={"tuck": np.zeros(10)}), "no 'ready'", id="lacks a posture"),
        pytest.param(
            spec(postures={"tuck": np.zeros(10), "ready": np.full(10, 9.0)}),
            "outside the joint limits",
            id="has an impossible posture",
        ),
        pytest.param(spec(head_camera="eye"), "does not list", id="has an unlisted head camera"),
        pytest.param(spec(control_hz=100), "clock ticks every", id="ticks at another rate"),
        pytest.param(Skips, "by 2 ticks", id="skips a tick"),
        pytest.param(Lazy, "was told to move", id="does not move its joints"),
        pytest.param(Backwards, "told to drive forward", id="drives backwards"),
        pytest.param(SharesArrays, "old proprio", id="hands out arrays that change"),
        pytest.param(Forgets, "not the last action", id="forgets what it was told"),
        pytest.param(Unstoppable, "still moves", id="does not stop"),
        pytest.param(StopsOnce, "stop from another thread raised", id="can be stopped only once"),
        pytest.param(AnyCamera, "did not raise", id="has any camera"),
        pytest.param(AlwaysLooks, "nobody asked", id="renders unasked"),
        pytest.param(FromTheFuture, "future", id="stamps the future"),
        pytest.param(Unrepeatable, "ended differently", id="never repeats itself"),
        pytest.param(frames(rgb=np.zeros((2, 2, 3), np.uint8)), "rgb is", id="has a wrong image"),
        pytest.param(
            frames(depth=np.full((120, 160), np.nan, np.float32)), "depth has", id="has NaN depth"
        ),
    ],
)
def test_the_kit_says_what_is_wrong_with_a_robot_that(
    factory: Callable[[], Robot], words: str
) -> None:
    with pytest.raises(AssertionError, match=words) as caught:
        check_robot(factory)
    assert "To mend it: " in str(caught.value)
