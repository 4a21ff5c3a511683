"""Files that belong together, that repeat one another, and that are none."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from tco.bills.bill import read_bill
from tco.errors import DataError, InputError
from tests.bills.building import AZURE, CUR, FOCUS, GCP, written

L4 = {"SkuId": "g6.xlarge", "BilledCost": "1", "EffectiveCost": "1"}
OCTOBER = {"line_item_unblended_cost": "1"}


def day(number: int, **more: str) -> dict[str, str]:
    start, end = (f"2026-10-{number:02}T{hour}:00:00Z" for hour in ("10", "11"))
    return {**L4, "ChargePeriodStart": start, "ChargePeriodEnd": end, **more}


def test_days_of_a_month_add_up(tmp_path: Path) -> None:
    for number in (1, 2, 31):
        written(tmp_path / f"focus-2026-10-{number:02}.csv", FOCUS, [day(number)])
    bill = read_bill(tmp_path)
    assert (bill.gpu_hours, bill.hours, len(bill.files)) == (3, 744, 3)


def test_parts_of_an_export_add_up(tmp_path: Path) -> None:
    for at, names in enumerate(
        (
            ("cur-00001.csv", "cur-00002.csv"),
            ("part_0_0001.csv", "part_1_0001.csv"),
            ("000000000000.csv", "000000000001.csv"),
            ("part-00000-ab12-c000.csv", "part-00001-ab12-c000.csv"),
        )
    ):
        folder = tmp_path / str(at)
        for cost, name in enumerate(names, 1):
            written(folder / name, FOCUS, [day(1, BilledCost=str(cost), EffectiveCost=str(cost))])
        assert read_bill(folder).total == 3, names
        assert read_bill([folder / name for name in names]).total == 3


@pytest.mark.parametrize(
    "names",
    [
        (
            "BILLING_PERIOD=2026-10/2026-10-20T01:02:03Z-ab/c.csv",
            "BILLING_PERIOD=2026-10/2026-11-03T00:00:00Z-aa/c.csv",
        ),
        ("exports/cur-2026-10-20.csv", "exports/cur-2026-11-03.csv"),
        ("20261001-20261101/zz/cur-1.csv", "20261001-20261101/aa/cur-1.csv"),
    ],
)
def test_of_several_exports_of_a_month_the_newest_counts(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    for at, name in enumerate(names):
        cost = {"line_item_unblended_cost": str(at + 1)}
        path = written(tmp_path / name, CUR, [cost])
        os.utime(path, (1_000_000 + at, 1_000_000 + at))
    bill = read_bill(tmp_path)
    assert bill.total == 2
    assert "not read" in bill.remarks[0]


def test_a_manifest_says_which_export_counts(tmp_path: Path) -> None:
    folder = tmp_path / "20261001-20261101"
    for at, name in enumerate(("aa", "zz")):
        path = written(
            folder / name / "cur-1.csv", CUR, [{"line_item_unblended_cost": str(at + 1)}]
        )
        os.utime(path, (1_000_000 + at, 1_000_000 + at))
    (folder / "cur-Manifest.json").write_text('{"assemblyId": "aa"}')
    assert read_bill(tmp_path).total == 1


def test_a_month_twice_is_told(tmp_path: Path) -> None:
    one = written(tmp_path / "bill.csv", CUR, [OCTOBER])
    copy = written(tmp_path / "bill (1).csv", CUR, [OCTOBER])
    with pytest.raises(DataError, match=r"2026-10 of account 1 2 is in two files: bill.csv and"):
        read_bill([one, copy])
    packed = tmp_path / "bill.csv.gz"
    packed.write_bytes(gzip.compress(one.read_bytes()))
    with pytest.raises(DataError, match=r"bill.csv and bill.csv are the same"):
        read_bill([one, packed])
    with pytest.raises(DataError, match=r"bill.csv is given twice"):
        read_bill([one, one])


def test_a_month_joined_to_itself_is_told(tmp_path: Path) -> None:
    of = {**CUR, "identity_line_item_id": ""}
    rows = [{**OCTOBER, "identity_line_item_id": f"line-{at}"} for at in range(6)]
    assert read_bill(written(tmp_path / "bill.csv", of, rows)).total == 6
    with pytest.raises(DataError, match=r"twice.csv: every row is there twice"):
        read_bill(written(tmp_path / "twice.csv", of, rows * 2))
    more = [*rows, *rows, {**rows[0], "identity_line_item_id": "line-7"}]
    assert read_bill(written(tmp_path / "more.csv", of, more)).total == 13


def test_other_accounts_and_months_are_no_repetition(tmp_path: Path) -> None:
    one = written(tmp_path / "a.csv", CUR, [OCTOBER])
    other = written(tmp_path / "b.csv", CUR, [{**OCTOBER, "line_item_usage_account_id": "3"}])
    assert read_bill([one, other]).total == 2


def test_files_as_people_have_them(tmp_path: Path) -> None:
    text = written(tmp_path / "bill.csv", FOCUS, [day(1), day(2)]).read_text()
    marked = text.replace(",", ";").replace(";1;1", ";1,5;1,5")
    forms = {
        "bom.csv": b"\xef\xbb\xbf" + text.encode(),
        "wide.csv": text.encode("utf-16"),
        "windows.csv": text.replace("\n", "\r\n").encode(),
        "title.csv": b"My bill of October\n\n" + text.encode(),
        "open.csv": text.rstrip("\n").encode(),
        "blank.csv": text.replace("\n", "\n\n").encode(),
        "wider.csv": "\n".join(line + ",," for line in text.splitlines()).encode(),
        "quoted.csv": "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
        ).encode(),
        "tabs.tsv": text.replace(",", "\t").encode(),
    }
    for name, content in forms.items():
        path = tmp_path / "forms" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        bill = read_bill(path)
        assert (bill.gpu_hours, bill.total, bill.rows) == (2, 2, 2), name
    path.write_text(marked)
    assert read_bill(path).total == 3
    with zipfile.ZipFile(tmp_path / "bill.zip", "w") as archive:
        archive.write(tmp_path / "bill.csv", "2026/bill.csv")
    assert read_bill(tmp_path / "bill.zip").gpu_hours == 2


def test_parquet_says_the_same(tmp_path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet as pq

    path = written(tmp_path / "bill.csv", FOCUS, [day(1), day(2)])
    pq.write_table(pyarrow.csv.read_csv(path), tmp_path / "b.parquet")
    one, other = read_bill(path), read_bill(tmp_path / "b.parquet")
    assert one.to_dict() | {"files": 0} == other.to_dict() | {"files": 0}
    (tmp_path / "c.parquet").write_bytes((tmp_path / "b.parquet").read_bytes()[:200])
    with pytest.raises(DataError, match=r"c.parquet: is no whole Parquet file"):
        read_bill(tmp_path / "c.parquet")


def broken(tmp_path: Path, content: bytes, name: str = "bill.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bill.csv: the file is empty"),
        (b"\n\n", "bill.csv: the file is empty"),
        (b"hello world\n", "bill.csv is no bill of a known kind"),
        (b"gpu,utilization\nL4,0.5\n", "bill.csv is no bill of a known kind"),
        (b'{"a": 1}', "bill.csv is a JSON document"),
        (b"%PDF-1.7", "bill.csv is a PDF"),
        (b"<html></html>", "bill.csv is a web page"),
        (b"a\0b\0", "bill.csv: is binary"),
        (b"ChargeCategory,BilledCost\n", "bill.csv: no rows below the header"),
        (b"ChargeCategory,BilledCost\nUsage,abc\n", r"BilledCost, row 1: 'abc' is not a number"),
        (b"ChargeCategory,BilledCost\nUsage,inf\n", r"BilledCost, row 1: 'inf' is not a number"),
        (b"ChargeCategory,BilledCost\nUsage,1e99\n", r"row 1: '1e99' is not a number"),
        (b"ChargeCategory,BilledCost\nUsage,1,2\n", "bill.csv, line 2: 3 cells instead of 2"),
        (b"ChargeCategory,BilledCost\nUsage\n", "bill.csv, line 2: 1 cell instead of 2"),
        (b"ChargeCategory,BilledCost\n\xe9,1\n", "bill.csv: is not UTF-8 text"),
        (b"ChargeCategory,BilledCost\n\xe9,1,2\n", "bill.csv: is not UTF-8 text"),
        (b"ChargeCategory,BilledCost\rUsage,1\r", "bill.csv is no bill of a known kind"),
        (b"ChargeCategory,BilledCost,ChargePeriodStart\nUsage,1,9999-12-31\n", "is not a time"),
        (
            b"ChargeCategory,BilledCost,ConsumedQuantity,ConsumedUnit,SkuId,ChargePeriodStart,"
            b"ChargePeriodEnd\nUsage,1,1,Hours,g6.xlarge,2026-01-01,2029-01-01\n",
            "row 1: hours of a GPU over more than 400 days",
        ),
        (b'ChargeCategory,BilledCost\n"Usage,1\n', "a quote not closed"),
        (b"ChargeCategory,BilledCost,BilledCost\nUsage,1,1\n", "more than one column BilledCost"),
        (
            b"ChargeCategory,BilledCost,ChargePeriodStart\nUsage,1,soon\n",
            "ChargePeriodStart, row 1 or later: 'soon' is not a time",
        ),
        (
            b"ChargeCategory,BilledCost,BillingCurrency\nUsage,1,USD\nUsage,1,EUR\n",
            r"a bill in two currencies \(USD in bill.csv, row 1; EUR in bill.csv, row 2\)",
        ),
        (
            b"ChargeCategory,BilledCost\nUsage,1\nChargeCategory,BilledCost\n",
            "row 2: 'BilledCost' is not a number: the header is there again",
        ),
    ],
)
def test_one_clear_error_for_what_is_no_bill(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said) as wrong:
        read_bill(broken(tmp_path, content))
    assert len(str(wrong.value).splitlines()) == 1


def test_a_named_kind_must_be_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "bill.csv", CUR, [OCTOBER])
    for form in ("focus", "gcp", "azure"):
        with pytest.raises(
            DataError, match=r"no column .* kind .* has; its columns are those of --format cur"
        ):
            read_bill(path, form)
    with pytest.raises(InputError, match="format = 'aws' is not one of focus, cur, gcp, azure"):
        read_bill(path, "aws")
    with pytest.raises(DataError, match="several kinds"):
        read_bill([path, written(tmp_path / "azure.csv", AZURE, [{}])])
    assert read_bill(written(tmp_path / "gcp.csv", GCP, [{"cost": "1"}]), "gcp").total == 1


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_bill(tmp_path / "none.csv")
    with pytest.raises(DataError, match="no bill"):
        read_bill(tmp_path)
    with pytest.raises(InputError, match="no file is given"):
        read_bill([])


def test_hostile_archives(tmp_path: Path) -> None:
    head = ",".join(FOCUS).encode() + b"\n"
    for name, content in {
        "bomb.csv.gz": gzip.compress(head + b"a" * 2**24),
        "lines.csv.gz": gzip.compress(head + b"," * 2**22),
        "cut.csv.gz": gzip.compress(head * 10_000)[:-20],
        "noise.csv.gz": b"\x1f\x8b" + os.urandom(64),
        "noise.zip": b"PK\x03\x04" + os.urandom(64),
        "noise.parquet": b"PAR1" + os.urandom(64) + b"PAR1",
    }.items():
        with pytest.raises(DataError, match=name.split(".")[0]):
            read_bill(broken(tmp_path, content, name))


def test_what_unpacks_to_far_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "bill.csv", FOCUS, [day(1)] * 900)
    packed = broken(tmp_path, gzip.compress(path.read_bytes()), "bomb.csv.gz")
    assert read_bill(packed).rows == 900
    monkeypatch.setattr("tco.bills.exports.MOST_BYTES", 2**17)
    with pytest.raises(DataError, match=r"bomb.csv: unpacks to more than"):
        read_bill(packed)
