"""What perception hands to memory: one digested observation."""

from __future__ import annotations

from dataclasses import dataclass

from diarchy.contracts.entity import Detection, Sighting
from diarchy.contracts.geometry import SE3, FloatArray
from diarchy.contracts.robot import CameraFrame, LidarScan


@dataclass(frozen=True)
class View:
    """A camera frame and where it was taken from; depth in it is evidence of absence too."""

    frame: CameraFrame
    map_from_camera: SE3


@dataclass(frozen=True)
class LocalizationQuality:
    """How well the last scan fitted the map.

    Attributes:
        accepted: the scan was used; else odometry alone carries the pose.
        inliers: fraction of valid beams that fit the map within 5 cm.
        rms: of those beams, m.
        shift: how far the pose moved, m; ``turn``: rad.
        reason: why it was not used; empty when it was.
        stamp: of the last ACCEPTED scan, None before the first.
    """

    accepted: bool
    inliers: float
    rms: float
    shift: float
    turn: float
    reason: str = ""
    stamp: float | None = None


@dataclass(frozen=True)
class FixtureReading:
    """A fixture seen in an image; its pose is the map's, its door or drawer and its power are news.

    ``position`` ``[3]`` m in ``map`` is the median of the pixels seen, enough to tell two fixtures
    of one class apart when the detector does not know which it is.
    """

    detection: Detection
    position: FloatArray
    stamp: float


@dataclass(frozen=True)
class Percept:
    """One observation, digested.

    Attributes:
        stamp: of the newest image in it (of the proprioception when there was none).
        map_from_base: estimate at that moment.
        sightings: movable things and people, as boxes in ``map``.
        fixtures: fixtures that were seen, with openings and power where the detector reads them.
        views: the frames behind it.
        localization: fit of the scan; None when there was no scan.
        at_rest: nothing of the robot moved; only then is it proof that something was done.
        detector: name of the detector.
        scan: the lidar's reading; None when there was none.
        unmatched: points ``[N, 2]`` m in ``map`` that it met where the map has nothing; None likewise.
    """

    stamp: float
    map_from_base: SE3
    sightings: tuple[Sighting, ...]
    fixtures: tuple[FixtureReading, ...]
    views: tuple[View, ...]
    localization: LocalizationQuality | None
    at_rest: bool
    detector: str
    scan: LidarScan | None = None
    unmatched: FloatArray | None = None
