"""The OpenGL back-end: chosen before MuJoCo is imported, and a clear error when there is none."""

from __future__ import annotations

import ctypes
import os
import sys

from diarchy.contracts.errors import DiarchyError


class NoGraphicsError(DiarchyError):
    """No OpenGL context could be made, so no camera image can be rendered."""


def choose_backend() -> None:
    """Set ``MUJOCO_GL`` where nobody chose and no display is there. Call before importing mujoco.

    Without libEGL, ``MUJOCO_GL=egl`` makes ``import mujoco`` itself fail, physics and all: then
    rendering alone is disabled, and asking for a camera gives `NoGraphicsError`.
    """
    if not sys.platform.startswith("linux"):
        return
    headless = not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    chosen = os.environ.get("MUJOCO_GL") or ("egl" if headless else "")
    if chosen == "egl":
        os.environ["MUJOCO_GL"] = "egl" if _egl_loads() else "disabled"


def _egl_loads() -> bool:
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError:
        return False
    return True


def no_graphics(cause: BaseException) -> NoGraphicsError:
    """Return the one error that says what to install."""
    backend = os.environ.get("MUJOCO_GL", "glfw")
    return NoGraphicsError(
        f"cameras need OpenGL, and the '{backend}' back-end could not make a context "
        f"({type(cause).__name__}: {cause}); on Debian or Ubuntu: "
        "apt-get install libegl1 libgl1-mesa-dri, then run with MUJOCO_GL=egl"
    )
