"""Things at rest sleep: they cost no time until something that moves touches them.

A flat with thirty things on its furniture is simulated four times as fast. What is at rest among
sleepers has no contacts in `MjData`, and does not notice that its position was written: who moves
things from outside calls `wake`.
"""

from __future__ import annotations

from typing import Any

TOLERANCE = 1e-3
"""What is slower (m/s, or rad/s times its size) for a few steps falls asleep."""


def let_sleep(option: Any) -> None:
    """Let what is at rest sleep, by the options of a `mujoco.MjSpec`."""
    import mujoco

    option.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    option.sleep_tolerance = TOLERANCE


def wake(data: Any) -> None:
    """Wake everything; it falls asleep again when it is found at rest.

    To be called after positions were written and before `mj_forward`.
    """
    import mujoco

    # What is awake but about to sleep would fall asleep in the air where it was put.
    data.tree_asleep[data.tree_asleep < 0] = -(1 + mujoco.mjMINAWAKE)
    # MuJoCo wakes what has a velocity, told by its bytes: a negative zero is one and moves nothing.
    data.qvel[data.qvel == 0.0] = -0.0
