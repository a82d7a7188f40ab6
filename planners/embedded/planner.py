"""`EmbeddedPlanner`: System 2 as a small model of Qwen2.5-VL's make, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diarchy.contracts.errors import BadInputError, MissingExtraError, PlannerUnavailableError
from diarchy.contracts.plan import Plan, PlanRequest, Question, Refusal
from diarchy.planners.embedded.expand import UNCLEAR_QUESTION, as_dict, expand, told
from diarchy.planners.embedded.grammar import Grammar, Machine
from diarchy.planners.embedded.language import Reading, parse
from diarchy.planners.embedded.prompt import Scene, chat, normal
from diarchy.planners.embedded.weights import SHIPPED, load, missing

ASK_BELOW = 0.5
"""Less sure than this of what was meant, the planner asks whether it is that (the table in the model card)."""
_YES = ("yes", "y", "ok", "okay", "sure", "right", "correct", "please", "true")
_NO_SENTENCE = Reading(code="not_understood")


class EmbeddedPlanner:
    """Reads the sentence with the bundled model, and plans what it read by search.

    The model writes under a grammar made for this request, so that it can only name what this home has; its
    answer is greedy, the same to the same request. It reads words only: what is where comes from the belief.

    Args:
        weights: a checkpoint folder; None: the one that ships.
        threads: processor threads while it thinks; more than one is slower for so small a model.

    Attributes:
        confidence: of the last reading: the product of the probabilities of its choices.

    Raises:
        BadInputError: there is no checkpoint in that folder.
        MissingExtraError: the ``vlm`` extra is not installed.
    """

    learned = True

    def __init__(self, weights: Path | None = None, *, threads: int = 1) -> None:
        folder = weights or SHIPPED
        if lacking := missing(folder):
            raise BadInputError(
                f"no checkpoint in {folder}: {', '.join(lacking)} missing; make one with 'diarchy train planner'"
            )
        try:
            self._model, tokenizer = load(folder)
            from diarchy.planners.embedded.words import END, PAD, encoder
        except ImportError as error:
            raise MissingExtraError("the bundled planner", "vlm") from error
        self._encode = encoder(tokenizer)
        self._tokenizer = tokenizer
        self._end, self._pad = tokenizer.token_to_id(END), tokenizer.token_to_id(PAD)
        self._threads = threads
        self.confidence = 0.0

    @property
    def name(self) -> str:
        """Name in results."""
        return "embedded"

    def plan(self, request: PlanRequest) -> Plan | Question | Refusal:
        """Read, ground, search; an unsure reading is put to the person first, unless something is done already.

        Raises:
            PlannerUnavailableError: the answer is too long to be read; no known sentence does that.
        """
        sentence = _sentence(request)
        reading = self.read(sentence, scene_of(request))
        if reading.steps and self.confidence < ASK_BELOW and not request.history:
            asked = f"Did I understand you: {told(reading.steps)}?"
            if not _agreed(asked, request):
                return _ask(asked, reading, request)
        return expand(reading, request, sentence)

    def read(self, sentence: str, scene: Scene) -> Reading:
        """Let the model read one sentence in a home."""
        if not any(c.isalnum() for c in normal(sentence)):
            self.confidence = 1.0
            return _NO_SENTENCE
        prompt = list(self._encode(chat(scene, sentence)))
        machine = Machine(Grammar(scene), self._encode, self._end)
        written = self._write(prompt, machine)
        self.confidence = written.confidence
        text = self._tokenizer.decode([t for t in written.tokens if t != self._end])
        try:
            return parse(text)
        except ValueError as error:
            raise PlannerUnavailableError(f"the bundled model did not come to an end: {error}") from error  # fmt: skip

    def _write(self, prompt: list[int], machine: Machine) -> Any:
        import torch

        from diarchy.planners.embedded.decoding import decode

        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            return decode(self._model, [prompt], [machine], self._pad)[0]
        finally:
            torch.set_num_threads(before)


def _answer(asked: str, request: PlanRequest) -> str | None:
    """Return what was answered last to a question."""
    said = [e.answer for e in request.exchanges if e.question == asked]
    return said[-1] if said else None


def _agreed(asked: str, request: PlanRequest) -> bool:
    words = normal(_answer(asked, request) or "").replace(",", " ").split()
    return bool(words) and words[0] in _YES


def _ask(asked: str, reading: Reading, request: PlanRequest) -> Question:
    """Ask whether that was meant; after a no, what was."""
    reasoning = f"{reading.sketch}, but I am not sure"
    if _answer(asked, request) is None:
        return Question(text=asked, options=("yes", "no"), reasoning=reasoning, reading=as_dict(reading))  # fmt: skip
    return Question(text=UNCLEAR_QUESTION, reasoning=reasoning, reading=as_dict(reading))


def _sentence(request: PlanRequest) -> str:
    """Return what is to be read: the answer, if the person was asked what they meant."""
    for exchange in reversed(request.exchanges):
        if exchange.question == UNCLEAR_QUESTION and exchange.answer.strip():
            return exchange.answer
    return request.instruction


def scene_of(request: PlanRequest) -> Scene:
    """Return what can be named in the home of a request."""
    vocabulary, entities = request.vocabulary, request.world.entities
    objects = set(vocabulary.object_classes) | {e.cls for e in entities if e.kind == "object"}
    places = set(vocabulary.fixture_classes) | {e.cls for e in entities if e.kind == "fixture"}
    return Scene(
        tuple(sorted(objects)),
        tuple(sorted(places - objects)),
        tuple(sorted({e.room for e in entities if e.room})),
        any(e.kind == "person" for e in entities),
    )
