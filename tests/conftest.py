"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile(
    "mutation", max_examples=25, deadline=None, derandomize=True, database=None
)
settings.load_profile("ci")


def pytest_report_header() -> str:
    if os.environ.get("TCO_CATALOGUES"):
        return "real catalogue files: tested"
    return "real catalogue files: not tested, and not counted, as TCO_CATALOGUES is not set"
