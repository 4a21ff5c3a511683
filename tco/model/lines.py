"""The user's own lines, followed from month to month beside the items of the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tco.inputs import Inputs
from tco.inputs.lines import Line
from tco.model import facility, ownership
from tco.model.commitment import CommitmentFee
from tco.model.items import FLAT, GAIN, ITEMS, OWN
from tco.model.periods import Period
from tco.numeric import Numeric, Truth, divide, floor, select, smaller

# Items that are received, not paid.
_RECEIVED = tuple(item.name for item in ITEMS if item.tax == GAIN)


class Lines:
    """The lines of one side; their amounts have the names of the lines [USD].

    Unless they are told `by_name`, lines that go on alike are one, under the name of the first:
    `listed` are those that are followed. `full` is what one comes to in a full first month, or each
    time; of a multiple of an item, `shares` is how much of it.
    """

    def __init__(self, v: Inputs, side: str, by_name: bool = True) -> None:
        self.v, self.side = v, side
        self.listed: list[Line] = []
        self.full: dict[str, Any] = {}
        self.shares: dict[str, Any] = {}
        units: dict[str, Any] = {}
        firsts: dict[Any, str] = {}
        for line in v.lines:
            if line.side != side:
                continue
            name = line.name
            if not by_name and line.cap_usd is None:
                name = firsts.setdefault(_course(line), name)
            if name == line.name:
                self.listed.append(line)
            if line.item:
                self.shares[name] = self.shares.get(name, 0) + line.usd
                continue
            if line.basis not in units:
                units[line.basis] = _units(v, side, line.basis)
            self.full[name] = self.full.get(name, 0) + line.usd * units[line.basis]
        self.monthly = [(line, line.item) for line in self.listed if line.when == "monthly"]
        self.leaving = any(line.when == "exit" for line in self.listed)
        self.have_terms = any(line.when == "term" for line in self.listed)
        # What has been paid of the lines that end at some amount; what they came to last, without
        # their sign, and what was paid of that.
        self.asked: dict[str, Any] = {}
        self.paid: dict[str, Any] = {}
        # The starts of terms in a month at which a cap cuts nothing, and `early` of these.
        self.whole: dict[str, tuple[Any, Any]] = {}
        capped = [line for line in self.listed if line.cap_usd is not None]
        self.spent: dict[str, Any] = {line.name: 0 for line in capped}
        self.income = {line.name: is_income(line) for line in capped}

    def at_start(self, items: dict[str, Any]) -> dict[str, Any]:
        """What is paid at the start, by line; `items` are those of the model then."""
        found = {}
        for line in self.listed:
            if line.when == "start":
                found[line.name] = self._capped(line, self._amount(line, items))
            elif line.when == "term":
                committed: Any = self.v.billing == "committed"
                amount = select(committed, self._amount(line, items), 0)
                found[line.name] = self._capped(line, amount)
        return found

    def in_month(self, period: Period, items: dict[str, Any], there: Truth) -> dict[str, Any]:
        """What is paid for the month, by line; `there` says that the hardware is."""
        found = {}
        month, width, growths = period.month, period.factors[FLAT], _growths(period)
        for line, item in self.monthly:
            runs = there & (month >= line.first_month)
            if line.last_month is not None:
                runs = runs & (month <= line.last_month)
            if runs is False:
                continue
            if item:
                amount = self.shares[line.name] * items.get(item, 0)
            else:
                amount = self.full[line.name] * growths[line.growth] * width
            if runs is not True:
                amount = select(runs, amount, 0)
            found[line.name] = amount if line.cap_usd is None else self._capped(line, amount)
        return found

    def at_terms(self, period: Period, fee: CommitmentFee) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is paid for the commitment terms that begin in the month, by line.

        And by how much its present value exceeds that of a payment at the end of the month.
        """
        found, early = {}, {}
        for line in self.listed:
            if line.when == "term":
                each = self._amount(line, {"commitment_fee": fee.usd})
                if not line.item:
                    each = each * _growths(period)[line.growth]
                found[line.name] = paid = self._capped(line, each * fee.terms)
                if line.cap_usd is None:
                    early[line.name] = each * fee.early
                    continue
                whole = floor(divide(paid, each, 0 * paid))
                early[line.name], inner = fee.early_of(each, paid, whole)
                self.whole[line.name] = (whole, inner)
        return found, early

    def on_leaving(self, period: Period, items: dict[str, Any]) -> dict[str, Any]:
        """What is paid by who stops at the end of the period, by line."""
        found: dict[str, Any] = {}
        for line in self.listed if self.leaving else ():
            if line.when == "exit":
                amount = self._amount(line, items)
                if not line.item:
                    amount = amount * _growths(period)[line.growth]
                if line.cap_usd is not None:
                    amount = self._cut(line, amount, line.cap_usd)
                found[line.name] = amount
        return found

    def _amount(self, line: Line, items: dict[str, Any]) -> Any:
        if line.item:
            return self.shares[line.name] * items.get(line.item, 0)
        return self.full[line.name]

    def _capped(self, line: Line, amount: Any) -> Any:
        """What is still paid of an amount: the last is cut."""
        if line.cap_usd is None:
            return amount
        cut = self._cut(line, amount, line.cap_usd - self.spent[line.name])
        self.spent[line.name] = self.spent[line.name] + self.paid[line.name]
        return cut

    def _cut(self, line: Line, amount: Any, most: Any) -> Any:
        income = self.income[line.name]
        self.asked[line.name] = asked = amount * select(income, -1, 1)
        self.paid[line.name] = paid = smaller(asked, most)
        return select(income, 0 - paid, paid)


def _course(line: Line) -> tuple[Any, ...]:
    """What lines have in common that go on alike; costs and incomes are told apart."""
    time = (line.when, line.first_month, line.last_month)
    return (*time, line.item, line.growth, line.usd < 0)


def _units(v: Inputs, side: str, basis: str) -> Numeric:
    """How much of a basis there is, for a full first month where it is counted monthly."""
    gpus = ownership.gpus(v) if side == OWN else v.gpus
    busy = v.gpus * v.utilization
    servers = ownership.servers(v)
    peak_kw = ownership.reserved_kw(v, servers)
    units: dict[str, Callable[[], Any]] = {
        "fixed": lambda: 1,
        "gpu": lambda: gpus,
        "server": lambda: servers,
        "rack": lambda: ownership.racks(v),
        "it_kw": lambda: peak_kw,
        "facility_kw": lambda: facility.at_the_meter_kw(peak_kw, v.pue),
        "busy_gpu_hour": lambda: v.hours_per_month * busy,
        "idle_gpu_hour": lambda: v.hours_per_month * (gpus - busy),
    }
    found: Numeric = units[basis]()
    return found


def _growths(period: Period) -> dict[str, Any]:
    return {
        "flat": 1,
        "opex": period.opex_growth,
        "electricity": period.electricity_growth,
        "rental": period.market_growth,
    }


def is_income(line: Line) -> Any:
    """Whether a line brings money in, whatever the other inputs are.

    >>> is_income(Line(name="broker", side="own", usd=0.1, basis="item:resale", when="exit"))
    True
    """
    return line.usd > 0 if line.item in _RECEIVED else line.usd < 0
