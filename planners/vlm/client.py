"""The connection to a server: limits on time and size, retries, and errors that say what to do."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from diarchy.contracts.errors import (
    BadInputError,
    MissingExtraError,
    PlannerUnavailableError,
    did_you_mean,
)

KEY_VARIABLE = "DIARCHY_API_KEY"
LARGEST_ANSWER = 1_000_000
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 8.0
_REFUSED_BY_KEY = (401, 403)
_WAIT = (408, 409, 425, 429)

_Result = TypeVar("_Result")


class Reply(BaseModel):
    """What a server answered to one chat request."""

    model_config = ConfigDict(frozen=True)

    model: str
    text: str
    thinking: str = ""
    declined: str = ""
    finish_reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    attempts: int = 1


class ChatClient:
    """Chat requests to one OpenAI-compatible server.

    Args:
        url: of the server; ``/v1`` is added if it has no path.
        model: name of the model; None: the one that the server lists first.
        api_key: sent as bearer token; default: the environment's ``DIARCHY_API_KEY``.
        timeout: s that one attempt may take in all.
        retries: further attempts after a connection error, a 5xx or a 429.
        sleep: waits between attempts.

    Raises:
        BadInputError: the URL is none.
        MissingExtraError: the ``vlm`` extra is not installed.
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 3,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = _base_url(url)
        self.model = model
        self._timeout = timeout
        self._retries = retries
        self._sleep = sleep
        try:
            import openai
        except ImportError as error:
            raise MissingExtraError("a planner behind a URL", "vlm") from error
        self._errors = openai
        # Someone's key for another service is never sent to a server that happens to be named here.
        key = api_key or os.environ.get(KEY_VARIABLE) or "none"
        self._client = openai.OpenAI(base_url=self.url, api_key=key, timeout=timeout, max_retries=0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def models(self) -> list[str]:
        """List the models that the server has.

        Raises:
            PlannerUnavailableError: it cannot be reached or answers something else.
        """
        listed, _ = self._attempts(self._list)
        return listed

    def chat(self, **body: Any) -> Reply:
        """Send one chat request (without ``model``) and read the answer.

        Raises:
            PlannerUnavailableError: the server cannot be reached, is too slow, or answers nonsense.
            BadInputError: it does not have the model.
        """
        model = self.model = self.model or self._discover()
        data, attempts = self._attempts(lambda: self._once(model, body))
        return _reply(data, model, attempts, self.url)

    def _discover(self) -> str:
        models = self.models()
        if not models:
            raise PlannerUnavailableError(
                f"the server at {self.url} lists no model; start it with one, or use --planner symbolic"
            )
        return models[0]

    def _list(self) -> list[str]:
        try:
            return [str(model.id) for model in self._client.models.list().data]
        except (AttributeError, TypeError, ValueError) as error:
            raise PlannerUnavailableError(
                f"the server at {self.url} lists no models; is it OpenAI-compatible?"
            ) from error

    def _once(self, model: str, body: dict[str, Any]) -> Any:
        """Make one attempt; the body is read piece by piece, to bound its size and its time."""
        deadline = time.monotonic() + self._timeout
        raw = bytearray()
        create = self._client.chat.completions.with_streaming_response.create
        with create(model=model, **body) as response:
            for piece in response.iter_bytes():
                raw += piece
                if len(raw) > LARGEST_ANSWER:
                    raise PlannerUnavailableError(
                        f"the server at {self.url} answered more than {LARGEST_ANSWER} bytes; "
                        "nothing that long is a plan"
                    )
                if time.monotonic() > deadline:
                    raise self._too_slow()
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise PlannerUnavailableError(
                f"the server at {self.url} did not answer in JSON; is it OpenAI-compatible?"
            ) from error

    def _attempts(self, once: Callable[[], _Result]) -> tuple[_Result, int]:
        """Try until it works, retries are used up, or retrying cannot help."""
        broken: tuple[type[Exception], ...] = (self._errors.APIConnectionError, *_broken())
        for attempt in range(1, self._retries + 2):
            try:
                return once(), attempt
            except self._errors.APITimeoutError as error:
                raise self._too_slow() from error
            except self._errors.APIStatusError as error:
                failure = self._status(error)
                wait = error.status_code >= 500 or error.status_code in _WAIT
                if not wait or attempt > self._retries:
                    raise failure from error
                self._sleep(_pause(attempt, error.response.headers.get("retry-after")))
            except _timeouts() as error:
                raise self._too_slow() from error
            except broken as error:
                if attempt > self._retries:
                    raise self._unreachable(attempt) from error
                self._sleep(_pause(attempt))
            except self._errors.OpenAIError as error:
                raise PlannerUnavailableError(
                    f"the server at {self.url} answered what cannot be read: {_short(error)}"
                ) from error
        raise AssertionError("unreachable: the loop returns or raises")

    def _status(self, error: Any) -> PlannerUnavailableError | BadInputError:
        if (
            error.status_code == 404
            and self.model is not None
            and "models" not in str(error.request.url)
        ):
            return self._no_model(self.model)
        if error.status_code in _REFUSED_BY_KEY:
            return PlannerUnavailableError(
                f"the server at {self.url} wants a key; put it into {KEY_VARIABLE}"
            )
        return PlannerUnavailableError(
            f"the server at {self.url} answered {error.status_code}: {_short(error)}"
        )

    def _no_model(self, model: str) -> PlannerUnavailableError | BadInputError:
        known = self.models()
        if model in known:
            return PlannerUnavailableError(
                f"the server at {self.url} has the model '{model}' but no chat; is it a chat model?"
            )
        return BadInputError(
            f"the server at {self.url} has no model '{model}'; {did_you_mean(model, known)}"
        )

    def _unreachable(self, attempts: int) -> PlannerUnavailableError:
        return PlannerUnavailableError(
            f"no answer from {self.url} in {attempts} attempt(s); start a server there, for example "
            f"with 'vllm serve MODEL --port {urlsplit(self.url).port or 80}', or use --planner symbolic"
        )

    def _too_slow(self) -> PlannerUnavailableError:
        return PlannerUnavailableError(
            f"the server at {self.url} took longer than {self._timeout:g} s; give it more time, "
            "use a smaller model, or use --planner symbolic"
        )


def _transport(name: str) -> tuple[type[Exception], ...]:
    """Return an exception class of the HTTP library that openai uses; which one changed with its version.

    openai wraps what fails before the body, but not what fails while the body is read.
    """
    modules = [sys.modules[m] for m in ("httpx", "httpx2") if m in sys.modules]
    return tuple(getattr(module, name) for module in modules)


def _timeouts() -> tuple[type[Exception], ...]:
    return _transport("TimeoutException")


def _broken() -> tuple[type[Exception], ...]:
    return _transport("TransportError")


def _base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise BadInputError(
            f"{url!r} is no URL of a server; write it like http://127.0.0.1:8000/v1"
        )
    return url.rstrip("/") if parts.path.strip("/") else f"{url.rstrip('/')}/v1"


def _pause(attempt: int, retry_after: str | None = None) -> float:
    """Seconds to wait: what the server asks for, else doubling; never long."""
    try:
        asked = float(retry_after) if retry_after else 0.0
    except ValueError:
        asked = 0.0
    pause = max(asked, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    return pause if 0.0 <= pause <= _LONGEST_PAUSE else _LONGEST_PAUSE


def _reply(data: Any, model: str, attempts: int, url: str) -> Reply:
    """Read the parts of a chat completion that are used; everything else may be as it likes."""
    try:
        choice = data["choices"][0]
        message = choice["message"]
        usage = data.get("usage") or {}
        return Reply(
            model=str(data.get("model") or model),
            text=message.get("content") or "",
            thinking=message.get("reasoning_content") or message.get("reasoning") or "",
            declined=message.get("refusal") or "",
            finish_reason=choice.get("finish_reason") or "",
            prompt_tokens=usage.get("prompt_tokens") or 0,
            completion_tokens=usage.get("completion_tokens") or 0,
            attempts=attempts,
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise PlannerUnavailableError(
            f"the server at {url} answered no chat completion; is it OpenAI-compatible?"
        ) from error


def _short(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= 300 else f"{words[:297]}..."
