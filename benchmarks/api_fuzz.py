"""Does any request have a 500 for an answer? `python -m benchmarks.api_fuzz --examples 300`.

Schemathesis makes requests of the OpenAPI document, for every address what its schemas allow and
what they forbid; tests/api/test_fuzz.py does the same for half a minute. Prints what fails, ends
with 1 if anything did.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from tco.api.server import Settings, application
from tests.api.test_fuzz import CHECKS, SECONDS

HOST = {"host": "localhost"}


def main() -> int:
    """Ask every address so many times, in each way."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--examples", type=int, default=300)
    asked.add_argument("--only", default="", help="only addresses that hold this text")
    told = asked.parse_args()
    app = application(Settings(rate=1e6))
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HOST)
    number = failed = 0
    begun = time.perf_counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        if told.only not in operation.path:
            continue
        modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

        @given(st.one_of(modes))
        @settings(
            max_examples=told.examples,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[*HealthCheck],
        )
        def ask(case: schemathesis.Case) -> None:
            nonlocal number
            number += 1
            case.call_and_validate(checks=CHECKS, headers=HOST, timeout=SECONDS)

        try:
            ask()
        except (FailureGroup, AssertionError, ExceptionGroup) as wrong:
            failed += 1
            why = "".join(traceback.format_exception(wrong))  # of a group what it holds, too
            print(f"{operation.method.upper()} {operation.path}: {why[-3000:]}")
        print(f"{number:,} requests, {failed} failures", end="\r", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - begun
    print(f"{number:,} requests in {seconds:.0f} s, failures at {failed} addresses")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
