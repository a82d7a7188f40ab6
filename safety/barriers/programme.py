"""The least change of speeds that keeps every gap from closing too fast: a control barrier function as a QP."""

from __future__ import annotations

import daqp
import numpy as np

from diarchy.contracts.geometry import FloatArray

_SLACK = 1e-9


def least_change(
    told: FloatArray,
    brake: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    rows: FloatArray,
    floors: FloatArray,
    weight: FloatArray,
) -> FloatArray | None:
    """Return the speeds ``[n]`` nearest to ``told`` with ``rows @ speeds >= floors`` and inside a box; None: no solution.

    A row never forbids to brake: where the speeds ``brake`` fall short of a floor, they are the floor.

    Args:
        told: speeds ``[n]`` that are asked for.
        brake: speeds ``[n]`` of braking, inside the box.
        lower: of the box ``[n]``.
        upper: of the box ``[n]``.
        rows: how each gap changes with the speeds ``[m, n]``.
        floors: how fast each gap may change at least ``[m]``, m/s; negative: it may close.
        weight: what a change of each speed counts ``[n]``, for example one over its range.
    """
    floors = np.minimum(floors, rows @ brake - _SLACK)
    scaled = np.ascontiguousarray(rows / weight)
    count, n = len(rows), len(told)
    change = daqp.solve(
        np.eye(n),
        -(told * weight),
        scaled,
        np.concatenate([upper * weight, np.full(count, 1e30)]),
        np.concatenate([lower * weight, floors]),
        np.zeros(n + count, dtype=np.int32),
    )
    speeds, _, flag, _ = change
    return np.asarray(speeds) / weight if flag > 0 else None
