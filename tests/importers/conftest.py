"""The real catalogue files are not part of the project: say so where they are not given."""

from __future__ import annotations

import os

import pytest

collect_ignore = [] if os.environ.get("TCO_CATALOGUES") else ["test_real_files.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if collect_ignore:
        terminalreporter.write_line(
            "real catalogue files: not tested, and not counted, as TCO_CATALOGUES is not set"
        )
