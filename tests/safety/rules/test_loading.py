from __future__ import annotations

from pathlib import Path

import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.safety.rules import load_rules
from diarchy.safety.rules.model import Rule

RULE = """
rules:
  - id: no_soap_in_fridge
    rule: soap is not kept with food
    answer: ask
    where: {x: [SoapBar, SoapBottle], place: Fridge}
    never: within(x, place)
    because: "the {x} would make the food taste of soap"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rules_load_and_every_one_has_words_for_a_person() -> None:
    rules = load_rules()
    assert len({r.id for r in rules.rules}) == len(rules.rules) > 50
    assert all(r.rule and r.because for r in rules.rules)


def test_a_file_adds_rules_and_takes_rules_out(tmp_path: Path) -> None:
    shipped = load_rules()
    path = written(tmp_path, RULE + "drop: [safe_opened]\nkinds: {metal: [TinBox]}\n")
    mine = load_rules(path)
    assert {r.id for r in mine.rules} - {r.id for r in shipped.rules} == {"no_soap_in_fridge"}
    assert {r.id for r in shipped.rules} - {r.id for r in mine.rules} == {"safe_opened"}
    assert set(mine.kinds["metal"]) == {*shipped.kinds["metal"], "TinBox"}
    assert mine.dropped == ("safe_opened",)
    assert mine.sources == ("default", str(path))


def test_a_rule_of_the_same_id_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    path = written(tmp_path, RULE.replace("no_soap_in_fridge", "blade_to_hand"))
    found = [r for r in load_rules(path).rules if r.id == "blade_to_hand"]
    assert [r.answer for r in found] == ["ask"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- a list", "rules are a mapping of keys; known: kinds, words, rules, drop"),
        ("rule: []", "unknown key 'rule'; did you mean 'rules'?"),
        ("rules: [", "is not valid YAML"),
        ("rules: 3", "'rules' is a list"),
        ("drop: [blade_to_hnd]", "no rule 'blade_to_hnd'; did you mean 'blade_to_hand'?"),
        ("kinds: {mine: Fork}", "kinds.mine must be a list of words"),
        ("kinds: {mine: [forks]}", "kinds.mine: 'forks' is no kind, and no class"),
        ("kinds: {a: [b], b: [a]}", "is made of itself"),
        (RULE.replace("ask", "maybe"), "rule no_soap_in_fridge: answer"),
        (RULE.replace("within(x", "inside(x"), "unknown predicate 'inside'"),
        (RULE.replace("within(x, place)", "within(x)"), "'within' takes 2 argument(s)"),
        (RULE.replace("within(x, place)", "within(y, place)"), "'where' does not say what y may be"),
        (RULE.replace("{x} would", "{soap} would"), "'soap' in braces"),
        (RULE.replace("never:", "nevr:"), "unknown key 'nevr'; did you mean 'never'?"),
        (RULE.replace("[SoapBar, SoapBottle]", "metall"), "'metall' is no kind, and no class"),
        (RULE.replace("never: within(x, place)", "said: give <someoen> soap"), "set of words 'someoen'"),
        (RULE + RULE.split("rules:")[1], "two rules are called 'no_soap_in_fridge'"),
        (RULE + "    end: on(x, place)\n", "has never and end of never, step, end, said"),
        (RULE.replace("never: within(x, place)", "never: []"), "has none of never, step, end, said"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_said_in_one_sentence(
    text: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError) as caught:
        load_rules(written(tmp_path, text))
    assert complaint in str(caught.value)
    assert "mine.yaml" in str(caught.value)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot read the rules"):
        load_rules(tmp_path / "none.yaml")


def test_a_rule_survives_being_written_and_read() -> None:
    for rule in load_rules().rules:
        assert Rule.model_validate(rule.model_dump(by_alias=True)) == rule
