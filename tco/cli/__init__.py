"""`tco`: the same questions from a shell."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any

import click

from tco.cli import (
    accounting,
    bill,
    decision,
    finance_commands,
    fleet,
    lease,
    lists,
    prices,
    refresh,
    scenario_commands,
    serve,
    sweep,
    work,
)
from tco.cli.commands import Group, check_ending
from tco.cli.parameters import output_option, policy_asked, prices_of_app_option
from tco.cli.printing import say, write_bytes
from tco.errors import DataError, TcoError
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
}


class Tco(Group):
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
            say(f"tco: {package} is not installed: pip install 'gpu-tco[{_OPTIONAL[package]}]'")
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


@main.command("app", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="An additional host name of the app, such as tco.example.com or *.example.com; may be "
    "repeated. Requests for any host name but these, localhost and 127.0.0.1 are rejected.",
)
@prices_of_app_option
def app_command(arguments: tuple[str, ...], hosts: tuple[str, ...], prices: str) -> None:
    """Serve the app to browsers; additional arguments are passed to Streamlit.

    It is available on this machine only, unless --server.address says otherwise.
    """
    os.environ["TCO_PRICES"] = prices
    if policy := policy_asked():
        os.environ["TCO_POLICY"] = policy
    from tco.app.launch import launch

    names = (f"--server.allowedHosts={name}" for name in hosts)
    click.get_current_context().exit(launch((*names, *arguments)))


@main.command("addin")
@output_option(default="tco.oxt")
def addin_command(output: str) -> None:
    """Write the LibreOffice extension: TCO_BREAKEVEN, TCO_NPV_SAVING and more in Calc.

    Open the file with LibreOffice, or add it under Tools, Extension Manager.
    """
    from tco.sheets.add_in import add_in

    check_ending(output, (".oxt",), {})
    write_bytes(output, add_in())
    if output != "-":
        say(f"tco: {output}: open it with LibreOffice to install the functions")


prices.data.add_command(refresh.refresh_command)
for command in (
    *scenario_commands.COMMANDS,
    *finance_commands.COMMANDS,
    *lease.COMMANDS,
    *lists.COMMANDS,
    *work.COMMANDS,
    *bill.COMMANDS,
    *fleet.COMMANDS,
    *decision.COMMANDS,
    *accounting.COMMANDS,
    *serve.COMMANDS,
    prices.prices,
    prices.data,
    sweep.sweep,
):
    main.add_command(command)
