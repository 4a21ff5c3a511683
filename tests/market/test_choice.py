"""The rule by which rows of the catalog become a default."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from tco.market.catalogue import Observations, Price, Rate, load
from tco.market.choice import Question, resolve
from tco.market.evidence import newest_of, provider_medians, purchase_price, rental_rate
from tco.market.files import first_day


def rate(provider: str, usd: float, as_of: str = "2026-07", **other: Any) -> Rate:
    row = {
        "gpu": "L4",
        "instance": "one",
        "gpus_per_instance": 1.0,
        "region": "us",
        "country": "US",
    }
    row |= {"term": "on_demand", "host_included": True, "source_id": "s", "note": ""} | other
    return Rate(provider=provider, usd_per_gpu_hour=usd, as_of=as_of, **row)


def price(usd: float, basis: str = "street", as_of: str = "2026", source: str = "s") -> Price:
    return Price("L4", basis, usd, as_of, source, "")


def test_the_median_over_providers_of_the_median_of_each() -> None:
    rows = [rate("a", 1), rate("a", 2), rate("a", 9), rate("b", 3), rate("c", 10)]
    assert provider_medians(rows) == {"a": 2, "b": 3, "c": 10}
    belief = rental_rate(rows, "")
    assert (belief.value, belief.status) == (3, "default")
    assert "median over 3 providers" in belief.note


def test_only_the_newest_row_on_or_before_the_date_counts() -> None:
    rows = [rate("a", 1, "2026-01"), rate("a", 2, "2026-07-30"), rate("a", 3, "2026-08")]
    kept = newest_of(rows, lambda row: row.provider, "2026-07-31")
    assert [row.usd_per_gpu_hour for row in kept] == [2]
    assert newest_of(rows, lambda row: row.provider, "2025-12-31") == []


def test_a_date_without_a_day_counts_from_its_first() -> None:
    rows = [rate("a", 1, "2026-06-30"), rate("a", 2, "2026-07")]
    assert newest_of(rows, lambda row: row.provider, "2026-07-01")[0].usd_per_gpu_hour == 2
    assert newest_of(rows, lambda row: row.provider, "2026-06-30")[0].usd_per_gpu_hour == 1


def test_an_assumption_among_the_rows_makes_the_whole_one() -> None:
    rows = [rate("a", 1), rate("b", 2, source_id="assumption")]
    assert rental_rate(rows, "").status == "assumption"


def test_no_offer_is_missing_and_says_why() -> None:
    belief = rental_rate([], "nobody rents it")
    assert (belief.value, belief.status, belief.note) == (None, "missing", "nobody rents it")


def test_the_price_falls_back_from_street_to_msrp_to_used_and_says_so() -> None:
    msrp, used = price(3, "msrp"), price(1, "used")
    assert purchase_price([msrp, used], "street", "2026-12-31").value == 3
    belief = purchase_price([used], "street", "2026-12-31")
    assert belief.value == 1
    assert belief.note.startswith("no street price found, so a used price counts: the only one, ")
    assert purchase_price([msrp], "used", "2026-12-31").value == 3
    assert purchase_price([msrp], "used", "2025-12-31").status == "missing"


def test_the_price_is_the_median_of_the_newest_from_each_source() -> None:
    rows = [price(9, as_of="2025"), price(1), price(2, source="t"), price(6, source="u")]
    assert purchase_price(rows, "street", "2026-12-31").value == 2


def test_on_every_day_the_newest_entry_of_the_defaults_counts() -> None:
    """All days on which another entry begins, and their neighbors, before the first one too."""
    catalogue = load()
    entries = [entry for listed in catalogue.defaults.values() for entry in listed]
    days = {date.fromisoformat(first_day(entry.as_of)) for entry in entries}
    general = [entry for entry in catalogue.defaults["pue"] if not entry.market]
    asked = sorted({day + timedelta(days=step) for day in days for step in (-1, 0, 1)})
    assert len(asked) > 20
    for day in [date(1999, 1, 1), *asked, date(2040, 1, 1)]:
        found = resolve(Question(as_of=str(day)), catalogue)["pue"]
        known = [entry for entry in general if date.fromisoformat(first_day(entry.as_of)) <= day]
        newest = max(known or general[:1], key=lambda entry: entry.as_of)
        assert (found.value, found.as_of) == (newest.default, newest.as_of)
        assert (found.status == "assumption") == (not known)


def test_offers_that_are_set_aside_are_told_where_there_is_no_rate() -> None:
    low = Rate(
        *("B200", "mithril", "b200", 8, "any", "any", "on_demand", 0.01, True, "2026-11-20"),
        *("a list", ""),
    )
    known = load().with_prices(Observations("a list", {}, [low]))
    asked = Question(gpu="B200", provider="mithril", as_of="2026-11-21")
    note = resolve(asked, known)["rate_usd_per_gpu_hour"].note
    assert note.endswith(
        "no comparable rental offer for the B200 (mithril, US, on demand) on "
        "or before 2026-11-21: 1 offer at 0.01 USD per GPU-hour excluded, under a tenth of the "
        "median of comparable offers"
    )


# What no reader knows: the key of an input, of a choice or of a source, a file, a median of one.
_KEYS = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b|\bmsrp\b|\b\dyr\b|\.(?:csv|toml)\b|\b(?:of|over) 1 ")
_ASKED: list[dict[str, Any]] = [
    {},
    {"region": "DE", "hosting": "colo_all_in"},
    {"term": "1yr", "region": "FR"},
    {"term": "spot", "price_basis": "msrp", "provider": "aws"},
    {"price_basis": "used", "site": "home"},
    {"as_of": "2024-01-01", "already_owned": True},
]


@pytest.mark.parametrize("asked", _ASKED, ids=str)
def test_notes_are_in_words(asked: dict[str, Any]) -> None:
    keys = {*load().sources, *(row.host for row in load().servers if not row.host.isalpha())}
    for gpu in [*load().gpus, "none of these"]:
        for entry in resolve(Question(gpu=gpu, **asked), load()).values():
            for note in (entry.note, *(tier.note for _, tier in entry.tiers)):
                assert not _KEYS.search(note), note
                assert not keys.intersection(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", note)), note
