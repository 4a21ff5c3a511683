"""The shipped data: complete, sourced, and read strictly."""

from __future__ import annotations

import csv
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import tco
from tco.errors import DataError
from tco.inputs import INPUTS
from tco.market.catalogue import ASSUMPTION, Catalogue, load
from tco.market.files import data_folder, first_day

CATALOGUE = load()

REQUIRED = {
    *("L4", "L40S", "A10", "T4", "A100-40GB-PCIe", "A100-40GB-SXM", "A100-80GB-PCIe"),
    *("A100-80GB-SXM", "H100-PCIe", "H100-SXM", "H200", "B200", "RTX-A4000", "RTX-4000-Ada"),
    *("RTX-A5000", "RTX-A6000", "RTX-6000-Ada", "RTX-4090", "RTX-5090", "RTX-4060-Ti"),
    *("RTX-PRO-4500", "RTX-PRO-6000", "Arc-Pro-B60", "MI300X", "Framework-Desktop"),
    *("GMKtec-EVO-X2", "ASUS-GX10"),
}


def test_every_gpu_is_there_with_a_price() -> None:
    assert set(CATALOGUE.gpus) >= REQUIRED
    priced = {price.gpu for price in CATALOGUE.prices}
    assert priced >= REQUIRED
    for gpu in REQUIRED:
        assert tco.Scenario(gpu=gpu).values()["price_usd_per_gpu"] > 0


def test_the_seed_figures_of_the_l4() -> None:
    l4 = CATALOGUE.gpus["L4"]
    assert (l4.gpu_w, l4.memory_gb, l4.fp16_dense_tflops) == (72, 24, 121)
    used = tco.Scenario(gpu="L4", price_basis="used").values()["price_usd_per_gpu"]
    assert 1_800 <= used <= 2_200
    new = tco.Scenario(gpu="L4").values()["price_usd_per_gpu"]
    assert 2_345 <= new <= 3_500
    assert 0.5 <= tco.Scenario(gpu="L4").values()["rate_usd_per_gpu_hour"] <= 0.85


@pytest.mark.parametrize(
    ("provider", "instance", "region", "usd"),
    [
        ("gcp", "g2-standard-4", "us-central1", 0.7068),
        ("aws", "g6.xlarge", "us-east-1", 0.8048),
        ("jarvislabs", None, None, 0.44),
        ("seeweb", None, None, 0.38),
    ],
)
def test_known_offers_of_the_l4(
    provider: str, instance: str | None, region: str | None, usd: float
) -> None:
    found = [
        rate.usd_per_gpu_hour
        for rate in CATALOGUE.rates_of("L4")
        if (rate.provider, rate.term) == (provider, "on_demand")
        and instance in (None, rate.instance)
        and region in (None, rate.region)
    ]
    assert found
    assert any(round(price, 4) == usd for price in found)


def test_enough_providers_and_terms() -> None:
    providers = {rate.provider for rate in CATALOGUE.rates}
    assert len(providers) >= 12
    assert providers >= {"aws", "gcp", "lambda"}
    terms = {rate.term for rate in CATALOGUE.rates_of("L4")}
    assert terms >= {"on_demand", "spot", "1yr", "3yr"}
    assert len({rate.region for rate in CATALOGUE.rates_of("L4")}) > 20


def test_pcie_and_sxm_are_never_mixed() -> None:
    for rate in CATALOGUE.rates:
        said = rate.instance.upper()
        if rate.gpu.endswith("-SXM") or rate.gpu in ("H200", "B200"):
            assert "PCIE" not in said, rate
        if rate.gpu.endswith("-PCIe"):
            assert "SXM" not in said, rate


def test_every_source_resolves_and_every_source_is_used() -> None:
    text = "".join(
        path.read_text() for path in data_folder().iterdir() if path.name != "sources.csv"
    )
    for source in CATALOGUE.sources.values():
        assert source.url.startswith(("https://", "http://"))
        assert " " not in source.url
        assert source.source_id in text, source
    for row in CATALOGUE.dated_rows():
        assert row.source_id == ASSUMPTION or row.source_id in CATALOGUE.sources


def test_assumptions_explain_themselves() -> None:
    for row in CATALOGUE.dated_rows():
        if row.source_id == ASSUMPTION:
            assert row.note, row


# What the host or the offer says: nothing is believed of it in general.
OF_THE_OFFER = {
    *("gpus_per_server", "server_units", "commitment_months", "lease_usd_per_gpu_month"),
    *(
        "lease_buyout_usd_per_gpu",
        "refresh_price_usd_per_gpu",
        "fx_rate",
        "co2_kg_per_kwh",
        "colo_committed_kw",
    ),
    *("commitment_fee_usd_per_gpu", "rate_cap_usd_per_gpu_month", "loan_interest_only_months"),
    "loan_balloon_share",
}


def test_defaults_are_exactly_the_inputs_and_have_ranges() -> None:
    tables = tomllib.loads((data_folder() / "defaults.toml").read_text())
    assert list(tables) == list(INPUTS)
    for name, entries in CATALOGUE.defaults.items():
        entry = entries[-1]
        if not INPUTS[name].numeric or name in OF_THE_OFFER:
            assert entry.low is entry.high is None
            continue
        assert (entry.low is None) == (entry.low_factor is not None), name
        assert (entry.high is None) == (entry.high_factor is not None), name


def test_defaults_taken_from_a_file_agree_with_it() -> None:
    electricity = CATALOGUE.defaults["electricity_usd_per_kwh"][-1]
    assert (electricity.default, electricity.source_id, electricity.as_of) in {
        (row.usd_per_kwh, row.source_id, row.as_of) for row in CATALOGUE.electricity
    }
    colocation = CATALOGUE.defaults["colo_usd_per_kw_month"][-1]
    assert (colocation.default, colocation.source_id, colocation.as_of) in {
        (row.usd_per_kw_month, row.source_id, row.as_of) for row in CATALOGUE.colocation
    }


def test_nothing_is_dated_after_the_newest_date() -> None:
    dates = [first_day(row.as_of) for row in CATALOGUE.dated_rows()]
    assert CATALOGUE.newest in dates
    assert all(date <= CATALOGUE.newest for date in dates)
    assert (tco.catalog.rates()["age_days"] >= 0).all()
    assert (tco.catalog.prices()["age_days"] >= 0).all()


def test_catalog_frames() -> None:
    gpus = tco.catalog.gpus()
    assert set(gpus["gpu"]) >= REQUIRED
    assert (gpus["url"] != "").all()
    rates = tco.catalog.rates("L4", as_of="2026-12-31")
    assert set(rates["gpu"]) == {"L4"}
    older = tco.catalog.rates("L4")
    assert (rates["age_days"] - older["age_days"]).nunique() == 1
    for made in ("servers", "electricity", "colocation", "pue"):
        frame = getattr(tco.catalog, made)()
        assert {"source", "url", "age_days", "as_of", "source_id"} <= set(frame.columns)
    empty = tco.catalog.rates("Arc-Pro-B60")
    assert (len(empty), list(empty.columns)) == (0, list(rates.columns))
    with pytest.raises(tco.InputError, match="did you mean L4"):
        tco.catalog.prices("l4")
    assert len(tco.catalog.sources()) == len(CATALOGUE.sources)


def test_every_gpu_gives_an_answer_once_the_rate_is_known() -> None:
    gpus = list(CATALOGUE.gpus)
    table = tco.breakeven(gpu=gpus, rate_usd_per_gpu_hour=1.0).to_frame()
    assert len(table) == len(gpus)
    assert table["own_npv_usd"].gt(0).all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(data_folder(), copy)
    return copy


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def last_line_twice(text: str) -> str:
    return text + text.splitlines(keepends=True)[-1]


def last_cell(value: str, column: str) -> Callable[[str], str]:
    """Change one cell of the last row."""

    def change(text: str) -> str:
        lines = text.splitlines()
        header, cells = csv.reader([lines[0], lines[-1]])
        cells[header.index(column)] = value
        quoted = ",".join(f'"{cell}"' for cell in cells)
        return "\n".join([*lines[:-1], quoted]) + "\n"

    return change


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("gpus.csv", replaced("gpu,name", "gpu,title"), "gpus.csv, line 1: columns"),
        ("gpus.csv", last_line_twice, "the same gpu as in line"),
        ("gpus.csv", last_cell("-72", "gpu_w"), "gpu_w = '-72' is negative"),
        (
            "gpus.csv",
            last_cell("nobody", "source_id"),
            "source_id = 'nobody' is not in sources.csv",
        ),
        ("gpus.csv", last_cell("attic", "host"), "no gpus_per_server for host attic"),
        ("purchase_prices.csv", last_cell("0", "usd"), "usd = '0' is not positive"),
        ("purchase_prices.csv", last_cell("1_000", "usd"), "usd = '1_000' is not a number"),
        ("purchase_prices.csv", last_cell("inf", "usd"), "usd = 'inf' is not a number"),
        ("purchase_prices.csv", last_cell("2026-13", "as_of"), "as_of = '2026-13'"),
        ("purchase_prices.csv", last_cell("30.07.2026", "as_of"), "is not a date YYYY"),
        ("purchase_prices.csv", last_cell("", "source_id"), "source_id = '' is not a source_id"),
        (
            "purchase_prices.csv",
            last_cell("guess", "price_basis"),
            "price_basis = 'guess' is not one of",
        ),
        ("purchase_prices.csv", last_cell("L5", "gpu"), "purchase_prices.csv: not in gpus.csv: L5"),
        ("rental_rates.csv", last_cell("2yr", "term"), "term = '2yr' is not one of"),
        (
            "rental_rates.csv",
            last_cell("maybe", "host_included"),
            "host_included = 'maybe' is not one of",
        ),
        ("rental_rates.csv", lambda text: text + "L4,aws\n", "2 cells instead of 14"),
        ("rental_rates.csv", lambda text: text + '"L4', "rental_rates.csv"),
        ("rental_rates.csv", last_cell("acme", "provider"), "not in providers.csv: acme"),
        ("providers.csv", last_cell("mall", "market"), "market = 'mall' is not one of"),
        ("servers.csv", last_cell("-1", "value"), "value = '-1' is negative"),
        ("electricity.csv", last_cell("home", "sector"), "sector = 'home' is not one of"),
        (
            "defaults.toml",
            replaced('"uptime-pue-2025"', '"nobody"'),
            "pue: source_id = 'nobody' is not",
        ),
        (
            "purchase_prices.csv",
            last_cell("nobody", "source_id"),
            "source_id = 'nobody' is not in sources.csv",
        ),
        ("defaults.toml", replaced("[[pue]]", "[[pew]]"), "not exactly the inputs of the model"),
        (
            "defaults.toml",
            replaced("default = 1.54", "default = 0.9"),
            "pue = 0.9 is outside [1, 3]",
        ),
        ("defaults.toml", replaced("default = 1.54", 'default = "x"'), "is text"),
        ("defaults.toml", replaced("default = 1.54", "default = 2.9"), "not in this order"),
        ("defaults.toml", replaced("default = 1.54\n", ""), "one of default and from"),
        ("defaults.toml", replaced("default = 1.54", "default = "), "defaults.toml: "),
        ("defaults.toml", replaced("low = 1.15", "lowest = 1.15"), "unknown: lowest"),
        ("defaults.toml", replaced('as_of = "2023"', 'as_of = "23"'), "as_of = '23' is not a date"),
        ("defaults.toml", replaced('as_of = "2023"', "as_of = 2023"), "as_of = 2023"),
        ("defaults.toml", replaced('"hyperscaler_spot"', '"bazaar"'), "unknown market: bazaar"),
        ("sources.csv", lambda text: text.replace("source_id", "id", 1), "sources.csv, line 1"),
    ],
)
def test_a_fault_in_a_file_is_named(
    folder: Path, file: str, change: Callable[[str], str], says: str
) -> None:
    path = folder / file
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError) as caught:
        load(folder)
    assert says in str(caught.value)


def test_the_line_of_a_fault_is_named(folder: Path) -> None:
    path = folder / "rental_rates.csv"
    lines = path.read_text().splitlines()
    cells = next(csv.reader([lines[41]]))
    cells[7] = "free"
    lines[41] = ",".join(f'"{cell}"' for cell in cells)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match="line 42: usd_per_gpu_hour = 'free' is not a number"):
        load(folder)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\xef\xbb\xbfsource_id", b""])
def test_files_that_are_not_plain_utf8(folder: Path, content: bytes) -> None:
    (folder / "sources.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"sources\.csv"):
        load(folder)


def test_a_missing_file(folder: Path) -> None:
    (folder / "servers.csv").unlink()
    with pytest.raises(DataError, match=r"servers\.csv"):
        load(folder)


def test_an_unchanged_copy_is_read_alike(folder: Path) -> None:
    copy: Catalogue = load(folder)
    assert copy.rates == CATALOGUE.rates
    assert copy.newest == CATALOGUE.newest
