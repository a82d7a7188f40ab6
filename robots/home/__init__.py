"""The MuJoCo home with a Fetch. Nothing heavy is imported before a name is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diarchy.robots.home.gl import choose_backend

if TYPE_CHECKING:
    from diarchy.robots.home.instances import InstanceLabel
    from diarchy.robots.home.robot import HomeRobot
    from diarchy.robots.home.scene import Scene, load_scene, scene_names
    from diarchy.robots.home.static_map import static_map
    from diarchy.robots.home.truth import HomeTruth

__all__ = [
    "HomeRobot",
    "HomeTruth",
    "InstanceLabel",
    "Scene",
    "load_scene",
    "scene_names",
    "static_map",
]

# Whoever imports mujoco next, here or in another package, gets a back-end that works without a display.
choose_backend()

_MODULES = {
    "HomeRobot": "robot",
    "HomeTruth": "truth",
    "InstanceLabel": "instances",
    "Scene": "scene",
    "load_scene": "scene",
    "scene_names": "scene",
    "static_map": "static_map",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
