"""Training runs where nothing of this project's own dependencies is installed."""

import subprocess
import sys

_BLOCK = """
import sys
class Blocker:
    blocked = {"pydantic", "typer", "mujoco", "langgraph", "py_trees", "scipy", "yaml", "rich", "torchvision", "lark", "openai"}
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.blocked:
            raise ImportError(f"{name} is not installed on a bare machine")
sys.meta_path.insert(0, Blocker())
import diarchy.planners.embedded.train as train
assert not any(m in sys.modules for m in ("diarchy.contracts.plan", "diarchy.agent", "diarchy.skills"))
"""


def test_training_imports_no_more_than_it_says():
    done = subprocess.run([sys.executable, "-c", _BLOCK], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
