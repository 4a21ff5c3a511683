"""Whatever is in a file, it is read or refused in one line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.bills.bill import read_bill
from tco.bills.telemetry import read_telemetry
from tco.errors import TcoError
from tests.bills.building import AZURE, CUR, FOCUS, GCP, written
from tests.bills.test_telemetry import LOG, dcgm, vllm
from tests.strategies import examples

WORDS = (
    *(
        "",
        "NULL",
        "nan",
        "inf",
        "1e400",
        "=1+1",
        "\0",
        "9" * 400,
        "2026-13-40",
        "9999-12-31",
        "[{}]",
    ),
    *("10/32/2026", "{}", "[", '[{"amount": {}}]', "g6.xlarge", "Standard_NC4as_T4_v3", "1,234.5"),
    *(
        "NVIDIA H100 GPU",
        '"',
        ";",
        "\t",
        "a,b",
        "100 Hours",
        "-1",
        "(5)",
        "\u20ac5",
        "[N/A]",
        "1 %",
    ),
    *("100 W", "2026/11/20 10:00:00.000", "SavingsPlanRecurringFee", "G2 Instance Core", "\uff11"),
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 2_000), st.integers(0, 6), st.sampled_from(WORDS)), max_size=4
)


def changed(text: str, changes: list[tuple[int, int, str]]) -> bytes:
    for at, length, word in changes:
        place = at % (len(text) + 1)
        text = text[:place] + word + text[place + length :]
    return text.encode()


@settings(max_examples=examples(60))
@given(data=st.data(), changes=CHANGES, byte=st.none() | st.integers(128, 255))
def test_any_bill(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    changes: list[tuple[int, int, str]],
    byte: int | None,
) -> None:
    of = data.draw(st.sampled_from((FOCUS, CUR, GCP, AZURE)))
    cells = st.dictionaries(st.sampled_from(sorted(of)), st.sampled_from(WORDS), max_size=5)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    text = written(path, of, data.draw(st.lists(cells, min_size=1, max_size=4))).read_text()
    path.write_bytes(changed(text, changes) + (b"" if byte is None else bytes((byte,))))
    try:
        bill = read_bill(path)
        told = bill.to_dict()
        assert told["total"] == pytest.approx(bill.amounts["cost"].sum(), abs=1e-6)
    except TcoError as wrong:
        assert len(str(wrong).splitlines()) == 1  # noqa: PT017


@settings(max_examples=examples(60))
@given(
    text=st.sampled_from((LOG, dcgm(0.5, 50) * 2, vllm(1, 2, 1, 0) + vllm(2, 3, 1, 60))),
    changes=CHANGES,
)
def test_any_log(
    tmp_path_factory: pytest.TempPathFactory, text: str, changes: list[tuple[int, int, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.log"
    path.write_bytes(changed(text, changes))
    try:
        found = read_telemetry(path)
        assert found.utilization is None or 0 <= found.utilization <= 1
        assert found.to_dict()
    except TcoError as wrong:
        assert len(str(wrong).splitlines()) == 1  # noqa: PT017
