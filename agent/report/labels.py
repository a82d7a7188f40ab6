"""Where to write labels on a drawing so that they do not lie on one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_GLYPH = 0.62
"""Mean width of a letter, as a fraction of the font size."""


@dataclass(frozen=True)
class Rectangle:
    """Axis-aligned, in drawing units, y down."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlap(self, other: Rectangle) -> float:
        """Return the shared area."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return width * height if width > 0 and height > 0 else 0.0


@dataclass
class LabelPlacer:
    """Greedy: each label takes the free place nearest to its point, or the one that covers least.

    Attributes:
        frame: labels stay inside.
        taken: what is drawn already.
    """

    frame: Rectangle
    taken: list[Rectangle] = field(default_factory=list)

    def block(self, x: float, y: float, radius: float) -> None:
        """Keep labels off a mark at a point."""
        self.taken.append(Rectangle(x - radius, y - radius, x + radius, y + radius))

    def place(self, words: str, x: float, y: float, size: float, gap: float) -> tuple[float, float]:
        """Return the centre of a label of font size ``size`` for the point ``(x, y)``.

        A negative ``gap`` lets the label lie on the point itself.
        """
        width, height = len(words) * size * _GLYPH, size * 1.15
        best: tuple[float, Rectangle] | None = None
        for cx, cy, distance in _candidates(x, y, width, height, gap):
            box = Rectangle(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            outside = width * height - box.overlap(self.frame)
            cost = distance * 0.5 + 5.0 * outside + sum(box.overlap(other) for other in self.taken)
            if best is None or cost < best[0] - 1e-6:  # a tie goes to the first
                best = (cost, box)
        assert best is not None
        self.taken.append(best[1])
        return (best[1].x0 + best[1].x1) / 2, (best[1].y0 + best[1].y1) / 2


def _candidates(
    x: float, y: float, width: float, height: float, gap: float
) -> Iterator[tuple[float, float, float]]:
    if gap < 0:
        yield x, y, 0.0
    for ring in range(5):
        reach = gap + ring * height * 0.9
        side, rise = width / 2 + reach, height / 2 + reach
        for dx, dy in (
            (side, 0.0),
            (-side, 0.0),
            (0.0, -rise),
            (0.0, rise),
            (side, -rise),
            (side, rise),
            (-side, -rise),
            (-side, rise),
        ):
            yield x + dx, y + dy, reach - gap
