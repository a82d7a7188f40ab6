"""The movable things: classes with shapes, colours and masses of their own, by kind.

Importing the package registers them all in `OBJECT_CLASSES`.
"""

from __future__ import annotations

from diarchy.robots.home.objects import bath, food, kitchen, things, vessels
from diarchy.robots.home.objects.model import OBJECT_CLASSES, ObjectClass

__all__ = ["OBJECT_CLASSES", "ObjectClass", "bath", "food", "kitchen", "things", "vessels"]
