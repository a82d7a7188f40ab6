"""What the bundled model is shown: the words that can be named here, and the sentence.

Sentences are shown in lower case without closing punctuation: people write both ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 600
"""Characters of a sentence that are read."""
SYSTEM, USER, ASSISTANT, END = "<|im_start|>system\n", "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_end|>\n"  # fmt: skip
NOBODY = "none"
VISION = "<|vision_start|><|image_pad|><|vision_end|>"
_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"'})


@dataclass(frozen=True)
class Scene:
    """What can be named in one home.

    Attributes:
        objects: classes of things that can be carried.
        places: classes of furniture and devices.
        rooms: names of rooms.
        person: somebody is there.
    """

    objects: tuple[str, ...]
    places: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    person: bool = True


def normal(sentence: str) -> str:
    """Return a sentence as the model reads it."""
    plain = _SPACES.sub(" ", sentence.translate(_QUOTES)).strip().lower()
    return plain.replace("<|", "< |").rstrip(" .!;,")[:LONGEST]


def listing(head: str, names: Sequence[str]) -> str:
    """Write one line of names, each after a space; "none" if there is none."""
    return f"{head}:{''.join(f' {n}' for n in names or (NOBODY,))}\n"


def system_text(scene: Scene) -> str:
    """Write what can be named."""
    return "".join(
        [
            listing("objects", scene.objects),
            listing("places", scene.places),
            listing("rooms", scene.rooms),
        ]
    )


def chat(scene: Scene, sentence: str, *, image: bool = False) -> str:
    """Write the whole prompt, as Qwen's chat template would, up to where the model goes on."""
    before = VISION if image else ""
    user = f"{USER}{before}{normal(sentence)}{END}"
    return f"{SYSTEM}{system_text(scene)}{END}{user}{ASSISTANT}"


def messages(scene: Scene, sentence: str) -> list[dict[str, str]]:
    """Return the same prompt as chat messages, for a server that has the model's chat template."""
    return [
        {"role": "system", "content": system_text(scene)},
        {"role": "user", "content": normal(sentence)},
    ]
