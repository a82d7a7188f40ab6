"""The belief and the state of the tree on disk, so that another process can go on believing it.

The file is written beside the old one and then put in its place: whenever the process dies, one of
the two is whole. It is a pickle, read by an unpickler that knows the data classes of memory,
perception and contracts and plain arrays, and nothing else: a run folder from elsewhere runs no code.
"""

from __future__ import annotations

import io
import os
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diarchy.contracts.entity import StaticMap
from diarchy.contracts.errors import BadInputError
from diarchy.contracts.plan import Subtask

SNAPSHOT_FILE = "belief.bin"
VERSION = 1
_MODULES = ("diarchy.memory.", "diarchy.contracts.", "diarchy.perception.")
_ACTS = ("diarchy.memory.episodes",)  # opens a file
_OWN = {"diarchy.agent.durable.snapshot": ("Snapshot", "SavedSubtask")}
_PLAIN = {
    "builtins": ("set", "frozenset", "bytearray", "complex", "slice", "range"),
    "collections": ("deque", "defaultdict", "OrderedDict", "Counter"),
    "copyreg": ("_reconstructor", "__newobj__"),
    "numpy": ("ndarray", "dtype"),
    "numpy.core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.numeric": ("_frombuffer",),
    "numpy.core.numeric": ("_frombuffer",),
}
_MAP = "the static map"


@dataclass
class SavedSubtask:
    """What the tree knew of one subtask."""

    subtask: Subtask
    done: bool
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class Snapshot:
    """What a process that goes on needs beside the checkpoints of the graph.

    Attributes:
        world, localizer, perception: the inner state of the objects of these names.
        bound, meant: what the references of the plans were bound to.
        subtasks: in the order of the tree.
        began: when the command began, s on the robot's clock.
        grafted: when the present plan was taken, the same.
        saved: when this was written, the same.
        session: of the robot's process.
    """

    world: dict[str, Any]
    localizer: dict[str, Any]
    perception: dict[str, Any]
    bound: dict[str, str]
    meant: dict[str, str]
    subtasks: list[SavedSubtask]
    began: float
    grafted: float
    saved: float
    session: str
    version: int = VERSION


def save(snapshot: Snapshot, folder: Path, static_map: StaticMap) -> None:
    """Write a snapshot in the place of the last one."""
    buffer = io.BytesIO()
    _Pickler(buffer, static_map).dump(snapshot)
    beside = folder / (SNAPSHOT_FILE + ".new")
    beside.write_bytes(buffer.getvalue())
    os.replace(beside, folder / SNAPSHOT_FILE)


def load(folder: Path, static_map: StaticMap) -> Snapshot | None:
    """Read the last snapshot; None if the process died before it wrote one.

    Raises:
        BadInputError: the file is damaged, of another version, or holds what does not belong there.
    """
    path = folder / SNAPSHOT_FILE
    if not path.is_file():
        return None
    try:
        found = _Unpickler(io.BytesIO(path.read_bytes()), static_map).load()
    except Exception as error:
        raise BadInputError(f"{path} cannot be read: {error}; run the command anew") from error
    if not isinstance(found, Snapshot) or found.version != VERSION:
        raise BadInputError(f"{path} is of another version of diarchy; run the command anew")
    return found


class _Pickler(pickle.Pickler):
    """Leaves the static map out: the process that goes on has it."""

    def __init__(self, file: io.BytesIO, static_map: StaticMap) -> None:
        super().__init__(file, protocol=5)
        self._map = static_map

    def persistent_id(self, obj: Any) -> str | None:
        return _MAP if obj is self._map else None


class _Unpickler(pickle.Unpickler):
    """Knows data and nothing that acts."""

    def __init__(self, file: io.BytesIO, static_map: StaticMap) -> None:
        super().__init__(file)
        self._map = static_map

    def persistent_load(self, pid: Any) -> StaticMap:
        if pid != _MAP:
            raise pickle.UnpicklingError(f"unknown reference {pid!r}")
        return self._map

    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()) or name in _OWN.get(module, ()):
            return super().find_class(module, name)
        if module.startswith(_MODULES) and module not in _ACTS and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a belief")
