"""What docs/scenes.md says is so: its scene loads, its code runs, its tables are the classes."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import yaml

from diarchy.robots.home.fixtures import FIXTURE_CLASSES
from diarchy.robots.home.looks import DECOR_CLASSES, FLOORS, STYLES, WALLS
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.placement import place_objects
from diarchy.robots.home.scene import Scene, layout_names, parse_scene
from diarchy.robots.home.scene_parts import Randomize

DOCS = Path(__file__).parents[3] / "docs" / "scenes.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", _blocks("yaml"))
def test_the_example_scenes_load_and_have_room_for_everything(text: str) -> None:
    for seed in range(5):
        scene = parse_scene(yaml.safe_load(text), str(DOCS), seed)
        assert len(place_objects(scene, np.random.default_rng(seed))) == len(scene.objects)


def test_every_layout_floor_wall_style_and_aspect_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    known = (*layout_names(), *FLOORS, *WALLS, *STYLES, *DECOR_CLASSES, *Randomize.model_fields)
    for name in known:
        assert f"`{name}`" in text, name


def test_the_example_code_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "example.py"
    script.write_text(_blocks("python")[0], encoding="utf-8")
    runpy.run_path(str(script))
    assert "fridge_1" in capsys.readouterr().out


def test_every_key_class_and_colour_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for key in Scene.model_fields:
        assert f"| `{key}` |" in text, key
    for cls in FIXTURE_CLASSES:
        assert f"`{cls}`" in text, cls
    for cls, thing in OBJECT_CLASSES.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{cls}` |"))
        assert ", ".join(thing.colors) in row, cls
        assert f"{thing.mass:.2f}" in row, cls
