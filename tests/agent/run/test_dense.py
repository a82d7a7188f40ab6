"""What a run saw, as a dense map in its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mujoco")
try:
    import open3d as o3d
except ImportError as error:
    pytest.skip(f"Open3D cannot be loaded here: {error}", allow_module_level=True)

from diarchy import Agent, HomeRobot
from diarchy.agent.run.config import RunConfig
from diarchy.agent.run.trace import DENSE_FILE, DENSE_PICTURE, REPORT_FILE


def vertices_of(path: Path) -> np.ndarray:
    return np.asarray(o3d.io.read_triangle_mesh(str(path)).vertices)


def test_a_run_leaves_the_furniture_where_it_stands(tmp_path: Path) -> None:
    with Agent(robot=HomeRobot("home"), planner="symbolic") as agent:
        surface = next(iter(agent.static_map.fixtures["coffee_table_1"].surfaces))
        config = RunConfig(instruction="-", dense_map=True, record=tmp_path / "run")
        result = agent.run("go to the coffee table", config=config)
    assert result.verified
    vertices = vertices_of(tmp_path / "run" / DENSE_FILE)
    over = surface.pose.inverse().apply(vertices)
    above = np.all(np.abs(over[:, :2]) < np.asarray(surface.size) / 2.0 - 0.03, axis=1)
    top = over[above & (np.abs(over[:, 2]) < 0.03), 2]
    assert len(top) > 200
    assert abs(float(np.median(top))) < 0.015
    assert (tmp_path / "run" / DENSE_PICTURE).is_file()
    assert "dense map view" in (tmp_path / "run" / REPORT_FILE).read_text()


def test_a_run_that_was_not_asked_leaves_none(tmp_path: Path) -> None:
    with Agent(robot=HomeRobot("home"), planner="symbolic") as agent:
        config = RunConfig(instruction="-", record=tmp_path / "run", report=False)
        agent.run("look at the coffee table", config=config)
    assert not (tmp_path / "run" / DENSE_FILE).exists()
