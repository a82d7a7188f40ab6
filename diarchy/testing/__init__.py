"""Conformance kits: run one on your own class to learn whether it keeps its contract.

    from diarchy.testing import check_detector, sample_frame

    def test_my_detector_keeps_the_contract() -> None:
        check_detector(MyDetector(), sample_frame())

Each raises AssertionError with a sentence that says which clause is broken and how to mend it. They
need nothing but the contracts and NumPy, no simulator and no test framework.
"""

from diarchy.testing.detector import check_detector
from diarchy.testing.planner import check_planner
from diarchy.testing.policy import check_policy
from diarchy.testing.robot import check_robot
from diarchy.testing.samples import (
    SampleContext,
    SampleWorld,
    sample_entities,
    sample_frame,
    sample_map,
    sample_observation,
    sample_proprio,
    sample_request,
    sample_skills,
    sample_snapshot,
    sample_spec,
)
from diarchy.testing.skill import check_skill

__all__ = [
    "SampleContext",
    "SampleWorld",
    "check_detector",
    "check_planner",
    "check_policy",
    "check_robot",
    "check_skill",
    "sample_entities",
    "sample_frame",
    "sample_map",
    "sample_observation",
    "sample_proprio",
    "sample_request",
    "sample_skills",
    "sample_snapshot",
    "sample_spec",
]
