"""The oracle detector: reads the simulator's instance image instead of the colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from diarchy.contracts.entity import Detection
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.robot import CameraFrame


class InstanceLabel(Protocol):
    """What a simulator says of one instance id; duck-typed, so that no simulator is imported here."""

    @property
    def entity_id(self) -> str:
        """Id of the thing itself."""
        ...

    @property
    def cls(self) -> str:
        """Class name."""
        ...

    @property
    def attributes(self) -> Mapping[str, str]:
        """For example ``{"color": "red"}``."""
        ...

    @property
    def opening(self) -> float | None:
        """Rad of a door, m of a drawer; None for what does not open."""
        ...

    @property
    def power(self) -> bool | None:
        """Whether a device that can be switched runs; None for what cannot."""
        ...


class OracleDetector:
    """Perfect segmentation and identity, for judging everything but detection. Named as such in results.

    Args:
        instances: returns the labels by instance id as they are now.
        min_pixels: smaller masks are not reported.
    """

    def __init__(
        self, instances: Callable[[], Mapping[int, InstanceLabel]], *, min_pixels: int = 25
    ) -> None:
        self._instances = instances
        self._min_pixels = min_pixels

    @property
    def name(self) -> str:
        """``oracle``: it reads what a camera does not give."""
        return "oracle"

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes present in the scene, sorted."""
        return tuple(sorted({label.cls for label in self._instances().values()}))

    def detect(self, frame: CameraFrame) -> Sequence[Detection]:
        """Return one detection per visible instance, most pixels first.

        Raises:
            BadInputError: the frame has no instance image (a real robot, or sensing without it).
        """
        if frame.instance_ids is None:
            raise BadInputError(
                f"the oracle needs instance ids, camera '{frame.name}' gave none; "
                "use --perception camera"
            )
        labels = self._instances()
        ids, counts = np.unique(frame.instance_ids, return_counts=True)
        seen = sorted(zip(counts.tolist(), ids.tolist(), strict=True), key=lambda c: (-c[0], c[1]))
        return [
            Detection(
                cls=labels[i].cls,
                score=1.0,
                mask=frame.instance_ids == i,
                attributes=dict(labels[i].attributes),
                opening=labels[i].opening,
                power=labels[i].power,
                instance=labels[i].entity_id,
            )
            for count, i in seen
            if count >= self._min_pixels and i in labels
        ]
