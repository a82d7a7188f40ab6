"""Joins pictures of a run into one strip, for the README.

python scripts/strip.py OUT.jpg PICTURE PICTURE ...
"""

from __future__ import annotations

import sys

from PIL import Image

HEIGHT, GAP = 340, 6


def main(out: str, *pictures: str) -> None:
    images = [Image.open(p).convert("RGB") for p in pictures]
    scaled = [i.resize((round(i.width * HEIGHT / i.height), HEIGHT), Image.LANCZOS) for i in images]
    strip = Image.new("RGB", (sum(i.width + GAP for i in scaled) - GAP, HEIGHT), "white")
    x = 0
    for image in scaled:
        strip.paste(image, (x, 0))
        x += image.width + GAP
    strip.save(out, quality=85)


if __name__ == "__main__":
    main(*sys.argv[1:])
