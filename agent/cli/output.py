"""What the command line prints: one JSON object, or words; one line for every error."""

from __future__ import annotations

import json
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from diarchy.contracts.errors import DiarchyError, ExitCode

CRASH_FILE = "traceback.txt"
_STATUS = {
    ExitCode.REFUSED: "refused",
    ExitCode.QUESTION: "question",
    ExitCode.STOPPED: "stopped",
    ExitCode.INTERRUPTED: "stopped",
}


class CrashError(DiarchyError):
    """A defect: something raised that nobody expected; the traceback is on disk."""

    exit_code = ExitCode.NOT_ACHIEVED


def print_json(data: dict[str, Any]) -> None:
    """Print one object as one line of stdout."""
    typer.echo(json.dumps(data, ensure_ascii=False, default=str))


def print_error(message: str) -> None:
    """Print one line on stderr, whatever the message holds."""
    typer.echo(f"diarchy: {one_line(message)}", err=True)


def one_line(message: str) -> str:
    """Fold whitespace."""
    return " ".join(message.split())


def fail(message: str, code: int, *, as_json: bool) -> int:
    """Report an error that no result describes; returns the exit code."""
    print_error(message)
    if as_json:
        status = (
            _STATUS.get(ExitCode(code), "failed")
            if code in ExitCode._value2member_map_
            else "failed"
        )
        print_json(
            {
                "schema": 1,
                "status": status,
                "verified": False,
                "truth": None,
                "message": one_line(message),
                "exit_code": int(code),
            }
        )
    return int(code)


def crash(error: BaseException, folder: Path | None) -> CrashError:
    """Write the traceback into the run folder (or a temporary one) and return the error that says where."""
    written = "".join(traceback.format_exception(error))
    where = _write(written, folder) or _write(written, None)
    return CrashError(
        f"unexpected {type(error).__name__}: {one_line(str(error)) or 'no message'}"
        f" (this is a defect of diarchy; traceback: {where or 'run again with --debug'})"
    )


def _write(written: str, folder: Path | None) -> Path | None:
    try:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="diarchy-"))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / CRASH_FILE
        stamp = datetime.now().isoformat(timespec="seconds")
        path.write_text(f"{stamp}\n{written}", encoding="utf-8")
    except OSError:
        return None
    return path
