"""A trained network as an ONNX file: batch normalisation folded, weights stored as halves."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from diarchy.perception.learned.labels import Labels
from diarchy.perception.learned.network import Block, Segmenter

OPSET = 17
OUTPUTS = ("scores", "sides", "extras", "weights", "prototypes")


class Deployed(nn.Module):
    """The network as it is run: what is to be made of its numbers is made of the few cells that are believed."""

    def __init__(self, net: Segmenter) -> None:
        super().__init__()
        self.net = folded(net)
        # It was trained on 0 to 1 and is given bytes.
        cast(nn.Conv2d, self.net.stem[0]).weight.data /= 255.0

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Map ``[1, H, W, 3]`` bytes to what `OUTPUTS` names, ``[1, *, A]``, channels before cells."""
        x = image.to(torch.float32).permute(0, 3, 1, 2)
        sides, classes, extras, weights, prototypes = self.net.maps(x)
        return classes.sigmoid(), sides, extras, weights, prototypes


def folded(net: Segmenter) -> Segmenter:
    """Return a copy in evaluation mode whose convolutions have swallowed their normalisations."""
    copy = Segmenter(net.config)
    copy.load_state_dict({k: v.detach().float().cpu() for k, v in net.state_dict().items()})
    copy.eval()
    for module in copy.modules():
        if isinstance(module, Block):
            conv, norm = cast(nn.Conv2d, module[0]), cast(nn.BatchNorm2d, module[1])
            module[0], module[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return copy


def export(net: Segmenter, labels: Labels, path: Path, *, height: int, width: int) -> None:
    """Write the ONNX file; ``labels`` and the size go into its metadata."""
    import onnx

    buffer = io.BytesIO()
    image = torch.zeros(1, height, width, 3, dtype=torch.uint8)
    deployed = Deployed(net).eval()
    with torch.no_grad():
        torch.onnx.export(
            deployed,
            (image,),
            cast(Any, buffer),
            opset_version=OPSET,
            input_names=["image"],
            output_names=list(OUTPUTS),
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    _halve(model)
    onnx.helper.set_model_props(
        model, {"labels": labels.dumps(), "height": str(height), "width": str(width)}
    )
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _halve(model: Any) -> None:
    """Store large constants as float16 behind a cast, which the runtime does once, when it loads."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) < 64:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
