"""The weights in the box: what they read, and that the command line plans with them."""

import json

import pytest
from typer.testing import CliRunner

from diarchy.agent.cli.main import app
from diarchy.contracts.plan import Exchange, Plan, Question
from diarchy.planners.embedded import EmbeddedPlanner
from diarchy.planners.embedded.expand import UNCLEAR_QUESTION, as_dict
from diarchy.planners.embedded.language import Reading, Wish
from diarchy.planners.embedded.prompt import Scene
from diarchy.planners.embedded.weights import SHIPPED
from diarchy.testing import check_planner
from diarchy.testing.samples import sample_request

KITCHEN = Scene(
    ("Apple", "Bowl", "Bread", "Knife", "Mug", "Plate", "Potato", "Tomato"),
    ("Cabinet", "CounterTop", "DeskLamp", "DiningTable", "Drawer", "Fridge", "GarbageCan", "Microwave", "SinkBasin"),
    ("kitchen", "living_room"),
    person=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def planner():
    return EmbeddedPlanner()


def test_passes_the_conformance_kit(planner):
    check_planner(planner)


def test_the_box_is_below_thirty_megabytes_with_its_card():
    files = [f for f in SHIPPED.parent.rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in files) < 30e6
    assert SHIPPED.with_suffix(".md") in files


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("Put the apple in the fridge.", ["put Apple to Fridge"]),
        ("throw the potato in the trash", ["put Potato to GarbageCan"]),
        ("bring me the red mug", ["give Mug color red"]),
        ("heat the potato and put it on the table", ["heat Potato", "put Potato to DiningTable"]),
        ("chill the tomato, then place it in the sink", ["cool Tomato", "put Tomato to SinkBasin"]),
        ("put a washed plate in the cabinet", ["clean Plate many a", "put Plate many a to Cabinet"]),
        ("put two bowls in the drawer", ["put Bowl many two to Drawer"]),
        ("put all mugs in the sink", ["put Mug many all to SinkBasin"]),
        ("open the fridge", ["open Fridge"]),
        ("go to the living room", ["go living_room"]),
        ("find the bread", ["find Bread"]),
        ("turn on the microwave", ["turn on Microwave"]),
    ],
)  # fmt: skip
def test_sentences_are_read(planner, sentence, steps):
    assert as_dict(planner.read(sentence, KITCHEN))["steps"] == steps


@pytest.mark.parametrize(
    ("sentence", "code"),
    [("hit me on the head", "unsafe"), ("make me rich", "not_understood"), ("bring me the zebra", "unknown_word")],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(planner, sentence, code):
    assert planner.read(sentence, KITCHEN).code == code


def test_the_command_line_plans_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["plan", "put the apple in the fridge", "--planner", "embedded", "--json"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout.splitlines()[-1])
    assert answer["planner"] == "embedded"
    assert answer["plan"]["reading"]["steps"] == ["put Apple to Fridge"]
    assert "place_in" in [s["skill"] for s in answer["plan"]["subtasks"]]


def test_an_unsure_reading_is_put_to_the_person_and_a_no_asks_what_was_meant(planner, monkeypatch):
    reading = Reading((Wish("put", "Mug", color="red", to="DiningTable"),))

    def unsure(sentence, scene):
        planner.confidence = 0.4
        return reading

    monkeypatch.setattr(planner, "read", unsure)
    request = sample_request("put it there")
    first = planner.plan(request)
    assert isinstance(first, Question)
    assert first.text == "Did I understand you: put the red mug on the dining table?"

    def after(*answers):
        told = tuple(Exchange(question=first.text, answer=a) for a in answers)
        return planner.plan(request.model_copy(update={"exchanges": told}))

    assert isinstance(after("Yes, please"), Plan)
    assert isinstance(after("no", "yes"), Plan)
    assert after("no").text == UNCLEAR_QUESTION


def test_an_absent_thing_is_no_slip_of_the_grammar(planner):
    """What the home does not have cannot be written, whatever the sentence says."""
    bare = Scene(("Apple",), ("DiningTable",), ("kitchen",))
    read = planner.read("put the mug in the fridge", bare)
    named = {w.object for w in read.steps} | {w.to for w in read.steps if w.to}
    assert named <= {"Apple", "DiningTable", "kitchen", "everything"}
