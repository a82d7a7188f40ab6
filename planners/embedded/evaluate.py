"""How many held-out sentences does the model read exactly as people meant them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tokenizers import Tokenizer

from diarchy.planners.embedded.decoding import decode
from diarchy.planners.embedded.grammar import Grammar, Machine
from diarchy.planners.embedded.language import Reading, goal_of, parse
from diarchy.planners.embedded.modeling import special_ids
from diarchy.planners.embedded.samples import Ints, Samples
from diarchy.planners.embedded.words import encoder

_SLOTS = ("type", "object", "receptacle", "movable", "lamp", "sliced")


class Judge:
    """Lets a model answer samples and compares with the answers that people gave.

    Args:
        samples: all of them.
        tokenizer: the model's own.
        batch: sentences at a time.
    """

    def __init__(self, samples: Samples, tokenizer: Tokenizer, batch: int = 1024) -> None:
        self._samples, self._tokenizer, self._batch = samples, tokenizer, batch
        self._encode = encoder(tokenizer)
        self._ids = special_ids(tokenizer.get_vocab_size())

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of an answer's tokens."""
        return self._tokenizer.decode([t for t in tokens if t != self._ids["end"]])

    def answers(self, model: Any, numbers: Ints) -> list[dict[str, Any]]:
        """Let the model answer; one record a sample, in the order of the numbers."""
        rows = [self._samples.row(int(i)) for i in numbers]
        prompts = [self._samples.prompt(r) for r in rows]
        order = sorted(range(len(rows)), key=lambda i: len(prompts[i]))
        records: list[dict[str, Any]] = [{} for _ in rows]
        training = model.training
        model.eval()
        for first in range(0, len(order), self._batch):
            part = order[first : first + self._batch]
            machines = [self._machine(self._samples.scene(rows[i])) for i in part]
            written = decode(model, [prompts[i] for i in part], machines, self._ids["pad"])
            for i, out in zip(part, written, strict=True):
                records[i] = {
                    "sample": int(numbers[i]),
                    "wanted": self.text(rows[i].answer),
                    "written": self.text(out.tokens),
                    "confidence": round(out.confidence, 4),
                    "least": round(out.least, 4),
                }
        model.train(training)
        return records

    def _machine(self, scene: Any) -> Machine:
        return Machine(Grammar(scene), self._encode, self._ids["end"])

    def score(self, model: Any, numbers: Ints) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Count what is right; returns the figures and the records."""
        records = self.answers(model, numbers)
        return figures(records), records


def figures(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Count exact goals and answers, single slots, answers that are no JSON, and rates by confidence."""
    if not records:
        return {"n": 0}
    goals, texts, broken, refused = 0, 0, 0, 0
    wrong: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    right_kinds: Counter[str] = Counter()
    for record in records:
        wanted, got = parse(record["wanted"]), _parse(record["written"])
        broken += got is None
        refused += got is not None and not got.steps and bool(wanted.steps)
        pairs = list(zip(_SLOTS, goal_of(wanted), goal_of(got or Reading()), strict=True))
        bad = [name for name, a, b in pairs if a != b]
        same_kind = got is not None and got.code == wanted.code and bool(got.steps) == bool(wanted.steps)  # fmt: skip
        record["right"] = not bad and same_kind
        goals += record["right"]
        texts += record["wanted"] == record["written"]
        wrong.update(bad)
        kind = str(goal_of(wanted)[0] or wanted.code or "other")
        kinds[kind] += 1
        right_kinds[kind] += record["right"]
    n = len(records)
    sure = sorted(records, key=lambda r: -float(r["confidence"]))
    return {
        "n": n,
        "exact_goal": round(goals / n, 4),
        "exact_answer": round(texts / n, 4),
        "invalid": broken,
        "refused_or_asked": refused,
        "wrong_slots": dict(wrong.most_common()),
        "by_type": {k: [right_kinds[k], kinds[k]] for k in sorted(kinds)},
        "exact_goal_of_most_confident": {
            f"{share:.0%}": round(sum(r["right"] for r in sure[: round(n * share)]) / max(round(n * share), 1), 4)
            for share in (0.5, 0.7, 0.8, 0.9, 0.95)
        },
    }  # fmt: skip


def _parse(text: str) -> Reading | None:
    try:
        return parse(text)
    except ValueError:
        return None
