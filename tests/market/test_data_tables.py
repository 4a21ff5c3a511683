"""The data files beside the catalogue: stresses, correlations and used prices, and their faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tco.errors import DataError
from tco.market.catalogue import ASSUMPTION, load
from tco.market.data_tables import HOW, Change, correlations, load_stresses, used_prices
from tco.market.files import data_folder
from tests.market.faults import faulty, swap


def test_every_shipped_stress_has_a_source_and_a_reason() -> None:
    for found in load_stresses():
        assert found.source_id == ASSUMPTION or found.source_id in load().sources
        assert found.note
        assert {change.how for change in found.changes} <= set(HOW)


def test_what_the_notes_cite_is_a_source() -> None:
    text = (data_folder() / "stresses.toml").read_text()
    for cited in ("spotwire-depreciation", "tracker-runpod-api", "factryze-utilization"):
        assert cited in text
        assert cited in load().sources


GOOD = {
    "name": '"one"',
    "title": '"One"',
    "set": "{ pue = 2 }",
    "as_of": '"2026-11"',
    "source_id": '"assumption"',
    "note": '"why"',
}


def written(path: Path, *entries: dict[str, str | None], head: str = "") -> Path:
    lines = [head]
    for entry in entries:
        lines.append("[[stress]]")
        lines += [f"{k} = {v}" for k, v in {**GOOD, **entry}.items() if v is not None]
    file = path / "stresses.toml"
    file.write_text("\n".join(lines))
    return file


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    (found,) = load_stresses(written(tmp_path, {"add": "{ gpus = 2 }", "multiply": None}))
    assert found.changes == (Change("pue", "set", 2.0), Change("gpus", "add", 2))
    assert (found.name, found.title, found.note) == ("one", "One", "why")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"set": "{ pui = 2 }"}, ", set: pui is unknown; did you mean pue"),
        ({"sett": "{ pue = 2 }"}, ": sett is unknown; did you mean set"),
        ({"set": "{ pue = 4 }"}, r", set: pue = 4 is outside \[1, 3\]: facility power"),
        ({"set": '{ hosting = "moon" }'}, "hosting = 'moon' is not own_site"),
        ({"set": "2"}, "set = 2 is not a table of inputs"),
        ({"set": None}, "changes no input"),
        ({"add": "{ pue = 1 }"}, "one of them twice: pue, pue"),
        ({"set": None, "add": "{ pue = 2.5 }"}, r"pue by 2.5 leaves no value inside \[1, 3\]"),
        ({"set": None, "add": "{ pue = -2.5 }"}, "leaves no value inside"),
        ({"set": None, "add": "{ horizon_months = -240 }"}, r"leaves no value inside \(0, 240\]"),
        ({"set": None, "multiply": "{ pue = -1 }"}, "leaves no value inside"),
        ({"set": None, "multiply": "{ pue = 4 }"}, "leaves no value inside"),
        ({"set": None, "multiply": "{ pue = inf }"}, "pue by inf is not a number"),
        ({"set": None, "multiply": "{ pue = nan }"}, "pue by nan is not a number"),
        ({"set": None, "multiply": "{ pue = true }"}, "pue by True is not a number"),
        ({"set": None, "add": '{ pue = "1" }'}, "pue by '1' is not a number"),
        ({"set": None, "add": "{ hosting = 1 }"}, "for a numeric input"),
        ({"copy": "{ pue = 2 }"}, ", copy: pue from 2 is not the name of an input"),
        ({"copy": '{ gpu_w = "idle" }'}, "gpu_w: idle is unknown; did you mean idle_w"),
        ({"copy": '{ gpu_w = "gpu_w" }'}, "not from another of its unit and domain"),
        ({"copy": '{ gpu_w = "server_w" }'}, "gpu_w from server_w is not from another of its unit"),
        ({"copy": '{ gpus = "server_units" }'}, "not from another of its unit and domain"),
        ({"copy": '{ pue = "pue" }', "set": None}, "not from another of its unit and domain"),
        ({"copy": '{ wattage = "gpu_w" }'}, ", copy: wattage is unknown"),
        ({"name": '"One two"'}, "name = 'One two' is not a key"),
        ({"name": '"base"'}, "the name base is taken"),
        ({"name": None}, "name = None is not a key"),
        ({"title": '""'}, "title = '' is empty"),
        ({"note": None}, "note = None is empty"),
        ({"as_of": "2026-11-21"}, "as_of = .* is not a date"),
        ({"as_of": '"soon"'}, "as_of = 'soon' is not a date"),
        ({"source_id": '"nobody"'}, "source_id = 'nobody' is not in sources.csv"),
    ],
)
def test_a_wrong_stress(tmp_path: Path, entry: dict[str, str | None], message: str) -> None:
    with pytest.raises(DataError, match=rf"stresses\.toml, stress 1.*{message}"):
        load_stresses(written(tmp_path, entry))


def test_a_wrong_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="stress 2: the name one is taken"):
        load_stresses(written(tmp_path, {}, {}))
    with pytest.raises(DataError, match="and nothing else"):
        load_stresses(written(tmp_path, {}, head="version = 1"))
    with pytest.raises(DataError, match="and nothing else"):
        load_stresses(written(tmp_path, head="[stress]\nname = 1"))
    with pytest.raises(DataError, match="stress 1: is not a table"):
        load_stresses(written(tmp_path, head="stress = [1]"))
    with pytest.raises(DataError, match=r"stresses\.toml: "):
        load_stresses(written(tmp_path, head="nonsense"))
    with pytest.raises(DataError, match=r"nowhere\.toml: "):
        load_stresses(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swap("-0.5", "-1.5"), "rank_correlation = '-1.5' is not between -1 and 1"),
        (swap("-0.5", "half"), "rank_correlation = 'half' is not a number"),
        (swap("-0.5", "--0.5"), "rank_correlation = '--0.5' is negative"),
        (swap("rate_growth_per_year", "rates"), "other = 'rates' is not one of"),
        (swap("electricity_usd_per_kwh", "hosting"), "input = 'hosting' is not one of"),
        (
            swap("electricity_usd_per_kwh,", "electricity_growth_per_year,"),
            "order of the inputs",
        ),
        (swap(",assumption,", ",nobody,"), "source_id = 'nobody' is not in sources.csv"),
        (swap("2026-11-21", "soon"), "as_of = 'soon' is not a date"),
        (swap("input,other", "one,other"), "correlations.csv, line 1"),
        (lambda text: text + text.splitlines(keepends=True)[-1], "the same input, other, as_of"),
    ],
)
def test_a_fault_in_the_correlations_is_named(
    tmp_path: Path, change: Callable[[str], str], says: str
) -> None:
    copy = faulty(tmp_path, "correlations.csv", change)
    with pytest.raises(DataError, match=r"correlations\.csv") as caught:
        correlations(copy)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("RTX 3090,2024-01,2024-01,0,average,ebay-sold-2021-2023", "usd = '0' is not positive"),
        (
            "RTX 3090,2024-01,2024-01,700,average,nobody",
            "source_id = 'nobody' is not in sources.csv",
        ),
        (
            "RTX 3090,01/2024,2024-01,700,average,ebay-sold-2021-2023",
            "date = '01/2024' is not a date",
        ),
        (",2024-01,2024-01,700,average,ebay-sold-2021-2023", "card = '' is empty"),
    ],
)
def test_a_fault_in_the_used_prices_is_named(tmp_path: Path, line: str, says: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    path = folder / "used_price_history.csv"
    path.write_text(path.read_text() + line + "\n")
    last = len(path.read_text().splitlines())
    with pytest.raises(DataError, match=f"used_price_history.csv, line {last}") as caught:
        used_prices(folder)
    assert says in str(caught.value)
