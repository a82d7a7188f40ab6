"""A short film of a run: the view from beside the robot, many times faster than life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

SIZE = (480, 320)
EVERY = 0.8
"""Simulated seconds between two pictures."""
SHOWN_MS = 100
"""How long each is shown: eight times as fast as life."""
_QUALITY = 55


class Film:
    """Takes a picture now and then; `tick` is called after every control tick, `save` once."""

    def __init__(self, robot: Any) -> None:
        self._robot = robot
        self._pictures: list[Image.Image] = []
        self._next = 0.0
        self.caption = ""

    def tick(self) -> None:
        """Take a picture if it is time."""
        now = self._robot.clock.now()
        if now >= self._next:
            self._next = now + EVERY
            self._pictures.append(_titled(self._robot.render("chase", *SIZE), self.caption, now))

    @property
    def seconds(self) -> float:
        """Length of the film, s."""
        return len(self._pictures) * SHOWN_MS / 1000.0

    def save(self, path: Path) -> Path | None:
        """Write an animated WebP; None if no picture was taken."""
        if not self._pictures:
            return None
        first, *others = self._pictures
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=SHOWN_MS,
            loop=0,
            quality=_QUALITY,
            method=2,
        )
        return path


def _titled(picture: npt.NDArray[np.uint8], caption: str, now: float) -> Image.Image:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image, "RGBA")
    width, height = image.size
    draw.rectangle((0, height - 22, width, height), fill=(20, 22, 26, 190))
    font = ImageFont.load_default(size=13)
    draw.text((8, height - 19), caption[:58], font=font, fill=(255, 255, 255))
    draw.text((width - 62, height - 19), f"{now:5.0f} s", font=font, fill=(255, 214, 10))
    return image
