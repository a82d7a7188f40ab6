"""What the kits share: how a broken clause is said, and clauses about chunks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from diarchy.contracts.action import ActionChunk
from diarchy.contracts.robot import RobotSpec

EE_WIDTH = 10


def require(holds: bool, clause: str, mend: str) -> None:
    """Raise AssertionError that names the broken clause and how to mend it."""
    if not holds:
        raise AssertionError(f"{clause}. To mend it: {mend}.")


def require_members(thing: object, protocol: str, names: Iterable[str]) -> None:
    """Require that a class has all members of its protocol."""
    missing = [name for name in names if not hasattr(thing, name)]
    require(
        not missing,
        f"{type(thing).__name__} is no {protocol}: it has no {', '.join(missing)}",
        f"define what diarchy.contracts says about {protocol}",
    )


def require_name(value: Any, owner: str) -> None:
    """Require a non-empty name, because results say who really did it."""
    require(
        isinstance(value, str) and bool(value.strip()),
        f"{owner}.name is {value!r}, not a name",
        "return a short, constant string; results say by it who really did it",
    )


def require_finite(values: Any, shape: tuple[int, ...], what: str) -> None:
    """Require an array of finite numbers of this shape."""
    is_array = isinstance(values, np.ndarray) and values.dtype.kind == "f"
    require(is_array, f"{what} is no array of floats", f"return float64 of shape {list(shape)}")
    require(
        values.shape == shape,
        f"{what} has shape {list(values.shape)}, the contract says {list(shape)}",
        f"return {list(shape)}",
    )
    require(
        bool(np.isfinite(values).all()),
        f"{what} is not finite",
        "check for NaN and infinity before you return it",
    )


def require_chunk(chunk: ActionChunk, spec: RobotSpec, *, epoch: int, earliest: int) -> None:
    """Require what every chunk must be, whoever made it."""
    joint = chunk.representation == "joint"
    width = 2 + len(spec.joints) + 1 if joint else EE_WIDTH
    require(
        chunk.representation in ("joint", "ee_pose"),
        f"the chunk's representation is {chunk.representation!r}",
        "use 'joint' or 'ee_pose'",
    )
    frames = ("joint",) if joint else ("base", "map")
    require(
        chunk.frame in frames,
        f"the frame of a {chunk.representation} chunk is {chunk.frame!r}",
        f"use {' or '.join(frames)}",
    )
    rows = len(chunk.values)
    require(rows > 0, "the chunk has no rows", "yield at least one row, or return an Outcome")
    require_finite(chunk.values, (rows, width), "chunk.values")
    require(chunk.stride >= 1, f"chunk.stride is {chunk.stride}", "use at least one tick per row")
    require(
        chunk.epoch == epoch,
        f"the chunk carries epoch {chunk.epoch}, the execution it serves has {epoch}",
        "copy the epoch from the context: chunks of another epoch are refused",
    )
    require(
        chunk.start_tick >= earliest,
        f"the chunk starts at tick {chunk.start_tick}, which is before {earliest}",
        "start at the present tick or later: what is past cannot be commanded",
    )
    require(
        bool(chunk.source), "chunk.source is empty", "say who made it, for example 'motion:pick'"
    )
    if joint:
        _require_joint_rows(chunk, spec, width)


def _require_joint_rows(chunk: ActionChunk, spec: RobotSpec, width: int) -> None:
    joints = chunk.values[:, 2:-1]
    slack = 1e-6
    outside = (joints < spec.limits("lower") - slack) | (joints > spec.limits("upper") + slack)
    names = sorted({spec.joint_names[i] for i in np.flatnonzero(outside.any(axis=0))})
    require(
        not names,
        f"the chunk commands {', '.join(names)} outside the limits",
        "clip targets to the limits of the spec before you make the chunk",
    )
    if chunk.tail.size == 0:
        return
    require_finite(chunk.tail, (len(chunk.tail), width), "chunk.tail")
    require(
        bool(np.allclose(chunk.tail[-1, :2], 0.0, atol=1e-6)),
        "the braking tail ends with the base still moving",
        "let the base rows of the tail ramp down to zero, or leave the tail empty",
    )
