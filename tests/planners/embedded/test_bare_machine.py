"""Training runs where nothing of this project's own dependencies is installed."""

import subprocess
import sys

_BLOCK = """
import sys
class Hiding:
    hidden = {"pydantic", "typer", "mujoco", "langgraph", "py_trees", "scipy", "rich", "lark", "openai"}
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        return None if name.split(".")[0] in self.hidden else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Hiding(f) for f in sys.meta_path]
import diarchy.planners.embedded.train
from diarchy.planners.embedded.modeling import Size, build
build(Size(600, 64, 1, 1, 96, 32, 2, 2, 48))
assert not any(m in sys.modules for m in ("diarchy.contracts.plan", "diarchy.agent", "diarchy.skills"))
"""


def test_training_imports_no_more_than_it_says():
    done = subprocess.run([sys.executable, "-c", _BLOCK], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
