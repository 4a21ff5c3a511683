"""Price files as people have them, imported in a shell; and what an import means."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

import tco
from tco.cli import main

HUNT = "instance_name,location,price,gpu_count,gpu_name,gpu_memory,spot\n"
BOX = f"{HUNT}box-l40s,us-east-1,1.37,1,L40S,48.0,False\n"
HEAD = "gpu,provider,usd_per_gpu_hour,as_of"
SKY = (
    "InstanceType,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCO_STORE", str(tmp_path / "prices.db"))
    monkeypatch.delenv("TCO_PRICES", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(line: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, line.split())
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def offers(gpu: str, provider: str, term: str = "on_demand") -> list[dict[str, Any]]:
    frame = tco.offers(gpu, provider, term=term, region="any", prices=tco.PriceStore())
    return [*frame.to_dict("records")]


def kept(*more: str) -> list[tuple[Any, ...]]:
    """The GPU, term and price of every rate in the store, and other columns."""
    header, *rows = tco.PriceStore().export_rows()
    found = [dict(zip(header, row, strict=True)) for row in rows]
    return [
        tuple(row[name] for name in ("gpu", "term", "usd_per_gpu_hour", *more)) for row in found
    ]


def test_a_list_under_the_wrong_provider_is_taken_back(folder: Path) -> None:
    (folder / "list.csv").write_text(BOX)
    run("prices import gpuhunt list.csv --provider aws --as-of 2026-06-01")
    assert 1.37 in [row["usd_per_gpu_hour"] for row in offers("L40S", "aws")]
    said = run("prices undo 1").stderr
    assert "import 1 (list.csv of 2026-06-01) is undone: 1 observation no longer counts" in said
    assert "L40S: " in said
    assert 1.37 not in [row["usd_per_gpu_hour"] for row in offers("L40S", "aws")]
    run("prices import gpuhunt list.csv --provider vultr --as-of 2026-06-01")
    shown = run("offers --gpu L40S --provider vultr --prices store --json").stdout
    assert 1.37 in [row["usd_per_gpu_hour"] for row in json.loads(shown)["offers"]]
    assert "was undone on" in run("prices undo 1", code=3).stderr
    assert "import 7 is not there" in run("prices undo 7", code=3).stderr
    listed = json.loads(run("prices imports --json").stdout)["imports"]
    assert [bool(row["undone"]) for row in listed] == [True, False]


def test_an_unchanged_list_seen_later_is_fresh_again(folder: Path) -> None:
    (folder / "list.csv").write_text(BOX)
    for day in ("2026-06-01", "2026-11-20"):
        run(f"prices import gpuhunt list.csv --provider aws --as-of {day}")
    found = [row for row in offers("L40S", "aws") if row["instance"] == "box-l40s"]
    assert [str(row["as_of"])[:10] for row in found] == ["2026-11-20"]
    assert "nothing added" in run("prices import gpuhunt list.csv --provider aws").stderr


CURRENCIES = [
    (f"{HEAD},currency", "L4,acme,0.5,2026-11-20,EUR", "", 0.5 * 1.1739),
    (f"{HEAD},Currency Code", "L4,acme,0.5,2026-11-20,eur", "", 0.5 * 1.1739),
    (f"{HEAD},CCY", "L4,acme,0.5,2026-11-20,€", "--usd-per EUR=1.2", 0.6),
    (f"{HEAD},currency", "L4,acme,0.5,2026-11-20,SEK", "--usd-per SEK=0.1", 0.05),
    (f"{HEAD},currency", "L4,acme,0.5,2026-11-20,SEK", "", None),
    (f"{HEAD},currency", "L4,acme,0.5,2025-01-20,EUR", "", None),
    (f"{HEAD},currency", "L4,acme,0.5,2026-11-20,bitcoin", "", None),
    (f"{HEAD},currency", "L4,acme,$0.5,2026-11-20,EUR", "", None),
    (f"{HEAD},currency", "L4,acme,0.5,2026-11-20,US$", "", 0.5),
    (HEAD, "L4,acme,€0.50/h,2026-11-20", "", 0.5 * 1.1739),
    (HEAD, "L4,acme,0.5 GBP,2026-11-20", "", 0.5 * 1.3466),
    (
        *("gpu,provider,eur_per_gpu_hour,as_of", "L4,acme,0.5,2026-11-20"),
        *("--columns usd_per_gpu_hour=eur_per_gpu_hour", 0.5 * 1.1739),
    ),
]


@pytest.mark.parametrize(("header", "row", "option", "usd"), CURRENCIES)
def test_another_currency_is_never_taken_for_usd(
    folder: Path, header: str, row: str, option: str, usd: float | None
) -> None:
    (folder / "a.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    said = run(f"prices import csv a.csv {option}", code=0 if usd else 1).stderr
    assert [price for _, _, price in kept()] == ([pytest.approx(usd)] if usd else [])
    if usd is None:
        assert "1 row read, 0 used, 1 rejected" in said
        assert "use it with" not in said


def test_a_currency_column_in_a_list_of_a_collector(folder: Path) -> None:
    (folder / "aws.csv").write_text(
        BOX.replace("spot\n", "spot,currency\n").replace("e\n", "e,SEK\n")
    )
    said = run("prices import gpuhunt aws.csv --as-of 2026-11-20", code=1).stderr
    assert "rejected 1: price is in SEK, not converted" in said
    run("prices import gpuhunt aws.csv --as-of 2026-11-20 --usd-per SEK=0.1")
    assert kept() == [("L40S", "on_demand", 0.137)]


NAMES = {
    "NVIDIA L4": "L4",
    "RTX 4090": "RTX-4090",
    "A100-SXM4-80GB": "A100-80GB-SXM",
    "l40s": "L40S",
    "NVIDIA H100 80GB HBM3": "H100-SXM",
    "H100 SXM5 80GB": "H100-SXM",
    "Nvidia A100 80GB PCIe": "A100-80GB-PCIe",
    "NVIDIA GeForce RTX 5090": "RTX-5090",
    "AMD Instinct MI300X": "MI300X",
    "Tesla T4": "T4",
    "L4 (24 GB)": "L4",
    "4090": "RTX-4090",
    "NVIDIA RTX 6000 Ada Generation": "RTX-6000-Ada",
    "nvidia-l4": "L4",
    "8x B200": "B200",
    "H100 NVL 94GB": "H100-NVL",
    "Tesla V100-SXM2-32GB": "V100-32GB-SXM",
    "H200 SXM": "H200",
    "NVIDIA RTX PRO 6000 Blackwell Server Edition": "RTX-PRO-6000-SE",
}
UNKNOWN = [
    "H100",
    "A100 80GB",
    "H200 NVL",
    "RTX 4090 48GB",
    "GTX 970",
    "A10G",
    "",
    "PCIe",
    "NVIDIA",
]


def test_gpu_names_as_people_and_providers_write_them(folder: Path) -> None:
    names = [*NAMES, *UNKNOWN]
    rows = [f"{name},acme,0.5{at},2026-11-20" for at, name in enumerate(names)]
    (folder / "a.csv").write_text("\n".join([HEAD, *rows]))
    said = run("prices import csv a.csv").stderr
    assert f"{len(names)} rows read, {len(NAMES)} used, {len(UNKNOWN)} rejected" in said
    assert sorted(gpu for gpu, _, _ in kept()) == sorted(NAMES.values())
    assert "did you mean H100-NVL or H100-PCIe or H100-SXM?" in said


TERMS = {
    "on-demand": "on_demand",
    "On Demand": "on_demand",
    "1 year": "1yr",
    "spot": "spot",
    "1 year reserved": "1yr",
    "3y": "3yr",
    "Reserved (36 months)": "3yr",
    "": "on_demand",
    "preemptible": "spot",
    "three-year commitment": "3yr",
    "5 Years": "5yr",
}


def test_terms_as_they_are_written(folder: Path) -> None:
    rows = [f"L4,acme,0.5{at},2026-11-20,{term}" for at, term in enumerate((*TERMS, "2 years"))]
    (folder / "a.csv").write_text("\n".join([f"{HEAD},term", *rows]))
    said = run("prices import csv a.csv").stderr
    assert [term for _, term, _ in kept()] == [*TERMS.values()]
    assert "term '2 years' is not one of on_demand, spot, 1yr, 3yr, 5yr" in said


@pytest.mark.parametrize(
    ("text", "option", "usd"),
    [
        ("gpu;provider;usd_per_gpu_hour;as_of\nL4;acme;0,52;2026-11-20\n", "", 0.52),
        ("gpu;provider;usd_per_gpu_hour;as_of\nL4;acme;1.234;2026-11-20\n", "", None),
        ("gpu;provider;usd_per_gpu_hour;as_of\nL4;acme;1.234;2026-11-20\n", "--decimal .", 1.234),
        ("gpu;provider;usd_per_gpu_hour;as_of\nL4;acme;1,234;2026-11-20\n", "--decimal ,", 1.234),
        ("gpu\tprovider\tusd_per_gpu_hour\tas_of\nL4\tacme\t0,52\t2026-11-20\n", "", 0.52),
        ("gpu|provider|usd_per_gpu_hour|as_of\nL4|acme|$0.52|2026-11-20", "--sep |", 0.52),
        ('gpu,provider,usd_per_gpu_hour,as_of\nL4,acme,"0,52",2026-11-20\n', "", 0.52),
        ("\ufeffGPU;Provider;USD per GPU-hour;As of\r\nL4;acme;0,52;2026-11-20\r\n", "", 0.52),
        ("gpu;provider;usd_per_gpu_hour\nL4;acme;0,52\n", "--as-of 2026-11-20", 0.52),
        ("gpu,usd_per_gpu_hour\nL4,0.52", "--as-of 2026-11-20 --provider acme", 0.52),
        ("gpu,provider,usd_per_gpu_hour,as_of\nL4,acme,0.52,2026-11-20T13:45:00Z\n", "", 0.52),
    ],
)
def test_tables_as_spreadsheets_write_them(
    folder: Path, text: str, option: str, usd: float | None
) -> None:
    (folder / "a.csv").write_text(text, encoding="utf-8", newline="")
    run(f"prices import csv a.csv {option}", code=0 if usd else 1)
    assert kept() == ([("L4", "on_demand", usd)] if usd else [])


def test_columns_of_other_names(folder: Path) -> None:
    head = "date,provider,pricing,gpu_model,sku,region,gpu_count,usd_per_hour,usd_per_gpu_hour"
    row = "2026-11-02,AWS,spot,L40S,g6e.12xlarge,us-east-1,4,10.60,2.65"
    (folder / "tracker.csv").write_text(f"{head}\n{row}\n")
    said = run("prices import csv tracker.csv", code=3).stderr
    assert f"no column gpu, as_of; its first line: {head.replace(',', ', ')}" in said
    option = said.partition("--columns ")[2].split()[0]
    names = "gpu=gpu_model,instance=sku,gpus_per_instance=gpu_count,term=pricing,as_of=date"
    assert sorted(option.split(",")) == sorted(names.split(","))
    run(f"prices import csv tracker.csv --columns {option}")
    (found,) = [row for row in offers("L40S", "aws", "spot") if row["source"].startswith("your")]
    assert (found["usd_per_gpu_hour"], found["instance"]) == (2.65, "g6e.12xlarge")
    assert found["gpus_per_instance"] == 4
    said = run("prices import csv tracker.csv --columns gpu=gpu_model,as_of=date").stderr
    assert "nothing is read from pricing, sku, gpu_count, usd_per_hour; to read them:" in said
    assert "term=pricing" in said
    for wrong, why in (
        ("gpu=nothing", "no column nothing; its columns: date"),
        ("card=gpu_model", "'card' is not a column of such a file"),
        ("gpu", "is not of the form ours=theirs"),
        ("gpu=sku,gpu=date", "is given twice"),
    ):
        code = 3 if "nothing" in wrong else 2
        assert why in run(f"prices import csv tracker.csv --columns {wrong}", code=code).stderr


@pytest.mark.parametrize("wrong", ["EUR", "EUR=", "EUR=-1", "EUR=many", "USD=1", "EURO=1", "EUR=0"])
def test_what_is_no_exchange_rate(folder: Path, wrong: str) -> None:
    (folder / "a.csv").write_text(f"{HEAD}\nL4,acme,0.5,2026-11-20\n")
    said = run(f"prices import csv a.csv --usd-per {wrong}", code=2).stderr
    assert "is not a currency and its value in USD" in said


def test_lowest_bids_are_kept_and_not_compared(folder: Path) -> None:
    rows = ("one-b200,B200,1,,us-central1-b,,0.01,0.01", "h100.sxm,H100,8,,us-central2-a,,8.0,8.0")
    (folder / "mithril_vms.csv").write_text("\n".join([SKY, *rows]))
    said = run("prices import skypilot mithril_vms.csv --as-of 2026-11-20").stderr
    assert "2 prices that may be the lowest bid allowed, flagged: B200, H100-SXM" in said
    assert "under a tenth of the median of comparable offers, kept and not compared: B200" in said
    (found,) = offers("B200", "mithril")
    assert (found["usd_per_gpu_hour"], found["comparable"]) == (0.01, False)
    assert found["why_not"] == "under a tenth of the median of comparable offers"
    assert "may be the lowest bid" in offers("H100-SXM", "mithril")[0]["note"]
    asked = "breakeven --gpu B200 --provider mithril --prices store"
    assert "rate_usd_per_gpu_hour is not known" in run(asked, code=2).stderr


@pytest.mark.parametrize(
    ("machine", "name", "found"),
    [("a4-highgpu-8g", "B200", [4.5]), ("a3-ultragpu-8g", "H200", [])],
)
def test_a_machine_costs_nothing_only_where_its_gpus_include_it(
    folder: Path, machine: str, name: str, found: list[float]
) -> None:
    zone = "us-east4,us-east4-b"
    rows = (f"{machine},,,,{zone},0.0,0.0", f",{name},8,,{zone},,36.0")
    (folder / "gcp_vms.csv").write_text("\n".join([SKY, *rows]))
    run("prices import skypilot gcp_vms.csv --as-of 2026-11-20", code=0 if found else 1)
    assert [price for _, _, price in kept()] == found


def test_an_import_says_what_it_changes(folder: Path) -> None:
    (folder / "a.csv").write_text(f"{HEAD}\nL4,acme,0.1,2026-11-20\nT4,acme,0,2026-11-20\n")
    said = run("prices import csv a.csv").stderr
    assert "2 rows read, 1 used, 1 rejected" in said
    assert "\n  rejected 1: usd_per_gpu_hour is not positive\n" in said
    before, after = said.partition("default answers with --prices store:")[::2]
    assert before
    change = after.strip().splitlines()[0]
    assert change.strip().startswith("L4: BUY")
    assert "default rate $" in change
    assert "use it with --prices store" in after
    assert "default answers" in run("prices undo 1").stderr
    said = run("prices add --gpu L4 --usd 9000 --as-of 2026-11-21").stderr
    assert "L4: BUY becomes RENT" in said


# Files of one row or few: what is kept of each, or a reason.
FORMS: list[tuple[str, str, str, Any]] = [
    ("8 GPUs", "gpus_per_instance,usd_per_instance_hour", "H100-SXM,a,8,21.20", 2.65),
    ("unknown number", "gpus_per_instance,usd_per_instance_hour", "H100-SXM,a,,21.20", "not state"),
    ("in the name", "usd_per_instance_hour", "8x H100 SXM,a,$24/hr", 3.0),
    ("in euros", "gpus_per_instance,usd_per_instance_hour", "L4,a,2,€1.00", 0.58695),
    ("both", "gpus_per_instance,usd_per_instance_hour,usd_per_gpu_hour", "L4,a,2,1,0.5", 0.5),
    (
        "both differ",
        "gpus_per_instance,usd_per_instance_hour,usd_per_gpu_hour",
        "L4,a,2,1,1",
        "is 0",
    ),
    ("behind", "usd_per_gpu_hour", "L40S (8x),a,0.9", 0.9),
    ("no number", "usd_per_gpu_hour", "A100 SXM (80),a,1.9", "not in the table"),
    ("a board", "usd_per_gpu_hour", "HGX H100,a,2.5", 2.5),
    ("no price", "usd_per_gpu_hour", "L4,a,contact sales", "no price"),
    ("next to nothing", "usd_per_gpu_hour", "L4,a,1e-9", "price is absurd"),
    ("no provider", "usd_per_gpu_hour", "L4,,0.5", "with --provider"),
    ("8 as people write it", "gpus_per_instance,usd_per_instance_hour", "H100-SXM,a,8x,20", 2.5),
    ("one and a half", "gpus_per_instance,usd_per_gpu_hour", "L4,a,1.5,0.5", "is not whole"),
    ("a word of its own", "usd,price_basis", "L4,,2650,Used", 2650.0),
    ("a month", "usd_per_gpu_hour", "L4,a,$365/month", "per month"),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_prices_in_other_forms(folder: Path, form: tuple[str, str, str, Any]) -> None:
    _, header, row, expected = form
    (folder / "x.csv").write_text(f"gpu,provider,{header}\n{row}\n")
    is_used = isinstance(expected, float)
    said = run("prices import csv x.csv --as-of 2026-11-20", code=0 if is_used else 1).stderr
    if is_used:
        assert [usd or other for *_, usd, other in kept("usd")] == [pytest.approx(expected)]
    else:
        assert "1 row read, 0 used, 1 rejected" in said
        assert expected in said.splitlines()[1]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("20.11.2026", "2026-11-20"),
        ("3.4.2026", "2026-04-03"),
        ("2026/11/20", "2026-11-20"),
        ("11/20/2026", "2026-11-20"),
        ("20 Nov 2026", "2026-11-20"),
        ("46346", "2026-11-20"),
        ("3/4/2026", "as_of may be 2026-03-04 or 2026-04-03: write it so"),
        ("yesterday", "as_of is not a date YYYY, YYYY-MM or YYYY-MM-DD"),
    ],
)
def test_days_in_other_forms(folder: Path, cell: str, day: str) -> None:
    (folder / "x.csv").write_text(f"{HEAD}\nL4,a,0.5,{cell}\n")
    is_read = day.startswith("2026")
    said = run("prices import csv x.csv", code=0 if is_read else 1).stderr
    assert (f"as of {day}" if is_read else day) in said


@pytest.mark.parametrize(
    ("cell", "term"),
    [
        ("1-Year Reserved Instance (All Upfront)", "1yr"),
        ("No Upfront 3yr", "3yr"),
        ("spot/preemptible", "spot"),
        ("P1Y", "1yr"),
        ("Linux On Demand", "on_demand"),
        ("spot/on-demand", ""),
        ("1 month", ""),
        ("reserved", ""),
    ],
)
def test_terms_in_other_forms(folder: Path, cell: str, term: str) -> None:
    (folder / "x.csv").write_text(f"{HEAD},term\nL4,a,0.5,2026-11-20,{cell}\n")
    said = run("prices import csv x.csv", code=0 if term else 1).stderr
    assert [found for _, found, _ in kept()] == [term][: bool(term)]
    assert term or "is not one of on_demand, spot, 1yr, 3yr, 5yr" in said


def test_a_title_above_the_header(folder: Path) -> None:
    rows = [["GPU prices", "", "", ""], [], HEAD.split(","), ["L4", "a", 0.5, "2026-11-20"]]
    (folder / "x.csv").write_text("\n".join(",".join(map(str, row)) for row in rows))
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(folder / "x.xlsx")
    for name, told in (("x.csv", "line 3"), ("x.xlsx", "row 3")):
        said = run(f"prices import csv {name}").stderr
        assert "1 row read, 1 used, 0 rejected" in said
        assert f"the header is {told}: what is above it is not read" in said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"BilledCost,ChargePeriodStart,SkuId\n1,2026-11-01,x\n",
            "the columns of a bill, which says",
        ),
        (b'{"Items": []}', "x.csv is a JSON document, no table; pages of Azure's"),
        (b"<!doctype html><p>", "x.csv is a web page or XML, no CSV"),
        (b"gpu,provider\rL4,a\r", "lines end as on an old Mac"),
        ("gpu;Währung\nL4;€\n".encode("cp1252"), "is not UTF-8 text: save it as CSV UTF-8"),
        (
            b"gpu,aws,gcp\nL4,0.8,0.7\n",
            "_hour; its first line: gpu, aws, gcp; name them with --colu",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "one with a password"),
        (b"gpu,provider,pricePerMonth\nL4,a,365\n", "prices of another period (month)"),
    ],
)
def test_files_that_are_no_lists(folder: Path, content: bytes, told: str) -> None:
    (folder / "x.csv").write_bytes(content)
    line = "prices import csv x.csv --as-of 2026-11-20"
    line += " --columns usd_per_gpu_hour=pricePerMonth" * (b"Month" in content)
    assert told in run(line, code=3).stderr


def test_prices_far_from_all_others_are_told(folder: Path) -> None:
    (folder / "x.csv").write_text("gpu,provider,usd_per_gpu_hour,usd\nH100-SXM,a,98,\nT4,,,2.65\n")
    said = run("prices import csv x.csv --as-of 2026-11-20").stderr
    assert "1 price over ten times the median of comparable offers, kept (are they per G" in said
    assert "1 purchase price under a tenth or over ten times the median of the known" in said


@pytest.mark.parametrize("name", ["p.xlsx", "p.csv.gz"])
def test_archives_in_archives(folder: Path, name: str) -> None:
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr(name, b"PK\x03\x04" if name == "p.xlsx" else b"\x1f\x8b")
    said = run("prices import csv x.zip --as-of 2026-11-20", code=3).stderr
    assert f"x.zip: {name} is packed itself: unpack the archive first" in said
