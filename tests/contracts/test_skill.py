from __future__ import annotations

import pytest

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.predicate import Condition
from diarchy.skills.specs import BUILTIN, PICK, PLACE_IN


def test_templates_are_filled_with_arguments() -> None:
    bound = PLACE_IN.bind("in(object, receptacle)", {"object": "apple_1", "receptacle": "bin_1"})
    assert bound == Condition.parse("in(apple_1, bin_1)")


def test_a_star_in_a_template_stays_a_star() -> None:
    assert str(PICK.bind("on(object, *)", {"object": "mug_1"})) == "on(mug_1, *)"


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(BadInputError, match="needs receptacle"):
        PLACE_IN.check_args({"object": "apple_1"})


def test_a_misspelt_argument_gets_the_right_word() -> None:
    with pytest.raises(BadInputError, match="did you mean 'object'"):
        PICK.check_args({"objct": "apple_1"})


@pytest.mark.parametrize("spec", BUILTIN, ids=lambda s: s.name)
def test_every_template_of_a_built_in_skill_can_be_read(spec: object) -> None:
    names = {p.name for p in spec.parameters}  # type: ignore[attr-defined]
    templates = [
        *spec.preconditions,  # type: ignore[attr-defined]
        *spec.hold_conditions,  # type: ignore[attr-defined]
        *spec.deletes,  # type: ignore[attr-defined]
        *(p.template for p in spec.postconditions),  # type: ignore[attr-defined]
    ]
    for template in templates:
        assert set(Condition.parse(template).predicate.args) <= names | {"*"}


def test_without_a_close_word_everything_that_exists_is_listed() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
