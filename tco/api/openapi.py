"""What there is, described for programs: a list, and an OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any

from tco.api.asking import ASKED, endings, json_of
from tco.version import __version__


def listing() -> dict[str, Any]:
    """Every question with its addresses, what it takes and its tables."""
    return {
        "tco_version": __version__,
        "openapi": "openapi.json",
        "questions": [
            {
                "name": one.name,
                "summary": one.summary,
                "addresses": [f"{one.name}.{ending}" for ending in endings(one)],
                "tables": list(one.tables),
                "takes": [asked.name for asked in one.takes],
                "takes_inputs": one.of_scenario,
            }
            for one in ASKED.values()
        ],
    }


@cache
def openapi() -> bytes:
    """The document of OpenAPI 3.1."""
    return json_of(
        {"openapi": "3.1.0", "info": {"title": "tco", "version": __version__}, "paths": {}}
    )
