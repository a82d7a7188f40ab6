"""What one call of a model was: for the trace, for accounting, and for replay."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class ModelCall(BaseModel):
    """One answered chat request.

    Attributes:
        purpose: the first question, the repair of an answer that could not be used, or the reading of a correction.
        url: of the server.
        model: that answered.
        raw: the answer's text, exactly as received.
        thinking: text that the server kept apart from the answer (reasoning parsers do).
        declined: the server's own refusal to answer, if it gave one.
        finish_reason: ``stop``, or ``length`` if it was cut off.
        prompt_tokens: as the server counts; 0 if it does not.
        completion_tokens: as the server counts; 0 if it does not.
        seconds: wall time from the first attempt to the whole answer.
        attempts: 1 if nothing had to be retried.
        error: why the answer could not be used; empty if it could.
    """

    model_config = ConfigDict(frozen=True)

    purpose: Literal["plan", "repair", "correction"]
    url: str
    model: str
    raw: str
    thinking: str = ""
    declined: str = ""
    finish_reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    attempts: int = 1
    error: str = ""
