"""`tco`: the same questions from a shell."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from typing import Any

import click

from tco.cli.commands import AllCommands
from tco.cli.completion import VARIABLE
from tco.cli.streams import say
from tco.errors import DataError, TcoError, to_install
from tco.inputs import FORMER_NAMES
from tco.version import __version__

__all__ = ["main", "run"]

# Exit codes: 0 all is well, 1 a row of a table had an error (`sweep`) or a decision no longer holds
# (`recheck`); and these.
_WRONG_INPUT, _WRONG_FILE, _INTERRUPTED, _ENDED = 2, 3, 130, 143
# Packages that a plain installation leaves out, and the extra that brings each.
_OPTIONAL = {
    "httpx": "store",
    "certifi": "store",
    "yaml": "store",
    "xlsxwriter": "excel",
    "pyarrow": "bills",
    "mcp": "mcp",
}


class Tco(AllCommands):
    """Turns the package's errors into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; InputError exits with 2, DataError with 3."""
        try:
            return super().invoke(ctx)
        except TcoError as error:
            say(f"tco: {error}")
            ctx.exit(_WRONG_FILE if isinstance(error, DataError) else _WRONG_INPUT)
        except ModuleNotFoundError as missing:
            package = (missing.name or "").partition(".")[0]
            if package not in _OPTIONAL:
                raise
            say(f"tco: {package} is not installed: {to_install(_OPTIONAL[package])}")
            ctx.exit(_WRONG_FILE)
        except KeyboardInterrupt:
            say("tco: interrupted")
            ctx.exit(_INTERRUPTED)


class _Interrupted(KeyboardInterrupt):
    """Ctrl-C.

    Where a plain KeyboardInterrupt leaves `exec()`, as in an import, Python ends the process by the
    signal later on, although it was caught and there is an exit code.
    """


def _interrupt(*_: object) -> None:
    raise _Interrupted


def run() -> None:
    """The command `tco`: nothing that can go wrong with its streams ends in a traceback."""
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_ENDED))
    if VARIABLE in os.environ:
        _complete()
    try:
        main(prog_name="tco")
    except OSError as failed:
        _abandon_output()
        if isinstance(failed, BrokenPipeError):
            sys.exit(0)
        say(f"tco: standard output: {failed.strerror or failed}")
        sys.exit(_WRONG_FILE)
    except SystemExit as done:
        if done.code == _WRONG_FILE:
            _abandon_output()
        raise


def _complete() -> None:
    """Answer a shell that completes a line: whatever goes wrong, it sees no message."""
    sys.stderr = io.StringIO()
    try:
        main(prog_name="tco", complete_var=VARIABLE)
    except Exception:
        sys.exit(0)


def _abandon_output() -> None:
    """Let the interpreter not try once more to write what could not be written."""
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _current_option(name: str) -> str:
    """An option as it is called today; --help and completion list no other."""
    found = FORMER_NAMES.get(name.replace("-", "_"))
    return found.replace("_", "-") if found else name


@click.group(
    cls=Tco,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": _current_option,
    },
)
@click.version_option(__version__, prog_name="tco")
def main() -> None:
    """Rent GPUs or buy them? Break-evens from sourced prices.

    Exit codes: 0 success, 1 a row of a table had an error or a decision no longer holds, 2 an input
    is invalid, 3 a file is unusable.
    """
