"""What the robot saw, for people: its camera's image with what was recognised in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from diarchy.contracts.entity import Detection, class_words
from diarchy.perception import Percept

INK = (255, 214, 10)


def annotated(percept: Percept) -> npt.NDArray[np.uint8]:
    """Return the first camera image ``[H, W, 3]`` of a percept with a labelled box around each thing."""
    frame = percept.views[0].frame
    image = Image.fromarray(frame.rgb)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=max(11, frame.intrinsics.height // 34))
    for sighting in percept.sightings:
        if sighting.detection.mask.shape == frame.depth.shape:
            _mark(draw, sighting.detection, font)
    result: npt.NDArray[np.uint8] = np.asarray(image)
    return result


def _mark(draw: ImageDraw.ImageDraw, detection: Detection, font: Any) -> None:
    rows, columns = np.nonzero(detection.mask)
    if len(rows) == 0:
        return
    left, top = int(columns.min()) - 2, int(rows.min()) - 2
    right, bottom = int(columns.max()) + 2, int(rows.max()) + 2
    draw.rectangle((left, top, right, bottom), outline=INK, width=2)
    words = " ".join([*detection.attributes.values(), class_words(detection.cls)])
    place = (left, max(0, top - font.size - 5))
    draw.rectangle(draw.textbbox(place, words, font=font), fill=(20, 20, 20))
    draw.text(place, words, font=font, fill=INK)
