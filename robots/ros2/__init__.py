"""Robots under ROS 2: a core that knows no ROS, and one thin module (`node`) that does.

Nothing here imports rclpy before `diarchy.robots.ros2.node` is imported, so that the core can be
tested, and a robot's file checked, on a machine without ROS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diarchy.robots.ros2.config import Ros2Config, load_config
    from diarchy.robots.ros2.port import Port
    from diarchy.robots.ros2.robot import Ros2Robot

__all__ = ["Port", "Ros2Config", "Ros2Robot", "load_config"]

_MODULES = {"Port": "port", "Ros2Config": "config", "Ros2Robot": "robot", "load_config": "config"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
