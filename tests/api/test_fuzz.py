"""No request has a 500 for an answer: what Schemathesis makes of the OpenAPI document.

A longer run is `python -m benchmarks.api_fuzz`.
"""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tco.api.server import Settings, application

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# The server itself answers within 60 s, also on a machine with much else to do.
SECONDS = 60
# An address without an ending is one of JSON, and a table of what was posted is made as any other.
schema = schemathesis.openapi.from_asgi(
    "/api/v1/openapi.json", application(Settings(rate=1e6)), headers={"host": "localhost"}
).exclude(path_regex="^/[a-z_]+$|(?<!breakeven)[.]csv$")


@schema.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
def test_no_request_is_answered_with_a_failure(case):
    case.call_and_validate(checks=CHECKS, headers={"host": "localhost"}, timeout=SECONDS)
