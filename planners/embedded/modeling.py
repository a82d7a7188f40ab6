"""Builds the network: Qwen2.5-VL's architecture from `transformers`, a thousandth of its size."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

_PER_FILE = 15_000_000
"""Bytes of one file of weights at most."""


@dataclass(frozen=True)
class Size:
    """How large the network is.

    Attributes:
        vocabulary: tokens, special ones among them, the last fourteen.
        hidden, layers, heads, inner: of the language model; a head has 64 numbers.
        vision_hidden, vision_layers, vision_heads, vision_inner: of the vision tower.
        context: positions.
    """

    vocabulary: int = 3072
    hidden: int = 320
    layers: int = 8
    heads: int = 5
    inner: int = 896
    vision_hidden: int = 128
    vision_layers: int = 4
    vision_heads: int = 4
    vision_inner: int = 256
    context: int = 2048


def special_ids(vocabulary: int) -> dict[str, int]:
    """Return where Qwen's special tokens stand: they are the last of the vocabulary."""
    first = vocabulary - 14
    names = {
        "pad": 0,
        "start": 1,
        "end": 2,
        "vision_start": 9,
        "vision_end": 10,
        "image": 12,
        "video": 13,
    }
    return {name: first + offset for name, offset in names.items()}  # fmt: skip


def configuration(size: Size) -> Any:
    """Return the `Qwen2_5_VLConfig`."""
    from transformers import Qwen2_5_VLConfig

    ids = special_ids(size.vocabulary)
    half = size.hidden // size.heads // 2
    sides = half * 3 // 8
    text = {
        "vocab_size": size.vocabulary,
        "hidden_size": size.hidden,
        "intermediate_size": size.inner,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.heads,
        "max_position_embeddings": size.context,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10_000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [half - 2 * sides, sides, sides]},
        "bos_token_id": None,
        "eos_token_id": ids["end"],
        "pad_token_id": ids["pad"],
        "tie_word_embeddings": True,
    }
    vision = {
        "depth": size.vision_layers,
        "hidden_size": size.vision_hidden,
        "num_heads": size.vision_heads,
        "intermediate_size": size.vision_inner,
        "out_hidden_size": size.hidden,
        "fullatt_block_indexes": list(range(1, size.vision_layers, 2)),
        "window_size": 112,
    }
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["image"],
        video_token_id=ids["video"],
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
        tie_word_embeddings=True,
    )


def build(size: Size, seed: int = 0) -> Any:
    """Build the network with fresh weights."""
    from transformers import Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(seed)
    config = configuration(size)
    config._attn_implementation = "sdpa"
    make: Any = Qwen2_5_VLForConditionalGeneration
    model = make(config)
    _begin(model, size)
    return model


@torch.no_grad()
def _begin(model: Any, size: Size) -> None:
    """Draw fresh weights by the width: the library's fixed spread is for thousands of numbers, not hundreds.

    Each layer keeps the size of what goes through it; what is added to the stream is scaled down by the depth.
    """
    for name, module in model.named_modules():
        if not isinstance(module, nn.Linear) or name == "lm_head":
            continue
        spread = module.in_features**-0.5
        if name.endswith(("o_proj", "down_proj", "attn.proj")):
            spread /= (2.0 * (size.vision_layers if "visual" in name else size.layers)) ** 0.5
        module.weight.normal_(0.0, spread)
    model.model.language_model.embed_tokens.weight.normal_(0.0, size.hidden**-0.5)


def parameters(model: nn.Module) -> int:
    """Number of parameters, tied ones once."""
    return sum(p.numel() for p in model.parameters())


def add_dropout(model: Any, rate: float) -> None:
    """Drop parts of what attention and the inner layers add, and of the embeddings, while training."""

    def drop(module: nn.Module, _: Any, out: Tensor) -> Tensor:
        return nn.functional.dropout(out, rate, training=module.training)

    text = model.model.language_model
    text.embed_tokens.register_forward_hook(drop)
    for layer in text.layers:
        layer.self_attn.o_proj.register_forward_hook(drop)
        layer.mlp.down_proj.register_forward_hook(drop)


def save_weights(weights: dict[str, Tensor], folder: Path) -> list[Path]:
    """Write half-precision weights, in as few files as their size allows.

    The tied output layer is left out: the embeddings are it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shards: list[dict[str, Tensor]] = [{}]
    room = _PER_FILE
    for name in sorted(weights):
        if name == "lm_head.weight":
            continue
        half = weights[name].detach().to("cpu", torch.float16).contiguous()
        if half.nbytes > room:
            shards.append({})
            room = _PER_FILE
        room -= half.nbytes
        shards[-1][name] = half
    paths = []
    for number, shard in enumerate(shards, start=1):
        name = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        paths.append(folder / name)
        save_file(shard, str(folder / name), metadata={"format": "pt"})
    return paths


def describe(size: Size) -> dict[str, int]:
    """Return the size as numbers, for records."""
    return asdict(size)
