"""Starting the app from any folder, with the settings of `.streamlit/config.toml`."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tco.errors import to_install

_HERE = Path(__file__).resolve().parent


def launch(arguments: Sequence[str] = ()) -> int:
    """Serve the app until it is stopped; the exit code.

    `arguments` are Streamlit's own options, such as `--server.port=8600`; they win.
    """
    if not (find_spec("streamlit") and find_spec("plotly")):
        print(f"The app needs Streamlit and Plotly: {to_install('app')}", file=sys.stderr)
        return 1
    from streamlit.web import cli

    try:
        done = cli.main(command(arguments), prog_name="streamlit", standalone_mode=False)
    except KeyboardInterrupt:
        return 0
    return done if isinstance(done, int) else 0


def command(arguments: Sequence[str] = ()) -> list[str]:
    """Streamlit's arguments: the server in the package, the settings, then `arguments`."""
    return ["run", str(_HERE / "server.py"), *flags(settings()), *arguments]


def settings() -> dict[str, Any]:
    """The settings of the app, from the installed package or from the checkout."""
    places = (_HERE / "config.toml", _HERE.parents[1] / ".streamlit" / "config.toml")
    for place in places:
        if place.is_file():
            return tomllib.loads(place.read_text(encoding="utf-8"))
    raise FileNotFoundError(f"the settings of the app are missing: no {places[0]}")


def flags(tables: dict[str, Any], section: str = "") -> Iterator[str]:
    """Settings as command-line flags: true and false in lower case, each of a list by itself.

    >>> list(flags({"server": {"headless": True, "maxUploadSize": 2}}))
    ['--server.headless=true', '--server.maxUploadSize=2']
    >>> list(flags({"server": {"allowedHosts": ["localhost", "127.0.0.1"]}}))
    ['--server.allowedHosts=localhost', '--server.allowedHosts=127.0.0.1']
    """
    for name, value in tables.items():
        key = f"{section}.{name}" if section else name
        if isinstance(value, dict):
            yield from flags(value, key)
        elif isinstance(value, list):
            yield from (f"--{key}={one}" for one in value)
        elif isinstance(value, bool):
            yield f"--{key}={str(value).lower()}"
        else:
            yield f"--{key}={value}"
