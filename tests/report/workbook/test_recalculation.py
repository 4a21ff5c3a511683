"""A spreadsheet works the workbook out after its inputs were changed, and it equals Python."""

from __future__ import annotations

import math
from itertools import takewhile
from typing import Any

import pytest

import tco
from tco import Line
from tco.inputs import INPUTS, Inputs
from tco.inputs.lines import BASES, GROWTHS, SIDES, WHENS
from tco.model.bends import bends
from tco.model.cashflows import Totals, accumulate
from tco.model.results import BREAKEVENS, RESULTS
from tco.report.schema import ODDS_MEANINGS
from tco.report.workbook import workbook
from tco.report.workbook.content import content_of
from tco.report.workbook.inputs_sheet import QUESTION
from tco.report.workbook.own_lines import line_cells
from tco.scenario import Scenario
from tests.asked import ALL_CASES
from tests.report.workbook.books import assert_books
from tests.report.workbook.drawing import CASES, LINES, lines_of_case
from tests.report.workbook.exactness import TOLERANCE, tolerance
from tests.report.workbook.office import (
    Places,
    Sheets,
    blue,
    column_at,
    inputs_of,
    named_cell,
    places,
    recalculated,
    with_cells,
    wrong_cells,
)

# Some of the cases, two with rates that are next to nothing among them.
ASKED = range(len(CASES)) if ALL_CASES else [*range(0, 20, 2), 34, 39]
# Inputs that cannot be combined, and the start of what the workbook says of them.
UNUSABLE: dict[str, dict[str, Any]] = {
    "lease_usd_per_gpu_month": {"financing": "lease", "lease_usd_per_gpu_month": 0.0},
    "refresh_price_usd_per_gpu": {"refresh_months": 12, "refresh_price_usd_per_gpu": 0.0},
    "refresh_months": {
        "financing": "lease",
        "lease_usd_per_gpu_month": 9.0,
        "refresh_months": 12,
        "refresh_price_usd_per_gpu": 9.0,
    },
    "rack_units": {"hosting": "own_site", "rack_units": 1, "server_units": 2},
    "Inputs: horizon_months": {"horizon_months": 60.5},
    "Inputs: gpus": {"gpus": 2.5},
    "Inputs: billing": {"billing": "never"},
    "Inputs: whole_racks": {"whole_racks": 3},
}


@pytest.fixture(scope="session")
def bases(base: bytes) -> list[bytes]:
    """A workbook for each set of lines: what they are is fixed in it, their numbers are cells."""
    sets = [tuple(Line(**({"usd": 1.0} | fixed)) for fixed in lines) for lines in LINES[1:]]
    return [base, *(workbook(Scenario(gpu="L4", lines=lines)) for lines in sets)]


@pytest.fixture(scope="session")
def all_named(bases: list[bytes]) -> list[Places]:
    return list(map(places, bases))


@pytest.fixture(scope="session")
def answers(
    bases: list[bytes], all_named: list[Places], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Sheets]:
    """Workbooks with their blue cells set to each scenario, as LibreOffice works them out."""
    folder = tmp_path_factory.mktemp("workbooks")
    cases = {f"case {at}": CASES[at] for at in ASKED} | UNUSABLE
    files = []
    for at, (what, case) in enumerate(cases.items()):
        which = 0 if what in UNUSABLE else lines_of_case(ASKED[at])
        numbers = {declared.name: usd for declared, usd in line_cells(case.get("lines", ()))}
        values = {name: value for name, value in case.items() if name != "lines"} | numbers
        cells = dict(blue(name, value, all_named[which]) for name, value in values.items())
        content = with_cells(bases[which], cells)
        files.append(folder / f"{at}.xlsx")
        files[-1].write_bytes(content)
    return dict(zip(cases, recalculated(files, folder), strict=True))


def test_the_drawing_meets_every_mode() -> None:
    for pair in (("hosting", "billing"), ("hosting", "financing"), ("billing", "financing")):
        one, other = (INPUTS[name].choices for name in pair)
        assert len({tuple(case[name] for name in pair) for case in CASES}) == len(one) * len(other)
    taxed = {case["depreciation"] for case in CASES if case["tax_rate"] > 0}
    assert taxed == set(INPUTS["depreciation"].choices)
    leases = [case for case in CASES if case["financing"] == "lease"]
    kinds = {(case["lease_in_advance"], case["lease_buyout_usd_per_gpu"] > 0) for case in leases}
    assert len(kinds) == 4
    every, covers = (
        {case[name] for case in leases}
        for name in ("lease_payment_interval_months", "lease_covers")
    )
    assert {1, 3} < every
    assert covers == {"all_hardware", "gpus"}
    late = [case for case in leases if case["horizon_months"] > case["lease_months"]]
    renewed = [case for case in late if not case["lease_buyout_usd_per_gpu"]]
    at_market = {case["lease_covers"] for case in late if case["lease_buyout_at_market"]}
    assert at_market == {"all_hardware", "gpus"}
    assert any(case["lease_fee_usd_per_gpu"] and case["tax_rate"] for case in renewed)
    books = [tco.accounting(Scenario(gpu="L4", **case)).lease for case in leases]
    classes = {(lease.kind, lease.is_kept) for lease in books if lease}
    assert {("finance", False), ("operating", False)} <= classes
    met = {test.name for lease in books if lease for test in lease.tests if test.met}
    assert met == {"transfer", "option", "term", "payments", "use"}
    assert len({case["fiscal_year_first_month"] for case in CASES}) > 9
    assert any(case["refresh_months"] and case["tax_rate"] for case in CASES)
    assert any(case["delivery_months"] and case["financing"] == "loan" for case in CASES)
    assert any(case["horizon_months"] % 1 for case in CASES)
    assert {0.0} < {case["discount_rate"] for case in CASES}
    assert {0.0} < {case["utilization"] for case in CASES}
    assert {case["already_owned"] for case in CASES} == {True, False}
    assert any(case["sold_by_server"] and case["whole_servers"] for case in CASES)
    assert any(case["loan_balloon_share"] and case["financing"] == "loan" for case in CASES)
    terms = [case["commitment_months"] for case in CASES if case["billing"] == "committed"]
    assert min(terms) < 2 < max(terms)


def test_the_lines_meet_every_field() -> None:
    lines = [Line(**({"usd": 1.0} | fixed)) for listed in LINES for fixed in listed]
    for field, wanted in (("side", SIDES), ("when", WHENS), ("growth", GROWTHS)):
        assert {getattr(line, field) for line in lines} == set(wanted)
    assert {line.basis for line in lines if not line.item} == set(BASES)
    assert len({lines_of_case(at) for at in range(len(CASES))}) == len(LINES)


@pytest.mark.parametrize(("result", "name"), list(BREAKEVENS.items()))
def test_break_even_values_are_met_where_something_bends_the_saving(result: str, name: str) -> None:
    met = [
        case
        for case in CASES
        if bends(Inputs.of(Scenario(gpu="L4", **case).values()), name)
        and math.isfinite(getattr(tco.breakeven(Scenario(gpu="L4", **case)), result))
    ]
    assert len(met) >= 3


@pytest.mark.parametrize("at", ASKED)
def test_a_recalculated_workbook_equals_python(
    at: int, answers: dict[str, Sheets], all_named: list[Places]
) -> None:
    named = all_named[lines_of_case(at)]
    sheets, scenario = answers[f"case {at}"], Scenario(gpu="L4", **CASES[at])
    assert wrong_cells(sheets) == []
    answer = tco.breakeven(scenario)
    values = Inputs.of(scenario.values())
    totals = accumulate(values)
    for name in RESULTS:
        found, wanted = named_cell(sheets, named[name]), getattr(answer, name)
        if isinstance(wanted, str) or math.isinf(wanted):
            assert found == ("" if wanted == math.inf else wanted), name
        else:
            allowed = tolerance(name, wanted, values, totals)
            assert abs(float(found) - wanted) <= allowed, (name, found, wanted, allowed)
    assert_ledger(sheets, scenario, totals)
    assert_printed(sheets, answer, totals)
    assert_measures(sheets, named, scenario, totals)
    assert_books(sheets["Accounting"], scenario)
    assert_converted(sheets["Inputs"], named, scenario)


def assert_converted(rows: list[list[str]], named: Places, scenario: Scenario) -> None:
    """Each amount of Inputs stands in the other currency too, behind what is printed of USD."""
    found, values, (heads, *_) = scenario.conversion, scenario.values(), rows[4:]
    if found and found.fx_rate == 1:  # that of the file: nobody gave another
        found = None
    at = heads.index("Domain") + 1
    assert heads[at] == (f"In {found.currency}" if found else "")
    for name, declared in INPUTS.items():
        cell = rows[int(named[name][1][1:]) - 1][at]
        if found and declared.is_money:
            assert float(cell) == pytest.approx(values[name] * found.fx_rate, rel=1e-12), name
        else:
            assert cell == "", name


def assert_printed(sheets: Sheets, answer: tco.Breakeven, totals: Totals) -> None:
    """What is printed of Months ends at the results: its sums, and the last month's so far."""
    months, last = sheets["Months"], math.ceil(answer.scenario.values()["horizon_months"])
    heads, size = months[3], TOLERANCE * totals.gross
    (own, own_present), (rent, rent_present) = (
        [at for at, head in enumerate(heads) if head == side][:2] for side in ("Owning", "Renting")
    )
    plain, present, end = months[6], months[7], months[8 + last]
    assert float(end[0]) == last
    for at, wanted in ((own, answer.own_npv_usd), (rent, answer.rent_npv_usd)):
        groups = present[1:own] if at == own else present[own + 1 : rent]
        assert abs(float(present[at]) - wanted) <= size
        assert abs(sum(map(float, groups)) - wanted) <= size
    for at, wanted in ((own_present, answer.own_npv_usd), (rent_present, answer.rent_npv_usd)):
        assert abs(float(end[at]) - wanted) <= size
    in_month, so_far, saved = rent + 1, rent + 2, rent_present + 1
    plain_size = size + TOLERANCE * sum(abs(float(row[own])) for row in months[8 : 9 + last])
    for found in (plain[in_month], end[so_far]):
        assert abs(float(found) - answer.undiscounted_saving_usd) <= 9 * plain_size
    assert abs(float(end[saved]) - answer.npv_saving_usd) <= size


def assert_measures(sheets: Sheets, named: Places, scenario: Scenario, totals: Totals) -> None:
    """Returns and annual costs; where several rates of return may exist the sheet says so."""
    found = tco.measures(scenario)

    def cell(name: str) -> str:
        return named_cell(sheets, named[name])

    years = scenario.values()["horizon_months"] / 12
    for side in ("own", "rent"):
        wanted = getattr(found, f"{side}_usd_per_year")
        size = TOLERANCE * totals.gross * (2 + 1 / years)
        assert abs(float(cell(f"{side}_usd_per_year")) - wanted) <= size
    if found.mirr is None:
        assert cell("mirr_per_year") == ""
    else:
        assert abs(float(cell("mirr_per_year")) - found.mirr) <= TOLERANCE * (1 + abs(found.mirr))
    if len(found.irr) == 1:
        (rate,) = found.irr
        assert abs(float(cell("irr_per_year")) - rate) <= TOLERANCE * (1 + abs(rate))
    elif not found.irr:
        assert cell("irr_per_year") == ""
    assert int(cell("sign_changes")) >= len(found.irr)


def assert_ledger(sheets: Sheets, scenario: Scenario, totals: Totals) -> None:
    """Plain and present sums of every item; of the gross flows a billionth apart at most."""
    plain, present = sheets["Months"][6:8]
    content = content_of(scenario)
    columns, place = content.formulas.columns, content.formulas.place
    wanted = {name: [0.0, 0.0] for name, column in columns.items() if column.item}
    ledger = tco.ledger(scenario)
    size = TOLERANCE * float(ledger["cost_usd"].abs().sum())
    for row in ledger.itertuples(index=False):
        name = place(row.option, row.item, row.month == ledger["month"].max())
        wanted[name][0] += row.cost_usd
        wanted[name][1] += row.present_value_usd
    for name, (cost, value) in wanted.items():
        at = column_at(content.letters[name])
        assert abs(float(plain[at]) - cost) <= size, (name, plain[at], cost)
        assert abs(float(present[at]) - value) <= TOLERANCE * totals.gross, (name, value)
    for row, line in enumerate(scenario.lines, 3):
        name = place(line.side, line.name, False)
        cost, value = (float(cell) for cell in sheets["Lines"][row][10:12])
        assert abs(cost - wanted[name][0]) <= size, line.name
        assert abs(value - wanted[name][1]) <= TOLERANCE * totals.gross, line.name


@pytest.mark.parametrize("what", UNUSABLE)
def test_inputs_that_do_not_go_together_have_no_result_and_say_why(
    what: str, answers: dict[str, Sheets], named: Places
) -> None:
    sheets = answers[what]
    assert named_cell(sheets, named["problem"]).startswith(what.partition(":")[0])
    assert {named_cell(sheets, named[name]) for name in RESULTS} == {""}


def test_check_knows_when_there_is_nothing_to_compare_with(
    answers: dict[str, Sheets], named: Places
) -> None:
    rows = answers["case 0"]["Check"]
    told = list(takewhile(bool, (row[5] for row in rows[6:])))
    assert set(told) == {"inputs changed"}
    assert len(told) > len(RESULTS)
    assert int(named_cell(answers["case 0"], named["inputs_changed"])) > 40
    assert named_cell(answers["case 0"], named["inputs_outside"]) == "0"
    assert {named_cell(answers["case 0"], named[name]) for name in ODDS_MEANINGS} == {""}


@pytest.mark.parametrize("at", [0, 2, 4])
def test_changed_numbers_are_counted_those_of_lines_too(
    at: int, answers: dict[str, Sheets], all_named: list[Places]
) -> None:
    fixed = tuple(Line(**({"usd": 1.0} | line)) for line in LINES[lines_of_case(at)])
    was, now = (inputs_of(Scenario(gpu="L4", **given)) for given in ({"lines": fixed}, CASES[at]))
    assert set(was) == set(now)
    chosen = {name for name, declared in INPUTS.items() if declared.group == QUESTION}
    changed = sum(was[name] != now[name] for name in set(was) - chosen)
    told = named_cell(answers[f"case {at}"], all_named[lines_of_case(at)]["inputs_changed"])
    assert int(told) == changed > len(fixed)
