"""Exchange rates of the data: offered to who has none, never taken without being asked for."""

from __future__ import annotations

from dataclasses import dataclass

from tco.market.catalogue import exchange_rate
from tco.market.files import first_day
from tco.report.provenance import age_text
from tco.scenario import Scenario

_DIGITS = 6


@dataclass(frozen=True)
class DatedRate:
    """Units of a currency for one USD on a day, and who says so."""

    currency: str
    fx_rate: float
    fx_as_of: str
    source: str
    age: str = ""

    @property
    def words(self) -> str:
        """The rate with its day and its source.

        >>> DatedRate("EUR", 0.86, "2026-11-20", "a bank", "8 days old").words
        '0.86 EUR per USD as of 2026-11-20 (8 days old), a bank'
        """
        day = f"{self.fx_as_of} ({self.age})" if self.age else self.fx_as_of
        return f"{self.fx_rate:g} {self.currency} per USD as of {day}, {self.source}"


def offered(scenario: Scenario) -> tuple[DatedRate, ...]:
    """The newest exchange rate of each currency that the data of the scenario has on its day.

    >>> [(one.currency, one.fx_rate) for one in offered(Scenario(as_of="2026-11-28"))]
    [('EUR', 0.851861), ('GBP', 0.742611)]
    """
    catalogue, day = scenario.catalogue, scenario.values()["as_of"]
    found = []
    for currency in sorted({rate.currency for rate in catalogue.exchange_rates}):
        rate = exchange_rate(
            catalogue.exchange_rates, currency, day, lambda one: first_day(one.as_of)
        )
        if rate is not None:
            per_usd = float(f"{1 / rate.usd_per_unit:.{_DIGITS}g}")
            source, _ = catalogue.cited(rate.source_id)
            age = age_text(rate.as_of, day)
            found.append(DatedRate(currency, per_usd, rate.as_of, source, age))
    return tuple(found)
