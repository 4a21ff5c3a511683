"""The rate implicit in a lease in words: a sentence, and rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tco.finance.lease import LeaseRate
from tco.report.finance_asked import apr_text, rate_figures
from tco.words.currencies import Conversion
from tco.words.figures import dollars, months_text, period

LEASE_LABELS = ("Measure", "Value", "Note")
LEASE_REPORT_COLUMNS = ("name", "value", "unit")
_UNITS = {
    **dict.fromkeys(("nominal_rate", "effective_rate"), "share per year"),
    "rate_per_payment": "share",
    "payments": "payments",
    **dict.fromkeys(("months", "interval_months"), "months"),
}
_EVERY = {1: "monthly", 3: "quarterly", 6: "half-yearly", 12: "yearly"}


def lease_sentence(offer: LeaseRate) -> str:
    """What the rate is, and inside which offer.

    >>> from tco.finance.lease import lease_rate
    >>> lease_sentence(lease_rate(2_900, 36, 100_000, residual_usd=10_000, in_advance=True))
    'This lease costs 8.681 % a year nominal, 9.035 % effective: $2,900 monthly in advance for 3 years on $100,000, with a residual value of $10,000.'
    """  # noqa: E501
    every = _EVERY.get(offer.interval_months, f"every {months_text(offer.interval_months)}")
    when = "in advance" if offer.in_advance else "in arrears"
    fee = f", plus {dollars(offer.fee_usd)} at the start," if offer.fee_usd else ""
    left = f", with a residual value of {dollars(offer.residual_usd)}" if offer.residual_usd else ""
    return (
        f"This lease costs {apr_text(offer.nominal_rate)} a year nominal, "
        f"{apr_text(offer.effective_rate)} effective: {dollars(offer.payment_usd)} {every} {when} "
        f"for {period(offer.months)}{fee} on {dollars(offer.value_usd)}{left}."
    )


def lease_rows(offer: LeaseRate) -> list[tuple[str, str, str]]:
    """The rate implicit in a lease as rows: its name, its value, and what stands beside it.

    >>> from tco.finance.lease import lease_rate
    >>> lease_rows(lease_rate(100, 12, 1_200))[0]
    ('Nominal rate', '0.000 %', 'a year (APR): 0.000 % a month')
    """
    return [(title, value, note) for title, value, note, _ in rate_figures(offer)]


def lease_report_rows(
    offer: LeaseRate, conversion: Conversion | None = None
) -> list[tuple[str, Any, str]]:
    """Every number of it for a file: name, value, unit; converted amounts beside those in USD.

    >>> from tco.finance.lease import lease_rate
    >>> rows = lease_report_rows(lease_rate(100, 12, 1_200), Conversion("EUR", 0.5, "2026-11-20"))
    >>> [row for row in rows if row[0].startswith("payment_")]
    [('payment_usd', 100.0, 'USD'), ('payment_eur', 50.0, 'EUR')]
    """
    rows: list[tuple[str, Any, str]] = []
    for name, value in asdict(offer).items():
        is_money = name.endswith("_usd")
        rows.append((name, value, "USD" if is_money else _UNITS.get(name, "")))
        if is_money and conversion is not None:
            converted = value * conversion.fx_rate
            rows.append((conversion.name(name), converted, conversion.currency))
    return rows
