"""What buying saves by month as rates of return take it, and those rates as formulas.

A spreadsheet finds an internal rate of return by trial from a first guess, which is Python's own,
and stops where it is near enough: one step more of Newton's method finds the digits that are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.model.items import RENT
from tco.numeric import MONTHS_PER_YEAR, Constant
from tco.report.workbook.block import amounts
from tco.report.workbook.cells import worth

if TYPE_CHECKING:
    from tco.analysis.measures import Measures
    from tco.report.workbook.cells import Writer
    from tco.report.workbook.formulas import Formulas

# The columns of the sheet Months, with unit and meaning.
FLOWS = {
    "saving_flows": ("USD", "what buying saves, at the start and at the end of each month"),
    "saving_signs": ("", "its sign, or the last one where nothing is saved"),
    "terms_due": ("USD", "paid as a commitment term begins, after tax: at the end of last month"),
}
# What is listed in the month that begins with a commitment term, and paid before it.
_FEE = "rent_commitment_fee"


class Flows(NamedTuple):
    """By month what buying saves, its sign and what terms cost [USD]; the columns of those.

    `discounts` are what a dollar of each month is worth now.
    """

    saved: list[float]
    signs: list[int]
    due: list[float]
    terms: tuple[str, ...]
    discounts: list[float]

    @property
    def changes(self) -> int:
        """How often the sign changes."""
        return sum(one * other < 0 for one, other in pairwise(self.signs))


def flows_of(formulas: Formulas, last: int) -> Flows:
    """What buying saves in each month; `last` is the month of the horizon."""
    columns = amounts(formulas)
    lines = [name for name, line in formulas.lines.items() if line.when == "term"]
    terms = (_FEE, *(formulas.place(RENT, name, False) for name in lines))
    kept = 1 - worth(formulas.graph.input("tax_rate"))
    count = formulas.months + 1

    due = [
        kept * sum(columns[name][month] for name in terms) if month else 0 for month in range(count)
    ]
    saved = []
    items = [
        (columns[name], name.partition("_")[0] == RENT, "_exit_" in name)
        for name, column in formulas.columns.items()
        if column.item
    ]
    for month in range(count):
        flow = -due[month] + (due[month + 1] if month + 1 < count else 0)
        for paid, is_rent, is_leaving in items:
            if not is_leaving or month == last:
                flow += paid[month] if is_rent else -paid[month]
        saved.append(flow)
    signs: list[int] = []
    for flow in saved:
        signs.append((flow > 0) - (flow < 0) or (signs[-1] if signs else 0))
    return Flows(saved, signs, due, terms, columns["discount"])


_NEAR = Constant(
    *(10**6, "rate_tolerance", "ratio"),
    "how far a rate of return that a spreadsheet finds by trial may be from the rate",
    inverse=True,
)
# Monthly rates at which the present value is taken, to begin the search between two of them.
TRIED = (
    *(-0.9, -0.75, -0.6, -0.5, -0.4, -0.3, -0.2, -0.15, -0.1, -0.07, -0.04, -0.02, -0.01, 0.0),
    *(0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0),
)


# How often the distance between these two is halved before the search begins in its middle.
HALVINGS = 12


def value_at(flows: Flows, rate: float) -> float:
    """What buying saves is worth at a rate per month [USD]."""
    return sum(flow * (1 + rate) ** -month for month, flow in enumerate(flows.saved))


def turn_of(flows: Flows) -> int | None:
    """The first of the rates after which the present value changes its sign; None for none."""
    pairs = enumerate(pairwise(value_at(flows, rate) for rate in TRIED))
    return next((at for at, (one, other) in pairs if (one > 0) != (other > 0)), None)


def halved(flows: Flows) -> list[tuple[Any, Any, Any]]:
    """By step the two rates between which the search begins, and what is saved in their middle.

    Where the present value never changes its sign they are empty texts.
    """
    turn = turn_of(flows)
    if turn is None:
        return [("", "", "")] * HALVINGS
    low, high = TRIED[turn], TRIED[turn + 1]
    is_positive, steps = value_at(flows, low) > 0, []
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        value = value_at(flows, middle)
        steps.append((low, high, value))
        low, high = (middle, high) if (value > 0) == is_positive else (low, middle)
    return steps


class Rate(NamedTuple):
    """A named cell: its formula (empty for a value), what it holds, unit and meaning."""

    name: str
    formula: str
    value: Any
    unit: str
    meaning: str


def rate_cells(
    found: Measures, flows: Flows, values: Mapping[str, Any], signs: str, months: str, discount: str
) -> list[Rate]:
    """The cells of the rates of return, in an order in which each uses those before it.

    As formulas: `signs` is the product of each month's sign and that of the month before, `months`
    are the numbers of all months, and `discount` what a dollar of each is worth now.
    """
    whole = values["horizon_months"] % 1 == 0
    whole = whole and (values["commitment_months"] % 1 == 0 or not any(flows.due))
    monthly = found.irr[0] if found.irr else None
    guess = 0.0 if monthly is None else (1 + monthly) ** (1 / MONTHS_PER_YEAR) - 1
    flow = "saving_flows"
    terms = "OR(INT(commitment_months)=commitment_months,SUMPRODUCT(ABS(terms_due))=0)"
    worth_there = f"{flow}/(1+irr_near)^{months}"
    newton = f"(1+irr_near)*SUMPRODUCT({worth_there})/SUMPRODUCT({months}*{worth_there})"
    turn, (proceeds, outlays) = turn_of(flows), _both_signs(flows)
    rate = "" if monthly is None else guess
    return [
        Rate(
            "whole_months",
            f"=AND(INT(horizon_months)=horizon_months,{terms})",
            bool(whole),
            "",
            "whether all is paid at ends of whole months; otherwise there are no rates of return",
        ),
        Rate(
            "sign_changes",
            f"=SUMPRODUCT(({signs}<0)*1)",
            flows.changes,
            "",
            "how often what buying saves changes its sign: so many rates of return at most",
        ),
        Rate(
            "irr_sought",
            '=AND(problem="",whole_months,sign_changes>0)',
            bool(whole) and flows.changes > 0,
            "",
            "whether there may be a rate of return",
        ),
        Rate("irr_guess", "", guess, "per month", "the rate as reported, where the search begins"),
        Rate(
            "irr_turn",
            '=IFERROR(MATCH(1,irr_turns,0),"")',
            "" if turn is None else turn + 1,
            "",
            "row of the last rate tried below before the present value changes its sign",
        ),
        Rate(
            "irr_start",
            "=IF(AND(inputs_changed>0,ISNUMBER(irr_turn)),(irr_from+irr_to)/(1+1),irr_guess)",
            guess,
            "per month",
            "where the search begins once inputs are changed: between two of the rates tried",
        ),
        *(
            Rate(name, f'=IF(irr_sought,IFERROR(IRR({flow},{start}),""),"")', rate, *told)
            for name, start, *told in (
                ("irr_found", "irr_start", "per month", "the rate found from there"),
                ("irr_again", "irr_guess", "per month", "the rate found from the one reported"),
            )
        ),
        Rate(
            "irr_near",
            "=IF(AND(ISNUMBER(irr_found),irr_found>-1),irr_found,"
            'IF(AND(ISNUMBER(irr_again),irr_again>-1),irr_again,""))',
            rate,
            "per month",
            "the one that is taken, to the digits in which a spreadsheet finds it",
        ),
        Rate(
            "irr_step",
            f'=IF(ISNUMBER(irr_near),IFERROR({newton},0),"")',
            "" if monthly is None else 0.0,
            "per month",
            "what is left to the rate, by the slope of the present value there",
        ),
        Rate(
            "irr_per_month",
            f'=IF(ISNUMBER(irr_near),irr_near+IF(ABS(irr_step)<{_NEAR.name},irr_step,0),"")',
            rate,
            "per month",
            "rate of return of what buying saves",
        ),
        Rate(
            "irr_per_year",
            '=IF(ISNUMBER(irr_per_month),(1+irr_per_month)^12-1,"")',
            "" if monthly is None else monthly,
            "per year",
            "internal rate of return of buying instead of renting",
        ),
        Rate(
            "proceeds_usd",
            f"=SUMPRODUCT(({flow}>0)*{flow}*{discount})",
            proceeds,
            "USD",
            "present value of what buying saves, of the months in which it does",
        ),
        Rate(
            "outlays_usd",
            f"=-SUMPRODUCT(({flow}<0)*{flow}*{discount})",
            outlays,
            "USD",
            "present value of what it costs more, of the months in which it does",
        ),
        Rate(
            "mirr_per_year",
            '=IF(OR(problem<>"",NOT(whole_months),proceeds_usd<=0,outlays_usd<=0),"",'
            "(proceeds_usd/outlays_usd)^(12/last_month)*(1+discount_rate)-1)",
            "" if found.mirr is None else found.mirr,
            "per year",
            "modified internal rate of return: financed and reinvested at the discount rate",
        ),
    ]


def _both_signs(flows: Flows) -> tuple[float, float]:
    """The present values of what buying saves and of what it costs more, each of its months."""
    present = [flow * each for flow, each in zip(flows.saved, flows.discounts, strict=True)]
    return sum(x for x in present if x > 0), -sum(x for x in present if x < 0)


def annual_cells(formulas: Formulas, found: Measures, writer: Writer) -> list[Rate]:
    """The cells of the equivalent annual costs of both sides."""
    graph = formulas.graph
    years = graph.said("holding_years", worth(graph.input("horizon_months")) / MONTHS_PER_YEAR)
    level = graph.input("discount_rate").payment(years)
    text = writer.formula(level, None).removeprefix("=")
    costs = {"own": found.own_usd_per_year, "rent": found.rent_usd_per_year}
    cells = [
        Rate("holding_years", "=horizon_months/12", worth(years), "years", "the holding period"),
        Rate(
            "level_payment_per_year",
            f"={text}",
            worth(level),
            "ratio",
            "level payment at the end of each year of the holding period that is worth one USD now",
        ),
    ]
    for side, cost in costs.items():
        cells.append(
            Rate(
                f"{side}_usd_per_year",
                f'=IF(problem<>"","",{side}_npv_usd*level_payment_per_year)',
                cost,
                "USD per year",
                f"equivalent annual cost of {'owning' if side == 'own' else 'renting'}",
            )
        )
    return cells
