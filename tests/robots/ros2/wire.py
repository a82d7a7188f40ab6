"""Messages on the wire, without ROS: our stand-ins to CDR and back through the real definitions (rosbags)."""

from __future__ import annotations

from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_typestore

from diarchy.robots.ros2 import strict

STORES = {"jazzy": get_typestore(Stores.ROS2_JAZZY), "humble": get_typestore(Stores.ROS2_HUMBLE)}


def kind_of(field: Any) -> str:
    """Write a field's type of the store as a .msg file does."""
    node, value = field
    if node.name == "BASE":
        return str(value[0])
    if node.name == "NAME":
        return str(value)
    if node.name == "ARRAY":
        return f"{kind_of(value[0])}[{value[1]}]"
    return f"{kind_of(value[0])}[]"


def real_fields(type_name: str, distro: str) -> dict[str, str] | None:
    """Fields and types of a real message; None: the store does not have it."""
    found = STORES[distro].fielddefs.get(type_name)
    if found is None:
        return None
    # DDS knows no message without fields; ROS 2 fills this one in.
    real = {name: kind_of(f) for name, f in found[1]}
    return {n: k for n, k in real.items() if n != "structure_needs_at_least_one_member"}


def to_real(message: Any, type_name: str, distro: str) -> Any:
    """Copy a message into the store's own class; fields that we do not know get their defaults."""
    store = STORES[distro]
    values = {}
    for name, field in store.fielddefs[type_name][1]:
        values[name] = _value(getattr(message, name, None), field, distro)
    return store.types[type_name](**values)


def _value(value: Any, field: Any, distro: str) -> Any:
    node, detail = field
    if node.name == "NAME":
        return to_real(value, detail, distro)
    if node.name == "BASE":
        if detail[0] in ("octet", "byte") and isinstance(value, bytes):
            return value[0]
        return _default(detail[0]) if value is None else value
    inner, count = detail
    if inner[0].name == "NAME":
        return [to_real(v, inner[1], distro) for v in value or ()]
    if inner[1][0] == "string":
        return list(value or ())
    dtype = np.dtype(inner[1][0].replace("octet", "uint8"))
    empty = np.zeros(count if node.name == "ARRAY" else 0, dtype)
    return empty if value is None else np.asarray(value, dtype=dtype)


def _default(kind: str) -> Any:
    return {"string": "", "bool": False}.get(kind, 0.0 if kind.startswith("float") else 0)


def over_the_wire(message: strict.StrictMessage, distro: str = "jazzy") -> Any:
    """Serialise by the real definition to CDR and read it back: what a subscriber gets."""
    store, name = STORES[distro], message.TYPE
    data = store.serialize_cdr(to_real(message, name, distro), name)
    return store.deserialize_cdr(data, name)
