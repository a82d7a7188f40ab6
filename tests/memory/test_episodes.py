from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from diarchy.contracts.errors import DiarchyError
from diarchy.memory import EpisodeStore
from diarchy.memory.episodes import EpisodeStoreError, bm25, words_of

PLAN = {
    "subtasks": [
        {"skill": "pick", "args": {"object": {"cls": "Apple", "attributes": {"color": "red"}}}}
    ]
}


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    return EpisodeStore(tmp_path / "deep" / "episodes.db")


def test_nothing_is_made_before_something_is_added(store: EpisodeStore) -> None:
    assert store.similar("bring the mug") == []
    assert not store.path.exists()


def test_what_is_added_is_read_back(store: EpisodeStore) -> None:
    number = store.add(
        "bring the apple",
        PLAN,
        "succeeded",
        corrections=["the red one"],
        place="home",
        seconds=61.4,
    )
    (episode,) = store.all()
    assert episode.id == number
    assert episode.plan == PLAN
    assert episode.words() == (
        '"bring the apple" -> succeeded in 61 s by pick(red Apple); the person said: the red one'
    )


def test_telling_words_weigh_more_than_common_ones(store: EpisodeStore) -> None:
    for thing in ("mug", "bowl", "cup", "bread"):
        store.add(f"put the {thing} on the dining table", None, "succeeded")
    store.add("put the apple in the fridge", None, "failed")
    found = store.similar("put the apples on the dining table", k=2)
    assert found[0].sentence == "put the apple in the fridge"
    assert len(found) == 2


def test_episodes_without_a_common_word_are_left_out_and_newer_ones_come_first(
    store: EpisodeStore,
) -> None:
    store.add("open the fridge", None, "failed")
    store.add("open the fridge", None, "succeeded")
    store.add("water the plant", None, "succeeded")
    assert [e.outcome for e in store.similar("open fridge", k=5)] == ["succeeded", "failed"]
    assert store.similar("the of and") == []


def test_a_place_can_be_asked_for(store: EpisodeStore) -> None:
    store.add("open the fridge", None, "succeeded", place="home")
    store.add("open the fridge", None, "failed", place="office")
    assert [e.place for e in store.similar("fridge", place="office")] == ["office"]


class Run:
    instruction = "bring the mug"

    def __init__(self, **data: Any) -> None:
        self._data = data

    def to_json(self) -> dict[str, Any]:
        return self._data


def test_a_run_is_remembered_as_it_ended(store: EpisodeStore) -> None:
    store.remember(Run(status="succeeded", verified=True, plan=PLAN, timing={"sim_s": 40.0}))
    store.remember(Run(status="succeeded", verified=False, plan=None))
    first, second = store.all()
    assert (first.outcome, first.seconds) == ("succeeded", 40.0)
    assert second.outcome == "succeeded unverified"


def test_a_damaged_file_is_one_clear_error(store: EpisodeStore) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"this is no database, but long enough to be looked at" * 40)
    with pytest.raises(EpisodeStoreError, match="move that file away"):
        store.similar("anything")
    with pytest.raises(DiarchyError, match=r"episodes\.db"):
        store.add("anything", None, "failed")


def test_a_database_of_something_else_is_an_error_too(store: EpisodeStore) -> None:
    import sqlite3

    store.path.parent.mkdir()
    with sqlite3.connect(store.path) as db:
        db.execute("CREATE TABLE episodes (id INTEGER PRIMARY KEY, other TEXT)")
    db.close()
    with pytest.raises(EpisodeStoreError):
        store.all()


def test_reading_while_writing_is_safe(store: EpisodeStore) -> None:
    store.add("open the fridge", None, "succeeded")
    failures: list[Exception] = []

    def read() -> None:
        try:
            for _ in range(20):
                assert store.similar("fridge")
        except (DiarchyError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        store.add("open the fridge", None, "succeeded")
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.all()) == 21


def test_bm25_prefers_the_shorter_of_two_sentences_with_the_word() -> None:
    scores = bm25(["mug"], [["mug"], ["mug", "table", "red", "big"], ["bowl"]])
    assert scores[0] > scores[1] > scores[2] == 0.0


def test_words_drop_fillers_and_plurals() -> None:
    assert words_of("Please put the 2 Apples into the glass") == ["put", "2", "apple", "glas"]
