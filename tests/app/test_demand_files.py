"""Files of the Fleet page: what each is taken for, and the one sentence where it is nothing."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from tco.app.demand_files import Series, read
from tco.bills.bill import Bill
from tco.bills.telemetry import Telemetry
from tco.errors import TcoError

DOCS = Path(__file__).resolve().parents[2] / "docs"
BILL, LOG = ((DOCS / name).read_bytes() for name in ("bill.csv", "gpu-log.csv"))
DEMAND = b"time,value\n2026-03-02T00:00Z,4\n2026-03-02T01:00Z,2\n"


def packed(content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", content)
    return held.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        DEMAND,
        DEMAND.decode().encode("utf-16"),
        DEMAND.replace(b"time,value", b"Time,Value"),
        DEMAND.replace(b",", b";"),
    ],
)
def test_a_demand_is_read_in_any_usual_form(content):
    assert read([("demand.csv", content)]).curve(None).peak_gpus == 4


def test_the_content_says_what_a_file_is_whatever_its_ending():
    assert isinstance(read([("bill.json", BILL)]), Bill)
    assert isinstance(read([("../../a/b.csv", packed(BILL))]), Bill)
    assert isinstance(read([("log.gz", LOG)]), Telemetry)


def test_a_column_that_a_demand_does_not_have_is_named():
    found = read([("demand.csv", DEMAND.replace(b"time,value", b"time,value,site"))])
    assert isinstance(found, Series)
    with pytest.raises(TcoError, match="site"):
        found.curve(None)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("d.csv.gz", gzip.compress(DEMAND))], "unpack it"),
        ([("d.zip", packed(DEMAND))], "unpack it"),
        ([("d.csv", DEMAND), ("b.csv", BILL)], "d.csv is a demand by hour: upload it alone"),
        ([("b.csv", BILL), ("l.csv", LOG)], "all must be parts of a bill, or all logs"),
        ([("r.json", b'{"decision_version": 1}')], "is a decision record"),
        ([("..", b"a,b\n1,2\n")], "file is not a demand"),
        ([("<b>.csv", b"a,b\n1,2\n")], "<b>.csv is not a demand"),
        ([("b.csv", BILL.partition(b"\n")[0])], "no rows below the header"),
        ([("b.csv", BILL[: len(BILL) // 2])], "is the file cut"),
        ([("b.csv", b"")], "empty"),
        ([("b.zip", packed(b"0" * 5_000_000))], "million characters"),
        ([("b.csv", bytes(range(256)) * 9)], "binary"),
    ],
)
def test_what_is_nothing_is_said_in_one_sentence(files, said):
    with pytest.raises(TcoError) as wrong:
        read(files)
    assert said in str(wrong.value)
    assert "/tmp" not in str(wrong.value)
