import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("transformers")

from diarchy.agent.cli import learning
from diarchy.agent.learning import planner as training
from diarchy.contracts.plan import Plan, Question, Refusal
from diarchy.planners.embedded import EmbeddedPlanner
from diarchy.planners.embedded.modeling import Size
from diarchy.testing import check_planner
from diarchy.testing.samples import sample_request


def _write(path: Path) -> Path:
    def row(i):
        what, to = ("Mug", "Apple", "Fork")[i % 3], ("Shelf", "Desk")[i % 2]
        return {
            "task": f"t{i}", "type": "pick_and_place_simple", "scene": f"FloorPlan{i % 20}",
            "goal": {"object_target": what, "parent_target": to, "mrecep_target": "", "toggle_target": "", "object_sliced": False},
            "instruction": f"put the {what} on the {to}", "steps": ["take it", "put it there"],
            "plan": [["PickupObject", what.lower()], ["PutObject", what.lower(), to.lower()]],
            "objects": ["Mug", "Apple", "Fork"],
        }  # fmt: skip

    path.write_bytes(gzip.compress("\n".join(json.dumps(row(i)) for i in range(300)).encode()))
    return path


@pytest.mark.slow
def test_from_sentences_to_a_planner_that_answers(tmp_path, monkeypatch):
    tiny = {"hidden": 64, "layers": 1, "heads": 1, "inner": 96, "vision_hidden": 32, "vision_layers": 2, "vision_heads": 2, "vision_inner": 48}  # fmt: skip
    monkeypatch.setattr(training, "Size", lambda vocabulary: Size(vocabulary=vocabulary, **tiny))
    monkeypatch.setattr(training, "build", lambda *a, **k: build(*a, **k, commands=200, odd=40))
    from diarchy.agent.learning.sentences.build import build

    sentences = _write(tmp_path / "rows.gz")
    code = learning.train("planner", data=Path("x"), alfred=sentences, out=tmp_path / "out", steps=1, batch=32, rollouts=0, seed=0)  # fmt: skip
    assert code == 0
    planner = EmbeddedPlanner(tmp_path / "out" / "checkpoint")
    check_planner(planner)
    assert isinstance(planner.plan(sample_request("put the mug away")), Plan | Question | Refusal)


def test_training_without_sentences_is_one_line_and_exit_code_2(tmp_path):
    from diarchy.agent.cli.main import app

    words = ["train", "planner", "--data", str(tmp_path / "none"), "--out", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "ALFRED" in result.stderr
