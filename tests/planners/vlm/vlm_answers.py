"""Answers to the sample request, as a model writes them."""

from __future__ import annotations

import json
from typing import Any

PICK: dict[str, Any] = {
    "skill": "pick",
    "args": {"object": "Mug_1"},
    "words": "pick up the red mug",
}
DRIVE: dict[str, Any] = {
    "skill": "navigate_to",
    "args": {"target": "Mug_1"},
    "words": "drive there",
}


def plan(*steps: dict[str, Any], reasoning: str = "Mug_1 is the red one.", **more: Any) -> str:
    answer = {"kind": "plan", "steps": list(steps), "goals": [], "complete": True, **more}
    return json.dumps({"reasoning": reasoning, "answer": answer})


def answer(**fields: Any) -> str:
    return json.dumps({"reasoning": "Hm.", "answer": fields})


GOOD = plan(DRIVE, PICK, goals=[{"predicate": "holding", "thing": "Mug_1", "value": True}])
QUESTION = answer(kind="question", text="Which mug?", options=["red", "blue"])
REFUSAL = answer(kind="refusal", code="no_skill", reason="I cannot slice.", suggestion="")
