"""The decoder of gripper-pose chunks, built when the first one comes: joint-only robots need no model."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.robot import Proprio, RobotSpec
from diarchy.skills.context import Context

if TYPE_CHECKING:
    from diarchy.skills.execution.decoder import ActionDecoder


class LazyDecoder:
    """Decodes by `ActionDecoder`, which loads the robot's kinematics."""

    def __init__(self, spec: RobotSpec) -> None:
        self._spec = spec

    @cached_property
    def _decoder(self) -> ActionDecoder:
        from diarchy.skills.execution.decoder import ActionDecoder

        return ActionDecoder(self._spec)

    def decode(self, chunk: ActionChunk, context: Context, proprio: Proprio) -> ActionChunk:
        """Return the same motion as joints; raises what `ActionDecoder.decode` raises."""
        return self._decoder.decode(chunk, context, proprio)
