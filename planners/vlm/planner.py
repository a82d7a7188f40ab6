"""`VLMPlanner`: System 2 as a vision-language model behind a URL."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from diarchy.contracts.errors import PlannerUnavailableError
from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal
from diarchy.planners.vlm import prompt
from diarchy.planners.vlm.choices import Choices
from diarchy.planners.vlm.client import ChatClient, Reply
from diarchy.planners.vlm.correcting import VLMCorrector
from diarchy.planners.vlm.decode import AnswerError, decode
from diarchy.planners.vlm.record import ModelCall
from diarchy.planners.vlm.schema import response_format

_LONGEST_ECHO = 4000


class VLMPlanner:
    """Asks a vision-language model that an OpenAI-compatible server runs.

    The model thinks in words, then answers under a JSON schema made for this request. What comes
    back is checked; if it cannot be used, the model is told why and gets one more try.

    Args:
        url: of the server, for example ``http://127.0.0.1:8000/v1``.
        model: name of the model; None: the one that the server lists first.
        api_key: default: the environment's ``DIARCHY_API_KEY``.
        timeout: s that one attempt may take.
        retries: further attempts after a connection error, a 5xx or a 429.
        max_tokens: most tokens of an answer.
        temperature: 0 for the likeliest answer.
        seed: of sampling, for servers that honour it.
        sleep: waits between attempts.

    Attributes:
        corrector: reads what is said while a plan runs, with the same model.
        calls: every answered call since construction, with tokens, seconds and the raw answer.

    Raises:
        BadInputError: the URL is none.
        MissingExtraError: the ``vlm`` extra is not installed.
    """

    learned = True

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 3,
        max_tokens: int = 1024,
        temperature: float = 0.0,
        seed: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = ChatClient(
            url, model, api_key=api_key, timeout=timeout, retries=retries, sleep=sleep
        )
        self._sampling = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed}
        self.calls: list[ModelCall] = []
        self.corrector = VLMCorrector(
            self._client,
            self._sampling,
            lambda reply, seconds, error: self._record("correction", reply, seconds, error),
        )

    @property
    def name(self) -> str:
        """``vlm:MODEL``; ``vlm:auto`` until the server was asked what it has."""
        return f"vlm:{self._client.model or 'auto'}"

    @property
    def last_call(self) -> ModelCall | None:
        """The newest call, None before the first."""
        return self.calls[-1] if self.calls else None

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Ask the model; once more, with the error, if its answer cannot be used.

        Raises:
            PlannerUnavailableError: the server cannot be reached, or both answers cannot be used.
            BadInputError: the server does not have the model.
        """
        messages = prompt.messages(request)
        shape = response_format(Choices.of(request))
        try:
            return self._ask("plan", messages, shape, request)
        except AnswerError as error:
            raw = self.calls[-1].raw[:_LONGEST_ECHO]
            messages = [*messages, *prompt.repair(raw, str(error))]
        try:
            return self._ask("repair", messages, shape, request)
        except AnswerError as error:
            raise PlannerUnavailableError(
                f"{self.name} at {self._client.url} gave two answers that cannot be used; the last: "
                f"{error}. Use a larger model, or --planner symbolic"
            ) from error

    def _ask(
        self,
        purpose: Literal["plan", "repair"],
        messages: list[prompt.Message],
        shape: dict[str, Any],
        request: PlanRequest,
    ) -> Plan | Question | Refusal:
        begin = time.perf_counter()
        reply = self._client.chat(messages=messages, response_format=shape, **self._sampling)
        seconds = time.perf_counter() - begin
        try:
            answer = _read(reply, request)
        except AnswerError as error:
            self._record(purpose, reply, seconds, str(error))
            raise
        self._record(purpose, reply, seconds, "")
        return answer

    def _record(
        self,
        purpose: Literal["plan", "repair", "correction"],
        reply: Reply,
        seconds: float,
        error: str,
    ) -> None:
        data = reply.model_dump(exclude={"text"})
        self.calls.append(
            ModelCall(
                purpose=purpose,
                url=self._client.url,
                raw=reply.text,
                seconds=seconds,
                error=error,
                **data,
            )
        )


def _read(reply: Reply, request: PlanRequest) -> Plan | Question | Refusal:
    if reply.declined:
        return Refusal(code="unsafe", reason=reply.declined, reasoning=reply.thinking)
    answer = decode(reply.text, request, truncated=reply.finish_reason == "length")
    if reply.thinking and not answer.reasoning:
        return answer.model_copy(update={"reasoning": reply.thinking})
    return answer
