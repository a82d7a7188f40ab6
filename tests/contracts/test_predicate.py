from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.predicate import ARITY, Condition, Predicate

names = st.sampled_from(sorted(ARITY))
words = st.from_regex(r"[a-z]+_[0-9]", fullmatch=True)
conditions = names.flatmap(
    lambda n: st.builds(
        lambda args, value: Condition(Predicate(n, tuple(args)), value),
        st.lists(words, min_size=ARITY[n], max_size=ARITY[n]),
        st.booleans(),
    )
)


@given(conditions)
def test_a_condition_survives_its_text(condition: Condition) -> None:
    assert Condition.parse(str(condition)) == condition


@given(st.text(alphabet=" abon_()*,1", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        condition = Condition.parse(text)
    except BadInputError:
        return
    assert Condition.parse(str(condition)) == condition


def test_an_unknown_predicate_names_the_closest() -> None:
    with pytest.raises(BadInputError, match="did you mean 'holding'"):
        Condition.parse("holdin(mug_1)")


def test_a_wrong_number_of_arguments_is_said() -> None:
    with pytest.raises(BadInputError, match=r"takes 2 argument"):
        Condition.parse("on(mug_1)")


def test_a_star_matches_anything_of_that_relation() -> None:
    star = Predicate("on", ("mug_1", "*"))
    assert star.matches(Predicate("on", ("mug_1", "table_1")))
    assert not star.matches(Predicate("on", ("cup_1", "table_1")))
    assert not star.matches(Predicate("in", ("mug_1", "table_1")))
