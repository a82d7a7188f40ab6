"""Each decorator, script and precondition does what its documentation says."""

from __future__ import annotations

import pytest

from diarchy.agent.tree.btcpp.blackboard import Blackboard, TreeError
from diarchy.agent.tree.btcpp.script import compile_script
from diarchy.contracts.errors import BadInputError
from tests.agent.tree.btcpp.trees import Ticked


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Inverter", "RFRS"),
        ("ForceSuccess", "RSRS"),
        ("ForceFailure", "RFRF"),
        ("KeepRunningUntilFailure", "RRRF"),
    ],
)
def test_a_result_is_translated_and_running_stays(kind: str, expected: str) -> None:
    assert Ticked(f"<{kind}><A/></{kind}>", A="RSRF").tick(4) == expected


def test_repeat_goes_on_while_the_child_succeeds() -> None:
    tree = Ticked('<Repeat num_cycles="3"><A/></Repeat>', A="S")
    assert tree.tick(3) == "RRS"
    assert len(tree.log) == 3


def test_repeat_fails_with_its_child_and_counts_anew() -> None:
    tree = Ticked('<Repeat num_cycles="2"><A/></Repeat>', A="SFSS")
    assert tree.tick(4) == "RFRS"


def test_repeat_for_ever_never_ends_by_itself() -> None:
    assert set(Ticked('<Repeat num_cycles="-1"><A/></Repeat>', A="S").tick(50)) == {"R"}


def test_retry_goes_on_until_the_child_succeeds_or_the_attempts_are_used_up() -> None:
    assert (
        Ticked('<RetryUntilSuccessful num_attempts="3"><A/></RetryUntilSuccessful>', A="FFS").tick(
            3
        )
        == "RRS"
    )
    assert (
        Ticked('<RetryUntilSuccessful num_attempts="2"><A/></RetryUntilSuccessful>', A="F").tick(2)
        == "RF"
    )


def test_a_timeout_halts_a_child_that_runs_too_long() -> None:
    tree = Ticked('<Timeout msec="100"><A/></Timeout>', A="R")
    assert tree.tick(3, dt=0.05) == "RRF"
    assert tree.log[-1] == "A halted"
    assert Ticked('<Timeout msec="100"><A/></Timeout>', A="RS").tick(2, dt=0.05) == "RS"


def test_a_delay_waits_first() -> None:
    tree = Ticked('<Delay delay_msec="100"><A/></Delay>', A="S")
    assert tree.tick(3, dt=0.05) == "RRS"
    assert tree.log == ["A"]


def test_sleep_takes_its_time() -> None:
    assert Ticked('<Sleep msec="100"/>').tick(3, dt=0.05) == "RRS"


def test_run_once_is_skipped_afterwards_or_keeps_its_result() -> None:
    tree = Ticked("<RunOnce><A/></RunOnce>", A="RFS")
    assert tree.tick(3) == "RF-"
    kept = Ticked('<RunOnce then_skip="false"><A/></RunOnce>', A="RFS")
    assert kept.tick(3) == "RFF"
    assert len(kept.log) == 2


@pytest.mark.parametrize(("kind", "letter"), [("AlwaysSuccess", "S"), ("AlwaysFailure", "F")])
def test_always_is_always(kind: str, letter: str) -> None:
    assert Ticked(f"<{kind}/>").tick(2) == 2 * letter


def test_a_precondition_decides_before_the_child_begins_and_not_while_it_runs() -> None:
    tree = Ticked(
        '<Precondition if="go" else="SKIPPED"><A/></Precondition>', board={"go": 1.0}, A="RS"
    )
    assert tree.tick() == "R"
    tree.board.set("go", 0.0)
    assert tree.tick(2) == "S-"


@pytest.mark.parametrize(
    ("attribute", "letter"),
    [("_failureIf", "F"), ("_successIf", "S"), ("_skipIf", "-"), ("_while", "S")],
)
def test_an_attribute_decides_before_a_node_begins(attribute: str, letter: str) -> None:
    tree = Ticked(f'<A {attribute}="x == 1"/>', board={"x": 1.0}, A="S")
    assert tree.tick() == letter
    assert bool(tree.log) == (attribute == "_while")


def test_while_halts_a_running_node_and_skips_it() -> None:
    tree = Ticked('<A _while="x == 1" _onHalted="y := 2"/>', board={"x": 1.0}, A="R")
    tree.tick()
    tree.board.set("x", 0.0)
    assert tree.tick() == "-"
    assert tree.log == ["A", "A halted"]
    assert tree.board.get("y") == 2.0


def test_what_comes_after_depends_on_the_result() -> None:
    after = '_onSuccess="s := 1" _onFailure="f := 1" _post="n += 1"'
    tree = Ticked(f"<A {after}/>", board={"n": 0.0}, A="RSF")
    tree.tick(2)
    assert (tree.board.get("s"), tree.board.get("f"), tree.board.get("n")) == (1.0, None, 1.0)
    tree.tick()
    assert (tree.board.get("f"), tree.board.get("n")) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3 - -1", 10.0),
        ("'a' .. 1 .. 'b'", "a1b"),
        ("1 < 2 && !(2 <= 1) || false", True),
        ("n > 3 ? 'big' : 'small'", "big"),
        ("m := n; m *= 2; m", 8.0),
        ("n == '4'", True),
        ("n != 4.0", False),
        ("6 / 4", 1.5),
    ],
)
def test_a_script_computes(code: str, value: object) -> None:
    board = Blackboard()
    board.set("n", 4.0)
    assert compile_script(code)(board) == value


@pytest.mark.parametrize(
    "code", ["", "1 +", "(1", "a & b", "x = = 2", "import os", "__import__('os')"]
)
def test_a_script_that_cannot_be_read_is_refused_before_anything_runs(code: str) -> None:
    with pytest.raises(BadInputError, match="script"):
        Ticked(f'<Script code="{code.replace("&", "&amp;")}"/>')


def test_only_colon_equals_makes_an_entry() -> None:
    with pytest.raises(TreeError, match="reads 'x'"):
        Ticked('<Script code="x = 1"/>').tick()


def test_a_script_condition_and_the_board_nodes() -> None:
    tree = Ticked(
        '<Sequence><SetBlackboard value="5" output_key="x"/><ScriptCondition code="x == 5"/>'
        '<UnsetBlackboard key="x"/><ScriptCondition code="x == 5"/></Sequence>'
    )
    with pytest.raises(TreeError, match="reads 'x'"):
        tree.tick()
    assert Ticked('<ScriptCondition code="1 &gt; 2"/>').tick() == "F"


def test_a_subtree_has_a_board_of_its_own_and_its_ports_connect_the_two() -> None:
    inner = (
        '<BehaviorTree ID="Inner"><Sequence><Note what="{a}"/><Note what="{b}"/>'
        "<Script code=\"a := 'changed'; private := 1\"/></Sequence></BehaviorTree>"
    )
    tree = Ticked('<SubTree ID="Inner" a="{x}" b="constant"/>', inner, board={"x": "given"})
    assert tree.tick() == "S"
    assert tree.log == ["given", "constant"]
    assert (tree.board.get("x"), tree.board.get("private"), tree.board.get("b")) == (
        "changed",
        None,
        None,
    )


def test_autoremap_shares_all_names_but_private_ones() -> None:
    inner = (
        '<BehaviorTree ID="Inner"><Script code="out := in .. \'!\'; _mine := 1"/></BehaviorTree>'
    )
    tree = Ticked('<SubTree ID="Inner" _autoremap="true"/>', inner, board={"in": "hi"})
    tree.tick()
    assert (tree.board.get("out"), tree.board.get("_mine")) == ("hi!", None)


def test_a_port_that_points_to_nothing_says_which() -> None:
    with pytest.raises(TreeError, match=r"<Note> reads \{gone\}"):
        Ticked('<Note what="{gone}"/>').tick()
