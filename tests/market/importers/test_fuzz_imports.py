"""Broken catalogues: no crash, no price that the file does not have, and every row accounted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.errors import DataError
from tco.market.importers import read_file, report_lines
from tco.market.importers.names import gpu_of
from tco.market.observed import Batch
from tests.market.importers.reading import (
    DAY,
    FIXTURES,
    assert_accounted,
    assert_traced,
    number,
    plain_rows,
)
from tests.strategies import examples

FILES = {
    "skypilot": ("gcp_vms_two_rows.csv", "aws_vms_zones.csv", "runpod_vms_spot_is_price.csv"),
    "gpuhunt": ("aws.csv", "runpod.csv", "gcp.csv"),
    "csv": ("export.csv", "small_rates.csv"),
}
CASES = [(collector, name) for collector, names in FILES.items() for name in names]
PIECES = st.sampled_from(
    [
        *(b"\0", b'"', b"'", b",", b"\r", b"\n", b"\r\n", b"\xff", b"\xef\xbb\xbf", b" ", b";"),
        *(b"-", b"-1", b"1,234.5", b'"1,234.5"', b"nan", b"inf", b"1e999", b"0", b"700.0", b"\t"),
        *(b"9" * 400, b"\xc2\x85", b"\xe2\x80\xa8", b"True", b"L4", b"A100", b"null", b"\x1b[2J"),
    ]
)
Change = Callable[[bytes], bytes]


@st.composite
def local_change(draw: st.DrawFn) -> Change:
    """A piece put in, or some bytes taken out or doubled, somewhere in the file."""
    at, length = draw(st.sampled_from(range(200))) / 199, draw(st.integers(0, 60))
    piece, doubled = draw(PIECES), draw(st.booleans())

    def change(content: bytes) -> bytes:
        start = int(at * len(content))
        middle = content[start : start + length]
        return content[:start] + (middle * 2 if doubled else piece) + content[start + length :]

    return change


WHOLE: list[Change] = [
    lambda content: b"\xef\xbb\xbf" + content,
    lambda content: content.replace(b"\n", b"\r\n"),
    lambda content: content.replace(b"\n", b"\r"),
    lambda content: content.replace(b"\n", b"\n\n"),
    lambda content: content.replace(b",", b";"),
    lambda content: content.replace(b"'", b'"'),
    lambda content: content.replace(b".", b","),
    lambda content: content.replace(b"1", b"-1"),
    lambda content: content.decode("utf-8", "replace").encode("utf-16-be"),
    lambda content: content + content.partition(b"\n")[2],
    lambda content: b"x," * 1_000_000 + content,
    lambda content: content.partition(b"\n")[2],
]
CHANGES = st.lists(st.one_of(local_change(), st.sampled_from(WHOLE)), max_size=3) | st.lists(
    local_change(), min_size=1, max_size=6
)


def batch_or_reason(collector: str, path: Path) -> Batch | str:
    """What a file brings, or why it brings nothing."""
    try:
        return read_file(collector, path, as_of=DAY)
    except DataError as wrong:
        return str(wrong)


def assert_own_rows(path: Path, batch: Batch) -> None:
    """Every observation of one's own CSV stands in a line of it."""
    known = {
        (gpu_of("csv", "", row.get("gpu", ""), None, ())[0], number(row.get(column)))
        for row in plain_rows(path)
        for column in ("usd", "usd_per_gpu_hour")
    }
    for rate in batch.rates:
        assert (rate.gpu, rate.usd_per_gpu_hour) in known
    for price in batch.prices:
        assert (price.gpu, price.usd) in known
    for quote in batch.quotes:
        assert (quote.gpu, quote.value) in known
    assert batch.aside.total() == batch.rows.total() - batch.kept.total()
    observations = (*batch.rates, *batch.prices, *batch.quotes)
    assert batch.kept.total() == len(observations)
    unused = {row.line for row in batch.rejected}
    assert batch.rows.total() == len(observations) + len(unused)
    assert unused <= set(range(2, 2 + batch.rows.total()))


@pytest.mark.parametrize(("collector", "name"), CASES)
@settings(max_examples=examples(150))
@given(changes=CHANGES)
def test_a_broken_file(collector: str, name: str, changes: list[Change]) -> None:
    content = (FIXTURES / collector.replace("csv", "own") / name).read_bytes()
    for change in changes:
        content = change(content)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        batch = batch_or_reason(collector, path)
        if isinstance(batch, str):
            assert name in batch
            assert len(batch) < 1_000
            return
        if collector == "csv":
            assert_own_rows(path, batch)
        else:
            provider = batch.source.source_id.removeprefix(f"{collector}-catalog-")
            assert_accounted(collector, path, provider, batch)
            assert_traced(collector, path, provider, batch.rates)
        for line in report_lines(batch):
            assert line.isprintable()
        for row in batch.rejected:
            assert row.reason
            assert row.text.isprintable()
            assert len(row.text) <= 80


@settings(max_examples=examples(200))
@given(content=st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for collector, name in (("skypilot", "aws_vms.csv"), ("gpuhunt", "aws.csv")):
            path = Path(folder) / name
            path.write_bytes(content)
            with pytest.raises(DataError, match=name):
                read_file(collector, path)
