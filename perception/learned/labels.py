"""What a detector names: classes, and per class the attributes and readings it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

TEMPERATURES = ("hot", "cold")
CLEANLINESS = ("dirty", "clean")
NAME = "labels.json"


@dataclass(frozen=True)
class Labels:
    """The vocabulary of one detector; it travels with the data and inside the weights.

    Attributes:
        classes: names, by class index.
        colors: names, by colour index.
        movable: classes that have a colour, a temperature and a cleanliness.
        max_opening: largest opening by class, rad of a door or m of a drawer; absent: it has none.
        switched: classes that run or do not.
    """

    classes: tuple[str, ...]
    colors: tuple[str, ...]
    movable: tuple[str, ...]
    max_opening: Mapping[str, float]
    switched: tuple[str, ...]

    def dumps(self) -> str:
        """Write as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def loads(text: str) -> Labels:
        """Read what `dumps` wrote."""
        data = json.loads(text)
        listed = {k: tuple(data[k]) for k in ("classes", "colors", "movable", "switched")}
        return Labels(max_opening=dict(data["max_opening"]), **listed)
