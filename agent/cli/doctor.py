"""What `doctor` does: is everything there that a run needs, and what to do if not."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from diarchy.agent.cli.output import print_json
from diarchy.contracts.errors import ExitCode

EXTRAS: dict[str, tuple[str, ...]] = {
    "core": (
        "pydantic",
        "numpy",
        "scipy",
        "py-trees",
        "langgraph",
        "langgraph-checkpoint-sqlite",
        "typer",
        "rich",
        "pyyaml",
        "lark",
        "pillow",
    ),
    "sim": ("mujoco", "gymnasium-robotics", "mink", "daqp", "ruckig", "scikit-image"),
    "vla": ("torch", "safetensors"),
    "vlm": ("openai", "torch", "safetensors", "transformers", "tokenizers"),
    "detect": ("onnxruntime",),
}
"""Distributions by extra, as pyproject.toml declares them (a test compares the two)."""

_NEEDED = ("core", "sim")
_FREE_GB = 1.0
_RENDER = """
from diarchy.robots.home.gl import choose_backend
choose_backend()
import os, mujoco
model = mujoco.MjModel.from_xml_string(
    '<mujoco><worldbody><light pos="0 0 3"/><geom type="sphere" size="1" rgba="1 0 0 1"/></worldbody></mujoco>')
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
renderer = mujoco.Renderer(model, 32, 32)
renderer.update_scene(data)
lit = int(renderer.render().max())
renderer.close()
assert lit > 0, "the picture is black"
print(os.environ.get("MUJOCO_GL", "the default back-end"))
"""


@dataclass(frozen=True)
class Finding:
    """One check: ``needed`` ones decide the exit code; ``remedy`` says what to do."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def doctor(planner: str | None, *, as_json: bool) -> int:
    """Check this machine and print what was found; exit code 1 if something needed is missing."""
    findings = [_python(), *map(_extra, EXTRAS), _graphics(), _disk(Path.cwd())]
    if planner is not None:
        findings.append(_server(planner))
    healthy = all(f.ok for f in findings if f.needed)
    if as_json:
        print_json({"schema": 1, "healthy": healthy, "checks": [asdict(f) for f in findings]})
    else:
        _print_table(findings, healthy=healthy)
    return int(ExitCode.DONE if healthy else ExitCode.NOT_ACHIEVED)


def robot_doctor(file: str, *, as_json: bool) -> int:
    """Listen to a robot under ROS 2 and print what is missing; exit code 1 if something needed is.

    Raises:
        BadInputError: the file is wrong, or there is no ROS 2 here.
    """
    from diarchy.robots.ros2.config import load_config
    from diarchy.robots.ros2.connect import open_port
    from diarchy.robots.ros2.doctor import examine

    config = load_config(file)
    port = open_port(config)
    try:
        checks = examine(config, port)
    finally:
        port.close()
    findings = [Finding(c.name, c.ok, c.detail, c.remedy, c.needed) for c in checks]
    healthy = all(f.ok for f in findings if f.needed)
    if as_json:
        print_json(
            {
                "schema": 1,
                "robot": config.robot,
                "healthy": healthy,
                "checks": [asdict(f) for f in findings],
            }
        )
    else:
        _print_table(findings, healthy=healthy)
    return int(ExitCode.DONE if healthy else ExitCode.NOT_ACHIEVED)


def _python() -> Finding:
    ok = sys.version_info >= (3, 10)
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("Python", ok, detail, "" if ok else "install Python 3.10 or newer")


def _extra(extra: str) -> Finding:
    found, missing = [], []
    for name in EXTRAS[extra]:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    target = "diarchy" if extra == "core" else f"diarchy[{extra}]"
    return Finding(
        f"packages: {extra}",
        not missing,
        f"missing: {', '.join(missing)}" if missing else ", ".join(found),
        f"pip install '{target}'" if missing else "",
        needed=extra in _NEEDED,
    )


def _graphics() -> Finding:
    """Render in a process of its own: a broken driver may end the process that asks it."""
    remedy = "on Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri, then MUJOCO_GL=egl"
    try:
        tried = subprocess.run(
            [sys.executable, "-c", _RENDER],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("camera pictures", False, f"{type(error).__name__}", remedy)
    if tried.returncode == 0:
        return Finding("camera pictures", True, f"OpenGL through {tried.stdout.strip()}")
    lines = tried.stderr.strip().splitlines()
    return Finding(
        "camera pictures", False, lines[-1] if lines else f"ended with {tried.returncode}", remedy
    )


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 1e9
    ok = free >= _FREE_GB
    return Finding(
        "disk",
        ok,
        f"{free:.1f} GB free here",
        "" if ok else "a run writes some megabytes; make room",
    )


def _server(url: str) -> Finding:
    """Ask an OpenAI-compatible server for its models."""
    name, remedy = (
        f"planner {url}",
        "start the server, or check the address (it usually ends in /v1)",
    )
    try:
        request = urllib.request.Request(f"{url.rstrip('/')}/models", headers=_authorization())
        with urllib.request.urlopen(request, timeout=5.0) as answer:
            models = [str(m["id"]) for m in json.load(answer)["data"]]
    except urllib.error.URLError as error:
        return Finding(name, False, f"does not answer: {error.reason}", remedy)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Finding(name, False, f"answers what cannot be read: {error}", remedy)
    return Finding(name, True, f"serves {', '.join(models) or 'no model'}")


def _authorization() -> dict[str, str]:
    key = os.environ.get("OPENAI_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _print_table(findings: list[Finding], *, healthy: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False)
    for column in ("", "check", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for f in findings:
        sign = (
            "[green]ok[/]" if f.ok else ("[red]missing[/]" if f.needed else "[yellow]optional[/]")
        )
        table.add_row(sign, f.name, f.detail.replace("[", "\\["), f.remedy.replace("[", "\\["))
    console = Console()
    console.print(table)
    console.print("ready" if healthy else "not ready: see the last column")
