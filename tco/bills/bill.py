"""What a bill says: GPU-hours and what they cost, unused commitments, credits, taxes, the rest."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tco.bills.cells import SECONDS_PER_HOUR, utc
from tco.bills.exports import chosen, files_of, format_named, read
from tco.bills.items import KINDS, UNUSED, USED
from tco.bills.settling import Line, Settled, settled
from tco.bills.sums import Sums
from tco.errors import DataError, InputError, Problem, shown, suggestion
from tco.market.catalogue import load
from tco.words.figures import fixed_percent
from tco.workload.demand_curve import DemandCurve

if TYPE_CHECKING:
    import pandas as pd


# How far the months of a cloud are from those of UTC at most, and hours that are told [GPU-hours].
_NEAR = 14 * SECONDS_PER_HOUR
_LEAST_HOURS = 0.005


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A bill, read: amounts in `currency`, hours in UTC.

    `total` is that of the files; `used`, `unused`, `credits`, `taxes`, `other`, `set_aside` and
    `prepaid` (paid for other months, or in them for this one) add up to it. `start` and `end` are
    None, and `hours` 0, where no row says of which time it is; `spread_share` is the share of
    GPU-hours that have no clock hour. `remarks` say what was done while reading, in sentences.
    """

    format: str
    files: tuple[str, ...]
    currency: str
    rows: int
    start: datetime | None
    end: datetime | None
    hours: int
    spread_share: float
    amounts_by_kind: Mapping[str, Decimal] = field(repr=False)
    details: tuple[tuple[str, str, Decimal, int], ...] = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    by_hour: Mapping[tuple[str, str, str], Mapping[int, float]] = field(repr=False)
    usd_per_unit: float | None = None
    remarks: tuple[str, ...] = ()

    # --- Amounts

    @property
    def total(self) -> float:
        """What the files come to, credits and taxes included [currency]."""
        return float(sum(self.amounts_by_kind.values(), Decimal(0)))

    @property
    def used(self) -> float:
        """What the hours of GPUs cost, commitments at their effective cost [currency]."""
        return float(self.amounts_by_kind[USED])

    @property
    def unused(self) -> float:
        """Commitments and reservations that nothing used [currency]."""
        return float(self.amounts_by_kind[UNUSED])

    @property
    def credits(self) -> float:
        """Credits, refunds and discounts, negative as on the bill [currency]."""
        return float(self.amounts_by_kind["credits"])

    @property
    def taxes(self) -> float:
        """Taxes [currency]."""
        return float(self.amounts_by_kind["taxes"])

    @property
    def other(self) -> float:
        """What has nothing to do with GPU-hours, such as storage [currency]."""
        return float(self.amounts_by_kind["other"])

    @property
    def set_aside(self) -> float:
        """What was not understood: `amounts` has the reasons [currency]."""
        return float(self.amounts_by_kind["set_aside"])

    @property
    def prepaid(self) -> float:
        """Fees of commitments paid here for other months, less what others paid [currency]."""
        return float(self.amounts_by_kind["prepaid"])

    # --- Hours and rates

    @property
    def gpu_hours(self) -> float:
        """GPU-hours in use."""
        return float(sum((line.gpu_hours for line in self.lines), Fraction(0)))

    @property
    def rate_per_gpu_hour(self) -> float | None:
        """What a GPU-hour in use cost [currency per GPU-hour]; None without hours."""
        return self.used / self.gpu_hours if self.gpu_hours > 0 else None

    @property
    def usd_per_gpu_hour(self) -> float | None:
        """The same in US dollars; None where nobody knows what the currency was worth."""
        rate = self.rate_per_gpu_hour
        return None if rate is None or self.usd_per_unit is None else rate * self.usd_per_unit

    @property
    def gpus(self) -> tuple[str, ...]:
        """The GPUs that were in use, those with most hours first."""
        hours: dict[str, Fraction] = defaultdict(Fraction)
        for line in self.lines:
            hours[line.gpu] += line.gpu_hours
        return tuple(gpu for gpu, _ in sorted(hours.items(), key=lambda one: (-one[1], one[0])))

    def utilization(self, gpus: float) -> float:
        """The share of the hours of so many GPUs that these were in use; above 1 where more were.

        >>> found = read_bill("docs/bill.csv")
        >>> round(found.utilization(8), 4)
        0.1495
        """
        if not gpus > 0:
            raise InputError(
                [Problem("gpus", f"gpus = {shown(gpus)} is not above 0: how many GPUs")]
            )
        self._check_timed()
        return self.gpu_hours / (gpus * self.hours)

    def _check_timed(self) -> datetime:
        if self.start is None:
            message = "no row says of which time it is: export the columns with dates too"
            raise DataError(f"{self.files[0]}: {message}")
        return self.start

    def measured(self, gpu: str | None = None) -> dict[str, float]:
        """What `tco.actuals` takes: gpu_hours, compute_usd and hours, of one GPU or of all.

        `compute_usd` is what these hours cost [USD]; hours are left out where the bill has no time.
        InputError for a GPU that is not on the bill, DataError without hours or a rate in USD.

        >>> read_bill("docs/bill.csv").measured("L4")
        {'gpu_hours': 890.0, 'compute_usd': 685.52, 'hours': 744.0}
        """
        self._check_known({"gpu": gpu})
        mine = [line for line in self.lines if gpu in (None, line.gpu)]
        hours = float(sum((line.gpu_hours for line in mine), Fraction(0)))
        if not hours > 0 or self.usd_per_unit is None:
            lacking = "GPU-hours" if hours <= 0 else f"worth of one {self.currency} in USD"
            raise DataError(f"{self.files[0]}: no {lacking}: the bill cannot be compared")
        cost = float(sum((line.cost for line in mine), Decimal(0))) * self.usd_per_unit
        found = {"gpu_hours": hours, "compute_usd": cost}
        return found | ({"hours": float(self.hours)} if self.hours else {})

    def _check_known(self, asked: Mapping[str, str | None]) -> None:
        """InputError for a GPU, region or term that the bill does not have."""
        for name, value in asked.items():
            known = sorted({getattr(line, name) for line in self.lines})
            if value is not None and value not in known:
                has = ", ".join(known) or "none"
                near = suggestion(value, known)
                message = f"{name} = {shown(value)} is not on the bill, which has {has}{near}"
                raise InputError([Problem(name, message)])

    def demand(
        self, gpu: str | None = None, region: str | None = None, term: str | None = None
    ) -> DemandCurve:
        """GPUs in use in each hour, for `tco.fleet`: of one GPU, region or term, or of all.

        Hours without a row are 0. InputError for a name that the bill does not have.

        >>> found = read_bill("docs/bill.csv").demand("L4")
        >>> len(found.gpus), round(found.gpus[0], 4)
        (744, 1.1962)
        """
        asked = {"gpu": gpu, "region": region, "term": term}
        self._check_known(asked)
        sums: dict[int, list[float]] = defaultdict(list)
        for key, hours in sorted(self.by_hour.items()):
            if all(value in (None, part) for value, part in zip(asked.values(), key, strict=True)):
                for hour, value in hours.items():
                    sums[hour].append(value)
        if not sums:
            raise DataError(f"{self.files[0]}: no GPU-hours: the bill has no demand for GPUs")
        start = self._check_timed()
        first = int(start.timestamp()) // SECONDS_PER_HOUR
        values = [math.fsum(sums.get(first + at, ())) for at in range(self.hours)]
        told = [f"GPU-hours of {', '.join(self.files)} by clock hour, in UTC"]
        if self.spread_share > 0:
            share = fixed_percent(self.spread_share)
            told.append(f"{share} of the hours have no clock time and are spread over their period")
        below = sum(1 for value in values if value < 0)
        if below:
            told.append(f"{below:,} hours in which corrections exceed use count as 0")
        empty = sum(1 for value in values if value <= 0) - below
        if empty:
            told.append(f"{empty:,} of {self.hours:,} hours have no GPU in use")
        return DemandCurve(
            gpus=tuple(max(0.0, value) for value in values),
            start=start.isoformat(timespec="minutes"),
            told=tuple(told),
        )

    # --- Tables

    @property
    def usage(self) -> pd.DataFrame:
        """GPU-hours, cost and rate by GPU, region and term."""
        return self._frame(("gpu", "region", "term"))

    @property
    def machines(self) -> pd.DataFrame:
        """The same by machine type too; empty where the bill names none."""
        return self._frame(("gpu", "instance", "region", "term"))

    def _frame(self, names: tuple[str, ...]) -> pd.DataFrame:
        import pandas as pd

        sums: dict[tuple[str, ...], list[Any]] = {}
        for line in self.lines:
            kept = sums.setdefault(
                tuple(getattr(line, name) for name in names), [Fraction(0), Decimal(0)]
            )
            kept[0] += line.gpu_hours
            kept[1] += line.cost
        rows = [
            (*key, float(hours), float(cost), float(cost) / float(hours) if hours > 0 else math.nan)
            for key, (hours, cost) in sorted(sums.items(), key=lambda one: (-one[1][0], one[0]))
        ]
        columns = [*names, "gpu_hours", "cost", "rate_per_gpu_hour"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def amounts(self) -> pd.DataFrame:
        """Where the money went: kind, what it was for, cost, rows; the sum is that of the files."""
        import pandas as pd

        rows = [(kind, what, float(cost), rows) for kind, what, cost, rows in self.details]
        return pd.DataFrame(rows, columns=["kind", "what", "cost", "rows"])

    @property
    def hourly(self) -> pd.DataFrame:
        """GPU-hours by clock hour [UTC], GPU, region and term; hours without any are left out."""
        import pandas as pd

        rows = [
            (utc(hour * SECONDS_PER_HOUR), *key, value)
            for key, hours in self.by_hour.items()
            for hour, value in hours.items()
        ]
        rows.sort(key=lambda row: row[:4])
        return pd.DataFrame(rows, columns=["hour", "gpu", "region", "term", "gpu_hours"])

    def to_dict(self) -> dict[str, Any]:
        """The bill in plain types, for JSON."""
        numbers = {kind: float(self.amounts_by_kind[kind]) for kind in KINDS}
        return {
            "format": self.format,
            "files": list(self.files),
            "currency": self.currency,
            "rows": self.rows,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "hours": self.hours,
            "gpu_hours": self.gpu_hours,
            "rate_per_gpu_hour": self.rate_per_gpu_hour,
            "usd_per_gpu_hour": self.usd_per_gpu_hour,
            "total": self.total,
            **numbers,
            "spread_share": self.spread_share,
            "remarks": list(self.remarks),
        }


def read_bill(
    paths: str | Path | Iterable[str | Path],
    format: str | None = None,  # noqa: A002 - what it is called in the shell
    *,
    usd_per: Mapping[str, float] | None = None,
) -> Bill:
    """A cloud bill, read from its export: GPU-hours, what they cost, and everything else.

    `paths` are files (CSV, gzip, ZIP, Parquet) or folders; `format` is `focus`, `cur`, `gcp` or
    `azure`, by default as the columns say. `usd_per` is what one unit of a currency is worth [USD];
    by default the newest rate of the data. DataError for what is no bill, is in two currencies, or
    has a month twice; InputError for an unknown format.

    >>> found = read_bill("docs/bill.csv")
    >>> found.gpu_hours, round(found.rate_per_gpu_hour, 4), found.total
    (890.0, 0.7702, 720.12)
    """
    form = format_named(format)
    named = [paths] if isinstance(paths, str | Path) else list(paths)
    sums, remarks = chosen(files_of(named), lambda one: read(one, form))
    kinds = {each.format.key for each in sums}
    if len(kinds) > 1:
        names = ", ".join(f"{each.name} ({each.format.title})" for each in sums)
        raise DataError(f"{names}: exports of several kinds: read each by itself")
    return _bill(sums, settled(sums), remarks, usd_per or {})


def _bill(
    sums: list[Sums], found: Settled, remarks: list[str], usd_per: Mapping[str, float]
) -> Bill:
    currency = _currency(sums)
    period, told = _period(sums)
    start, end = _with_hours(period, found) if period else (0, 0)
    left_out = math.fsum(
        value
        for hours in found.by_hour.values()
        for hour, value in hours.items()
        if not start <= hour * SECONDS_PER_HOUR < end
    )
    if period and abs(left_out) >= _LEAST_HOURS:
        told.append(f"{left_out:,.2f} GPU-hours are of other months: not in the demand by hour")
    worth = usd_per.get(currency) or _worth(currency)
    more = [] if worth else [f"what one {currency} is worth in USD is not known: give it"]
    return Bill(
        format=sums[0].format.key,
        files=tuple(each.name for each in sums),
        currency=currency,
        rows=sum(each.rows for each in sums),
        start=utc(start) if period else None,
        end=utc(end) if period else None,
        hours=(end - start) // SECONDS_PER_HOUR,
        spread_share=found.spread_share,
        amounts_by_kind=found.amounts,
        details=found.details,
        lines=found.lines,
        by_hour=found.by_hour,
        usd_per_unit=worth,
        remarks=(*remarks, *found.remarks, *told, *more),
    )


def _currency(sums: list[Sums]) -> str:
    """The currency of all files; USD where none names one, DataError for two."""
    seen: dict[str, str] = {}
    for each in sums:
        for code, row in each.currencies.items():
            seen.setdefault(code, f"{code} in {each.name}, row {row}")
    if len(seen) > 1:
        raise DataError(
            f"a bill in two currencies ({'; '.join(list(seen.values())[:2])}): split it"
        )
    return next(iter(seen), "USD")


def _worth(currency: str) -> float | None:
    if currency == "USD":
        return 1.0
    rates = [rate for rate in load().exchange_rates if rate.currency == currency]
    return max(rates, key=lambda rate: rate.as_of).usd_per_unit if rates else None


def _period(sums: list[Sums]) -> tuple[tuple[int, int] | None, list[str]]:
    """The hours that the bill is of [s]: its months, up to the last charge of one that is open."""
    used_from = min(each.first for each in sums)
    used_to = max(each.last for each in sums)
    periods = sorted({period for each in sums for period in each.periods})
    has_hours = used_to > used_from
    told: list[str] = []
    if not periods:
        if not has_hours:
            return None, ["no row says of which time it is: there is no demand by hour"]
        return _to_hours(used_from, used_to), told
    start, end = periods[0][0], max(to for _, to in periods)
    reaches_end = any(each.ends_at_period for each in sums)
    last_day = end - 24 * SECONDS_PER_HOUR
    if has_hours and not reaches_end and used_to <= last_day:
        told.append(
            f"charges go up to {utc(used_to):%Y-%m-%d %H:%M} UTC, the month to "
            f"{utc(end):%Y-%m-%d}: it counts as open, and its hours up to there"
        )
        end = used_to
    months = [utc(from_).month + 12 * utc(from_).year for from_, _ in periods]
    if any(after - before > 1 for before, after in pairwise(months)):
        told.append("there are months between those of the bill: their hours count as idle")
    return _to_hours(start, end), told


def _with_hours(period: tuple[int, int], found: Settled) -> tuple[int, int]:
    """The period with the hours of GPUs beside it: months begin and end by the clock of a cloud."""
    start, end = period
    for hours in found.by_hour.values():
        for hour in hours:
            at = hour * SECONDS_PER_HOUR
            if period[0] - _NEAR <= at < period[1] + _NEAR:
                start, end = min(start, at), max(end, at + SECONDS_PER_HOUR)
    return start, end


def _to_hours(start: int, end: int) -> tuple[int, int]:
    first = start // SECONDS_PER_HOUR * SECONDS_PER_HOUR
    last = -(-end // SECONDS_PER_HOUR) * SECONDS_PER_HOUR
    return first, max(last, first + SECONDS_PER_HOUR)
