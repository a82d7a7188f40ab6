"""What happens in the home while a scenario runs, on the simulator, at given times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diarchy.agent.scenario.model import WorldEvent
from diarchy.contracts.errors import BadInputError, did_you_mean

_INSET = 0.16
_APART = 0.22


class Happenings:
    """Carries out each event once its time has come; `tick` is called after every control tick.

    Raises:
        BadInputError: an event names what is not in the home.
    """

    def __init__(
        self,
        robot: Any,
        events: Sequence[WorldEvent],
        *,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._robot, self._tell = robot, tell
        self._left = sorted(events, key=lambda e: e.at)
        self._began = robot.clock.now()
        for event in events:
            self._check(event)

    def tick(self) -> None:
        """Do what is due."""
        while self._left and self._robot.clock.now() - self._began >= self._left[0].at:
            self._do(self._left.pop(0))

    def _do(self, event: WorldEvent) -> None:
        robot = self._robot
        if event.move is not None:
            spot = event.to if isinstance(event.to, tuple) else self._spot(event.move, event.to)
            robot.move_object(event.move, spot)
            self._tell(f"somebody moves {event.move} to {event.to}")
        elif event.shut is not None:
            robot.set_door(event.shut, 0.0)
            self._tell(f"somebody shuts {event.shut}")
        elif event.open is not None:
            robot.set_door(event.open, robot.static_map.fixtures[event.open].max_opening)
            self._tell(f"somebody opens {event.open}")
        elif event.switch is not None:
            robot.set_power(event.switch, event.on)
            self._tell(f"somebody switches {event.switch} {'on' if event.on else 'off'}")
        elif event.knock:
            robot.knock_from_hand()
            self._tell("somebody knocks against the hand")

    def _check(self, event: WorldEvent) -> None:
        fixtures = self._robot.static_map.fixtures
        for name in (event.shut, event.open, event.switch, event.to):
            if isinstance(name, str) and name not in fixtures:
                raise BadInputError(
                    f"an event names '{name}', which is not there; {did_you_mean(name, fixtures)}"
                )
        objects = self._robot.truth.objects
        if event.move is not None and event.move not in objects:
            hint = did_you_mean(event.move, objects)
            raise BadInputError(f"an event moves '{event.move}', which is not there; {hint}")

    def _spot(self, thing: str, fixture: str | None) -> tuple[float, float, float]:
        """Find a free spot on a fixture, near its front edge."""
        truth = self._robot.truth
        info = self._robot.static_map.fixtures[str(fixture)]
        others = [truth.centre(o) for o in truth.objects if o != thing]
        for surface in info.surfaces_at(truth.opening(fixture) if info.openable else None):
            wide = surface.size[1] / 2.0 - _INSET
            front = max(surface.size[0] / 2.0 - _INSET, 0.0)
            for share in (0.0, 0.5, -0.5, 0.9, -0.9, 0.25, -0.25, 0.7, -0.7):
                spot = surface.pose.apply([front, share * max(wide, 0.0), 0.003])
                if all(float(abs(spot[:2] - o[:2]).max()) > _APART for o in others):
                    return float(spot[0]), float(spot[1]), float(spot[2])
        raise BadInputError(f"an event moves {thing} to {fixture}, where there is no room")
