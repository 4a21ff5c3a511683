"""Two dates: what an observation is of, and the day on which it entered the data."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tco.errors import DataError
from tco.market.catalogue import Catalogue, load
from tco.market.choice import Question, resolve
from tco.market.evidence import offers, purchase_price
from tco.market.files import data_folder, first_day, known_from

# The last day before observations were recorded later than they were made.
BEFORE = "2026-11-21"
LATER = "2026-12-05"


def added(folder: Path, file: str, **cells: Any) -> None:
    """Append a row that is the file's last one but for some cells."""
    path = folder / file
    with path.open(newline="") as stream:
        *_, last = csv.DictReader(stream)
    with path.open("a", newline="") as stream:
        csv.DictWriter(stream, list(last), lineterminator="\n").writerow({**last, **cells})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(data_folder(), copy)
    return copy


def l4(catalogue: Catalogue, as_of: str) -> dict[str, Any]:
    found = resolve(Question(gpu="L4", as_of=as_of), catalogue)
    return {name: (entry.value, entry.as_of, entry.note) for name, entry in found.items()}


def test_older_facts_that_are_added_later_leave_older_answers_alone(folder: Path) -> None:
    said = {"gpu": "L4", "as_of": "2026-09-20", "recorded": LATER, "note": "later"}
    rate = {
        "listed": "",
        "provider": "lambda",
        "instance": "late",
        "region": "any",
        "term": "on_demand",
    }
    added(folder, "rental_rates.csv", **said, **rate, usd_per_gpu_hour="0.2", host_included="yes")
    added(folder, "purchase_prices.csv", **said, price_basis="street", usd="9000")
    dated = {"as_of": "2026-11", "recorded": LATER}
    host = {"host": "low-profile-2u", "input": "server_w", "value": "900"}
    added(folder, "servers.csv", **host, **dated | {"as_of": "2026-11-25"})
    toml = folder / "defaults.toml"
    entry = '[[pue]]\ndefault = 1.4\nlow = 1.15\nhigh = 1.8\nas_of = "2026-10"\n'
    entry += f'recorded = "{LATER}"\nsource_id = "assumption"\nnote = "a survey"\n\n'
    toml.write_text(toml.read_text().replace("[[electricity_usd", entry + "[[electricity_usd", 1))
    later = load(folder)
    assert later.newest == LATER
    for day in (BEFORE, "2026-08-01", "2026-12-04"):
        assert l4(later, day) == l4(load(), day), day
    now = l4(later, LATER)
    assert now["pue"][:2] == (1.4, "2026-10")
    assert now["server_w"][:2] == (900, "2026-11-25")
    changed = {name for name, entry in now.items() if entry != l4(load(), LATER)[name]}
    assert {"rate_usd_per_gpu_hour", "price_usd_per_gpu", "pue", "server_w"} <= changed


def test_a_row_counts_from_both_of_its_dates(folder: Path) -> None:
    said = {"gpu": "L4", "as_of": "2026-11-30", "recorded": LATER, "price_basis": "street"}
    added(folder, "purchase_prices.csv", **said, usd="9000", source_id="assumption")
    rows = load(folder).prices_of("L4")
    for day, known in (("2026-11-30", False), ("2026-12-04", False), (LATER, True)):
        assert ("assumption" in purchase_price(rows, "street", day).source_id) is known
    assert known_from(rows[-1]) == LATER


def test_a_day_before_its_own_date_is_no_day_to_record_it(folder: Path) -> None:
    added(folder, "purchase_prices.csv", as_of="2026-11-30", recorded="2026-11-29")
    with pytest.raises(DataError, match="recorded = '2026-11-29' is before 2026-11-30"):
        load(folder)


def test_every_row_of_the_files_has_both_dates() -> None:
    for path in data_folder().glob("*.csv"):
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        if "as_of" in rows[0] and path.name != "catalogues.csv":
            assert all(row["recorded"] for row in rows), path.name


def test_what_was_known_before_is_recorded_as_of_its_own_date() -> None:
    rates = [row for row in load().rates if first_day(row.recorded) <= BEFORE]
    assert len(rates) > 1_900
    assert all(row.recorded == row.as_of for row in rates)


def test_a_gpu_that_entered_later_is_unknown_before() -> None:
    young = [gpu for gpu in load().gpus.values() if first_day(gpu.recorded) > BEFORE]
    for gpu in young:
        assert resolve(Question(gpu=gpu.gpu, as_of=BEFORE), load())["gpu_w"].status == "missing"
        assert not offers(load(), gpu.gpu, "all", "any", "on_demand", BEFORE)


@pytest.mark.parametrize("term", ["on_demand", "spot", "1yr"])
def test_what_was_recorded_later_is_as_if_it_were_not_there(term: str) -> None:
    full = load()

    def kept(rows: Any) -> tuple[Any, ...]:
        return tuple(row for row in rows if first_day(row.recorded or row.as_of) <= BEFORE)

    names = ("rates", "prices", "servers", "electricity", "colocation", "pues")
    names += ("exchange_rates", "rate_indices")
    older = replace(
        full,
        gpus={gpu.gpu: gpu for gpu in kept(full.gpus.values())},
        defaults={name: kept(entries) for name, entries in full.defaults.items()},
        **{name: kept(getattr(full, name)) for name in names},
    )
    assert older.newest == BEFORE
    for gpu in older.gpus:
        for region in ("US", "DE"):
            asked = Question(gpu=gpu, term=term, region=region, as_of=BEFORE)
            assert resolve(asked, full) == resolve(asked, older), (gpu, region)
