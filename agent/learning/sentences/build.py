"""Makes the file that the bundled planner is trained on: a tokenizer, and all samples in its tokens."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from diarchy.agent.learning.sentences import alfred
from diarchy.agent.learning.sentences.alfred import SPLITS, Said
from diarchy.agent.learning.sentences.household import generate
from diarchy.planners.embedded.grammar import Encode, Grammar, matches
from diarchy.planners.embedded.language import CARRIERS, EVERYTHING, PERSON, Reading, write
from diarchy.planners.embedded.modeling import special_ids
from diarchy.planners.embedded.prompt import Scene, chat, listing, normal
from diarchy.planners.embedded.samples import PARTS, Frame, Sample, Samples, gather, name_list
from diarchy.planners.embedded.words import encoder, save_tokenizer, train_tokenizer

_LOG = logging.getLogger(__name__)
KINDS = ("goal", "steps", "step", "home", "other")
VOCABULARY = 3072
_LONGEST_SENTENCE = 110


def build(data: Path, out: Path, objects: Iterable[str], *, seed: int = 0, commands: int = 60_000, odd: int = 8_000) -> Samples:  # fmt: skip
    """Write ``samples.npz`` and ``tokenizer.json`` (with its configuration) into a folder.

    Args:
        data: ALFRED's sentences.
        out: the folder.
        objects: classes of the things that the simulated home can have.
        seed: of generated sentences.
        commands, odd: how many generated commands, and sentences that no plan answers.

    Raises:
        BadInputError: the data are not there.
    """
    rows = alfred.load(data)
    said = list(alfred.sentences(rows))
    known = {c for s in said for c in s.objects} | set(objects)
    said += generate(commands, seed, sorted(known))
    said += generate(odd, seed, sorted(known), odd=True)
    said = [_complete(s) for s in said]
    training = [s for s in said if s.split == "train"]
    tokenizer = train_tokenizer(_texts(training), VOCABULARY)
    save_tokenizer(tokenizer, out)
    samples = tokens_of(said, encoder(tokenizer), tokenizer.get_vocab_size())
    samples.save(out / "samples.npz")
    counts = Counter((s.split, s.kind) for s in said)
    _LOG.info("%d samples: %s", len(samples), {"/".join(k): n for k, n in sorted(counts.items())})
    return samples


def _complete(said: Said) -> Said:
    """Say only what can be said: sources that the list of places lacks are left out.

    In training, and only there, the list is completed by what the answer needs.
    """
    steps = tuple(
        replace(s, where="") if s.where not in said.places else s for s in said.reading.steps
    )
    said = replace(said, reading=replace(said.reading, steps=steps))
    if said.split != "train":
        return said
    carriers = {c for c in CARRIERS if c in said.objects}
    ends = {s.to for s in steps if s.to} | {s.object for s in steps if s.do in ("turn on", "turn off")}  # fmt: skip
    lacking = ends - {*said.places, *said.rooms, *carriers}
    return replace(said, places=tuple(sorted({*said.places, *lacking})))


def _texts(said: Sequence[Said]) -> Iterable[str]:
    """Yield what the tokenizer learns from: sentences, answers, and the names of things as they are listed."""
    names = sorted({n for s in said for n in (*s.objects, *s.places, *s.rooms)})
    for _ in range(200):
        yield listing("objects", names) + listing("places", names) + listing("rooms", names)
        yield '"},{"'.join(f'do":"{n}","object":"{n}","to":"{n}' for n in names)
    for s in said:
        yield normal(s.sentence)
        yield write(s.reading)


def tokens_of(said: Sequence[Said], encode: Encode, vocabulary: int) -> Samples:
    """Turn sentences into samples, leaving out those that are too long to be commands.

    Raises:
        AssertionError: an answer is none of the grammar's, or a prompt is not the sum of its parts.
    """
    ids = special_ids(vocabulary)
    names = name_list([n for s in said for n in (*s.objects, *s.places, *s.rooms)])
    number = {n: i for i, n in enumerate(names)}
    unknown = (*encode(write(Reading(code="unknown_word"))), ids["end"])
    frame = Frame(tuple(encode(part) for part in PARTS), unknown, ids["pad"])
    rows: list[Sample] = []
    for s in said:
        sentence = encode(normal(s.sentence))
        if not sentence or (len(sentence) > _LONGEST_SENTENCE and s.kind == "steps"):
            continue
        rows.append(_sample(s, sentence, (*encode(write(s.reading)), ids["end"]), number))
    samples = Samples(frame, names, [encode(f" {n}") for n in names], list(KINDS), list(SPLITS), gather(rows))  # fmt: skip
    _check(samples, said, encode, ids["end"])
    return samples


def _sample(
    s: Said, sentence: Sequence[int], answer: Sequence[int], number: dict[str, int]
) -> Sample:
    steps = s.reading.steps
    named = {v for w in steps for v in (w.object, w.to, w.where, w.near, w.left_out)} & set(number)
    present = {*s.objects, *s.places, *s.rooms}
    things = [w.object for w in steps if w.object in s.objects and w.object not in (EVERYTHING, PERSON)]  # fmt: skip
    missing = number[things[0]] if things and s.kind in ("goal", "home") else -1
    return Sample(
        sentence=sentence,
        answer=answer,
        objects=[number[n] for n in s.objects],
        places=[number[n] for n in s.places],
        rooms=[number[n] for n in s.rooms],
        needed=[number[n] for n in sorted(named & present)],
        missing=missing,
        kind=KINDS.index(s.kind),
        split=SPLITS.index(s.split),
        person=int(s.person),
    )


def _check(samples: Samples, said: Sequence[Said], encode: Encode, end: int) -> None:
    """Make sure that grammar and prompt mean the same as the samples, on some of them."""
    for index in range(0, len(samples), max(len(samples) // 2000, 1)):
        row = samples.row(index)
        scene = samples.scene(row)
        if samples.splits[row.split] == "train":
            assert matches(Grammar(scene), encode, end, row.answer), (scene, row.answer, index)
    for s in said[:: max(len(said) // 500, 1)]:
        scene = Scene(s.objects, s.places, s.rooms, s.person)
        single = tokens_one(s, samples, encode)
        assert samples.prompt(single) == list(encode(chat(scene, s.sentence))), s


def tokens_one(said: Said, samples: Samples, encode: Encode) -> Sample:
    """Return the sample of one sentence, without its answer."""
    number = {n: i for i, n in enumerate(samples.names)}
    return _sample(said, encode(normal(said.sentence)), (), number)
