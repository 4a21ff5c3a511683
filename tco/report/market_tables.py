"""What the Data page shows, as frames, and what a GPU rents for: the band of the offers, the rates.

Ages count from the scenario's `as_of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tco.analysis.check import check
from tco.analysis.history import SERIES, TREND
from tco.inputs import INPUTS, PRICE, RATE, Inputs
from tco.market.catalogue import Catalogue, Quote
from tco.market.evidence import comparable, deciles, offers, provider_medians
from tco.market.files import first_day, known_from
from tco.market.observed import Import, RejectionCount
from tco.model.breakeven import answered, model_values
from tco.model.results import breakeven_value
from tco.report.csv import stamps, table, tidy
from tco.report.currency import AMOUNT, rows_in_currency
from tco.report.provenance import age_text, badge
from tco.scenario import Scenario
from tco.words.currencies import Conversion, shown_by_default
from tco.words.currencies import conversion as in_force
from tco.words.figures import change_text, counted, day_text

if TYPE_CHECKING:
    import pandas as pd

DEFAULTS = (
    *("input", "value", "low", "high", "unit", "status", "source", "date", "age_days"),
    *("freshness", "note", "link"),
)
PRICES = ("basis", "usd", "date", "age_days", "freshness", "source", "note", "link")
QUOTES = ("for", "value", "provider", "region", "term", "date", "valid_until", "status", "note")
# Columns of choices, and the inputs whose choices they are.
_CHOICES = {"basis": "price_basis", "term": "term", "market": "term"}
# What chooses among offers.
_OFFERED = ("gpu", "provider", "region", "term", "as_of")
# A change a year that is none.
_STILL = 0.005
_POINTS = 96
_LEAST_BUSY = 0.05


@dataclass(frozen=True)
class Band:
    """Where offers lie [USD per GPU-hour].

    `low` to `high` is the usually quoted band where there is one, else the P10 to P90 of the dated
    offers, which are in `offered_low` and `offered_high` in any case (None without offers).
    """

    low: float
    high: float
    quoted: bool
    offered_low: float | None
    offered_high: float | None
    offers: int
    providers: dict[str, float]

    def below(self, rate: float) -> int:
        """How many providers' median offers are below a rate."""
        return sum(median < rate for median in self.providers.values())


def band(scenario: Scenario) -> Band | None:
    """The band of the offers that a scenario chooses from; None without any.

    >>> found = band(Scenario(gpu="L4"))
    >>> found.low, found.high, found.quoted
    (0.5, 0.85, True)
    """
    values = scenario.values()
    return _band(scenario.catalogue, *(values[name] for name in _OFFERED))


@lru_cache(maxsize=1024)
def _band(catalogue: Catalogue, *choice: str) -> Band | None:
    gpu, _, _, term, _ = choice
    rows = comparable(offers(catalogue, *choice), catalogue)
    low, _, high = deciles(row.usd_per_gpu_hour for row in rows) or (None, None, None)
    quoted = next(
        (
            (row.low_usd_per_gpu_hour, row.high_usd_per_gpu_hour)
            for row in catalogue.quoted_rates
            if (row.gpu, row.term) == (gpu, term)
        ),
        None,
    )
    shown = quoted or (low, high)
    if shown[0] is None or shown[1] is None:
        return None
    medians = provider_medians(rows)
    return Band(shown[0], shown[1], quoted is not None, low, high, len(rows), medians)


def rate_curve(scenario: Scenario) -> pd.DataFrame:
    """The rental rate at which both sides cost the same, by utilization.

    Columns: utilization [share], breakeven_rate_usd_per_gpu_hour. It does not depend on the rate
    itself, so a GPU without offers has one too.

    >>> frame = rate_curve(Scenario(gpu="L4", billing="per_use"))
    >>> bool((frame["breakeven_rate_usd_per_gpu_hour"].diff().dropna() < 0).all())
    True
    """
    import numpy as np
    import pandas as pd

    busy = np.linspace(_LEAST_BUSY, 1, _POINTS)
    values = model_values(with_rate(scenario), (PRICE,))
    with np.errstate(all="ignore"):
        rates = breakeven_value(Inputs.of({**values, "utilization": busy}), RATE)
    return pd.DataFrame({"utilization": busy, "breakeven_rate_usd_per_gpu_hour": rates})


def fair_rate(scenario: Scenario) -> float:
    """The rental rate at which both sides cost the same [USD per GPU-hour]; known without offers.

    >>> fair_rate(Scenario(gpu="RTX-PRO-4500", provider="lambda")) > 0
    True
    """
    return float(answered(with_rate(scenario)).breakeven_rate_usd_per_gpu_hour)


def with_rate(scenario: Scenario) -> Scenario:
    """The scenario with the rate 0 where none is known."""
    if scenario.values()["rate_usd_per_gpu_hour"] is not None:
        return scenario
    return replace(scenario, rate_usd_per_gpu_hour=0)


def defaults_frame(scenario: Scenario) -> pd.DataFrame:
    """Every input as text: value, low to high, unit, status, source, date, age.

    >>> frame = defaults_frame(Scenario(gpu="L4", pue=1.2)).set_index("input")
    >>> frame.loc["pue", ["value", "low", "high", "status"]].tolist()
    ['1.2', '1.15', '1.8', 'yours']
    """
    resolved, rows = scenario.resolved(), []
    for name, entry in resolved.items():
        (source, urls), declared = scenario.catalogue.cited(entry.source_id), INPUTS[name]
        ends = {"low": entry.low, "high": entry.high}
        row = {
            "input": name,
            "value": declared.written(entry.value),
            **{at: "" if end is None else declared.written(end) for at, end in ends.items()},
            "unit": declared.shown_unit,
            "status": entry.status,
            "source": source,
            "note": entry.note,
            "link": web(urls),
        }
        as_of = entry.as_of if name != "as_of" else ""
        rows.append({**row, **_dated(as_of, resolved["as_of"].value)})
    return _frame(rows, DEFAULTS)


def with_words(frame: pd.DataFrame, on: str) -> pd.DataFrame:
    """The frame for a screen: choices and ages on a day in words, low and high together.

    >>> with_words(prices_frame(Scenario(gpu="L4")), "2027-01-01")["age"].str[-5:].unique()[0]
    'stale'
    """
    when = "as_of" if "as_of" in frame else "date"
    shown = frame.drop(columns=[name for name in ("age_days", "freshness") if name in frame])
    ages = [age_text(day, on) for day in frame[when]]
    for column, name in _CHOICES.items():
        if column in shown:
            shown[column] = [INPUTS[name].word(choice) for choice in shown[column]]
    shown.insert(list(shown.columns).index(when) + 1, "age", ages)
    if {"low", "high"} <= set(shown.columns):
        ends = zip(shown["low"], shown["high"], strict=True)
        shown["low"] = [f"{low} to {high}" if low else "" for low, high in ends]
        shown = shown.rename(columns={"low": "low to high"}).drop(columns="high")
    return shown


def prices_frame(scenario: Scenario) -> pd.DataFrame:
    """Every purchase price of the scenario's GPU that was known on its day, by basis, newest first.

    >>> "street" in set(prices_frame(Scenario(gpu="L4"))["basis"])
    True
    """
    catalogue, day = scenario.catalogue, scenario.values()["as_of"]
    listed = catalogue.prices_of(scenario.values()["gpu"])
    known = [row for row in listed if known_from(row) <= day]
    rows = []
    newest = sorted(known, key=lambda row: first_day(row.as_of), reverse=True)
    for row in sorted(newest, key=lambda row: row.price_basis):
        source, urls = catalogue.cited(row.source_id)
        said = {"basis": row.price_basis, "usd": row.usd, "source": source, "note": row.note}
        rows.append({**said, **_dated(row.as_of, day), "link": web(urls)})
    return _frame(rows, PRICES)


# What becomes of a quote in a scenario.
USED, EXPIRED, UNUSED = "in use", "expired", "not in use"


def quote_status(scenario: Scenario, quote: Quote) -> str:
    """Whether a scenario rests on a quote: in use, expired on its day, or not in use.

    >>> quote = Quote("L4", RATE, 0.4, "acme", "any", "1yr", "2026-11-21", "2026-12-31", "")
    >>> quote_status(Scenario(rate_usd_per_gpu_hour=0.4), quote), quote_status(Scenario(), quote)
    ('in use', 'not in use')
    """
    resolved = scenario.resolved()
    entry = resolved[quote.input]
    if quote.input in scenario.given:
        is_used = entry.value == quote.value
    else:
        used = ("yours", quote.value, quote.as_of)
        is_used = (entry.status, entry.value, entry.as_of) == used
    return USED if is_used else EXPIRED if quote.valid_until < resolved["as_of"].value else UNUSED


def quotes_frame(scenario: Scenario, quotes: Iterable[Quote]) -> pd.DataFrame:
    """Quotes made to the user, in their order, and which of them a scenario rests on."""
    rows = []
    for quote in quotes:
        said = {name: getattr(quote, name) for name in ("provider", "region", "note")}
        said |= {
            "for": INPUTS[quote.input].label,
            "value": INPUTS[quote.input].written(quote.value),
        }
        said |= {"term": quote.term and INPUTS["term"].word(quote.term)}
        said |= {"status": quote_status(scenario, quote), "date": quote.as_of}
        rows.append({**said, "valid_until": quote.valid_until})
    return _frame(rows, QUOTES)


def imports_frame(imports: Iterable[Import]) -> pd.DataFrame:
    """What was imported into a store, the newest first."""
    counts = ("rows", "added", "known", "aside")
    columns = ("import_id", "at", "collector", "file", "as_of", *counts, "undone")
    return _frame([asdict(row) for row in imports][::-1], columns)


def aside_frame(counts: Iterable[RejectionCount]) -> pd.DataFrame:
    """What imports set aside and why, the most frequent first."""
    columns = ("import_id", "provider", "gpu", "reason", "count", "first_line", "example")
    rows = sorted((asdict(row) for row in counts), key=lambda row: int(row["count"]), reverse=True)
    return _frame(rows, columns)


def findings_frame(scenario: Scenario) -> pd.DataFrame:
    """What there is to look at in the prices of the scenario's GPU, and every assumption.

    >>> set(findings_frame(Scenario(gpu="L4"))["kind"]) >= {"assumption"}
    True
    """
    catalogue, values = scenario.catalogue, scenario.values()
    gpu = values["gpu"]
    known = {gpu: catalogue.gpus[gpu]} if gpu in catalogue.gpus else {}
    found = check(replace(catalogue, gpus=known), scenario.given.get("as_of"))
    rows = [
        asdict(replace(one, subject=label, message=one.message.replace(one.subject, label, 1)))
        for one in found
        for label in [INPUTS[one.subject].label if one.subject in INPUTS else one.subject]
    ]
    return _frame(rows, ("kind", "subject", "message"))


def amounts_of(frame: pd.DataFrame) -> list[str]:
    """The columns of a frame that are amounts in USD, and numbers.

    >>> import pandas as pd
    >>> amounts_of(pd.DataFrame({"saving_usd": [1.0], "cost, USD": [2], "rate [USD]": ["$3"]}))
    ['saving_usd', 'cost, USD']
    """
    return [
        name for name in map(str, frame) if AMOUNT.search(name) and frame[name].dtype.kind in "if"
    ]


def frame_csv(
    frame: pd.DataFrame, catalogue: Catalogue, conversion: Conversion | None = None
) -> str:
    """A frame as a CSV text, each row with the versions that made it; nothing in it is a formula.

    Beside amounts in USD stand those of the conversion, or of the one in force.

    >>> frame_csv(prices_frame(Scenario(gpu="L4")), Scenario().catalogue).split(",", 1)[0]
    'basis'
    """
    with shown_by_default(conversion):
        return rows_csv(frame.columns, frame.itertuples(index=False), catalogue)


def rows_csv(
    header: Iterable[str],
    rows: Iterable[Iterable[Any]],
    catalogue: Catalogue,
    converted: Conversion | None = None,
) -> str:
    """The same of rows under their header; `converted` says how some of them are already.

    Digits that only rounding made are left out.

    >>> rows_csv(["mirr"], [[0.1 + 0.2]], Scenario().catalogue).splitlines()[1].split(",")[0]
    '0.3'
    """
    names, found = tuple(header), in_force()
    named, kept = rows_in_currency(names, (tuple(map(_plain, row)) for row in rows), found)
    made = stamps(catalogue, found if len(named) > len(names) else converted)
    return table((*named, *made), ((*map(tidy, row), *made.values()) for row in kept))


def _plain(cell: Any) -> Any:
    """A cell in the types of Python: a date as its day, nothing as None."""
    import pandas as pd

    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.date().isoformat()
    return cell.item() if hasattr(cell, "item") else cell


def _dated(as_of: str, on: str) -> dict[str, Any]:
    return dict(zip(("date", "freshness", "age_days"), (as_of, *badge(as_of, on)), strict=True))


def history_title(history: pd.DataFrame, trends: pd.DataFrame) -> str:
    """How the longest series with a trend moved, or that none is long enough for one.

    `history` and `trends` are the frames of `tco.history` and `tco.trends`, which may be empty.

    >>> from tco.analysis.history import history, trends
    >>> asked = {"gpu": "L4", "provider": "gcp", "term": "spot", "region": "us-central1"}
    >>> history_title(history(**asked), trends(**asked))[:50]
    'gcp g2-standard-4 us-central1 spot: +16 % a year ('
    """
    count = history["series"].nunique()
    if trends.empty:
        seen = counted(len(history), "observation")
        return f"{seen} in {count} series, {day_text(history['as_of'])}"
    known = trends[trends["method"] != "none"].sort_values(
        ["method", "observations"], ascending=[False, False]
    )
    if known.empty:
        none = f"None of {count} series is long" if count > 1 else "The only series is not long"
        return f"{none} enough for a trend, which takes a year and six observations"
    row = known.iloc[0]
    term = INPUTS["term"].word(row["term"])
    name = f"{row['provider']} {row['instance']} {row['region']} {term}"
    since = f"since {row['first_date']:%Y-%m}"
    if row["method"] == "endpoint" and abs(row["change_per_year"]) < _STILL:
        return f"{name} has been flat {since}"
    steps = ", in steps," if row["method"] == "endpoint" else ""
    return f"{name}: {change_of(row)}{steps} {since}"


def change_of(row: Any) -> str:
    """The change a year of a row of `tco.trends()`, in words."""
    return change_text(row["change_per_year"], row["low_per_year"], row["high_per_year"])


def history_sentence(history: pd.DataFrame, trends: pd.DataFrame) -> str:
    """The same as a sentence, and how many of several series have a trend; empty for no price.

    >>> from tco.analysis.history import history, trends
    >>> asked = {"gpu": "L4", "provider": "gcp", "term": "spot", "region": "us-central1"}
    >>> history_sentence(history(**asked), trends(**asked)).partition(" since ")[2]
    '2023-06. 1 of 9 series is long enough for a trend.'
    """
    if history.empty:
        return ""
    told, count = f"{history_title(history, trends)}.", history["series"].nunique()
    known = int((trends["method"] != "none").sum())
    if not known or count == 1:
        return told
    return (
        f"{told} {known} of {count} series {'is' if known == 1 else 'are'} long enough for a trend."
    )


def no_trends() -> pd.DataFrame:
    """Trends of nothing, for a history without them.

    >>> len(no_trends())
    0
    """
    return _frame([], (*SERIES, *TREND))


def web(urls: str) -> str:
    """The first of some addresses that is a page; what else a source may say is no link.

    >>> web("javascript:alert(1) https://example.org/a"), web("by telephone")
    ('https://example.org/a', '')
    """
    return next((url for url in urls.split() if url.startswith(("https://", "http://"))), "")


def _frame(rows: list[dict[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(columns))
    if "age_days" in frame:
        frame["age_days"] = frame["age_days"].astype("Int64")
    return frame
