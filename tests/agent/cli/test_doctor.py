from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from diarchy.agent.cli import doctor as checks

Cli = Callable[..., Any]
GOOD = checks.Finding("camera pictures", True, "OpenGL through egl")
BAD = checks.Finding("camera pictures", False, "no context", "install a driver")


@pytest.fixture
def server() -> Iterator[str]:
    class Models(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"data": [{"id": "small-vlm"}]}' if self.path == "/v1/models" else b"<html>"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Models) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def test_the_packages_are_those_that_the_project_declares() -> None:
    tomllib = pytest.importorskip("tomllib")
    root = Path(__file__).parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    declared = {"core": project["dependencies"]} | {
        extra: project["optional-dependencies"][extra] for extra in ("sim", "vla", "vlm", "detect")
    }
    names = {
        k: tuple(d.split("[")[0].split("=")[0].split(">")[0].split("<")[0] for d in v)
        for k, v in declared.items()
    }
    assert names == checks.EXTRAS


def test_a_healthy_machine_is_ready(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    monkeypatch.setattr(checks, "_graphics", lambda: GOOD)
    monkeypatch.setattr(checks, "EXTRAS", {"core": ("numpy",), "vla": ("no-such-package",)})
    result = cli("doctor")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "ready"
    assert "optional" in result.stdout
    assert "'diarchy[vla]'" in result.stdout


def test_something_needed_that_is_missing_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.setattr(checks, "_graphics", lambda: BAD)
    result = cli("doctor", "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["healthy"] is False
    assert {"name": "camera pictures", "ok": False, "remedy": "install a driver"}.items() <= next(
        c for c in data["checks"] if c["name"] == "camera pictures"
    ).items()


def test_a_planner_that_answers_names_its_models(server: str) -> None:
    finding = checks._server(f"{server}/v1/")
    assert finding.ok
    assert "small-vlm" in finding.detail


def test_a_planner_that_answers_nonsense_or_nothing_is_told(server: str) -> None:
    assert "cannot be read" in checks._server(f"{server}/wrong").detail
    nobody = checks._server("http://127.0.0.1:9/v1")
    assert not nobody.ok
    assert "does not answer" in nobody.detail
    assert "/v1" in nobody.remedy


def test_a_driver_that_fails_is_reported_by_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        checks, "_RENDER", "import sys; print('one\\ntwo', file=sys.stderr); sys.exit(3)"
    )
    finding = checks._graphics()
    assert (finding.ok, finding.detail) == (False, "two")
    assert "apt-get install" in finding.remedy


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checks, "_FREE_GB", 1e9)
    assert not checks._disk(tmp_path).ok


@pytest.mark.slow
def test_a_tiny_picture_can_be_rendered_or_the_reason_is_told() -> None:
    pytest.importorskip("mujoco")
    finding = checks._graphics()
    assert finding.ok or finding.remedy
