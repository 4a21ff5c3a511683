"""Packed price files: archives, compressed files and workbooks, read within bounds."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tco.errors import DataError
from tco.market.importers import files_of, opening, read_file
from tests.market.importers.reading import DAY, FIXTURES

AWS = FIXTURES / "gpuhunt" / "aws.csv"
OWN = "gpu,provider,usd_per_gpu_hour,as_of\nL4,acme,0.52,2026-11-20\n"


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return path


def book(path: Path, *rows: tuple[object, ...], formats: str = "General") -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    sheet["C2"].number_format = formats
    made.create_sheet("notes").append(["nothing"])
    made.save(path)
    return path


def test_every_list_of_an_archive_is_a_file_of_its_own(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "catalog.zip",
        aws_csv=AWS.read_bytes(),
        readme=b"text",
        old__lambdalabs_csv=(FIXTURES / "gpuhunt" / "old" / "lambdalabs.csv").read_bytes(),
    )
    files = files_of("gpuhunt", path)
    assert [file.name for file in files] == ["catalog.zip: aws.csv", "catalog.zip: lambdalabs.csv"]
    batches = [read_file("gpuhunt", file, as_of=DAY) for file in files]
    assert [{rate.provider for rate in batch.rates} for batch in batches] == [{"aws"}, {"lambda"}]
    plain = read_file("gpuhunt", AWS, as_of=DAY)
    assert (batches[0].rates, batches[0].sha256) == (plain.rates, plain.sha256)
    with pytest.raises(DataError, match="an archive of 2 files"):
        read_file("gpuhunt", path)
    assert files_of("gpuhunt", tmp_path) == files


def test_a_folder_in_an_archive_names_the_provider(tmp_path: Path) -> None:
    zones = (FIXTURES / "skypilot" / "aws_vms_zones.csv").read_bytes()
    path = zipped(tmp_path / "lists.zip", v9__aws__vms_csv=zones, v9__aws__images_csv=b"x")
    (file,) = files_of("skypilot", path)
    assert {rate.provider for rate in read_file("skypilot", file, as_of=DAY).rates} == {"aws"}


def test_a_compressed_list(tmp_path: Path) -> None:
    path = tmp_path / "aws.csv.gz"
    path.write_bytes(gzip.compress(AWS.read_bytes()))
    batch = read_file("gpuhunt", path, as_of=DAY)
    assert (batch.file, batch.rates) == ("aws.csv", read_file("gpuhunt", AWS, as_of=DAY).rates)


def test_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    path = book(
        tmp_path / "prices.xlsx",
        ("GPU", "Provider", "USD per GPU hour", "As of", None),
        ("NVIDIA L4", "acme", 0.52, date(2026, 11, 20), None),
        (None, None, None, None, None),
        ("T4", "acme", "0,30", "2026-11-20", None),
    )
    batch = read_file("csv", path)
    assert [(r.gpu, r.usd_per_gpu_hour, r.as_of) for r in batch.rates] == [
        ("L4", 0.52, "2026-11-20"),
        ("T4", 0.3, "2026-11-20"),
    ]
    assert (batch.rows.total(), batch.aside.total()) == (2, 0)
    assert "sheet Sheet is read, not notes" in batch.remarks


@pytest.mark.parametrize("formats", ['#,##0.00 "€"', "[$€-407] #,##0.00", "[$EUR] 0.00"])
def test_a_sheet_shows_its_currency(tmp_path: Path, formats: str) -> None:
    header = ("gpu", "provider", "usd_per_gpu_hour", "as_of")
    path = book(tmp_path / "p.xlsx", header, ("L4", "acme", 0.5, "2026-11-20"), formats=formats)
    (rate,) = read_file("csv", path).rates
    assert rate.usd_per_gpu_hour == pytest.approx(0.5 * 1.1739)


def test_what_unpacks_to_far_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_BYTES", 2**16)
    bomb = OWN.encode() + b"\n" * 2**17
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(bomb))
    for path in (packed, zipped(tmp_path / "a.zip", a_csv=bomb)):
        with pytest.raises(DataError, match=r"unpacks to more than .* MB"):
            read_file("csv", path)
    rows = [("x" * 40, at) for at in range(4_000)]
    with pytest.raises(DataError, match="unpacks to more than"):
        read_file("csv", book(tmp_path / "a.xlsx", *rows))


@pytest.mark.parametrize("cut", [4, 12, 60, -30, -1])
@pytest.mark.parametrize("kind", ["a.zip", "a.csv.gz", "a.xlsx"])
def test_a_packed_file_that_is_cut(tmp_path: Path, kind: str, cut: int) -> None:
    path = tmp_path / kind
    if kind == "a.zip":
        zipped(path, a_csv=OWN.encode() * 50)
    elif kind == "a.xlsx":
        book(path, *[tuple(line.split(",")) for line in OWN.split()])
    else:
        path.write_bytes(gzip.compress(OWN.encode() * 50))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"a\."):
        read_file("csv", path)


def test_what_is_in_an_archive_is_told_where_no_list_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no price file .* it has readme"):
        files_of("gpuhunt", zipped(tmp_path / "a.zip", readme=b"x"))


def test_a_workbook_with_a_row_far_down_and_a_cell_far_out(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", *[tuple(line.split(",")) for line in OWN.split()])
    again = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", far)
            new.writestr(name, content)
    path.write_bytes(again.getvalue())
    batch = read_file("csv", path)
    assert (batch.kept.total(), batch.rows.total()) == (1, 1)
