"""Children that import, and what a store must be whatever became of them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tco.market.store import PriceStore

ROOT = Path(__file__).resolve().parents[3]


class Child:
    """A process that is ready to import rows first to last, and does so on `go`."""

    def __init__(self, url: str, first: int, last: int, statement: str = "") -> None:
        command = [
            sys.executable,
            "-m",
            "tests.market.store.child",
            url,
            str(first),
            str(last),
            statement,
        ]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def result(self) -> dict[str, Any]:
        """What it said; empty for one that was killed."""
        said, _nothing = self.process.communicate(timeout=120)
        return json.loads(said) if said else {}


def check_whole(store: PriceStore) -> set[str]:
    """The instances in a store, after a check that every import is there as a whole."""
    if not store.exists():
        return set()
    rows = list(store.export_rows())[1:]
    imports = store.imports()
    assert [one.import_id for one in imports] == list(range(1, len(imports) + 1))
    assert all(one.added + one.known == one.rows for one in imports)
    for one in imports:
        assert sum(row[-1] == one.import_id for row in rows) == one.added
    instances = [row[3] for row in rows]
    assert len(set(instances)) == len(instances) == sum(one.added for one in imports)
    if store.url.startswith("sqlite"):
        with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return set(instances)
