"""What `tco prices check` finds in the prices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tco.analysis.check import FAULTS, KINDS, check
from tco.market.catalogue import load
from tco.market.observed import catalogue_with

NOW = "2026-11-21"


def found(rows: list[dict[str, Any]], kind: str) -> list[str]:
    """What is found of a kind beyond what the shipped data has."""
    shipped = {finding.message for finding in check(load(), NOW)}
    own = check(catalogue_with(pd.DataFrame(rows)), NOW)
    return [f.message for f in own if f.kind == kind and f.message not in shipped]


def price(usd: float, source: str, basis: str, as_of: str = NOW) -> dict[str, Any]:
    row = {"gpu": "L4", "usd": usd, "price_basis": basis, "as_of": as_of}
    return row | {"source_id": source, "title": source}


def rate(usd: float, source: str, as_of: str = NOW, **other: Any) -> dict[str, Any]:
    row = {"gpu": "L4", "provider": "acme", "instance": "x", "usd_per_gpu_hour": usd}
    return row | {"as_of": as_of, "source_id": source, "title": source} | other


def test_the_shipped_data_has_no_unsourced_price() -> None:
    kinds = [finding.kind for finding in check(load())]
    assert "unsourced" not in kinds
    assert kinds == sorted(kinds, key=KINDS.index), "the worst first"


def test_the_shipped_data_has_no_fault() -> None:
    assert [finding for finding in check(load()) if finding.kind in FAULTS] == []


@pytest.mark.parametrize(("usd", "odd"), [(0.03, True), (0.2, False), (2, False), (20, True)])
def test_a_rate_far_from_those_of_its_like_is_implausible(usd: float, odd: bool) -> None:
    assert bool(found([rate(usd, "a", instance="odd")], "implausible")) is odd


def test_a_price_far_from_those_of_its_like_is_implausible() -> None:
    assert len(found([price(280, "a", "used"), price(28_001, "b", "street")], "implausible")) == 1


@pytest.mark.parametrize(
    ("file", "odd", "said"),
    [
        ("electricity", {"usd_per_kwh": 26.5}, "tariff"),
        ("colocation", {"usd_per_kw_month": 19_600}, "colocation fee"),
        ("rate_indices", {"usd_per_gpu_hour": 300}, "average"),
    ],
)
def test_other_figures_far_from_their_like_are_implausible(
    file: str, odd: dict[str, float], said: str
) -> None:
    last = replace(getattr(load(), file)[0], **odd)
    catalogue = replace(load(), **{file: (*getattr(load(), file), last)})
    told = [found.message for found in check(catalogue) if found.kind == "implausible"]
    assert len(told) == 1
    assert said in told[0]


def test_a_rate_is_set_against_the_comparable_offers() -> None:
    # All that was ever listed for an L4 has a median of about 1.00, what can be compared 0.64.
    assert found([rate(7.9, "a", instance="odd")], "implausible")


def test_a_contradiction_that_a_note_names_is_marked() -> None:
    rows = [rate(1, "a") | {"note": "contradiction: b prints 2"}, rate(2, "b")]
    assert len(found(rows, "marked")) == 1
    assert found(rows, "contradictory") == []


def test_what_nobody_vouches_for_is_unsourced() -> None:
    row = {"gpu": "L4", "usd": 2_000, "as_of": NOW}
    assert found([row], "unsourced") == ["L4 new price of 2026-11-21: no source"]
    assert found([row | {"source_id": "s"}], "unsourced") == []


@pytest.mark.parametrize(("high", "contradictory"), [(1.25, False), (1.26, True)])
def test_two_sources_more_than_a_quarter_apart_contradict_each_other(
    high: float, contradictory: bool
) -> None:
    assert bool(found([rate(1, "a"), rate(high, "b")], "contradictory")) is contradictory


def test_a_contradiction_names_both() -> None:
    rows = [price(8, "one", "used"), price(10_500, "two", "used")]
    assert found(rows, "contradictory") == [
        "L4 used price: $8 (one, 2026-11-21) and $10,500 (two, 2026-11-21)"
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"instance": "y"},
        {"region": "us-1", "country": "US"},
        {"term": "spot"},
        {"as_of": "2026-08-01"},
        {"as_of": "2026-12-01"},
    ],
)
def test_another_thing_or_another_time_is_no_contradiction(other: dict[str, Any]) -> None:
    assert found([rate(1, "a"), rate(2, "b") | other], "contradictory") == []


def test_one_source_does_not_contradict_its_own_past() -> None:
    rows = [rate(1, "a", "2026-10-21"), rate(2, "a")]
    assert found(rows, "contradictory") == []


@pytest.mark.parametrize(("as_of", "stale"), [("2026-08-23", False), ("2026-08-22", True)])
def test_over_90_days_is_stale(as_of: str, stale: bool) -> None:
    assert bool(found([rate(1, "a", as_of)], "stale")) is stale
    assert found([rate(1, "a", as_of), rate(1, "a")], "stale") == []


def test_ages_count_from_the_day_asked_for() -> None:
    early = [finding for finding in check(load(), "2026-08-01") if finding.kind == "stale"]
    late = [finding for finding in check(load(), NOW) if finding.kind == "stale"]
    assert len(early) < len(late)
