"""The top of the command line: turns whatever a command raises into one line and an exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from diarchy.agent.cli.logs import quiet_logs
from diarchy.agent.cli.output import crash, fail, print_error
from diarchy.contracts.errors import DiarchyError, ExitCode


class InterruptError(DiarchyError):
    """Somebody pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED


class DiarchyGroup(TyperGroup):
    """Commands return their exit code; errors become one line on stderr.

    ``--debug`` may stand anywhere before ``--`` and shows tracebacks.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; exits the process unless ``standalone_mode`` is off."""
        given, debug = _without_debug(list(sys.argv[1:] if args is None else args))
        quiet_logs(debug=debug)

        def call() -> Any:
            return super(DiarchyGroup, self).main(
                args=given,
                prog_name=prog_name or "diarchy",
                complete_var=complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )

        code = guarded(call, as_json="--json" in given, debug=debug)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command of a parsed command line; typer itself would end Ctrl-C without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise InterruptError("interrupted") from error


def guarded(call: Callable[[], Any], *, as_json: bool, debug: bool) -> int:
    """Call it and return the exit code of what happened; nothing but SystemExit gets out."""
    try:
        value = call()
        return int(value) if isinstance(value, int) else int(ExitCode.DONE)
    except DiarchyError as error:
        _trace(error, debug=debug)
        return fail(str(error), error.exit_code, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return fail("interrupted", ExitCode.INTERRUPTED, as_json=as_json)
    except BrokenPipeError:
        return int(ExitCode.NOT_ACHIEVED)
    except Exception as error:  # noqa: BLE001 - the last place where anything can be told
        if hasattr(error, "format_message"):
            return _usage(error, as_json=as_json)
        _trace(error, debug=debug)
        return fail(str(crash(error, None)), ExitCode.NOT_ACHIEVED, as_json=as_json)


def _usage(error: Any, *, as_json: bool) -> int:
    """Report a mistake in the command line itself; the help of a bare ``diarchy`` is shown as it is."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(ExitCode.BAD_INPUT)
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "diarchy")
    message = str(error.format_message()).rstrip(".")
    joint = "" if message.endswith("?") else ";"
    return fail(f"{message}{joint} see '{path} --help'", ExitCode.BAD_INPUT, as_json=as_json)


def _trace(error: BaseException, *, debug: bool) -> None:
    if debug:
        print_error("--debug:")
        traceback.print_exception(error)


def _without_debug(args: list[str]) -> tuple[list[str], bool]:
    end = args.index("--") if "--" in args else len(args)
    kept = [a for a in args[:end] if a != "--debug"]
    return kept + args[end:], len(kept) != end
