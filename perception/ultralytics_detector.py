"""Detectors of the ultralytics package: YOLO, YOLO-World and YOLOE, by a file of weights.

That package is AGPL-3.0: it is imported when a detector is made and never before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.entity import Detection
from diarchy.contracts.errors import BadInputError, MissingExtraError
from diarchy.contracts.robot import CameraFrame


class UltralyticsDetector:
    """Finds what the given weights were trained on, or what a vocabulary names.

    Args:
        weights: a file of ultralytics weights; models without masks give boxes as masks.
        names: our class by the model's name of it; what is not in it is dropped. None: the model's own names.
        vocabulary: words that an open-vocabulary model (YOLO-World, YOLOE) is to look for.
        score: least confidence.
        size: the longer side of the picture that the network looks at, px.

    Raises:
        BadInputError: there is no such file, or the model takes no vocabulary.
        MissingExtraError: the ``ultralytics`` extra is not installed.
    """

    def __init__(
        self,
        weights: Path,
        *,
        names: Mapping[str, str] | None = None,
        vocabulary: Sequence[str] = (),
        score: float = 0.35,
        size: int = 640,
    ) -> None:
        if not weights.is_file():
            raise BadInputError(f"no ultralytics weights at {weights}; give the path of a .pt file")
        self._model = _model(weights)
        if vocabulary:
            _set_vocabulary(self._model, list(vocabulary))
        own = [str(n) for n in self._model.names.values()]
        self._names = dict(names) if names is not None else {n: n for n in own}
        self._score, self._size = score, size

    @property
    def name(self) -> str:
        """``ultralytics``."""
        return "ultralytics"

    @property
    def classes(self) -> tuple[str, ...]:
        """Our names of what it can find."""
        return tuple(dict.fromkeys(self._names.values()))

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """Return what is seen in the colours of a frame, best first; no attributes."""
        # The package takes pictures blue first.
        picture = np.ascontiguousarray(frame.rgb[..., ::-1])
        result = self._model.predict(
            picture, conf=self._score, imgsz=self._size, retina_masks=True, verbose=False
        )[0]
        found = []
        for i, cls in enumerate(_numbers(result.boxes.cls)):
            name = self._names.get(str(result.names[int(cls)]))
            mask = _mask(result, i, frame.rgb.shape[:2])
            if name is not None and mask.any():
                found.append(Detection(name, float(_numbers(result.boxes.conf)[i]), mask))
        return sorted(found, key=lambda d: -d.score)


def _model(weights: Path) -> Any:
    try:
        import ultralytics
    except ImportError as error:
        raise MissingExtraError("an ultralytics detector", "ultralytics") from error
    is_open = weights.stem.lower().startswith("yoloe")
    return ultralytics.YOLOE(str(weights)) if is_open else ultralytics.YOLO(str(weights))


def _set_vocabulary(model: Any, words: list[str]) -> None:
    if not hasattr(model, "set_classes"):
        raise BadInputError("this model takes no vocabulary; use weights of YOLO-World or YOLOE")
    if hasattr(model, "get_text_pe"):
        model.set_classes(words, model.get_text_pe(words))
    else:
        model.set_classes(words)


def _mask(result: Any, i: int, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    if result.masks is not None:
        return np.asarray(_numbers(result.masks.data[i]) > 0.5)
    mask = np.zeros(size, dtype=bool)
    left, top, right, bottom = (max(0, round(float(v))) for v in _numbers(result.boxes.xyxy[i]))
    mask[top:bottom, left:right] = True
    return mask


def _numbers(tensor: Any) -> npt.NDArray[np.float64]:
    return np.asarray(tensor.cpu().numpy() if hasattr(tensor, "cpu") else tensor)
