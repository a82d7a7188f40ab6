"""Proportions with their uncertainty."""

from __future__ import annotations

import math

from pydantic import BaseModel


class Rate(BaseModel):
    """``k`` of ``n`` with a 95% Wilson score interval (Wilson, JASA 1927)."""

    k: int
    n: int
    rate: float
    ci95: tuple[float, float]

    @staticmethod
    def of(k: int, n: int) -> Rate:
        """Build from counts; an empty sample has the interval from 0 to 1."""
        if n == 0:
            return Rate(k=0, n=0, rate=0.0, ci95=(0.0, 1.0))
        z = 1.959963984540054
        p = k / n
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return Rate(
            k=k,
            n=n,
            rate=round(p, 4),
            ci95=(round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)),
        )
