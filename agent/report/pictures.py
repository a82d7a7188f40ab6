"""Pictures of the run folder, carried inside the page."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from diarchy.agent.report.markup import Markup, tag
from diarchy.agent.report.model import Picture

_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


def strip(pictures: Sequence[Picture]) -> Markup:
    """Draw pictures side by side; empty if there are none."""
    return tag("div", *map(_figure, pictures), class_="strip") if pictures else Markup()


def _figure(picture: Picture) -> Markup:
    words = f"{picture.label}, {picture.view} view, {picture.t:.1f} s"
    source = _data_uri(picture)
    image = (
        tag("img", src=source, alt=words, loading="lazy")
        if source
        else tag("div", "this picture is missing in the run folder", class_="missing")
    )
    return tag("figure", image, tag("figcaption", words))


def _data_uri(picture: Picture) -> str | None:
    if picture.path is None or picture.path.suffix not in _TYPES:
        return None
    data = base64.b64encode(picture.path.read_bytes()).decode("ascii")
    return f"data:{_TYPES[picture.path.suffix]};base64,{data}"
