"""What a scene may name: fixture and object classes, floors, wall colours, lighting, styles."""

from __future__ import annotations

from diarchy.robots.home.fixtures import FIXTURE_CLASSES
from diarchy.robots.home.looks import DECOR_CLASSES, FLOORS, LIGHTING, STYLES, WALLS
from diarchy.robots.home.objects import OBJECT_CLASSES

__all__ = [
    "DECOR_CLASSES",
    "FIXTURE_CLASSES",
    "FLOORS",
    "LIGHTING",
    "OBJECT_CLASSES",
    "STYLES",
    "WALLS",
]
