"""Where log records go: into the run folder, not between the lines that a person reads."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

LOG_FILE = "diarchy.log"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def quiet_logs(*, debug: bool) -> None:
    """Keep log records off the terminal, or with ``debug`` show them all on stderr; safe to repeat."""
    logger = logging.getLogger("diarchy")
    for handler in [
        h for h in logger.handlers if type(h) in (logging.NullHandler, logging.StreamHandler)
    ]:
        logger.removeHandler(handler)
    logger.addHandler(logging.StreamHandler() if debug else logging.NullHandler())
    logger.setLevel(logging.DEBUG if debug else logging.INFO)


@contextmanager
def logged_in(folder: Path | None) -> Iterator[None]:
    """Write log records into a folder meanwhile; the file appears with the first record."""
    if folder is None:
        yield
        return
    handler = _FolderHandler(folder / LOG_FILE)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger = logging.getLogger("diarchy")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


class _FolderHandler(logging.FileHandler):
    """Makes its folder when it needs it: a run that logs nothing leaves no trace of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()
