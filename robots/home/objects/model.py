"""What a class of movable thing is, and the table of all of them.

A class is a function from a colour to parts; its frame sits at the centre of the bottom, z up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from diarchy.robots.home.parts import Contact, Part, Vec3

PartsOf = Callable[[str], tuple[Part, ...]]
Holds = tuple[Literal["on", "in"], ...]


@dataclass(frozen=True)
class ObjectClass:
    """One class of movable object.

    Attributes:
        name: as ALFRED and AI2-THOR write it.
        extent: full size, m.
        mass: kg.
        colors: that it comes in; the first is the default.
        parts: of a thing of a colour.
        contact: how it touches others.
        holds: whether other things can be put on or in it.
    """

    name: str
    extent: Vec3
    mass: float
    colors: tuple[str, ...]
    parts: PartsOf
    contact: Contact = field(default_factory=Contact)
    holds: Holds = ()

    @property
    def footprint(self) -> float:
        """Radius in m of the smallest upright cylinder around its own axis that contains it."""
        return float(np.hypot(self.extent[0], self.extent[1]) / 2.0)


OBJECT_CLASSES: dict[str, ObjectClass] = {}

ROUND = Contact(condim=6, friction=(0.9, 0.01, 0.003))
"""What could roll: it comes to rest by itself."""
THIN = Contact(condim=6, friction=(0.9, 0.01, 0.001))
"""What two fingers hold by a narrow edge: it does not turn about it."""


def object_class(
    extent: Vec3,
    mass: float,
    colors: tuple[str, ...],
    contact: Contact | None = None,
    *,
    holds: Holds = (),
    name: str = "",
) -> Callable[[PartsOf], PartsOf]:
    """Register the decorated function as the object class of the same name, or of ``name``."""

    def register(parts: PartsOf) -> PartsOf:
        cls = name or "".join(word.capitalize() for word in parts.__name__.split("_"))
        OBJECT_CLASSES[cls] = ObjectClass(
            cls, extent, mass, colors, parts, contact or Contact(), holds
        )
        return parts

    return register
