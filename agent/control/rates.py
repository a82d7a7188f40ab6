"""Rate groups: what runs at which multiple of the control period."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.contracts.errors import BadInputError


@dataclass(frozen=True)
class Rates:
    """Frequencies in Hz; each must divide the control rate, so that every period is a whole number of ticks."""

    control: int = 200
    tree: int = 20
    lidar: int = 5
    log: int = 2

    def __post_init__(self) -> None:
        for name in ("tree", "lidar", "log"):
            hz = getattr(self, name)
            if hz <= 0 or self.control % hz:
                raise BadInputError(
                    f"the {name} rate of {hz} Hz does not divide the control rate of {self.control} Hz"
                )

    def due(self, group: str, tick: int) -> bool:
        """Tell whether a group runs at this control tick."""
        return bool(tick % (self.control // getattr(self, group)) == 0)
