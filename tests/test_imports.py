"""Importing diarchy is cheap: what is heavy is imported where it is needed, not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "torch",
    "mujoco",
    "openai",
    "langgraph",
    "skimage",
    "mink",
    "ruckig",
    "matplotlib",
    "transformers",
    "rerun",
    "cv2",
)
"""Each costs tenths of a second or needs an extra."""

LIGHT_ENOUGH = (
    "diarchy",
    "diarchy.agent.cli",
    "diarchy.agent.cli.main",
    "diarchy.contracts.plan",
    "diarchy.memory",
    "diarchy.perception",
    "diarchy.planners.vlm",
    "diarchy.robots.home",
    "diarchy.safety",
    "diarchy.skills",
    "diarchy.testing",
)

# Notes who asks for a heavy module first: the innermost frame whose file belongs to diarchy.
PROBE = """
import importlib, sys

HEAVY = set(sys.argv[2:])

class Watch:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in HEAVY:
            HEAVY.discard(top)
            frame = sys._getframe(1)
            while frame and not frame.f_globals.get("__name__", "").startswith("diarchy"):
                frame = frame.f_back
            where = f"{frame.f_globals['__name__']}:{frame.f_lineno}" if frame else "nobody of ours"
            print(f"{top} is imported by {where}")
        return None

sys.meta_path.insert(0, Watch())
importlib.import_module(sys.argv[1])
"""


def culprits(module: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, module, *HEAVY],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[1],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("module", LIGHT_ENOUGH)
def test_importing_brings_nothing_heavy(module: str) -> None:
    found = culprits(module)
    assert not found, (
        f"import {module} is heavy: {'; '.join(found)}. Move that import into the function that "
        "needs it, or export the name lazily from the package"
    )


def test_the_probe_names_the_culprit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "diarchy_outer.py").write_text(
        "import json\nimport diarchy_inner\n", encoding="utf-8"
    )
    (tmp_path / "diarchy_inner.py").write_text("\n\nimport mujoco\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert culprits("diarchy_outer") == ["mujoco is imported by diarchy_inner:3"]
