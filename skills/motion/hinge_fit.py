"""Where a hinge really is, from the path that the handle took: maps are off by centimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diarchy.contracts.geometry import FloatArray

_PATH_NOISE = 0.003
_ITERATIONS = 8


@dataclass(frozen=True)
class Circle:
    """A circle in a plane: centre ``[2]`` m and radius m."""

    centre: FloatArray
    radius: float


def fit_circle(points: npt.ArrayLike, prior: Circle, *, doubt: float = 0.08) -> Circle:
    """Fit a circle to points of an arc ``[n, 2]`` m that may be far too short to fix it alone.

    Gauss-Newton on the distances to the circle, with the prior as one more observation: a short arc
    moves it little, a long one overrules it.

    Args:
        points: measured, in the plane of the door.
        prior: what the map says.
        doubt: standard deviation of the prior, m.
    """
    measured = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    start = np.array([*prior.centre, prior.radius])
    x = start.copy()
    for _ in range(_ITERATIONS):
        offset = x[:2] - measured
        distance = np.maximum(np.linalg.norm(offset, axis=1), 1e-6)
        residual = np.concatenate([(distance - x[2]) / _PATH_NOISE, (x - start) / doubt])
        towards = np.column_stack([offset / distance[:, None], -np.ones(len(measured))])
        jacobian = np.vstack([towards / _PATH_NOISE, np.eye(3) / doubt])
        step = np.linalg.lstsq(jacobian, -residual, rcond=None)[0]
        x = x + step
        if float(np.linalg.norm(step)) < 1e-6:
            break
    return Circle(x[:2], float(x[2]))
