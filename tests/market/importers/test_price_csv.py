"""The project's own CSV: an export read back, and small files of one's own."""

from __future__ import annotations

import csv
from dataclasses import astuple
from pathlib import Path

import pytest

from tco.errors import DataError, InputError
from tco.market.catalogue import Price, Quote, Rate
from tco.market.importers import read_file
from tco.market.importers.price_csv import EXPORT_COLUMNS
from tco.market.observed import Batch
from tests.market.importers.reading import FIXTURES, aside

OWN = FIXTURES / "own"


def read(path: Path, *rows: str) -> Batch:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return read_file("csv", path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "My prices, 2026.csv"


def test_an_export_is_read_back() -> None:
    with (OWN / "export.csv").open(encoding="utf-8", newline="") as stream:
        assert tuple(next(csv.reader(stream))) == EXPORT_COLUMNS
    batch = read_file("csv", OWN / "export.csv")
    note = "dearer in 2 more zones, say"
    place = ("g2-standard-4", 1, "us-central1", "US", "spot")
    assert batch.rates == (
        Rate("L4", "gcp", *place, 0.375, True, "2026-07-30", "skypilot-catalog-gcp", note),
    )
    assert batch.prices == (Price("L4", "used", 1900, "2026-08", "assumption", "a guess"),)
    bought, rented = "price_usd_per_gpu", "rate_usd_per_gpu_hour"
    days = ("2026-11-01", "2026-12-31")
    assert batch.quotes == (
        Quote("L4", bought, 2650, "", "", "", *days, "ten cards"),
        Quote("L4", rented, 0.5, "acme", "any", "1yr", *days, "a year ahead"),
    )
    (source,) = batch.sources
    assert (source.source_id, source.publisher) == ("skypilot-catalog-gcp", "SkyPilot catalog")
    assert source.accessed == "2026-07-30"
    assert not batch.rejected
    assert (batch.rows.total(), batch.kept.total(), batch.as_of) == (4, 4, "2026-11-01")


def test_a_small_file_of_rates() -> None:
    batch = read_file("csv", OWN / "small_rates.csv")
    assert [astuple(rate) for rate in batch.rates] == [
        (
            *("L4", "acme", "unnamed", 1, "any", "any", "on_demand", 0.55, "", True),
            *("2026-11-01", "", "file-small_rates.csv", ""),
        )
    ]
    assert aside(batch) == {
        3: ["the same row twice"],
        4: ["GPU name not in the table; did you mean L4?"],
        5: ["usd_per_gpu_hour is negative or too large"],
        6: ["the same row twice"],
        7: ["as_of is in the future"],
        8: ["the same row twice"],
        9: ["no provider: name it in a column, or with --provider"],
    }
    assert batch.source.publisher == "your file"
    assert batch.source.title == "small_rates.csv"
    assert batch.rows.total() == 8


def test_a_small_file_of_prices() -> None:
    batch = read_file("csv", OWN / "small_prices.csv")
    assert batch.prices == (Price("L4", "street", 2500, "2026-11", "file-small_prices.csv", ""),)
    assert aside(batch) == {3: ["no price"]}


def test_the_day_of_a_file_without_usable_rows(path: Path) -> None:
    assert read_file("csv", OWN / "small_prices.csv", as_of="2026-11-20").as_of == "2026-11-20"
    with pytest.raises(InputError, match="as_of = '2999-01' is in the future: the day the prices"):
        read_file("csv", OWN / "small_prices.csv", as_of="2999-01")
    batch = read(path, "gpu,usd,as_of", "L4,2500,")
    assert aside(batch) == {2: ["as_of is not a date YYYY, YYYY-MM or YYYY-MM-DD"]}
    assert len(batch.as_of) == len("YYYY-MM-DD")


def test_a_day_for_rows_without_one(path: Path) -> None:
    path.write_text("gpu,usd,as_of\nL4,2500,\n")
    batch = read_file("csv", path, as_of="2026-11-02")
    assert batch.prices[0].as_of == batch.as_of == "2026-11-02"


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("host_included", "maybe", "host_included is not one of yes, no"),
        ("term", "2yr", "term '2yr' is not one of on_demand, spot, 1yr, 3yr, 5yr"),
        ("gpus_per_instance", "0", "number of GPUs is not positive"),
        ("kind", "price", "kind is not that of the price, nor quote"),
        ("kind", "gift", "kind is not that of the price, nor quote"),
        ("kind", "quote", "valid_until is not a date YYYY, YYYY-MM or YYYY-MM-DD"),
        ("usd", "2500", "two prices"),
        ("source_id", "nobody", "source_id without a publisher"),
        ("source_id", "No Body", "source_id is not a source_id"),
        ("source_id,publisher,url", "x,y,javascript:x", "url is not a web address"),
        ("instance", "x" * 201, "a name far too long"),
    ],
)
def test_what_is_wrong_with_a_row(path: Path, header: str, row: str, reason: str) -> None:
    batch = read(
        path,
        f"gpu,provider,usd_per_gpu_hour,as_of,{header}",
        f"L4,acme,0.5,2026-11-01,{row}",
        f"L4,acme,0.5,2026-11-02,{',' * header.count(',')}",
    )
    assert aside(batch) == {2: [reason]}
    assert [rate.as_of for rate in batch.rates] == ["2026-11-02"]


def test_absurd_prices_and_quotes_that_end_before_they_begin(path: Path) -> None:
    batch = read(
        path,
        "gpu,usd,as_of,kind,valid_until",
        "L4,1000001,2026-11-01,,",
        "L4,2500,2026-11-01,quote,2026-10-31",
        "L4,2500,2026-11-01,quote,2026-11-01",
    )
    assert aside(batch) == {2: ["price is absurd"], 3: ["valid_until is before as_of"]}
    assert [quote.valid_until for quote in batch.quotes] == ["2026-11-01"]


@pytest.mark.parametrize(("cell", "included"), [("TRUE", True), ("false", False), ("no", False)])
def test_ways_to_say_that_the_host_is_included(path: Path, cell: str, included: bool) -> None:
    batch = read(
        path,
        "gpu,provider,usd_per_gpu_hour,as_of,host_included",
        f"L4,acme,0.5,2026-11-01,{cell}",
    )
    assert [rate.host_included for rate in batch.rates] == [included]


def test_a_source_of_the_project_needs_no_publisher(path: Path) -> None:
    batch = read(path, "gpu,usd,as_of,source_id", "L4,2500,2026-11-01,skypilot-aws-v9")
    assert batch.prices[0].source_id == "skypilot-aws-v9"
    assert batch.sources == ()


def test_the_own_source(path: Path) -> None:
    path.write_text("gpu,usd,as_of\nL4,2500,2026-11-01\n")
    batch = read_file("csv", path, source_url="https://example.org/prices")
    assert batch.source.source_id == "file-my-prices-2026.csv"
    assert batch.source.url == "https://example.org/prices"
    assert batch.prices[0].source_id == batch.source.source_id


def test_a_file_without_prices(path: Path) -> None:
    with pytest.raises(DataError, match="no column usd_per_gpu_hour or usd"):
        read(path, "gpu,as_of", "L4,2026-11-01")
    with pytest.raises(DataError, match="no column gpu, as_of"):
        read(path, "name,price", "L4,2500")


def test_prices_as_people_write_them(path: Path) -> None:
    batch = read(
        path,
        "gpu,provider,usd_per_gpu_hour,currency,as_of,note",
        "L4,acme,$0.60,USD,2026-11-01,'=from a call",
        'L4,beta,"0,65",,2026-11-01,',
        'L4,gamma,"3,200",,2026-11-01,',
        "L4,delta,0.55,EUR,2026-11-01,",
        "L4,epsilon,0.55 EUR,,2026-11-01,",
        "L4,zeta,24.5p,,2026-11-01,",
        "L4,eta,0.5..0.6,,2026-11-01,",
        f"L4,theta,0.5,,2026-11-01,{'x' * 1_001}",
        ",,,,,",
    )
    assert [(rate.provider, rate.usd_per_gpu_hour) for rate in batch.rates] == [
        ("acme", 0.6),
        ("beta", 0.65),
        ("delta", 0.645645),
        ("epsilon", 0.645645),
    ]
    assert batch.rates[2].note == "0.55 EUR at 1.1739 USD per EUR of 2026-01-22"
    assert batch.rates[0].note == "=from a call"
    said = {line: reasons[0] for line, reasons in aside(batch).items()}
    assert "could mean 3.2 or 3200" in said[4]
    assert "is in British pence (0.245 GBP)" in said[7]
    assert "is a range" in said[8]
    assert "note has 1,001 characters" in said[9]
    assert said[10] == "empty line"


def test_one_offer_with_two_prices_is_told(path: Path) -> None:
    batch = read(
        path,
        "gpu,provider,usd_per_gpu_hour,as_of",
        "L4,acme,0.60,2026-11-01",
        "L4,acme,0.61,2026-11-02",
        "L4,acme,0.62,2026-11-01",
    )
    assert len(batch.rates) == 3
    (said,) = [remark for remark in batch.remarks if "two prices" in remark]
    assert said.startswith("lines 2 and 4 are one offer (L4, acme) with two prices, 0.6 and 0.62")
