"""From a sentence to its `Reading`: tagging, grammar, frames, slots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from diarchy.planners.symbolic.frames import Framer
from diarchy.planners.symbolic.lexicon import Lexicon, lexicon_for
from diarchy.planners.symbolic.slots import alfred_slots
from diarchy.planners.symbolic.steps import Reading
from diarchy.planners.symbolic.syntax import parse
from diarchy.planners.symbolic.tagging import tag


def read(sentence: str, classes: Iterable[str]) -> Reading:
    """Read a sentence against the classes that this home has.

    The same sentence and classes give the same reading; any text can be read, what nobody knows is
    in the reading as such.
    """
    vocabulary = tuple(sorted(set(classes)))
    lexicon = lexicon_for(vocabulary)
    return read_with(sentence, lexicon, frozenset(vocabulary))


def read_with(sentence: str, lexicon: Lexicon, vocabulary: frozenset[str]) -> Reading:
    """Read with a lexicon at hand."""
    clauses = parse(tag(sentence, lexicon))
    reading = Framer(lexicon, vocabulary).read(clauses)
    return replace(reading, slots=alfred_slots(reading.steps, lexicon))
