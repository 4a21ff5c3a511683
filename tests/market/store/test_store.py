"""What a price store keeps and gives back, in a file and on a server."""

from __future__ import annotations

import csv
import io
import pickle
import subprocess
import sys
from collections import Counter
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from tco.errors import DataError
from tco.market.catalogue import Rate, Source
from tco.market.observed import EXPORT_COLUMNS, Added, RejectionCount
from tco.market.store import PriceStore, database
from tco.market.store.database import SEEN, SOURCES
from tests.market.store.builders import SOURCE, aside, batch, many, price, quote, rate
from tests.market.store.processes import ROOT

OTHER = replace(SOURCE, source_id="other", title="Other prices")


def exported(store: PriceStore) -> list[dict[str, object]]:
    header, *rows = store.export_rows()
    assert header == EXPORT_COLUMNS
    return [dict(zip(header, row, strict=True)) for row in rows]


def count(store: PriceStore, table: Table) -> int:
    with database.reading(store._address) as (connection, _store_id):
        return connection.scalars(select(func.count()).select_from(table)).one()


def test_the_first_import_makes_the_store(url: str) -> None:
    store = PriceStore(url)
    assert not store.exists()
    for read in (store.imports, store.set_aside, store.snapshot, lambda: [*store.export_rows()]):
        with pytest.raises(DataError, match=r"there is no price store .* yet"):
            read()
    assert not store.exists()
    assert store.add(batch(rate())) == Added(1, added=1, known=0, repeated=False)
    assert store.exists()
    assert PriceStore(store.url).exists()


def test_what_an_import_says_of_itself(url: str) -> None:
    store = PriceStore(url)
    began = datetime.now(UTC) - timedelta(seconds=1)
    rows = Counter({("a", "L4"): 3, ("b", "T4"): 4})
    lines = (aside(5), aside(9))
    store.add(batch(rate(), price(), quote(), rows=rows, rejected=lines, sha256="ab" * 32))
    store.add(batch(rate(), rate(0.8), collector="hand", file="", sha256="", as_of="2026-12"))
    first, second = store.imports()
    assert began <= datetime.fromisoformat(first.at) <= datetime.now(UTC)
    assert first.at.endswith("+00:00")
    assert astuple(first)[2:] == (
        *("test", "prices.csv", "ab" * 32, "2026-11-21"),
        *(7, 3, 0, 2, "list", ""),
    )
    assert astuple(second)[0] == 2
    assert astuple(second)[2:] == ("hand", "", "", "2026-12", 2, 1, 1, 0, "list", "")


def test_the_same_file_adds_nothing_unless_it_was_seen_on_another_day(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(), sha256="aa"))
    snapshot, imports = store.snapshot(), store.imports()
    assert store.add(batch(rate(), sha256="aa")) == Added(1, added=0, known=1, repeated=True)
    # Nobody gave its day, and the disk says another: it is the same file.
    guessed = batch(rate(as_of="2026-11-22"), sha256="aa", as_of="2026-11-22", guessed=True)
    assert store.add(guessed) == Added(1, added=0, known=1, repeated=True)
    assert store.imports() == imports
    assert store.snapshot() is snapshot
    tomorrow = batch(rate(as_of="2026-11-22"), sha256="aa", as_of="2026-11-22")
    assert store.add(tomorrow) == Added(2, added=1, known=0, repeated=False)
    assert store.add(tomorrow).repeated
    assert [row.as_of for row in store.snapshot().rates_of("L4")] == ["2026-11-21", "2026-11-22"]
    assert [one.sha256 for one in store.imports()] == ["aa", "aa"]
    # Another collector reads the same file in its own way, and so does another provider's list.
    assert store.add(replace(tomorrow, collector="another")) == Added(3, 0, 1, repeated=False)
    assert store.add(batch(rate(source_id="other"), source=OTHER, sha256="aa")).added == 1


def test_an_import_is_taken_back(url: str) -> None:
    store = PriceStore(url)
    wrong = batch(rate(0.7), rate(0.1, provider="bcloud", as_of="2027-01-31"), price(), sha256="aa")
    store.add(wrong)
    before = store.snapshot()
    store.add(batch(rate(0.7), rate(0.8, instance="g-2")))
    undone = store.undo(1)
    assert (undone.file, undone.gpus, undone.gone) == ("prices.csv", ("L4",), 2)
    after = store.snapshot()
    assert after.label.endswith("up to import 2, 1 undone")
    # What the second import had too still counts; the first snapshot is what it was.
    assert [row.usd_per_gpu_hour for row in after.rates_of("L4")] == [0.7, 0.8]
    assert (after.prices_of("L4"), len(before.prices_of("L4"))) == ((), 1)
    assert (after.newest, before.newest) == ("2026-11-21", "2027-01-31")
    assert (after.providers, before.providers) == ({"acloud"}, {"acloud", "bcloud"})
    assert pickle.loads(pickle.dumps(after)) is after
    assert len(exported(store)) == 2
    first, second = store.imports()
    assert first.undone
    assert not second.undone
    with pytest.raises(DataError, match=r"import 10{20} is not there"):
        store.undo(10**20)
    with pytest.raises(DataError, match="import 1 was undone on 20"):
        store.undo(1)
    with pytest.raises(DataError, match="import 9 is not there"):
        store.undo(9)
    # The same file again, once and once more, and each of its rows only once.
    assert store.add(wrong) == Added(3, added=2, known=1, repeated=False)
    assert store.add(wrong) == Added(3, added=0, known=3, repeated=True)
    assert store.undo(3).gone == 2
    assert store.add(wrong) == Added(4, added=2, known=1, repeated=False)
    assert len(exported(store)) == 4
    assert store.undo(2).gone == 1
    assert [row.usd_per_gpu_hour for row in store.snapshot().rates_of("L4")] == [0.7, 0.1]


def test_nothing_is_taken_back_where_there_is_no_store(url: str) -> None:
    with pytest.raises(DataError, match="yet: the first import makes it"):
        PriceStore(url).undo(1)


def test_what_is_typed_in_is_no_file_that_could_be_repeated(url: str) -> None:
    store = PriceStore(url)
    assert store.add(batch(quote(), sha256="")).added == 1
    assert store.add(batch(quote(2_400), sha256="")).added == 1
    assert store.add(batch(quote(2_400), sha256="")) == Added(3, 0, 1, repeated=False)


def test_a_row_known_in_all_its_fields_adds_nothing(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(), price(), quote()))
    assert store.add(batch(rate(), price(), quote())) == Added(2, 0, 3, repeated=False)
    assert store.add(batch(rate(note="x"), rate(note="x"))) == Added(3, 1, 1, repeated=False)
    for at, other in enumerate(
        (
            rate(host_included=False),
            rate(country="CA"),
            rate(gpus_per_instance=2.0),
            price(usd=2_650.01),
            quote(valid_until="2027-01-31"),
        ),
        4,
    ):
        assert store.add(batch(other)) == Added(at, 1, 0, repeated=False)
    assert store.add(batch(quote(), source=OTHER)).added == 1  # another one's word
    assert len(exported(store)) == 10


def test_whole_numbers_are_the_numbers_they_are(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(1.0, gpus_per_instance=8.0)))
    assert store.add(batch(rate(1, gpus_per_instance=8))).known == 1


def test_of_one_offer_the_snapshot_has_the_last_and_the_store_all(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(0.7), rate(0.9, instance="g-2"), price(2_650)))
    store.add(batch(rate(0.8, country="USA", note="mended"), price(2_600), price(2_500, note="b")))
    rows = store.snapshot().rates_of("L4")
    assert [row.usd_per_gpu_hour for row in rows] == [0.9, 0.8]
    assert [row.usd for row in store.snapshot().prices_of("L4")] == [2_500]
    assert [row["usd_per_gpu_hour"] for row in exported(store)[:3]] == [0.7, 0.9, 0.8]
    assert [row["usd"] for row in exported(store)[3:]] == [2_650, 2_600, 2_500]


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "bcloud"},
        {"instance": "g-9"},
        {"region": "us-2"},
        {"term": "spot"},
        {"as_of": "2026-11-20"},
        {"source_id": "other"},
        {"gpu": "T4"},
    ],
)
def test_another_offer_stands_beside(url: str, other: dict[str, str]) -> None:
    store = PriceStore(url)
    store.add(batch(rate(0.7)))
    store.add(batch(rate(0.8, **other), source=OTHER if "source_id" in other else SOURCE))
    snapshot = store.snapshot()
    assert len(snapshot.rates_of("L4") + snapshot.rates_of("T4")) == 2


def test_quotes_are_all_given(url: str) -> None:
    store = PriceStore(url)
    rental = quote(
        0.6, input="rate_usd_per_gpu_hour", provider="acloud", region="eu", term="1yr", note=""
    )
    store.add(batch(quote(2_500), quote(2_400), rental))
    assert store.snapshot().quotes_of("L4") == (quote(2_500), quote(2_400), rental)
    assert store.snapshot().quotes_of("T4") == ()
    assert store.snapshot().providers == {"acloud"}
    assert store.snapshot().regions == {"eu"}


def test_a_snapshot_never_changes(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(0.7)))
    before = store.snapshot()
    assert store.snapshot() is before
    assert PriceStore(url).snapshot() is before
    later = replace(SOURCE, accessed="2026-12-01")
    rows = (rate(0.8), rate(0.9, provider="bcloud", region="de-1", country="DE", as_of="2026-12"))
    store.add(batch(*rows, price(), quote(as_of="2027"), source=later))
    after = store.snapshot()
    assert after is not before
    assert "up to import 1" in before.label
    assert "up to import 2" in after.label
    assert (before.newest, after.newest) == ("2026-11-21", "2027-01-01")
    assert (before.providers, after.providers) == ({"acloud"}, {"acloud", "bcloud"})
    assert (before.regions, after.regions) == ({"us-1", "US"}, {"us-1", "US", "de-1", "DE"})
    assert (before.sources, after.sources) == ({"list": SOURCE}, {"list": later})
    assert [row.usd_per_gpu_hour for row in before.rates_of("L4")] == [0.7]
    assert [row.usd_per_gpu_hour for row in after.rates_of("L4")] == [0.8, 0.9]
    assert (before.prices_of("L4"), before.quotes_of("L4")) == ((), ())
    assert after.rates_of("L4") is after.rates_of("L4")


def test_a_snapshot_travels_without_its_connection(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate()))
    snapshot = store.snapshot()
    assert pickle.loads(pickle.dumps(snapshot)) is snapshot
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).rates_of('L4'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(snapshot),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.decode().strip() == str((rate(),))


def test_an_import_that_brings_nothing(url: str) -> None:
    store = PriceStore(url)
    assert store.add(batch()) == Added(1, 0, 0, repeated=False)
    snapshot = store.snapshot()
    assert (snapshot.newest, snapshot.providers, snapshot.regions) == ("", set(), set())
    assert snapshot.rates_of("L4") == ()
    assert exported(store) == []
    assert snapshot.sources == {"list": SOURCE}


def test_what_was_set_aside_is_counted_by_reason(url: str) -> None:
    store = PriceStore(url)
    rows = (aside(3, text="x,,"), aside(4, "not mapped", gpu="gb9"), aside(8, text="y"), aside(9))
    store.add(batch(rejected=rows))
    store.add(batch(rejected=(aside(2, provider=""),)))
    first = (
        RejectionCount(1, "acloud", "l4", "no price", 3, 3, "x,,"),
        RejectionCount(1, "acloud", "gb9", "not mapped", 1, 4, ""),
    )
    second = (RejectionCount(2, "", "l4", "no price", 1, 2, ""),)
    assert store.set_aside() == first + second
    assert store.set_aside(2) == second
    assert store.set_aside(3) == ()


def test_rubbish_that_was_set_aside_is_kept_legibly(url: str) -> None:
    store = PriceStore(url)
    odd = "a\0b\ud800é🙂'\"\n"
    store.add(batch(file=odd, rejected=(aside(1, odd, provider=odd, gpu=odd, text=odd * 5_000),)))
    (kept,) = store.set_aside()
    said = "a\\x00b\\ud800é🙂'\"\n"
    assert (kept.provider, kept.gpu, kept.reason) == (said, said, said)
    assert kept.example == said * 5_000
    assert store.imports()[0].file == said


def test_the_export_gives_back_what_was_put_in(url: str) -> None:
    store = PriceStore(url)
    text = "é, \"quoted\" 🙂\n; 'x' \\ %s :name"
    rates = (rate(0.1 + 0.2, note=text), rate(1e-9, gpu="A1", host_included=False))
    rental = quote(1.5, input="rate_usd_per_gpu_hour", provider="p", region="r", term="3yr")
    store.add(batch(*rates, price(), quote(), rental, source=SOURCE))
    newer = replace(SOURCE, title="Its new prices")
    store.add(batch(rate(0.9), source=newer, collector="another"))
    rows = exported(store)
    assert [(row["kind"], row["gpu"], row["import_id"]) for row in rows] == [
        *(("rate", "A1", 1), ("rate", "L4", 1), ("rate", "L4", 2)),
        *(("price", "L4", 1), ("quote", "L4", 1), ("quote", "L4", 1)),
    ]
    assert [row["title"] for row in rows] == [
        *["Its prices"] * 2,
        "Its new prices",
        *["Its prices"] * 3,
    ]
    assert [row["collector"] for row in rows] == [*["test"] * 2, "another", *["test"] * 3]
    assert tuple(rows[1].values()) == (
        *("rate", "L4", "acloud", "g-1", 1.0, "us-1", "US", "on_demand", 0.1 + 0.2, "yes"),
        *("", "", "", "2026-11-21", "list", SOURCE.publisher, SOURCE.title, SOURCE.url, text),
        *("test", 1),
    )
    assert (rows[0]["usd_per_gpu_hour"], rows[0]["host_included"]) == (1e-9, "no")
    assert (rows[3]["usd"], rows[3]["price_basis"], rows[3]["provider"]) == (2_650, "street", "")
    assert (rows[4]["usd"], rows[4]["usd_per_gpu_hour"]) == (2_500, "")
    assert (rows[5]["usd"], rows[5]["usd_per_gpu_hour"]) == ("", 1.5)
    assert (rows[5]["valid_until"], rows[5]["term"]) == ("2026-12-31", "3yr")
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(store.export_rows())
    stream.seek(0)
    back = [row for row in csv.DictReader(stream) if row["kind"] == "rate"]
    assert sorted(float(row["usd_per_gpu_hour"]) for row in back) == [1e-9, 0.1 + 0.2, 0.9]
    assert text in [row["note"] for row in back]


def test_an_export_in_parts(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PriceStore(url)
    store.add(batch(*many(60), quote(), *(price(at) for at in range(1, 20))))
    store.add(batch(*many(60, usd=2.0)))
    whole = list(store.export_rows())
    monkeypatch.setattr("tco.market.store.database._ROWS_AT_ONCE", 7)
    parts = store.export_rows()
    first = [next(parts) for _ in range(10)]
    store.add(batch(rate(gpu="AAA"), rate(gpu="ZZZ")))  # does not wait, does not show
    assert first + list(parts) == whole
    assert len(whole) == 1 + 60 + 1 + 19 + 60


def test_sources_are_kept_as_they_were_cited(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(0.1)))
    store.add(batch(rate(0.2), source=replace(SOURCE, accessed="2026-12-01")))
    store.add(batch(rate(0.3), source=SOURCE))
    store.add(batch(rate(0.4), source=SOURCE))
    assert store.snapshot().sources == {"list": SOURCE}
    cited = [one.source_id for one in store.imports()]
    assert cited == ["list"] * 4
    assert [row["title"] for row in exported(store)] == ["Its prices"] * 4
    assert count(store, SOURCES) == 3
    assert count(store, SEEN) == 4 * 4  # a provider, a region, a country, a date of each import


def test_further_sources_of_a_batch(url: str) -> None:
    store, given = PriceStore(url), batch(rate(source_id="other"))
    object.__setattr__(given, "sources", (SOURCE, OTHER, OTHER))
    assert store.add(given).added == 1
    assert count(store, SOURCES) == 2
    assert store.snapshot().sources == {"list": SOURCE, "other": OTHER}
    assert store.add(batch(rate(0.9, source_id="other"))).added == 1  # known from before


REFUSED = [
    (rate(source_id="nobody"), "rate 2 of L4: source_id = 'nobody' is not a source"),
    (rate(float("nan")), "usd_per_gpu_hour = nan is not a positive number"),
    (rate(float("inf")), "usd_per_gpu_hour = inf is not a positive number"),
    (rate(-0.1), "usd_per_gpu_hour = -0.1 is not a positive number"),
    (rate(gpus_per_instance=0.0), "gpus_per_instance = 0.0 is not a positive number"),
    (rate(term="forever"), "term = 'forever' is not one of"),
    (rate(as_of="21.11.2026"), "as_of = '21.11.2026' is not a date"),
    (rate(region=""), "region = '' is empty"),
    (rate(note="a\0b"), "note = 'a.x00b' has a NUL character"),
    (rate(note="\ud800"), "note = '.ud800' .*surrogates not allowed"),
    (rate(note=None), "note = None is not text"),
    (price(0.0), "price 2 of L4: usd = 0.0 is not a positive number"),
    (price(price_basis="gift"), "price_basis = 'gift' is not one of"),
    (quote(input="pue"), "quote 2 of L4: input = 'pue' is not one of"),
    (quote(valid_until="soon"), "valid_until = 'soon' is not a date"),
    (quote(gpu=""), "gpu = '' is empty"),
]


@pytest.mark.parametrize(("row", "message"), REFUSED, ids=lambda case: str(case)[:60])
def test_one_wrong_row_keeps_the_whole_import_out(url: str, row: Rate, message: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate()))
    before = (store.imports(), list(store.export_rows()))
    good = (rate(0.9), price(2_000), quote(1_900))
    with pytest.raises(DataError, match=f"prices.csv: .*{message}"):
        store.add(batch(*good, row))
    assert before == (store.imports(), list(store.export_rows()))


def test_an_error_can_be_shown_whatever_the_name_of_the_file(url: str) -> None:
    for wrong in (
        batch(rate(0.0), file="\ud800"),
        batch(file="\ud800", source=replace(SOURCE, source_id="")),
    ):
        with pytest.raises(DataError, match="ud800: ") as caught:
            PriceStore(url).add(wrong)
        assert str(caught.value).encode()


def test_a_source_must_have_a_key(url: str) -> None:
    store = PriceStore(url)
    with pytest.raises(DataError, match="source A B: source_id = 'A B' is not a source_id"):
        store.add(batch(source=replace(SOURCE, source_id="A B")))
    assert not store.exists()
    store.add(batch(quote(), source=Source("mine", "me", "by telephone", "", "", "", "")))
    assert store.snapshot().sources["mine"].url == ""


def test_a_store_that_was_replaced_is_not_mixed_up(
    url: str, request: pytest.FixtureRequest
) -> None:
    store = PriceStore(url)
    store.add(batch(rate()))
    old = store.snapshot()
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).unlink()
    else:
        execute = request.getfixturevalue("administrator")
        schema = url.rpartition("%3D")[2]
        execute(f"DROP SCHEMA {schema} CASCADE")
        execute(f"CREATE SCHEMA {schema}")
    store.add(batch(rate(0.9)))
    assert store.snapshot().rates_of("L4") == (rate(0.9),)
    with pytest.raises(DataError, match="was replaced by another while it was in use"):
        old.rates_of("L4")


def test_closing_is_not_the_end(url: str) -> None:
    store = PriceStore(url)
    store.close()
    assert not store.exists()
    store.add(batch(rate()))
    store.close()
    assert len(store.imports()) == 1


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys; from tco.market.store import PriceStore;"
        "PriceStore('/nowhere/prices.db').exists();"
        "print([m for m in ('sqlalchemy', 'psycopg', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
