"""Training samples in one compact file, and the batches made of them.

A sample is a sentence, what can be named where it was said, and the answer, all as tokens. The prompt is put
together when a batch is: names in another order each time, some left out, words dropped, and now and then
the very thing that the sentence names is missing, so that the right answer is that there is none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from diarchy.planners.embedded.prompt import ASSISTANT, END, NOBODY, SYSTEM, USER, Scene

Ints = npt.NDArray[np.int64]
IGNORED = -100
_LISTS = ("sentence", "answer", "objects", "places", "rooms", "needed")
_NUMBERS = ("kind", "split", "person", "missing")


@dataclass(frozen=True)
class Sample:
    """One sample, in tokens and numbers of names.

    Attributes:
        sentence, answer: tokens; the answer ends with the token that ends it.
        objects, places, rooms: numbers of names that can be named.
        needed: numbers of names that must not be left out.
        missing: number of the name whose absence makes the sentence one about an unknown thing; -1: none.
        kind: where it comes from, an index of `Samples.kinds`.
        split: an index of `Samples.splits`; 0 is trained on.
        person: somebody is there.
    """

    sentence: Sequence[int]
    answer: Sequence[int]
    objects: Sequence[int]
    places: Sequence[int]
    rooms: Sequence[int] = ()
    needed: Sequence[int] = ()
    missing: int = -1
    kind: int = 0
    split: int = 0
    person: int = 1


class Batch(NamedTuple):
    """Right-padded ``[B, T]`` tokens, what to predict (shifted), and how much each prediction counts."""

    tokens: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Frame:
    """The constant tokens of a prompt.

    Attributes:
        parts: what stands before the objects, the places, the rooms, the sentence and the answer.
        unknown: the answer that a thing is unknown, in tokens.
        pad: the token to fill up with.
    """

    parts: tuple[tuple[int, ...], ...]
    unknown: tuple[int, ...]
    pad: int


PARTS = (f"{SYSTEM}objects:", "\nplaces:", "\nrooms:", f"\n{END}{USER}", f"{END}{ASSISTANT}")
"""The texts of `Frame.parts`."""


@dataclass
class Samples:
    """All samples of a file.

    Attributes:
        names: all names that can be listed; the last is "none".
        name_tokens: tokens of each, with the space before it.
        kinds, splits: what the numbers in samples mean.
        columns: by field of `Sample`, ``(values, starts)`` of lists and arrays of numbers.
    """

    frame: Frame
    names: list[str]
    name_tokens: list[tuple[int, ...]]
    kinds: list[str]
    splits: list[str]
    columns: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["kind"])

    def row(self, index: int) -> Sample:
        """Return one sample."""
        found: dict[str, Any] = {name: int(self.columns[name][index]) for name in _NUMBERS}
        for name in _LISTS:
            values, starts = self.columns[name]
            found[name] = values[starts[index] : starts[index + 1]].tolist()
        return Sample(**found)

    def of(self, split: str, kind: str | None = None) -> Ints:
        """Return the numbers of the samples of a split (of one kind)."""
        here = self.columns["split"] == self.splits.index(split)
        if kind is not None:
            here &= self.columns["kind"] == self.kinds.index(kind)
        return np.flatnonzero(here).astype(np.int64)

    def lengths(self) -> Ints:
        """About how many tokens each sample has."""
        total = np.zeros(len(self), np.int64)
        for name in ("sentence", "answer", "objects", "places", "rooms"):
            total += np.diff(self.columns[name][1])
        return total

    def scene(self, sample: Sample) -> Scene:
        """Return what can be named, in words, sorted."""

        def names(numbers: Sequence[int]) -> tuple[str, ...]:
            return tuple(sorted(self.names[i] for i in numbers))

        return Scene(
            names(sample.objects), names(sample.places), names(sample.rooms), bool(sample.person)
        )

    def prompt(self, sample: Sample) -> list[int]:
        """Return the tokens up to where the answer begins, names sorted as when it is used."""
        lists = [sorted(n, key=self.names.__getitem__) for n in (sample.objects, sample.places, sample.rooms)]  # fmt: skip
        return self._compose(lists, sample.sentence)

    def _compose(self, lists: Sequence[Sequence[int]], sentence: Sequence[int]) -> list[int]:
        nobody = len(self.names) - 1
        tokens: list[int] = []
        for part, numbers in zip(self.frame.parts, lists, strict=False):
            tokens += part
            for number in numbers or (nobody,):
                tokens += self.name_tokens[number]
        return [*tokens, *self.frame.parts[3], *sentence, *self.frame.parts[4]]

    # ---- files --------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write one compressed file."""
        head = {
            "parts": self.frame.parts, "unknown": self.frame.unknown, "pad": self.frame.pad,
            "names": self.names, "name_tokens": self.name_tokens, "kinds": self.kinds,
            "splits": self.splits,
        }  # fmt: skip
        arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}
        for name in _LISTS:
            values, starts = self.columns[name]
            arrays[name] = values.astype(np.uint16)
            arrays[f"{name}_starts"] = np.diff(starts).astype(np.uint16)
        for name in _NUMBERS:
            arrays[name] = self.columns[name].astype(np.int16)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **arrays)

    @staticmethod
    def load(path: Path) -> Samples:
        """Read a file that `save` wrote."""
        with np.load(path) as data:
            head = json.loads(data["head"].tobytes().decode())
            columns: dict[str, Any] = {}
            for name in _LISTS:
                starts = np.concatenate([[0], np.cumsum(data[f"{name}_starts"], dtype=np.int64)])
                columns[name] = (data[name].astype(np.int64), starts)
            for name in _NUMBERS:
                columns[name] = data[name].astype(np.int64)
        frame = Frame(tuple(tuple(p) for p in head["parts"]), tuple(head["unknown"]), head["pad"])
        tokens = [tuple(t) for t in head["name_tokens"]]
        return Samples(frame, head["names"], tokens, head["kinds"], head["splits"], columns)


def gather(rows: Sequence[Sample]) -> dict[str, Any]:
    """Make columns of samples."""
    columns: dict[str, Any] = {}
    for name in _LISTS:
        lists = [getattr(r, name) for r in rows]
        starts = np.concatenate([[0], np.cumsum([len(x) for x in lists])])
        columns[name] = (np.array([v for x in lists for v in x], np.int64), starts)
    for name in _NUMBERS:
        columns[name] = np.array([getattr(r, name) for r in rows], np.int64)
    return columns


def name_list(names: Sequence[str]) -> list[str]:
    """Return the sorted names with "none" last."""
    return [*sorted(set(names)), NOBODY]


# ---- batches ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mix:
    """What is drawn and how it is disturbed.

    Attributes:
        shares: by kind, how much of a batch.
        batch: samples.
        words: chance that a token of the sentence is dropped, in every second sample.
        names: largest chance that a name that is not needed is left out.
        missing: chance that the thing itself is missing.
        read: weight of predicting the sentence itself.
    """

    shares: dict[str, float]
    batch: int = 512
    words: float = 0.08
    names: float = 0.5
    missing: float = 0.03
    read: float = 0.1


class Batches:
    """Batches by their number; the same seed and number give the same batch. A `torch` dataset."""

    _GROUP = 16

    def __init__(self, samples: Samples, mix: Mix, seed: int, only: Ints | None = None) -> None:
        self._samples, self._mix, self._seed = samples, mix, seed
        self._lengths = samples.lengths()
        pools = {k: samples.of("train", k) for k in mix.shares}
        if only is not None:
            pools = {k: np.intersect1d(v, only) for k, v in pools.items()}
        self._pools = {k: v for k, v in pools.items() if len(v)}

    def __len__(self) -> int:
        return 10**9

    def __getitem__(self, number: int) -> Batch:
        group, slot = divmod(number, self._GROUP)
        rng = np.random.default_rng([self._seed, group])
        chosen = self._draw(rng, self._mix.batch * self._GROUP)
        order = chosen[np.argsort(self._lengths[chosen], kind="stable")]
        rows = order.reshape(self._GROUP, -1)[rng.permutation(self._GROUP)[slot]]
        inner = np.random.default_rng([self._seed, group, slot + 1])
        return self._pack([self._one(self._samples.row(int(i)), inner) for i in rows])

    def _draw(self, rng: np.random.Generator, count: int) -> Ints:
        shares = np.array([self._mix.shares[k] for k in self._pools])
        numbers = rng.multinomial(count, shares / shares.sum())
        drawn = [rng.choice(p, n) for p, n in zip(self._pools.values(), numbers, strict=True)]
        return np.concatenate(drawn)

    def _one(self, sample: Sample, rng: np.random.Generator) -> tuple[list[int], int, int]:
        """Return the tokens, where the sentence begins and where the answer begins."""
        answer, needed = list(sample.answer), set(sample.needed)
        gone = -1
        if sample.missing >= 0 and rng.random() < self._mix.missing:
            answer, gone = list(self._samples.frame.unknown), sample.missing
        keep = 1.0 - (rng.random() * self._mix.names if rng.random() < 0.5 else 0.0)
        lists = []
        for numbers in (sample.objects, sample.places, sample.rooms):
            chances = rng.random(len(numbers))
            kept = [n for n, c in zip(numbers, chances, strict=True) if n in needed or c < keep]
            lists.append([kept[i] for i in rng.permutation(len(kept)) if kept[i] != gone])
        sentence = list(sample.sentence)
        if rng.random() < 0.5 and len(sentence) > 4:
            chances = rng.random(len(sentence))
            sentence = [t for t, c in zip(sentence, chances, strict=True) if c >= self._mix.words]
        prompt = self._samples._compose(lists, sentence)
        after = len(self._samples.frame.parts[4])
        return [*prompt, *answer], len(prompt) - after - len(sentence), len(prompt)

    def _pack(self, rows: Sequence[tuple[list[int], int, int]]) -> Batch:
        width = -(-(max(len(r[0]) for r in rows) - 1) // 8) * 8
        tokens = np.full((len(rows), width), self._samples.frame.pad, np.int32)
        labels = np.full((len(rows), width), IGNORED, np.int32)
        weights = np.zeros((len(rows), width), np.float32)
        for i, (row, sentence, answer) in enumerate(rows):
            count = len(row) - 1
            tokens[i, :count] = row[:-1]
            labels[i, :count] = row[1:]
            weights[i, sentence - 1 : answer - 1] = self._mix.read
            weights[i, answer - 1 : count] = 1.0
        labels[weights == 0.0] = IGNORED
        return Batch(tokens, labels, weights)
