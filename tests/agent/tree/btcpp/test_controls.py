"""Each control node does what its documentation says (behaviortree.dev, nodes library)."""

from __future__ import annotations

import pytest

from diarchy.agent.tree.btcpp.blackboard import TreeError
from tests.agent.tree.btcpp.trees import Ticked

ABC = "<A/><B/><C/>"


def test_a_sequence_ticks_the_running_child_again_and_not_those_before_it() -> None:
    tree = Ticked(f"<Sequence>{ABC}</Sequence>", A="S", B="RS", C="S")
    assert tree.tick(2) == "RS"
    assert tree.ticked() == "ABBC"


def test_a_sequence_restarts_after_a_failure() -> None:
    tree = Ticked(f"<Sequence>{ABC}</Sequence>", A="S", B="FS", C="S")
    assert tree.tick(2) == "FS"
    assert tree.ticked() == "ABABC"


def test_a_sequence_restarts_after_it_was_halted() -> None:
    tree = Ticked(f"<Sequence>{ABC}</Sequence>", A="S", B="R", C="S")
    tree.tick()
    tree.halt()
    tree.tick()
    assert tree.log == ["A", "B", "B halted", "A", "B"]


def test_a_sequence_with_memory_does_not_tick_again_what_succeeded() -> None:
    tree = Ticked(f"<SequenceWithMemory>{ABC}</SequenceWithMemory>", A="S", B="FFS", C="S")
    assert tree.tick(3) == "FFS"
    assert tree.ticked() == "ABBBC"


def test_a_sequence_with_memory_remembers_its_place_when_halted_and_begins_anew_after_success() -> (
    None
):
    tree = Ticked(f"<SequenceWithMemory>{ABC}</SequenceWithMemory>", A="S", B="RS", C="S")
    tree.tick()
    tree.halt()
    assert tree.tick(2) == "SS"
    assert tree.ticked() == "ABBCABC"


def test_an_async_sequence_gives_way_after_each_child() -> None:
    tree = Ticked(f"<AsyncSequence>{ABC}</AsyncSequence>", A="S", B="S", C="S")
    assert tree.tick(3) == "RRS"
    assert tree.ticked() == "ABC"


def test_a_reactive_sequence_restarts_while_a_child_runs_and_halts_it_when_one_before_fails() -> (
    None
):
    tree = Ticked("<ReactiveSequence><A/><B/></ReactiveSequence>", A="SSF", B="R")
    assert tree.tick(3) == "RRF"
    assert tree.log == ["A", "B", "A", "B", "A", "B halted"]


def test_a_reactive_sequence_halts_the_others_when_one_runs() -> None:
    tree = Ticked("<ReactiveSequence><A/><B/></ReactiveSequence>", A="SR", B="R")
    tree.tick(2)
    assert tree.log == ["A", "B", "A", "B halted"]


def test_a_fallback_tries_the_next_child_and_keeps_to_the_running_one() -> None:
    tree = Ticked(f"<Fallback>{ABC}</Fallback>", A="F", B="RS", C="S")
    assert tree.tick(2) == "RS"
    assert tree.ticked() == "ABB"


def test_a_fallback_fails_when_all_have_failed_and_begins_anew() -> None:
    tree = Ticked(f"<Fallback>{ABC}</Fallback>", A="F", B="F", C="F")
    assert tree.tick(2) == "FF"
    assert tree.ticked() == "ABCABC"


def test_a_reactive_fallback_is_interrupted_by_an_earlier_child_that_succeeds() -> None:
    tree = Ticked("<ReactiveFallback><A/><B/></ReactiveFallback>", A="FFS", B="R")
    assert tree.tick(3) == "RRS"
    assert tree.log[-2:] == ["A", "B halted"]


def test_a_parallel_needs_all_by_default_and_ticks_only_those_that_have_not_ended() -> None:
    tree = Ticked("<Parallel><A/><B/></Parallel>", A="S", B="RS")
    assert tree.tick(2) == "RS"
    assert tree.ticked() == "ABB"


def test_a_parallel_fails_with_the_first_failure_and_halts_the_rest() -> None:
    tree = Ticked("<Parallel><A/><B/></Parallel>", A="R", B="RF")
    assert tree.tick(2) == "RF"
    assert tree.log[-1] == "A halted"


@pytest.mark.parametrize(
    ("count", "letters"), [("1", "S"), ("2", "R"), ("-1", "R"), ("-2", "R"), ("-3", "S")]
)
def test_the_thresholds_of_a_parallel_count_from_the_end_when_negative(
    count: str, letters: str
) -> None:
    tree = Ticked(
        f'<Parallel success_count="{count}" failure_count="3">{ABC}</Parallel>', A="S", B="R", C="R"
    )
    assert tree.tick() == letters


def test_a_parallel_fails_when_enough_successes_have_become_impossible() -> None:
    tree = Ticked(
        f'<Parallel success_count="2" failure_count="3">{ABC}</Parallel>', A="F", B="F", C="R"
    )
    assert tree.tick() == "F"


def test_a_parallel_that_waits_for_more_than_there_are_says_so() -> None:
    tree = Ticked('<Parallel success_count="4"><A/></Parallel>', A="S")
    with pytest.raises(TreeError, match="waits for 4 of 1"):
        tree.tick()


def test_parallel_all_runs_every_child_to_its_end() -> None:
    tree = Ticked(
        '<ParallelAll max_failures="2"><A/><B/><C/></ParallelAll>', A="F", B="RS", C="RRS"
    )
    assert tree.tick(3) == "RRS"
    assert tree.ticked() == "ABCBCC"


def test_parallel_all_fails_once_all_have_ended_and_too_many_failed() -> None:
    tree = Ticked("<ParallelAll><A/><B/></ParallelAll>", A="F", B="RS")
    assert tree.tick(2) == "RF"


def test_if_then_else_asks_once() -> None:
    tree = Ticked(f"<IfThenElse>{ABC}</IfThenElse>", A="SF", B="RRS", C="S")
    assert tree.tick(3) == "RRS"
    assert tree.ticked() == "ABBB"


@pytest.mark.parametrize(
    ("children", "result", "order"), [(ABC, "S", "AC"), ("<A/><B/>", "F", "A")]
)
def test_if_then_else_does_the_third_or_fails(children: str, result: str, order: str) -> None:
    tree = Ticked(f"<IfThenElse>{children}</IfThenElse>", A="F", B="S", C="S")
    assert tree.tick() == result
    assert tree.ticked() == order


def test_while_do_else_asks_at_every_tick_and_halts_what_is_not_meant_any_more() -> None:
    tree = Ticked(f"<WhileDoElse>{ABC}</WhileDoElse>", A="SSFF", B="R", C="RS")
    assert tree.tick(4) == "RRRS"
    assert tree.log == ["A", "B", "A", "B", "A", "B halted", "C", "A", "C"]


def test_while_do_else_without_an_else_fails_when_the_condition_does() -> None:
    tree = Ticked("<WhileDoElse><A/><B/></WhileDoElse>", A="SF", B="R")
    assert tree.tick(2) == "RF"
    assert tree.log[-1] == "B halted"


@pytest.mark.parametrize("cases", [2, 3, 4, 5, 6])
def test_a_switch_does_the_child_of_its_case_else_the_last(cases: int) -> None:
    names = "ABCDEFG"[: cases + 1]
    ports = " ".join(f'case_{i + 1}="{i}"' for i in range(cases))
    body = f'<Switch{cases} variable="{{v}}" {ports}>{"".join(f"<{n}/>" for n in names)}</Switch{cases}>'
    scripts = dict.fromkeys(names, "S")
    for value, name in [(float(cases - 1), names[cases - 1]), (99.0, names[cases])]:
        tree = Ticked(body, board={"v": value}, **scripts)
        assert tree.tick() == "S"
        assert tree.log == [name]
    unset = Ticked(body, **scripts)
    unset.tick()
    assert unset.log == [names[cases]]


def test_a_switch_looks_at_every_tick_and_halts_the_other_case() -> None:
    tree = Ticked(
        '<Switch2 variable="{v}" case_1="one" case_2="two"><A/><B/><C/></Switch2>',
        board={"v": "one"},
        A="R",
        B="S",
        C="S",
    )
    tree.tick()
    tree.board.set("v", "two")
    assert tree.tick() == "S"
    assert tree.log == ["A", "A halted", "B"]


@pytest.mark.parametrize(
    "kind",
    [
        "Sequence",
        "SequenceWithMemory",
        "ReactiveSequence",
        "Fallback",
        "ReactiveFallback",
        "Parallel",
        "ParallelAll",
    ],
)
def test_skipped_children_are_passed_over_and_all_skipped_is_skipped(kind: str) -> None:
    skipped = '<A _skipIf="true"/>'
    result = "F" if "Fallback" in kind else "S"
    tree = Ticked(f"<{kind}>{skipped}<B/></{kind}>", A="S", B=result)
    assert tree.tick() == result
    assert tree.log == ["B"]
    tree = Ticked(f"<{kind}>{skipped}{skipped}</{kind}>", A="S")
    assert tree.tick() == "-"
