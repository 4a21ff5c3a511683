"""The command `tco serve`: the questions for other programs, over HTTP."""

from __future__ import annotations

import click

from tco.cli.commands import Command
from tco.cli.parameters import catalogue_of, policy_asked, prices_option
from tco.cli.streams import say
from tco.errors import TcoError, to_install


@click.command("serve", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8600, show_default=True, help="The port."
)
@click.option(
    "--token-file",
    metavar="FILE",
    default="",
    help="A file with the token that every request must send (Authorization: Bearer); required to "
    "listen on another address.  [env: TCO_TOKEN holds the token itself]",
)
@click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="An additional host name of the server, such as tco.example.com or *.example.com; may be "
    "repeated. Requests for any host name but these, localhost and 127.0.0.1 are rejected.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="NUMBER",
    help="Number of server processes.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 1e6),
    default=500.0,
    show_default=True,
    metavar="NUMBER",
    help="Requests per second from one client, in each process; more get status 429.",
)
@click.option(
    "--proxy",
    "proxies",
    metavar="ADDRESS",
    default="",
    help="The address of a reverse proxy whose X-Forwarded-For header is trusted.",
)
@prices_option
def serve_command(
    host: str,
    port: int,
    token_file: str,
    hosts: tuple[str, ...],
    workers: int,
    rate: float,
    proxies: str,
    prices: str,
) -> None:
    """Answer other programs over HTTP: http://127.0.0.1:8600/api/v1/breakeven.json?gpu=L4.

    It is available on this machine only, unless --host says otherwise, which needs a token and
    --allow-host. Nothing is written to disk, and no request is logged.
    """
    try:
        from tco.api.routes import PREFIX
        from tco.api.server import Settings, serve
    except ModuleNotFoundError as missing:
        raise TcoError(f"{missing.name} is not installed: {to_install('serve')}") from None
    catalogue_of(prices)
    settings = Settings(
        host=host,
        port=port,
        names=hosts,
        token_file=token_file,
        workers=workers,
        rate=rate,
        prices=prices,
        policy=policy_asked() or "",
        proxies=proxies,
    )
    name = f"[{host}]" if ":" in host else host
    serve(settings, lambda: say(f"tco: http://{name}:{port}{PREFIX}/ answers until Ctrl-C"))


COMMANDS = (serve_command,)
