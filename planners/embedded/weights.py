"""A checkpoint folder as transformers and vLLM expect it: weights in half precision, configuration, tokenizer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diarchy.planners.embedded.modeling import Size, configuration, special_ids

SHIPPED = Path(__file__).with_name("weights") / "household"
"""The checkpoint in the box."""
_IMAGES = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "processor_class": "Qwen2_5_VLProcessor",
    "patch_size": 14,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "min_pixels": 3136,
    "max_pixels": 50176,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
"""Qwen2-VL's image processor; at most 224 by 224 pixels, which is 64 tokens."""


def pack(trained: Path, tokenizer: Path, out: Path) -> Path:
    """Make a checkpoint folder of what training wrote.

    Args:
        trained: folder with ``model-*.safetensors`` and ``metrics.json``.
        tokenizer: folder with ``tokenizer.json`` and ``tokenizer_config.json``.
        out: the checkpoint.
    """
    from safetensors.torch import load_file, save_file

    out.mkdir(parents=True, exist_ok=True)
    weights = {}
    for shard in sorted(trained.glob("model-*.safetensors")):
        weights.update(load_file(shard))
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    metrics = json.loads((trained / "metrics.json").read_text(encoding="utf-8"))
    size = Size(**metrics["size"])
    config = configuration(size)
    config.architectures = ["Qwen2_5_VLForConditionalGeneration"]
    config.save_pretrained(out)
    ids = special_ids(size.vocabulary)
    _write(out / "generation_config.json", {"eos_token_id": ids["end"], "pad_token_id": ids["pad"], "do_sample": False})  # fmt: skip
    _write(out / "preprocessor_config.json", _IMAGES)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer / name, out / name)
    return out


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> tuple[Any, Any]:
    """Return the network (single precision, to evaluate) and the tokenizer of a checkpoint folder."""
    import torch
    from transformers import Qwen2_5_VLForConditionalGeneration
    from transformers.utils import logging

    from diarchy.planners.embedded.words import load_tokenizer

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model: Any = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, attn_implementation="sdpa"
    )
    return model.eval(), load_tokenizer(folder)


def missing(folder: Path) -> Sequence[str]:
    """List what a checkpoint folder lacks."""
    wanted = ("model.safetensors", "config.json", "tokenizer.json")
    return [name for name in wanted if not (folder / name).is_file()]
