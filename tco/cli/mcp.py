"""`tco mcp`: the questions as tools of agents."""

from __future__ import annotations

from importlib import import_module

import click

from tco.cli.commands import Command
from tco.cli.parameters import catalogue_of, prices_option
from tco.questions import data_of


@click.command("mcp", cls=Command)
@prices_option
def mcp_command(prices: str) -> None:
    """Serve the questions to AI agents, by the Model Context Protocol on standard input and output.

    An agent starts this command itself: add {"command": "tco", "args": ["mcp"]} to its list of
    servers. The tools only read what they are given; prices and policy are those of this
    command.
    """
    import_module("mcp")  # of what its extra brings this is the name that a message has to say
    from tco.api.agent import serve

    serve(data_of(catalogue_of(prices)))


COMMANDS = (mcp_command,)
