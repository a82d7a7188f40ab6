"""What the deliberation graph carries from node to node: plain data, checkpointed at every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict


class State(TypedDict, total=False):
    """State of one command. Everything in it is JSON: live objects stay with the nodes."""

    instruction: str
    episodes: list[str]
    answer: dict[str, Any] | None
    violations: list[str]
    risks: list[dict[str, str]]
    feedback: str | None
    history: list[dict[str, Any]]
    acted: str | None
    committed: list[str]
    exchanges: list[dict[str, str]]
    left_open: list[str]
    question: dict[str, Any] | None
    approved: bool
    standing: dict[str, Any]
    corrections: list[dict[str, Any]]
    plans: int
    replans: int
    repairs: int
    glances: int
    status: str | None
    verified: bool
    message: str
    exit_code: int


def initial(instruction: str, left_open: Sequence[str] = ()) -> State:
    """Return the state in which a command starts; ``left_open`` is what earlier ones could not close."""
    return State(
        instruction=instruction,
        episodes=[],
        answer=None,
        violations=[],
        risks=[],
        feedback=None,
        history=[],
        acted=None,
        committed=[],
        exchanges=[],
        left_open=list(left_open),
        question=None,
        approved=False,
        standing={"orders": [{"instruction": instruction}]},
        corrections=[],
        plans=0,
        replans=0,
        repairs=0,
        glances=0,
        status=None,
        verified=False,
        message="",
        exit_code=1,
    )
