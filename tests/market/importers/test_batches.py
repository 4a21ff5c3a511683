"""Which files, whose prices, of which day; and the report of an import."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tco.errors import DataError, InputError
from tco.market.importers import COLLECTORS, files_of, read_file, report_lines
from tests.market.importers.reading import DAY, FIXTURES, small

AWS = FIXTURES / "skypilot" / "aws_vms_zones.csv"


def test_collectors() -> None:
    assert {"skypilot", "gpuhunt", "cyclenerd", "karpenter", "azure", "csv"} <= set(COLLECTORS)
    with pytest.raises(InputError, match=r"'skypilott' is not one of .* did you mean skypilot"):
        read_file("skypilott", AWS)
    with pytest.raises(InputError, match="is not one of"):
        files_of("", AWS)


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("v9/aws/vms.csv", "v9/aws/images.csv", "gcp_vms_v9.csv", "notes.txt", "a/x.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "tpu_pricing.json").write_text("{}")
    (tmp_path / "vms.csv").mkdir()
    found = {
        collector: [
            file.path.relative_to(tmp_path).as_posix() for file in files_of(collector, tmp_path)
        ]
        for collector in ("skypilot", "gpuhunt", "azure", "csv")
    }
    assert found["skypilot"] == ["gcp_vms_v9.csv", "v9/aws/vms.csv"]
    csvs = ["a/x.csv", "gcp_vms_v9.csv", "v9/aws/images.csv", "v9/aws/vms.csv"]
    assert found["csv"] == csvs
    assert found["gpuhunt"] == csvs
    assert found["azure"] == ["tpu_pricing.json"]
    (file,) = files_of("skypilot", tmp_path / "notes.txt")
    assert file.path == tmp_path / "notes.txt"


def test_folders_and_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        files_of("skypilot", tmp_path / "nothing")
    with pytest.raises(DataError, match="no price file of gpuhunt"):
        files_of("gpuhunt", tmp_path)
    with pytest.raises(DataError, match="No such file"):
        read_file("skypilot", tmp_path / "aws_vms.csv")


def test_the_provider_is_that_of_the_folder_or_the_file(tmp_path: Path) -> None:
    for name in ("aws/vms.csv", "aws_vms_v9_excerpt.csv", "x/CONVERTED_aws.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        collector = "gpuhunt" if "CONVERTED" in name else "skypilot"
        source = FIXTURES / "gpuhunt" / "aws.csv" if collector == "gpuhunt" else AWS
        shutil.copy(source, path)
        batch = read_file(collector, path, as_of=DAY)
        assert {rate.provider for rate in batch.rates} == {"aws"}
        assert batch.source.source_id == f"{collector}-catalog-aws"
    other = tmp_path / "prices.csv"
    shutil.copy(AWS, other)
    with pytest.raises(DataError, match="give it with --provider"):
        read_file("skypilot", other)
    assert read_file("skypilot", other, provider="aws", as_of=DAY).rates
    with pytest.raises(DataError, match="provider 'awz' is not in"):
        read_file("skypilot", other, provider="awz")


def test_the_day_is_given_or_that_of_the_last_change(tmp_path: Path) -> None:
    path = tmp_path / "aws_vms.csv"
    shutil.copy(AWS, path)
    given = read_file("skypilot", path, as_of="2026-07")
    assert {given.as_of, given.source.accessed, *(r.as_of for r in given.rates)} == {"2026-07"}
    assert not any("last written" in remark for remark in given.remarks)
    # 23:30 of the day before, seen from UTC
    os.utime(path, (0, datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp()))
    guessed = read_file("skypilot", path)
    assert guessed.as_of == "2026-03-01"
    assert "taken as of 2026-03-01, the day it was last written" in guessed.remarks[0]
    os.utime(path, (0, datetime(2999, 1, 1, tzinfo=UTC).timestamp()))
    before = datetime.now(UTC).date().isoformat()
    today = read_file("skypilot", path).as_of
    assert before <= today <= datetime.now(UTC).date().isoformat()
    with pytest.raises(InputError, match="as_of = 'July' is not a date"):
        read_file("skypilot", path, as_of="July")


def test_a_batch_knows_its_file_and_its_source() -> None:
    batch = small("skypilot", AWS.name)
    assert (batch.collector, batch.file) == ("skypilot", AWS.name)
    assert batch.sha256 == hashlib.sha256(AWS.read_bytes()).hexdigest()
    assert batch.source.publisher == "SkyPilot catalog"
    assert batch.source.title == "SkyPilot catalog: Amazon Web Services"
    assert batch.source.url == "https://github.com/skypilot-org/skypilot-catalog"
    url = "https://example.org/vms.csv"
    assert read_file("skypilot", AWS, source_url=url).source.url == url
    assert small("gpuhunt", "aws.csv").source.url == "https://github.com/dstackai/gpuhunt"


def test_the_report_names_every_row() -> None:
    batch = small("skypilot", AWS.name)
    assert report_lines(batch) == [
        "aws_vms_zones.csv: 7 rows read, 3 used, 4 rejected; 3 observations as of 2026-07-30",
        "  rejected 2: same price in another zone",
        "  rejected 1: no GPU",
        "  rejected 1: no price",
        "  aws, (no GPU name): 1 row, 0 used",
        "    1 no GPU",
        "  aws, L4: 4 rows, 2 used",
        "    3 same price in another zone",
        "    1 spot: another zone of the region is cheaper",
        "    1 spot: same price in another zone",
        "    1 spot: equals the on-demand price: no observation",
        "  aws, L40S: 2 rows, 1 used",
        "    2 no price",
    ]


@pytest.mark.parametrize("collector", ["skypilot", "gpuhunt", "csv"])
def test_the_report_adds_up(collector: str) -> None:
    for path in files_of(collector, FIXTURES / collector.replace("csv", "own")):
        batch = read_file(collector, path, as_of=DAY)
        _, *lines = report_lines(batch)
        why = re.findall(r"^  rejected (\d+): ", "\n".join(lines), re.MULTILINE)
        assert sum(map(int, why)) == batch.rows.total() - batch.kept.total()
        groups = [re.fullmatch(r"  (\S.*): (\d+) rows?, (\d+) used", line) for line in lines]
        found = [(group[1], int(group[2]), int(group[3])) for group in groups if group]
        assert len(found) == len(batch.rows)
        assert sum(rows for _, rows, _ in found) == batch.rows.total()
        assert sum(used for _, _, used in found) == batch.kept.total()
        said = re.findall(r"^    (\d+) (.*)$", "\n".join(lines), re.MULTILINE)
        reasons: Counter[str] = Counter()
        for number, reason in said:
            reasons[reason] += int(number)
        assert reasons == Counter(row.reason for row in batch.rejected)
        for (provider, gpu), (name, rows, used) in zip(sorted(batch.rows), found, strict=True):
            assert name == ", ".join(filter(None, (provider, gpu or "(no GPU name)")))
            unused = {r.line for r in batch.rejected if (r.provider, r.gpu) == (provider, gpu)}
            assert rows - used <= len(unused) <= rows
