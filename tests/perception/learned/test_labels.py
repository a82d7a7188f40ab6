from __future__ import annotations

from diarchy.perception.learned.labels import Labels


def test_labels_survive_being_written_and_read() -> None:
    labels = Labels(("Mug", "Fridge"), ("red",), ("Mug",), {"Fridge": 1.92}, ())
    assert Labels.loads(labels.dumps()) == labels
