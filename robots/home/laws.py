"""The laws of the home at work in the simulator: stepped with it, and bent by events from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError
from diarchy.robots.home.circumstances import Witness
from diarchy.robots.home.fetch_data import FINGERS
from diarchy.robots.home.household import AMBIENT, COLDEST, HOTTEST, Household
from diarchy.robots.home.joints import LEVER_JOINT
from diarchy.robots.home.placement import Placed
from diarchy.robots.home.scene import Scene
from diarchy.robots.home.world import FINGER_JOINTS

FEEL_TICKS, LAW_TICKS = 4, 20
"""Control ticks between two readings of buttons and doors, and between two steps of the laws."""
START = {"hot": 80.0, "cold": COLDEST, "ambient": AMBIENT}
"""Celsius of what a scene or an event calls hot, cold or neither."""
KNOCK_S = 0.20
KNOCK_SPEED = (0.35, 0.6)
"""How long a blow keeps the fingers open; the speeds (m/s) it gives: along the pads, and down."""


class Laws:
    """Steps the household's states with the simulation.

    Args:
        model: the compiled scene.
        data: its state.
        scene: its description; it says what is dirty, hot or cold at the start.
        placed: its movable things.
        home: its map.
        period: length of a control tick, s.
    """

    def __init__(
        self,
        model: Any,
        data: Any,
        scene: Scene,
        placed: Sequence[Placed],
        home: StaticMap,
        period: float,
    ) -> None:
        self._model, self._data, self._period = model, data, period
        self._map = home
        self._witness = Witness(model, scene, placed, home)
        self.household = Household([p.id for p in placed], self._witness.devices)
        for name, start in zip(scene.object_ids, scene.objects, strict=True):
            self.set_state(name, temperature=start.temperature, dirty=start.dirty or None)
        self._fingers = [model.actuator(n).id for n in FINGER_JOINTS]
        self._tick = 0
        self._blow = 0

    def before_tick(self) -> None:
        """Let a blow that still lasts hold the fingers open, against their motors' command."""
        if self._blow > 0:
            self._blow -= 1
            self._data.ctrl[self._fingers] = FINGERS.travel

    def after_tick(self) -> None:
        """Account for one control tick that has passed."""
        self._tick += 1
        if self._tick % FEEL_TICKS == 0:
            self.feel()
        if self._tick % LAW_TICKS == 0:
            now = self._witness.circumstances(self._data)
            self.household.pass_time(LAW_TICKS * self._period, now)

    def feel(self) -> None:
        """Read doors, buttons and levers as they are now."""
        self.household.set_shut(self._witness.shut(self._data))
        self.household.feel(self._witness.travel(self._data))

    def set_state(
        self, object_id: str, *, temperature: float | str | None = None, dirty: bool | None = None
    ) -> None:
        """Make a thing hot, cold or of a temperature, dirty or neither dirty nor clean.

        Raises:
            BadInputError: no such thing or temperature.
        """
        thing = self.household.thing(object_id)
        if temperature is not None:
            thing.set_temperature(_celsius(temperature))
        if dirty:
            thing.soil()
        elif dirty is not None:
            thing.dirty = thing.clean = False

    def set_power(self, device_id: str, on: bool) -> None:
        """Switch a device: a lever is turned, a button has its effect.

        Raises:
            BadInputError: it cannot be switched, or it is a microwave with an open door.
        """
        import mujoco

        self.household.switchable(device_id)
        self.feel()
        control = self._map.fixtures[device_id].control
        if control is not None and control.kind == "lever":
            joint = self._data.joint(LEVER_JOINT.format(device_id))
            joint.qpos[0], joint.qvel[0] = control.travel * on, 0.0
            mujoco.mj_forward(self._model, self._data)
            self.feel()
        else:
            self.household.switch(device_id, on)

    def knock(self, object_id: str) -> None:
        """Hit what is in the hand: the fingers spring open and it is driven off, down and to the side."""
        # Along the pads, where no finger is in the way; straight down if that is not level.
        side = np.array(self._data.site("gripper").xmat).reshape(3, 3)[:, 2] * [1.0, 1.0, 0.0]
        velocity = KNOCK_SPEED[0] * side + np.array([0.0, 0.0, -KNOCK_SPEED[1]])
        self._data.joint(object_id).qvel[:3] = velocity
        self._blow = round(KNOCK_S / self._period)


def _celsius(temperature: float | str) -> float:
    if isinstance(temperature, str):
        if temperature not in START:
            known = ", ".join(START)
            raise BadInputError(f"no temperature '{temperature}'; known: {known}, or degrees C")
        return START[temperature]
    if not COLDEST <= temperature <= HOTTEST:
        raise BadInputError(
            f"a temperature is between {COLDEST:g} and {HOTTEST:g} degrees C, got {temperature:g}"
        )
    return float(temperature)
