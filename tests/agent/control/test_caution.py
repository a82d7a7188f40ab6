"""What is slowed near people is planned slower, and at its own speed again when nobody is near."""

from __future__ import annotations

import numpy as np

from diarchy.agent.control.caution import Caution
from diarchy.contracts.guard import Verdict
from diarchy.contracts.robot import Action
from diarchy.skills.execution.pacing import FASTEST, SLOWEST, PacedBuffer
from diarchy.testing.samples import sample_spec

ACTION = Action(np.zeros(2), np.zeros(3), 0.0)
SLOWED = Verdict(ACTION, "modified", 0.1, "separation", "near", {"separation": 0.1})
BENT = Verdict(ACTION, "modified", 0.1, "joint_position", "end", {"joint_position": 0.1})


def test_it_is_slower_at_once_and_faster_by_and_by_and_never_slower_than_the_slowest() -> None:
    caution = Caution(SLOWEST)
    for _ in range(200):
        caution.after(SLOWED)
    assert caution.pace == SLOWEST
    ticks = 0
    while caution.after(Verdict(ACTION)) < 1.0:
        ticks += 1
    assert 100 < ticks < 400


def test_other_guards_do_not_slow_the_plan() -> None:
    assert Caution(SLOWEST).after(BENT) == 1.0


def test_the_slower_of_a_persons_pace_and_caution_counts_and_a_pause_beats_both() -> None:
    buffer = PacedBuffer(sample_spec())
    assert buffer.set_pace(FASTEST) == FASTEST
    assert buffer._wanted == FASTEST, "without caution a person may ask for more than planned"
    buffer.set_caution(0.5)
    assert buffer._wanted == 0.5
    buffer.set_pace(0.4)
    assert buffer._wanted == 0.4
    buffer.pause()
    buffer.set_caution(0.6)
    assert buffer._wanted == 0.0
    buffer.resume()
    buffer.set_caution(1.0)
    assert buffer._wanted == 0.4
