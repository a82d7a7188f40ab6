"""Messages between a robot's process and its agent: JSON and raw arrays, of classes that are listed here.

A message is ``>II`` (bytes of JSON, bytes of arrays), the JSON, the arrays. Nothing is ever executed
or imported because of what a message says, and a message that is too long or names another class is refused.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from diarchy.contracts import entity, geometry, robot
from diarchy.contracts.errors import DiarchyError

PROTOCOL = 1
MAX_BYTES = 256 * 1024 * 1024
_HEAD = struct.Struct(">II")


class WireError(DiarchyError):
    """The other side is gone, or what it sent is no message."""


class Unsendable(TypeError):
    """A defect: a value of a class that is not listed."""


@dataclass(frozen=True)
class Label:
    """What a simulator says of one instance id, for the oracle detector."""

    entity_id: str
    cls: str
    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    opening: float | None = None
    power: bool | None = None


_CLASSES: dict[str, Any] = {
    c.__name__: c
    for c in (
        Label,
        geometry.SE3,
        geometry.Intrinsics,
        robot.JointSpec,
        robot.BaseSpec,
        robot.GripperSpec,
        robot.RobotSpec,
        robot.Pose2,
        robot.Proprio,
        robot.CameraFrame,
        robot.LidarScan,
        robot.Observation,
        robot.Action,
        entity.Entity,
        entity.Box,
        entity.Surface,
        entity.Hinge,
        entity.Slide,
        entity.Control,
        entity.FixtureInfo,
        entity.StaticMap,
    )
}


def send(connection: socket.socket, message: Any) -> None:
    """Send one message.

    Raises:
        WireError: the other side is gone.
    """
    arrays: list[bytes] = []
    text = json.dumps(_plain(message, arrays)).encode()
    try:
        connection.sendall(_HEAD.pack(len(text), sum(map(len, arrays))) + text)
        for data in arrays:
            connection.sendall(data)
    except OSError as error:
        raise WireError(f"the other side is gone: {error.strerror or error}") from error


def receive(connection: socket.socket) -> Any:
    """Wait for one message.

    Raises:
        WireError: the other side is gone or silent (a timeout of the socket), or sent no message.
    """
    size, blob = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if size + blob > MAX_BYTES:
        raise WireError(f"a message of {size + blob} bytes is refused, {MAX_BYTES} are allowed")
    text, data = _exactly(connection, size), _exactly(connection, blob)
    try:
        return _rich(json.loads(text.decode()), memoryview(data))
    except (ValueError, TypeError, KeyError, IndexError, ValidationError, RecursionError) as error:
        raise WireError(f"what was sent is no message: {error}") from error


def _exactly(connection: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    view, got = memoryview(data), 0
    while got < count:
        try:
            more = connection.recv_into(view[got:])
        except TimeoutError as error:
            raise WireError("the other side is silent") from error
        except OSError as error:
            raise WireError(f"the other side is gone: {error.strerror or error}") from error
        if more == 0:
            raise WireError("the other side is gone")
        got += more
    return data


def _plain(value: Any, arrays: list[bytes]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise Unsendable(f"an array of {value.dtype} cannot be sent")
        arrays.append(np.ascontiguousarray(value).tobytes())
        return {"$a": [value.dtype.str, list(value.shape)]}
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, list):
        return [_plain(v, arrays) for v in value]
    if isinstance(value, tuple):
        return {"$t": [_plain(v, arrays) for v in value]}
    if isinstance(value, Mapping):
        return {"$d": [[_plain(k, arrays), _plain(v, arrays)] for k, v in value.items()]}
    name = type(value).__name__
    if _CLASSES.get(name) is type(value):
        if isinstance(value, BaseModel):
            return {"$m": [name, value.model_dump(mode="json")]}
        if is_dataclass(value):
            return {
                "$c": [
                    name,
                    {f.name: _plain(getattr(value, f.name), arrays) for f in fields(value)},
                ]
            }
    raise Unsendable(f"a {type(value).__name__} cannot be sent")


def _rich(value: Any, data: memoryview) -> Any:
    cursor = [0]

    def array(kind: str, shape: list[int]) -> Any:
        dtype = np.dtype(kind)
        if dtype.kind not in "biuf":
            raise ValueError(f"an array of {dtype} is refused")
        count = int(np.prod(shape, dtype=np.int64))
        begin, cursor[0] = cursor[0], cursor[0] + count * dtype.itemsize
        if count < 0 or cursor[0] > len(data):
            raise ValueError("an array is cut off")
        return np.frombuffer(data[begin : cursor[0]], dtype=dtype).reshape(shape).copy()

    def rich(item: Any) -> Any:
        if isinstance(item, list):
            return [rich(v) for v in item]
        if not isinstance(item, dict):
            return item
        ((tag, body),) = item.items()
        if tag == "$a":
            return array(*body)
        if tag == "$t":
            return tuple(rich(v) for v in body)
        if tag == "$d":
            return {rich(k): rich(v) for k, v in body}
        name, inner = body
        if tag == "$m" and issubclass(_CLASSES[name], BaseModel):
            return _CLASSES[name].model_validate(inner)
        if tag == "$c" and is_dataclass(_CLASSES[name]):
            return _CLASSES[name](**{k: rich(v) for k, v in inner.items()})
        raise ValueError(f"unknown tag {tag}")

    return rich(value)
