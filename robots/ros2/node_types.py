"""From the name of a ROS 2 type to its class in the message package that is installed here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from diarchy.contracts.errors import BadInputError


@cache
def ros_type(name: str) -> Any:
    """Return the class of ``pkg/msg/Name``, ``pkg/srv/Name_Request`` or ``pkg/action/Name_Goal``.

    Raises:
        BadInputError: its package is not installed; the message names it.
    """
    package, kind, base = name.split("/")
    stem, _, part = base.partition("_")
    try:
        found = getattr(import_module(f"{package}.{kind}"), stem)
    except (ImportError, AttributeError) as error:
        debian = package.replace("_", "-")
        raise BadInputError(
            f"ROS 2 has no {name} here: install the package, for example apt install ros-$ROS_DISTRO-{debian}"
        ) from error
    return getattr(found, part) if part else found
