"""What appliances do, unseen, to what is believed to be in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.household import PROCESSES, State
from diarchy.memory.devices import Devices


@dataclass
class Processes:
    """Counts how long things have been in a device under the conditions it works in.

    A thing that a fresh look showed to be untouched starts from the beginning.
    """

    static_map: StaticMap
    devices: Devices
    _since: dict[tuple[str, str], float] = field(default_factory=dict)

    def watch(self, now: float, contents: Callable[[str], list[str]]) -> None:
        """Note which things are being worked on at ``now`` (s); ``contents`` of a device by its id."""
        present: dict[tuple[str, str], float] = {}
        for name in self._active(now):
            for thing in contents(name):
                present[name, thing] = self._since.get((name, thing), now)
        self._since = present

    def restart(self, thing: str, now: float) -> None:
        """Begin anew: it was seen at ``now`` (s) not to have changed."""
        for key in [k for k in self._since if k[1] == thing]:
            self._since[key] = now

    def due(self, now: float) -> Iterator[tuple[str, State]]:
        """Yield what must have become hot, cold or clean by ``now`` (s)."""
        for (name, thing), since in sorted(self._since.items()):
            process = PROCESSES[self.static_map.fixtures[name].entity.cls]
            if now - since >= process.seconds:
                yield thing, process.state

    def _active(self, now: float) -> list[str]:
        return [name for name in sorted(self.static_map.fixtures) if self._works(name, now)]

    def _works(self, name: str, now: float) -> bool:
        process = PROCESSES.get(self.static_map.fixtures[name].entity.cls)
        if process is None:
            return False
        power = self.devices.power(name, now)
        runs = not process.running or (power is not None and power[0])
        return runs and (not process.shut or self.devices.is_shut(name))
