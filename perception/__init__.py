"""Camera and lidar to facts: detection, lifting to boxes, localisation, visibility, distance field."""

from diarchy.perception.external_localizer import ExternalLocalizer
from diarchy.perception.localization import ScanLocalizer
from diarchy.perception.occupancy import StaticMapField
from diarchy.perception.oracle import OracleDetector
from diarchy.perception.percept import FixtureReading, LocalizationQuality, Percept, View
from diarchy.perception.pipeline import Perception
from diarchy.perception.visibility import Look, look_at_box

__all__ = [
    "ExternalLocalizer",
    "FixtureReading",
    "LocalizationQuality",
    "Look",
    "OracleDetector",
    "Percept",
    "Perception",
    "ScanLocalizer",
    "StaticMapField",
    "View",
    "look_at_box",
]
