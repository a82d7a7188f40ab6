"""The detector that sees by itself: the trained network through onnxruntime, on one thread, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Detection
from diarchy.contracts.errors import BadInputError, MissingExtraError
from diarchy.contracts.robot import CameraFrame
from diarchy.perception.learned.decode import boxes_of, grid, paint, select, softmax, suppress
from diarchy.perception.learned.labels import CLEANLINESS, TEMPERATURES, Labels

SHIPPED = Path(__file__).parent / "weights" / "home.onnx"
"""The weights that come with diarchy; see the card beside them."""
_GREY = 115
_PROTOTYPE = 5
"""Px of the network's picture per cell of a prototype."""


@dataclass(frozen=True)
class DetectorSettings:
    """What is believed.

    Attributes:
        score: least confidence of a detection.
        overlap: intersection over union from which two boxes of one class are one thing.
        across: the same of two movable things of different classes.
        most: detections of an image at most.
        pixels: least size of a mask, px of the camera's image.
        sure: least probability of an attribute that is reported.
        vague: largest standard deviation of an opening that is reported, as a part of the largest.
        shut: least probability of being shut of what is reported as shut; what is shut with less than a tenth
            of that is open for certain.
    """

    score: float = 0.5
    overlap: float = 0.6
    across: float = 0.7
    most: int = 60
    pixels: int = 25
    sure: float = 0.7
    vague: float = 0.25
    shut: float = 0.5


class LearnedDetector:
    """Finds things, their masks, colours and states in colours alone; depth and instance ids are not looked at.

    Args:
        weights: the ONNX file that ``diarchy train detector`` wrote; None: `SHIPPED`.
        settings: what is believed.

    Raises:
        BadInputError: there is no such file, or it is none of ours.
        MissingExtraError: the ``detect`` extra is not installed.
    """

    def __init__(
        self, weights: Path | None = None, settings: DetectorSettings | None = None
    ) -> None:
        path = weights or SHIPPED
        if not path.is_file():
            raise BadInputError(
                f"no detector weights at {path}; train some with 'diarchy train detector'"
            )
        self._session = _session(path)
        about = self._session.get_modelmeta().custom_metadata_map
        if "labels" not in about:
            raise BadInputError(f"{path} says not what it detects; it needs the labels of its data")
        self.labels = Labels.loads(about["labels"])
        self.settings = settings or DetectorSettings()
        self._movable = np.array([c in self.labels.movable for c in self.labels.classes])
        self._size = (int(about["height"]), int(about["width"]))
        self._centres, self._strides = grid(*self._size)

    @property
    def name(self) -> str:
        """``learned``."""
        return "learned"

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes it was trained on."""
        return self.labels.classes

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """Return what is seen in the colours of a frame, best first."""
        picture, zoom = self._fitted(frame.rgb)
        said = self._session.run(None, {"image": picture})
        scores, sides, extras, weights, prototypes = (values[0] for values in said)
        asked = self.settings
        cells, classes = select(scores, least=asked.score, most=asked.most)
        boxes = boxes_of(sides[:, cells], self._centres[cells], self._strides[cells])
        boxes /= np.array([zoom[1], zoom[0]] * 2, dtype=np.float32)
        scale = (_PROTOTYPE / zoom[0], _PROTOTYPE / zoom[1])
        found = []
        for i in self._apart(boxes, classes).tolist():
            cell, cls = int(cells[i]), int(classes[i])
            mask = paint(weights[:, cell], prototypes, boxes[i], frame.rgb.shape[:2], scale)
            if int(np.count_nonzero(mask)) >= asked.pixels:
                found.append(self._detection(cls, float(scores[cls, cell]), mask, extras[:, cell]))
        return found

    def _apart(
        self, boxes: npt.NDArray[np.float32], classes: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Indices of the boxes, best first, that are things of their own: one thing is not a mug and a cup."""
        kept = suppress(boxes, classes, self.settings.overlap, self.settings.most)
        kinds = np.where(self._movable[classes[kept]], -1, classes[kept])
        return kept[suppress(boxes[kept], kinds, self.settings.across, self.settings.most)]

    def _fitted(
        self, rgb: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.uint8], tuple[float, float]]:
        """Scale an image into the network's, grey to the right and below; and px of it per px, down and right."""
        from PIL import Image

        height, width = self._size
        factor = min(height / rgb.shape[0], width / rgb.shape[1])
        tall, wide = round(factor * rgb.shape[0]), round(factor * rgb.shape[1])
        if rgb.shape[:2] == (height, width):
            return np.ascontiguousarray(rgb[None]), (1.0, 1.0)
        scaled = Image.fromarray(rgb).resize((wide, tall), Image.Resampling.BILINEAR)
        picture = np.full((1, height, width, 3), _GREY, dtype=np.uint8)
        picture[0, :tall, :wide] = np.asarray(scaled)
        return picture, (tall / rgb.shape[0], wide / rgb.shape[1])

    def _detection(
        self, cls: int, score: float, mask: npt.NDArray[np.bool_], extras: npt.NDArray[np.float32]
    ) -> Detection:
        """Put one detection into words; ``extras`` ``[E]`` are logits, ordered as in `network.NetConfig`."""
        labels, name = self.labels, self.labels.classes[cls]
        count = len(labels.colors)
        color, heat, dirt = (
            softmax(part, 0) for part in np.split(extras[: count + 6], [count, count + 3])
        )
        power = 1.0 / (1.0 + float(np.exp(-extras[count + 6])))
        opening = self._opening(softmax(extras[count + 7 :], 0))
        attributes: dict[str, str] = {}
        if name in labels.movable:
            attributes |= self._said("color", labels.colors, color)
            attributes |= self._said("temperature", ("", *TEMPERATURES), heat)
            attributes |= self._said("cleanliness", ("", *CLEANLINESS), dirt)
        runs = power > 0.5 if abs(power - 0.5) >= self.settings.sure - 0.5 else None
        most = labels.max_opening.get(name)
        return Detection(
            cls=name,
            score=score,
            mask=mask,
            attributes=attributes,
            opening=None if opening is None or most is None else opening * most,
            power=runs if name in labels.switched else None,
        )

    def _opening(self, likely: npt.NDArray[np.float32]) -> float | None:
        """Read an opening from probabilities of equal steps from 0 to 1; None if they tell too little.

        Of what is shut the rest is spread far; how far open something is has a narrow peak seldom, but no share of 0.
        """
        asked, shut = self.settings, float(likely[0])
        if shut >= asked.shut:
            return 0.0
        mean, spread = _mean_and_spread(likely)
        certain = shut <= 0.1 * asked.shut or spread <= 0.6 * asked.vague
        return mean if certain and spread <= asked.vague else None

    def _said(
        self, attribute: str, values: Sequence[str], likely: npt.NDArray[np.float32]
    ) -> dict[str, str]:
        best = int(likely.argmax())
        if not values[best] or likely[best] < self.settings.sure:
            return {}
        return {attribute: values[best]}


def _mean_and_spread(likely: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Mean and standard deviation of a distribution over equal steps from 0 to 1."""
    steps = np.linspace(0.0, 1.0, len(likely))
    mean = float(likely @ steps)
    return mean, float(np.sqrt(likely @ (steps - mean) ** 2))


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("the learned detector", "detect") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # each release raises a kind of its own
        raise BadInputError(f"{path} is no ONNX file that onnxruntime reads: {error}") from error
