"""Protocols of perception."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from diarchy.contracts.entity import Detection
from diarchy.contracts.geometry import SE3
from diarchy.contracts.robot import CameraFrame, LidarScan, Proprio


@runtime_checkable
class Detector(Protocol):
    """Finds things in one image."""

    @property
    def name(self) -> str:
        """Name in results; ``oracle`` if it reads anything a camera does not give."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes it can name."""
        ...

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """Return what is seen, best first. An empty image gives an empty sequence."""
        ...


@runtime_checkable
class Localizer(Protocol):
    """Keeps ``map_from_base`` from odometry and lidar."""

    def predict(self, proprio: Proprio) -> SE3:
        """Return ``map_from_base`` by odometry since the last correction; cheap."""
        ...

    def correct(self, proprio: Proprio, scan: LidarScan) -> SE3:
        """Correct drift by matching a scan; returns the new ``map_from_base``."""
        ...
