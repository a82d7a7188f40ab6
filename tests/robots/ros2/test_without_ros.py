from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "robots" / "ros2"


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {"rclpy"} if node.value in ("rclpy", "rclpy.action") else set()
    return found


def test_the_node_is_the_only_module_that_asks_for_rclpy() -> None:
    who = {
        p.name for p in FOLDER.rglob("*.py") if "rclpy" in imported(p) and "package" not in p.parts
    }
    assert who == {"node.py"}


def test_no_message_package_is_imported_but_by_name() -> None:
    packages = {"sensor_msgs", "geometry_msgs", "nav_msgs", "nav2_msgs", "control_msgs", "std_msgs"}
    assert not {p.name for p in FOLDER.rglob("*.py") if imported(p) & packages}


@pytest.mark.skipif(find_spec("rclpy") is not None, reason="ROS 2 is here")
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "diarchy.robots.ros2.home"],
        ["-m", "diarchy", "doctor", "--robot", str(FOLDER / "config" / "home.yaml")],
        ["-m", "diarchy", "run", "go home", "--robot", str(FOLDER / "config" / "home.yaml")],
    ],
)
def test_without_ros_one_line_says_how_to_source_it(command: list[str], tmp_path: Path) -> None:
    root = str(FOLDER.parents[1])
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**__import__("os").environ, "PYTHONPATH": root},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "source /opt/ros/jazzy/setup.bash" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
