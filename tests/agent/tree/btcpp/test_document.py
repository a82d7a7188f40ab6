"""Tree files are read, refused by name, and written again the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarchy.agent.tree.btcpp.document import Document, Element, Tree, parse, write
from diarchy.contracts.errors import BadInputError
from tests.agent.tree.btcpp.trees import Ticked, file

TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\t\r"), max_size=12
)
NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True).filter(
    lambda n: n not in ("Action", "Condition", "Control", "Decorator")
)
ATTRIBUTES = st.dictionaries(NAME.filter(lambda n: n != "ID"), TEXT, max_size=3)
ELEMENTS = st.recursive(
    st.builds(Element, NAME, ATTRIBUTES),
    lambda inner: st.builds(Element, NAME, ATTRIBUTES, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=8,
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    trees = draw(
        st.dictionaries(NAME, st.builds(Tree, ELEMENTS, ATTRIBUTES), min_size=1, max_size=3)
    )
    return Document(
        draw(st.sampled_from(sorted(trees))), trees, tuple(draw(st.lists(ELEMENTS, max_size=2)))
    )


@given(documents())
def test_what_is_written_reads_back_as_the_same_and_is_written_the_same(document: Document) -> None:
    text = write(document)
    assert parse(text) == document
    assert write(parse(text)) == text


def test_the_explicit_notation_is_the_compact_one() -> None:
    explicit = parse(file('<Control ID="Sequence"><Action ID="pick" object="mug_1"/></Control>'))
    assert explicit == parse(file('<Sequence><pick object="mug_1"/></Sequence>'))


def test_the_only_tree_is_the_main_one() -> None:
    one = '<root BTCPP_format="4"><BehaviorTree ID="T"><AlwaysSuccess/></BehaviorTree></root>'
    assert parse(one).main == "T"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<root", "not well-formed"),
        ("<tree/>", "begins with <root>"),
        ('<root BTCPP_format="3"/>', "only version 4"),
        ("<root/>", "only version 4"),
        ('<root BTCPP_format="4"/>', "no <BehaviorTree>"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><root BTCPP_format="4"/>', "no DOCTYPE"),
        ('<root BTCPP_format="4"><include path="a.xml"/></root>', "<include> is not supported"),
        ('<root BTCPP_format="4"><BehaviorTree ID="A"/></root>', "exactly one node, it holds 0"),
        (file("<A/>").replace('"Main">', '"Mian">', 1), "did you mean 'Main'"),
    ],
)
def test_a_file_of_another_form_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<Sequnce><A/></Sequnce>", "did you mean 'Sequence'"),
        (
            "<ManualSelector><A/></ManualSelector>",
            "<ManualSelector> is not supported: it reads the keyboard",
        ),
        ("<SequenceStar><A/></SequenceStar>", "SequenceWithMemory in version 4"),
        ('<LoopDouble queue="1;2"><A/></LoopDouble>', "<LoopDouble> is not supported"),
        ("<Inverter><A/><A/></Inverter>", "<Inverter> takes 1 children, it has 2"),
        ("<Sequence/>", "at least 1"),
        ('<Switch2 variable="x" case_1="1" case_2="2"><A/></Switch2>', "takes 3 children"),
        ('<Repeat num_cycle="3"><A/></Repeat>', "did you mean 'num_cycles'"),
        ("<Repeat><A/></Repeat>", "needs the port num_cycles"),
        ("<Note/>", "needs the port what"),
        ('<A colour="red"/>', "no port 'colour'"),
        ('<SubTree ID="Gone"/>', "there is no tree 'Gone'"),
        ('<SubTree ID="Main"/>', "contains itself"),
        (
            '<Precondition if="1" else="RUNNING"><A/></Precondition>',
            "else='RUNNING'> is not supported",
        ),
        ('<A _skipIf="x &amp; 1"/>', "bitwise and"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name_before_anything_runs(body: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        Ticked(body, A="S")
