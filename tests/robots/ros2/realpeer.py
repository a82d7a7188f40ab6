"""The simulated home as a ROS 2 robot in a process of its own, for tests with a real rclpy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def environment(*more: Path) -> dict[str, str]:
    """This process's, with the package (and ``more``) on the path."""
    before = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *map(str, more), before])}


def start_peer(*more: str) -> subprocess.Popen[str]:
    """Start it and return when it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "diarchy.robots.ros2.home", *more],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "serving" in line:
            return process
    raise AssertionError(f"the peer ended with {process.wait()}")
