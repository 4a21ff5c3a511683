"""An import in a process of its own: `tests.market.store.child URL FIRST LAST [STATEMENT]`.

It adds the rows FIRST to LAST of a long list as one file when it reads a line, and says what came
of it; or it kills itself when a STATEMENT (its first words) has just been executed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, event

from tco.market.store import PriceStore
from tests.market.store.builders import batch, many


def main(url: str, first: int, last: int, statement: str = "") -> None:
    rows = many(last)[first:]
    one_file = batch(*rows, sha256=f"rows {first} to {last}")
    if statement:

        def kill(_connection: Any, _cursor: Any, text: str, *_others: Any) -> None:
            if text.strip().startswith(statement):
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", kill)
    store = PriceStore(url)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(store.add(one_file))), flush=True)


if __name__ == "__main__":
    address, start, end, *killer = sys.argv[1:]
    main(address, int(start), int(end), *killer)
