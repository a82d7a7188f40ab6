"""What guards of a whole body share: its limits, and its model where one is needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from diarchy.contracts.robot import RobotSpec
from diarchy.safety.limits import Limits

if TYPE_CHECKING:
    from diarchy.safety.body import Body


class Embodied:
    """A mix-in for guards that have a ``spec``; limits and model are made when they are first asked for."""

    spec: RobotSpec

    @cached_property
    def _limits(self) -> Limits:
        return Limits.of(self.spec)

    @cached_property
    def _body(self) -> Body:
        # Imported here, because a guard that never needs the model must not need MuJoCo.
        from diarchy.safety.body import Body

        return Body(self.spec)
