"""The user's own lines in words, and what each comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tco.errors import InputError
from tco.inputs import PRICE, PRICES
from tco.inputs.lines import Line
from tco.model.items import item_of
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tco.words.figures import exact, inside, money

if TYPE_CHECKING:
    import pandas as pd

# What an amount is paid for, and the unit of `usd` in files.
_PER = {
    "fixed": ("", ""),
    "gpu": ("per GPU", "GPU"),
    "server": ("per server", "server"),
    "rack": ("per rack", "rack"),
    "it_kw": ("per kW of peak IT load", "kW"),
    "facility_kw": ("per kW of peak metered load", "kW"),
    "busy_gpu_hour": ("per busy GPU-hour", "busy GPU-hour"),
    "idle_gpu_hour": ("per idle GPU-hour", "idle GPU-hour"),
}
_WHEN = {
    "start": "at the start",
    "term": "at the start of each commitment term",
    "exit": "on exit",
}
_GROWTH = {
    "opex": "growing with opex inflation",
    "electricity": "growing with electricity prices",
    "rental": "growing with market rental rates",
}
SIDES = {"own": "owning", "rent": "renting"}
_PER_CENT = 100


def in_words(line: Line) -> str:
    """What a line is, but for its name and its side.

    >>> in_words(Line(name="VAT", side="rent", usd=0.21, basis="item:compute"))
    '21 % of compute, every month'
    >>> in_words(Line(name="let", side="own", usd=-0.25, basis="idle_gpu_hour", cap_usd=1e4))
    'income of $0.25 per idle GPU-hour, at most $10,000 in total'
    >>> in_words(Line(name="setup", side="own", usd=1500, basis="server", when="start"))
    '$1,500 per server at the start'
    """
    parts = [f"{_amount(line)} {_time(line)}".rstrip()]
    if line.item and line.when == "monthly":
        parts = [_amount(line), _months(line) or "every month"]
    elif line.when == "monthly":
        parts.append(_months(line))
    parts.append(_GROWTH.get(line.growth, ""))
    if line.cap_usd is not None:
        each = " each time" if line.when == "exit" else " in total"
        parts.append(f"at most {money(line.cap_usd)}{each}")
    return ", ".join(part for part in parts if part)


def unit(line: Line) -> str:
    """The unit of a line's `usd`, as files write it.

    >>> unit(Line(name="demand", side="own", usd=18, basis="facility_kw"))
    'USD per kW per month'
    >>> unit(Line(name="duty", side="own", usd=0.25, basis="item:gpus", when="start"))
    'share of GPUs'
    """
    if line.item:
        return f"share of {inside(item_of(line.side, line.item).label)}"
    _, per = _PER[line.basis]
    if line.when != "monthly" or line.basis.endswith("_hour"):
        return f"USD per {per}" if per else "USD"
    return f"USD per {per} per month" if per else "USD per month"


class Told(NamedTuple):
    """A line of a scenario: what it is, and its present value over the horizon [USD] if known."""

    name: str
    side: str
    words: str
    present_value_usd: float | None


def told(scenario: Scenario) -> list[Told]:
    """The lines of a scenario in their order; InputError where inputs cannot be combined.

    >>> fee = Line(name="fee", side="own", usd=100)
    >>> told(Scenario(lines=[fee], discount_rate=0, horizon_months=12))
    [Told(name='fee', side='owning', words='$100 a month', present_value_usd=1200.0)]
    """
    present: dict[str, float] = {}
    values = scenario.values() if scenario.lines else {}
    known = [name for name in PRICES if values.get(name) is not None]
    if scenario.lines and PRICE in known:
        side = None if len(known) == len(PRICES) else "own"
        for _, item, _, _, _, value in ledger_rows(scenario, side):
            present[item] = present.get(item, 0.0) + value
    return [
        _without_value(line)._replace(present_value_usd=present.get(line.name))
        for line in scenario.lines
    ]


def frame(scenario: Scenario) -> pd.DataFrame:
    """The same as a frame in words; without a present value where inputs cannot be combined.

    >>> frame(Scenario(lines=[Line(name="fee", side="own", usd=100)])).columns.tolist()
    ['line', 'side', 'amount', 'present value']
    """
    import pandas as pd

    try:
        rows = told(scenario)
    except InputError:
        rows = [_without_value(line) for line in scenario.lines]
    return pd.DataFrame(rows, columns=["line", "side", "amount", "present value"])


def _without_value(line: Line) -> Told:
    return Told(line.name, SIDES[line.side], in_words(line), None)


def _amount(line: Line) -> str:
    if line.item:
        label = item_of(line.side, line.item).label
        words = inside(label)
        return f"{exact(line.usd * _PER_CENT).replace('-', '−')} % of {words}"
    income = "income of " if line.usd < 0 else ""
    return f"{income}{money(abs(line.usd))} {_PER[line.basis][0]}".rstrip()


def _time(line: Line) -> str:
    if line.when != "monthly":
        return _WHEN[line.when]
    if line.item or line.basis.endswith("_hour"):
        return ""
    return "a month" if line.basis == "fixed" else "per month"


def _months(line: Line) -> str:
    first, last = line.first_month, line.last_month
    if last is None:
        return f"from month {first}" if first > 1 else ""
    if last == first:
        return f"in month {first}"
    return f"months {first} to {last}"
