"""Commands that start or install something: the app, the functions of sheets, the tab key."""

from __future__ import annotations

import os
from shutil import which

import click

from tco.cli.commands import Command, check_ending
from tco.cli.completion import NAME, SHELLS, VARIABLE, script
from tco.cli.parameters import output_option, policy_asked, prices_of_app_option
from tco.cli.streams import say, write, write_bytes


@click.command("app", cls=Command, context_settings={"ignore_unknown_options": True})
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


@click.command("addin", cls=Command)
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


@click.command(
    "completion",
    cls=Command,
    epilog="""\b
To install it for bash, then start a new shell:
  mkdir -p ~/.local/share/bash-completion/completions
  tco completion bash > ~/.local/share/bash-completion/completions/tco
\b
For zsh, with ~/.zfunc in its fpath before compinit:
  mkdir -p ~/.zfunc
  tco completion zsh > ~/.zfunc/_tco
\b
To try it in this shell:
  eval "$(tco completion bash)"
""",
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print a script that lets the Tab key complete commands, options, GPUs and choices.

    It needs bash 4.4 or newer, or zsh.
    """
    write("-", script(click.get_current_context().find_root().command, shell, VARIABLE))
    if which(NAME) is None:
        told = f"tco: the script asks the command {NAME}, which is not on the PATH"
        say(f"{told} (an alias is not enough): pip install . puts it there")


COMMANDS = (app_command, addin_command, completion_command)
