from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarchy.agent.run.compare import _equal_prefix, compare_runs
from diarchy.agent.run.trace import Trace
from diarchy.contracts.action import ActionChunk
from diarchy.contracts.clock import LockstepClock
from diarchy.contracts.errors import BadInputError


def _write_run(
    folder: Path,
    *,
    detail: str = "arrived",
    seconds: float = 0.1,
    speed: float = 0.5,
    shade: int = 90,
) -> Path:
    clock = LockstepClock()
    trace = Trace(folder, clock)
    trace.event("run_started", instruction="put the apple in the fridge", seed=3)
    trace.event("model_call", raw="{}", wall={"seconds": seconds})
    clock.advance(2840)
    values = np.full((4, 11), speed)
    trace.chunk(ActionChunk("joint", "joint", values, 2840, 4, 1, "motion:pick"))
    trace.event(
        "skill_ended", subtask="s1", success=True, detail=detail, poses=[[0.0, float("nan")]]
    )
    picture = np.full((8, 8, 3), shade, dtype=np.uint8)
    trace.frame(picture, view="head", label="after", subtask="s1")
    trace.close()
    return folder


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return _write_run(tmp_path / "a")


def test_the_same_run_is_identical_and_everything_is_counted(first: Path, tmp_path: Path) -> None:
    result = compare_runs(first, _write_run(tmp_path / "b"))
    assert result.identical
    assert result.first_difference is None
    assert (result.events, result.chunks_bytes, result.frames) == (5, 4 * 11 * 4, 1)
    assert json.loads(json.dumps(result.to_json()))["identical"] is True


def test_how_long_the_machine_took_is_no_difference(first: Path, tmp_path: Path) -> None:
    assert compare_runs(first, _write_run(tmp_path / "b", seconds=99.0)).identical


def test_a_changed_field_is_named_with_its_time_and_kind(first: Path, tmp_path: Path) -> None:
    result = compare_runs(first, _write_run(tmp_path / "b", detail="blocked"))
    assert not result.identical
    assert result.events == 3
    assert (
        result.first_difference == "event 3 (t=14.2, skill_ended): detail: 'arrived' != 'blocked'"
    )


def test_a_changed_action_is_found_in_events_and_in_bytes(first: Path, tmp_path: Path) -> None:
    result = compare_runs(first, _write_run(tmp_path / "b", speed=0.6))
    assert result.first_difference is not None
    assert "sha" in result.first_difference
    assert result.chunks_bytes < 4 * 11 * 4


def test_chunk_bytes_are_compared_even_if_all_events_agree(first: Path, tmp_path: Path) -> None:
    second = _write_run(tmp_path / "b")
    data = bytearray((second / "chunks.f32").read_bytes())
    data[17] ^= 1
    (second / "chunks.f32").write_bytes(bytes(data))
    assert compare_runs(first, second).first_difference == "chunks.f32: byte 17 differs"
    (second / "chunks.f32").write_bytes(b"")
    assert compare_runs(first, second).first_difference == "chunks.f32: 176 bytes != 0 bytes"


def test_pictures_are_compared_by_bytes_and_by_presence(first: Path, tmp_path: Path) -> None:
    result = compare_runs(first, _write_run(tmp_path / "b", shade=91))
    assert result.first_difference == "frames/000_head.jpg: the pictures differ"
    assert result.frames == 0
    third = _write_run(tmp_path / "c")
    (third / "frames" / "000_head.jpg").unlink()
    assert (
        compare_runs(first, third).first_difference == "frames/000_head.jpg: only in the first run"
    )


def test_a_run_that_was_cut_off_differs_where_it_ends(first: Path, tmp_path: Path) -> None:
    second = _write_run(tmp_path / "b")
    lines = (second / "trace.jsonl").read_text().splitlines()
    (second / "trace.jsonl").write_text("\n".join(lines[:3]) + "\n" + lines[3][:20])
    difference = compare_runs(first, second).first_difference
    assert (
        difference
        == "the second run ends after 3 events, the first goes on with (t=14.2, skill_ended)"
    )
    assert (compare_runs(second, first).first_difference or "").startswith(
        "the first run ends after 3"
    )


def test_a_folder_without_a_run_is_bad_input(first: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no run"):
        compare_runs(first, tmp_path)


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]: 2 != 3"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]: nothing != 2"),
        ({"a": 1}, {}, "a: 1 != nothing"),
        ({}, {"new": None}, "new: nothing != None"),
        ({"a": 1}, {"a": 1.0}, "a: 1 != 1.0"),
    ],
)
def test_nested_differences_are_told_by_their_path(
    left: dict[str, Any], right: dict[str, Any], told: str, tmp_path: Path
) -> None:
    for name, fields in (("a", left), ("b", right)):
        trace = Trace(tmp_path / name, LockstepClock())
        trace.event("note", **fields)
        trace.close()
    assert (
        compare_runs(tmp_path / "a", tmp_path / "b").first_difference
        == f"event 0 (t=0.0, note): {told}"
    )


@given(st.binary(max_size=300), st.binary(max_size=50), st.binary(max_size=50))
@settings(max_examples=200)
def test_the_common_start_of_two_byte_strings_is_exact(start: bytes, x: bytes, y: bytes) -> None:
    left, right = start + x, start + y
    length = _equal_prefix(left, right)
    assert left[:length] == right[:length]
    assert length == min(len(left), len(right)) or left[length] != right[length]
