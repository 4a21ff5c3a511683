"""The printed errors are those of the shipped rows; two runs of one's own give constants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from docs import make_work
from tco.errors import InputError
from tco.market.workload import (
    AT_TOKEN_TIME,
    CALIBRATED,
    ESTIMATED,
    FIRST_TOKEN,
    INTERPOLATED,
    SPEED,
    Band,
    bands,
    constants,
    speed_constants,
)
from tco.workload import calibration
from tco.workload import held_out as held
from tco.workload.held_out import HeldOut

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def held_out() -> dict[tuple[str, str, str], HeldOut]:
    return {(one.basis, one.kind, one.quantity): one for one in held.held_out()}


def test_the_page_is_that_of_the_data() -> None:
    page = (ROOT / "docs" / "work.md").read_text(encoding="utf-8")
    assert page == make_work.page(), "run: python -m docs.make_work"


def test_the_printed_errors_are_those_of_the_shipped_rows(
    held_out: dict[tuple[str, str, str], HeldOut],
) -> None:
    assert set(held_out) == set(bands()), "run: python -m docs.make_work"
    for key, printed in bands().items():
        now = held_out[key].band()
        assert (now.split, now.rows, now.others) == (printed.split, printed.rows, printed.others), (
            key
        )
        for name in ("median_error", "p90_error", "low", "high"):
            assert getattr(now, name) == pytest.approx(getattr(printed, name), rel=0.02), (
                key,
                name,
                "run: python -m docs.make_work",
            )


# Published medians [%], each to be kept within a tenth.
MEDIANS = {
    (INTERPOLATED, "any", SPEED): 3.5,
    (CALIBRATED, "bf16_one_gpu", SPEED): 4.1,
    (ESTIMATED, "bf16_one_gpu", SPEED): 8.0,
    (ESTIMATED, "quantized", SPEED): 14,
    (ESTIMATED, "bf16_nvlink", SPEED): 13,
    (ESTIMATED, "bf16_pcie", SPEED): 14,
    (ESTIMATED, "gguf", SPEED): 7.0,
    (ESTIMATED, "bf16_one_gpu", FIRST_TOKEN): 11.9,
    (INTERPOLATED, "any", AT_TOKEN_TIME): 9.5,
    (CALIBRATED, "bf16_one_gpu", AT_TOKEN_TIME): 15,
    (ESTIMATED, "bf16_one_gpu", AT_TOKEN_TIME): 25,
}


@pytest.mark.parametrize("key", MEDIANS)
def test_medians_are_not_above_those_once_published(key: tuple[str, str, str]) -> None:
    assert 100 * bands()[key].median_error <= 1.1 * MEDIANS[key]


def test_nine_of_ten_held_out_rows_lie_in_the_printed_band(
    held_out: dict[tuple[str, str, str], HeldOut],
) -> None:
    for key, band in bands().items():
        found = held_out[key]
        ratio = found.measured / found.predicted
        for ratios in (ratio, np.array(found.others)[: found.counted_others]):
            inside = (ratios >= band.low) & (ratios <= band.high)
            assert not ratios.size or inside.mean() >= 0.9, key


def test_a_prediction_has_not_seen_its_row(held_out: dict[tuple[str, str, str], HeldOut]) -> None:
    """Fitted with all rows, the joint formula is nearer to them than with a GPU left out."""
    rows = calibration.table(calibration.fitted_rows())
    steady = rows.of(np.array([row.load in calibration.STEADY for row in rows.rows]))
    found = calibration.fit_joint(steady)
    logs = np.log(calibration.tok_s(steady, found) / steady.tok_s)
    out = held_out[ESTIMATED, "any", SPEED]
    assert np.std(logs) < np.std(np.log(out.predicted / out.measured))


def test_the_refitted_constants_are_those_of_the_shipped_rows() -> None:
    found = calibration.refitted()
    for row in speed_constants():
        key = (row.gpu, row.constant, row.precision)
        if row.refitted is None:
            assert key not in found, key
        else:
            assert found[key] == pytest.approx(row.refitted, rel=0.05), key


def test_the_columns_give_the_formula_of_a_replica() -> None:
    rows = calibration.table(calibration.fitted_rows()[::50])
    joint = constants()
    assert joint is not None
    for row, told in zip(rows.rows, calibration.token_s(rows, joint), strict=True):
        replica = calibration.replica_of(row)
        of_one = replica.token_s(row.concurrency, row.prompt_tokens or 0, row.output_tokens or 0)
        assert told == pytest.approx(of_one, rel=1e-12), row


def own(**changed: Any) -> dict[str, Any]:
    run = {"model": "Llama-3.1-8B", "gpu": "L4", "concurrency": 8.0, "prompt_tokens": 256}
    return {**run, "output_tokens": 128, "tok_s": 117.5, **changed}


@pytest.mark.parametrize(("eb", "ep"), [(0.872, 0.247), (0.6, 0.5), (1.0, 0.31)])
def test_two_runs_give_back_the_constants_that_made_them(eb: float, ep: float) -> None:
    runs = [own(), own(concurrency=2.0, prompt_tokens=4096, output_tokens=64)]
    of = constants("L4")
    assert of is not None
    of = calibration.replace(of, eb={**of.eb, "bf16": eb}, ep={**of.ep, "bf16": ep})
    rows = calibration.table([calibration._own_row(1, run) for run in runs])
    for run, speed in zip(runs, calibration.tok_s(rows, of), strict=True):
        run["tok_s"] = float(speed)
    found = calibration.calibrate(runs)
    assert (found.eb["bf16"], found.ep["bf16"]) == pytest.approx((eb, ep))


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([own()], "1 runs on L4: two or more measured runs of one GPU"),
        ([], "0 runs on no GPU"),
        ([own(), own(gpu="L40S")], "2 runs on L4, L40S"),
        ([own(), own(weight_bits=8)], "of one precision"),
        ([own(), own()], "give runs that differ"),
        ([own(), own(tok_s=0)], "run 2: tok_s = 0 is not a number above 0"),
        ([own(), own(concurrency=None)], "run 2: concurrency = None"),
        ([own(), own(model="Lama")], "model = 'Lama' is not a known model"),
        ([own(), own(model="Codestral-22B")], "run 2: the configuration of Codestral-22B"),
        ([own(tok_s=3), own(prompt_tokens=4096, tok_s=900)], "give runs that differ"),
    ],
)
def test_runs_that_give_no_constants(runs: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(InputError, match=told):
        calibration.calibrate(runs)


def test_a_band_says_what_it_is_of() -> None:
    columns = (np.array([10.0, 20, 30]), np.array([11.0, 20, 24]))
    one = HeldOut(ESTIMATED, "any", SPEED, "one out", *columns)
    told = (ESTIMATED, "any", SPEED, "one out", 3)
    assert one.band() == Band(*told, 0, 0.1, 0.18, 0.909, 1.25)
    # A few other rows are chance; many of them make the band wider, never narrower.
    few = HeldOut(ESTIMATED, "any", SPEED, "one out", *columns, [0.1] * 19)
    assert few.band() == one.band()
    many = HeldOut(ESTIMATED, "any", SPEED, "one out", *columns, [0.5] * 10 + [1.0] * 10)
    assert many.band() == Band(*told, 20, 0.1, 0.18, 0.5, 1.25)
