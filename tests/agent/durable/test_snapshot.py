"""The belief on disk: whole, the same, and unable to run anything."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import scene_graph

from diarchy.agent.durable.snapshot import SNAPSHOT_FILE, SavedSubtask, Snapshot, load, save
from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Reference, Subtask
from diarchy.contracts.skill import Cause, Outcome
from diarchy.memory.grip import Grip
from diarchy.memory.recollections import Recollections

MAP = StaticMap(bounds=(0.0, 0.0, 1.0, 1.0), rooms={}, walls=(), fixtures={})
STEP = Subtask(id="s1", skill="pick", args={"object": Reference(cls="Mug")})


def snapshot(**world: Any) -> Snapshot:
    done = SavedSubtask(
        STEP, True, {"args": {"object": "mug_1"}, "last": Outcome.failed(Cause.SLIPPED)}
    )
    return Snapshot(
        world, {}, {"_newest": {"head": 1.5}}, {"k": "mug_1"}, {}, [done], 0.5, 0.5, 2.0, "abc"
    )


def test_what_is_kept_is_put_back_the_same(tmp_path: Path) -> None:
    grip = Grip()
    grip.claim = "mug_1"
    kept = snapshot(_grip=grip, _cells=np.arange(4.0), _same=[grip], _map=MAP)
    save(kept, tmp_path, MAP)
    other = StaticMap(bounds=(0.0, 0.0, 2.0, 2.0), rooms={}, walls=(), fixtures={})
    found = load(tmp_path, other)
    assert found is not None
    assert found.world["_grip"].claim == "mug_1"
    assert found.world["_same"][0] is found.world["_grip"]
    assert np.array_equal(found.world["_cells"], np.arange(4.0))
    assert found.world["_map"] is other  # the map is the one that the new process has
    assert found.subtasks == kept.subtasks
    assert (found.began, found.session, found.perception) == (
        0.5,
        "abc",
        {"_newest": {"head": 1.5}},
    )


def test_what_an_earlier_run_saw_is_kept_too(tmp_path: Path) -> None:
    remembered = Recollections()
    remembered.take(scene_graph())
    save(snapshot(recollections=remembered), tmp_path, MAP)
    found = load(tmp_path, MAP)
    assert found is not None
    assert found.world["recollections"].hints() == remembered.hints()
    assert len(remembered) > 0


def test_nothing_kept_is_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, MAP) is None


def test_the_old_one_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    save(snapshot(n=1), tmp_path, MAP)
    (tmp_path / (SNAPSHOT_FILE + ".new")).write_bytes(b"half")  # died while writing
    found = load(tmp_path, MAP)
    assert found is not None
    assert found.world == {"n": 1}


class _Evil:
    def __init__(self, function: Any, *args: Any) -> None:
        self._what = (function, args)

    def __reduce__(self) -> Any:
        return self._what


@pytest.mark.parametrize("what", ["system", "eval", "getattr", "planner", "store", "nested"])
def test_a_file_that_wants_to_run_something_is_refused(tmp_path: Path, what: str) -> None:
    import os

    from diarchy.memory import EpisodeStore
    from diarchy.planners.symbolic import SymbolicPlanner

    marker = tmp_path / "ran"
    evil = {
        "system": _Evil(os.system, f"touch {marker}"),
        "eval": _Evil(eval, f"open({str(marker)!r}, 'w')"),
        "getattr": _Evil(getattr, "a", "upper"),
        "planner": _Evil(SymbolicPlanner),
        "store": _Evil(EpisodeStore, str(marker)),
        "nested": [_Evil(exec, "1")],
    }[what]
    (tmp_path / SNAPSHOT_FILE).write_bytes(pickle.dumps({"world": evil}))
    with pytest.raises(BadInputError, match="cannot be read"):
        load(tmp_path, MAP)
    assert not marker.exists()


@pytest.mark.parametrize(
    "data", [b"", b"not a pickle", pickle.dumps([1]), pickle.dumps({"version": 1})]
)
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / SNAPSHOT_FILE).write_bytes(data)
    with pytest.raises(BadInputError, match="run the command anew"):
        load(tmp_path, MAP)
