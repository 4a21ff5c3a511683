"""The decision sheet: verdict, curve, inputs, options and sources on one A4 page of HTML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tco.model.breakeven import tax_words
from tco.report.csv import versions
from tco.report.display import written
from tco.report.options_data import SITES
from tco.report.sheet import sections
from tco.report.sheet.facts import Facts, facts_of
from tco.report.sheet.markup import Html, tag
from tco.report.sheet.references import references
from tco.scenario import Resolved, Scenario
from tco.version import __version__

# Nothing is fetched and nothing runs, whatever the text says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PRICES = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")


def page(scenario: Scenario, link: str = "") -> str:
    """The decision sheet of one scenario as an HTML document that prints on one A4 page.

    It needs no network, runs no script, and is the same text for the same scenario and data.
    `link` is the address of the app with the scenario, or only its query string ("?v=1&…"); what
    is no web address is shown as text. Without SciPy the odds are left out, and it says so.
    Amounts are in USD, with key figures in the scenario's currency too. InputError for a table of
    scenarios, and for inputs that do not go together.

    >>> sheet = page(Scenario(gpu="L4"))
    >>> sheet.startswith("<!doctype html>"), "<script" in sheet
    (True, False)
    """
    facts = facts_of(scenario)
    known = references(_named(facts), scenario.catalogue)
    title = heading(facts)
    body = tag(
        "main",
        _header(facts, title),
        tag("div", _answered(facts), sections.curve(facts), class_="pair"),
        sections.inputs(facts, known),
        sections.options(facts),
        tag("div", sections.not_counted(facts), sections.sources(known), class_="notes"),
        _footer(facts, link),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Html(_style())),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', body), lang='en')}\n"


def _answered(facts: Facts) -> Html:
    return tag("div", sections.verdict(facts), sections.figures(facts), class_="answered")


@lru_cache(maxsize=1)
def _style() -> str:
    return Path(__file__).with_name("sheet.css").read_text(encoding="utf-8")


def _named(facts: Facts) -> list[Resolved]:
    """The inputs whose sources are listed: both prices, and those that matter most."""
    names = dict.fromkeys([*(row["input"] for row in facts.matters), *_PRICES])
    return [facts.resolved[name] for name in names]


def heading(facts: Facts) -> str:
    """What is decided: how many of which GPU.

    >>> heading(facts_of(Scenario(gpu="L4", gpus=1000)))
    'Rent or buy 1,000 × L4?'
    """
    values = facts.values
    return f"Rent or buy {values['gpus']:,} × {values['gpu']}?"


def _header(facts: Facts, title: str) -> Html:
    values = facts.values
    what = " · ".join(
        (
            SITES[values["hosting"]],
            written("horizon_months", values["horizon_months"]),
            f"{written('utilization', values['utilization'])} busy",
            f"{written('discount_rate', values['discount_rate'])} cost of capital",
            tax_words(values),
        )
    )
    dated = f"data as of {values['as_of']}"
    return tag("header", tag("h1", title), tag("p", what), tag("p", dated, class_="quiet"))


def _footer(facts: Facts, link: str) -> Html:
    catalogue = facts.scenario.catalogue
    stamps = versions(catalogue)
    said = (
        f"tco {__version__} · model version {stamps['model_version']} · "
        f"data version {stamps['data_date']} ({catalogue.label}) · "
        f"schema version {stamps['schema_version']} · amounts in USD · {tax_words(facts.values)}"
    )
    return tag("footer", sections.linked(link), tag("p", said))


__all__ = ["heading", "page"]
