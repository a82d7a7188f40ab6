from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.safety.rules import Reviewer, load_rules, plain
from diarchy.safety.rules.words import compile_phrase, is_said, normal

WORDS = {"someone": ("me", "him")}
REVIEWER = Reviewer(load_rules())


@pytest.mark.parametrize(
    ("phrase", "sentence", "said"),
    [
        ("throw .. at <someone>", "Throw the red apple at him!", True),
        ("throw .. at <someone>", "throw the apple at the dog", False),
        ("throw .. at <someone>", "do not throw the apple at him", False),
        ("throw .. at <someone>", "throw the apple. look at him", False),
        ("burn*|set_alight", "burning papers", True),
        ("burn*|set_alight", "set alight the papers", True),
        ("burn|set", "sunburn", False),
        ("never mind", "Never mind", True),
    ],
)
def test_a_phrase_is_heard_where_it_is_said(phrase: str, sentence: str, said: bool) -> None:
    assert is_said(normal(sentence), compile_phrase(phrase, WORDS)) is said


@pytest.mark.parametrize("phrase", ["", "..", "<nobody>"])
def test_a_phrase_without_words_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"no word|set of words"):
        compile_phrase(phrase, WORDS)


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_answered(text: str) -> None:
    assert REVIEWER.sentence(text).answer in ("allow", "ask", "refuse")


@given(st.text(max_size=300))
def test_text_of_others_is_shown_on_one_printable_bounded_line(text: str) -> None:
    shown = plain(text)
    assert shown.isprintable()
    assert len(shown) <= 60
