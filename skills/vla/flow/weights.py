"""Weights on disk: one safetensors file with the configuration in its header and no pickle in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.skills.vla.flow.configuration import FlowConfig
from diarchy.skills.vla.flow.modeling import FlowTransformer
from diarchy.skills.vla.flow.processing import Processor

FORMAT = "diarchy-flow-1"
NET = "net."


def save_policy(path: Path, net: FlowTransformer, processor: Processor) -> None:
    """Write network (half precision) and normalisation (single precision)."""
    tensors = {
        NET + k: v.detach().to(torch.float16).contiguous() for k, v in net.state_dict().items()
    }
    for name, values in processor.arrays().items():
        tensors[name] = torch.from_numpy(values.astype(np.float32))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"format": FORMAT, "config": net.config.to_json()})


def load_policy(path: Path) -> tuple[FlowTransformer, Processor]:
    """Read what `save_policy` wrote; the network comes back in single precision.

    Raises:
        BadInputError: no such file, not a policy, or a tensor missing or of the wrong shape.
    """
    tensors, metadata = _read(path)
    if metadata.get("format") != FORMAT:
        raise BadInputError(
            f"'{path}' is not a flow policy: its format is '{metadata.get('format')}',"
            f" expected '{FORMAT}'"
        )
    net = FlowTransformer(FlowConfig.from_json(metadata.get("config", "")))
    weights = {k.removeprefix(NET): v.float() for k, v in tensors.items() if k.startswith(NET)}
    _check(path, net, weights)
    net.load_state_dict(weights)
    stats = {k: v.double().numpy() for k, v in tensors.items() if not k.startswith(NET)}
    return net.eval(), Processor.from_arrays(stats)


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    if not path.is_file():
        siblings = (
            [p.name for p in path.parent.glob("*.safetensors")] if path.parent.is_dir() else []
        )
        raise BadInputError(f"no policy weights at '{path}'; {did_you_mean(path.name, siblings)}")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except SafetensorError as error:
        raise BadInputError(f"'{path}' is not a safetensors file: {error}") from error


def _check(path: Path, net: FlowTransformer, weights: dict[str, torch.Tensor]) -> None:
    expected = {name: tuple(value.shape) for name, value in net.state_dict().items()}
    for name in sorted(expected.keys() ^ weights.keys()):
        kind = "lacks" if name in expected else "has an unknown tensor"
        raise BadInputError(f"policy weights '{path}': the file {kind} '{name}'")
    for name, shape in expected.items():
        if tuple(weights[name].shape) != shape:
            raise BadInputError(
                f"policy weights '{path}': '{name}' has shape {tuple(weights[name].shape)},"
                f" its configuration asks for {shape}"
            )
        if not bool(torch.isfinite(weights[name]).all()):
            raise BadInputError(
                f"policy weights '{path}': '{name}' holds values that are not finite"
            )
