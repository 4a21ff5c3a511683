"""Reports that are one file of their own, by the suffix of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tco.cli.output import writing
from tco.errors import InputError, Problem
from tco.scenario import Scenario


def _workbook(scenario: Scenario) -> bytes:
    from tco.report.workbook import workbook

    return workbook(scenario)


def _page(scenario: Scenario) -> bytes:
    from urllib.parse import urlencode

    from tco.app.link import encode
    from tco.report.sheet import page

    query = urlencode(encode(scenario))
    return page(scenario, f"?{query}" if query else "").encode()


# The content of each kind of file; every other name is one of CSV.
KINDS: dict[str, Callable[[Scenario], bytes]] = {".html": _page, ".xlsx": _workbook}


def is_whole(path: str) -> bool:
    """Whether a report of this name is one file, made by `write_report`; else it is CSV.

    >>> is_whole("report.xlsx"), is_whole("report.csv"), is_whole("-")
    (True, False, False)
    """
    return Path(path).suffix.lower() in KINDS


def write_report(scenario: Scenario, path: str, asked: Mapping[str, bool]) -> None:
    """Write the report of one scenario, in the kind of file that the suffix of `path` names.

    InputError where an option is asked for that only files of text have: JSON, a ledger in a second
    file, other separators.
    """
    suffix = Path(path).suffix.lower()
    problems = [
        Problem(name, f"{name} does not go with -o {path}: a report in {suffix} is one file")
        for name, given in asked.items()
        if given
    ]
    if problems:
        raise InputError(problems)
    content = KINDS[suffix](scenario)
    with writing(path) as stream:
        stream.buffer.write(content)
