"""The public names of the kits, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mujoco
import pytest

from diarchy import testing
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.skill import SkillContext
from diarchy.contracts.world import WorldView
from diarchy.testing import SampleContext, SampleWorld, sample_spec


def test_every_exported_name_exists() -> None:
    assert all(hasattr(testing, name) for name in testing.__all__)
    assert testing.__all__ == sorted(testing.__all__)


def test_the_kits_need_neither_a_simulator_nor_a_test_framework() -> None:
    code = "import sys, diarchy.testing; print(*sorted(m.split('.')[0] for m in sys.modules))"
    root = Path(__file__).resolve().parents[2]
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert not {"pytest", "mujoco", "torch", "openai"} & set(out.stdout.split())


def test_the_samples_honour_the_protocols() -> None:
    assert isinstance(SampleContext(), SkillContext)
    assert isinstance(SampleWorld(), WorldView)
    with pytest.raises(BadInputError, match="did you mean 'Mug_1'"):
        SampleWorld().entity("mug_1")


def test_the_sample_robot_has_a_model_that_loads() -> None:
    model = mujoco.MjModel.from_xml_string(sample_spec().model_xml)
    assert {model.joint(i).name for i in range(model.njnt)} == set(sample_spec().joint_names)
