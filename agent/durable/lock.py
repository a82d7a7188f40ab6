"""One process at a time writes a run folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from diarchy.contracts.errors import BadInputError

if TYPE_CHECKING:
    from typing_extensions import Self

LOCK_FILE = "lock"


class RunLock:
    """Holds a run folder from `__enter__` to `__exit__`; the kernel lets go of it when the process dies.

    Raises:
        BadInputError: another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._file: int | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BadInputError(
                f"cannot write the run folder {self._path.parent}: {error.strerror}; choose another with --record"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise BadInputError(
                f"process {holder} is at work on {self._path.parent}; wait for it, or end it"
            ) from error
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
