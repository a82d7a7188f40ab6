"""The dense map of a run: what the head camera saw, fused as it goes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from diarchy.agent.run.oblique import oblique
from diarchy.agent.run.trace import DENSE_FILE, DENSE_PICTURE
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame, RobotSpec
from diarchy.perception import Percept
from diarchy.perception.dense_map import DenseMap
from diarchy.perception.own_body import OwnBody

if TYPE_CHECKING:
    from diarchy.agent.control.loop import ControlLoop

_log = logging.getLogger(__name__)


class DenseRecorder:
    """Fuses frames without the robot's own body.

    Args:
        spec: the embodiment.

    Raises:
        MissingExtraError: Open3D, or MuJoCo, is not installed.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self.map = DenseMap()
        self._own = OwnBody(spec)

    def take(
        self, frame: CameraFrame, map_from_base: SE3, q: FloatArray, *, holding: bool = False
    ) -> None:
        """Fuse a frame taken with the base there and the joints at ``q`` ``[J]``."""
        hidden = self._own.in_view(frame, q, holding=holding)
        self.map.add(frame, map_from_base @ frame.base_from_camera, hidden)

    def watch(self, loop: ControlLoop) -> None:
        """Let a control loop's looks be fused from now on."""
        last: Percept | None = None

        def tick() -> None:
            nonlocal last
            if loop.seen is last or loop.seen is None:
                return
            last = loop.seen
            holding = loop.world.held() is not None
            for view in last.views:
                if view.frame.name == loop.robot.spec.head_camera:
                    self.take(view.frame, last.map_from_base, loop.proprio.q, holding=holding)

        loop.watchers = (*loop.watchers, tick)

    def write(self, folder: Path) -> Path | None:
        """Write the surface, and a picture of it, into a run's folder; None, and a line in the log, where there is none."""
        path = folder / DENSE_FILE
        try:
            mesh = self.map.save(path)
            oblique(mesh).save(folder / DENSE_PICTURE, quality=90)
        except (BadInputError, OSError) as problem:
            _log.warning("no dense map was left: %s", problem)
            return None
        return path
