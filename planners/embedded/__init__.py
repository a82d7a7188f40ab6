"""The planner in the box: a small model of Qwen2.5-VL's make reads the sentence, in this process.

`language` is what the model may write, `grammar` keeps it to that, `prompt` is what it is shown, `expand`
makes a checked plan of its answer. `samples` and `train` make the model; they need torch, transformers,
tokenizers, safetensors and NumPy and nothing else of this project, so that they run on a bare machine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diarchy.planners.embedded.planner import EmbeddedPlanner

__all__ = ["EmbeddedPlanner"]
_EXTRA = ("torch", "transformers", "tokenizers", "safetensors")


def __getattr__(name: str) -> Any:
    if name != "EmbeddedPlanner":
        raise AttributeError(f"module 'diarchy.planners.embedded' has no attribute {name!r}")
    try:
        return import_module("diarchy.planners.embedded.planner").EmbeddedPlanner
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        from diarchy.contracts.errors import MissingExtraError

        raise MissingExtraError("the bundled planner", "vlm") from error
