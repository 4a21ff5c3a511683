"""The command that writes the extension for LibreOffice Calc."""

from __future__ import annotations

import click

from tco.cli.output import say, writing


@click.command("addin")
@click.option(
    "-o",
    "--output",
    default="tco.oxt",
    metavar="FILE",
    help="Where to write; - is standard output.",
)
def addin(output: str) -> None:
    """The LibreOffice extension: TCO_BREAKEVEN, TCO_NPV_SAVING and more as functions of Calc.

    Open the file with LibreOffice, or add it under Tools, Extension Manager.
    """
    from tco.sheets.add_in import add_in

    with writing(output) as target:
        target.buffer.write(add_in())
    if output != "-":
        say(f"tco: {output}: open it with LibreOffice to install the functions")
