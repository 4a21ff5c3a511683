"""Commands that list what there is: inputs, GPUs, rates, offers, history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tco.analysis.history import history, offer_quantiles, offers, trends
from tco.cli.commands import Command
from tco.cli.parameters import catalogue_of, json_option, prices_option
from tco.cli.printing import aligned, records, stamped, table, write
from tco.inputs import INPUTS, PRICES, RATE
from tco.market.catalogue import Catalogue
from tco.market.evidence import age_days, freshness
from tco.market.policy import POLICY
from tco.report.provenance import badge
from tco.scenario import Scenario
from tco.words.remarks import default_rate

_INPUT = (
    *("name", "unit", "domain", "default", "low", "high", "status", "as_of", "age_days"),
    *("source", "meaning"),
)
_GPU = ("gpu", "name", "memory_gb", "gpu_w", "idle_w", "host", "as_of")
_RATE = (
    *("gpu", "provider", "instance", "region", "country", "term", "usd_per_gpu_hour"),
    *("host_included", "as_of"),
)
_HISTORY = ("series", "as_of", "usd_per_gpu_hour", "age_days", "source")
_TRENDS = (
    *("series", "first_date", "last_date", "observations", "change_per_year", "low_per_year"),
    *("high_per_year", "r_squared", "endpoint_change_per_year", "method", "why"),
)
_OFFERS = (
    *("provider", "market", "instance", "gpus_per_instance", "region", "term", "usd_per_gpu_hour"),
    *("comparable", "why_not", "as_of", "age_days", "freshness", "source"),
)


@click.command("inputs", cls=Command)
@json_option
@prices_option
def inputs_command(as_json: bool, prices: str) -> None:
    """Every input: name, unit, domain, default, source."""
    catalogue = catalogue_of(prices)
    resolved = Scenario(prices=catalogue).resolved()
    on = resolved["as_of"].value
    rows = []
    for entry in resolved.values():
        declared = INPUTS[entry.name]
        named = (entry.name, entry.unit, declared.domain, entry.value, entry.low, entry.high)
        dated = (entry.status, entry.as_of, badge(entry.as_of, on)[1])
        source = entry.note if entry.status == POLICY else catalogue.cited(entry.source_id)[0]
        rows.append((*named, *dated, source, declared.meaning))
    _list(catalogue, "inputs", _INPUT, rows, as_json)


@click.command("gpus", cls=Command)
@json_option
@prices_option
def gpus_command(as_json: bool, prices: str) -> None:
    """The GPUs in the catalog."""
    catalogue = catalogue_of(prices)
    rows = []
    for gpu in catalogue.gpus.values():
        values = Scenario(gpu=gpu.gpu, prices=catalogue).values()
        known = (*(getattr(gpu, name) for name in _GPU), *(values[name] for name in PRICES))
        rows.append((*known, catalogue.cited(gpu.source_id)[0]))
    _list(catalogue, "gpus", (*_GPU, *PRICES, "source"), rows, as_json)


@click.command("rates", cls=Command)
@click.option("--gpu", metavar="TEXT", help="Only this GPU.")
@json_option
@prices_option
def rates_command(gpu: str | None, as_json: bool, prices: str) -> None:
    """Rental rates with provider, region, term, date and source: every observation."""
    Scenario(gpu=gpu)
    catalogue = catalogue_of(prices)
    rows = []
    for key in catalogue.gpus if gpu is None else (gpu,):
        for rate in catalogue.rates_of(key):
            age = age_days(rate.as_of, catalogue.newest)
            source = catalogue.cited(rate.source_id)[0]
            rows.append((*(getattr(rate, name) for name in _RATE), age, freshness(age), source))
    _list(catalogue, "rates", (*_RATE, "age_days", "freshness", "source"), rows, as_json)


def _list(
    catalogue: Catalogue,
    name: str,
    header: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    as_json: bool,
) -> None:
    if as_json:
        listed = [dict(zip(header, row, strict=True)) for row in rows]
        write("-", stamped(catalogue, **{name: listed}))
    else:
        write("-", aligned(header, rows))


def _market_options(command: Callable[..., None]) -> Callable[..., Any]:
    """The options of a question to the rental market."""
    for name, words in (
        ("as-of", "count ages from this date; later offers are left out"),
        ("region", "a region or a country; any for all"),
        ("term", "on_demand, spot, 1yr, 3yr or 5yr"),
        ("provider", "only this provider"),
    ):
        command = click.option(f"--{name}", metavar="TEXT", help=words)(command)
    return click.option("--gpu", metavar="TEXT", required=True, help="The GPU.")(command)


@click.command("offers", cls=Command)
@_market_options
@json_option
@prices_option
def offers_command(as_json: bool, prices: str, **asked: Any) -> None:
    """The rental offers for a GPU: which are comparable, how old they are, P10, P50 and P90.

    And the rate that answers take where none is given, which need not be P50: a commitment is a
    discount on the on-demand rate, and a GPU that no provider rents out borrows the rate of
    another.
    """
    catalogue = catalogue_of(prices)
    found, lie = (call(**asked, prices=catalogue) for call in (offers, offer_quantiles))
    given = {name: value for name, value in asked.items() if value is not None}
    rate = Scenario(**given, prices=catalogue).resolved()[RATE]
    if as_json:
        default = {"usd_per_gpu_hour": rate.value, "note": rate.note}
        shown = {"offers": records(found), "quantiles": records(lie), "default_rate": default}
        write("-", stamped(catalogue, **shown))
    else:
        told = default_rate(rate.value, rate.note)
        write("-", f"{table(found, _OFFERS)}\n{told}\n\n{table(lie)}")


@click.command("history", cls=Command)
@_market_options
@json_option
@prices_option
def history_command(as_json: bool, prices: str, **asked: Any) -> None:
    """The rental price of a GPU over time, and the change per year of each series."""
    catalogue = catalogue_of(prices)
    found, fitted = (call(**asked, prices=catalogue) for call in (history, trends))
    if as_json:
        seen = found.drop(columns="date")
        write("-", stamped(catalogue, history=records(seen), trends=records(fitted)))
    else:
        write("-", f"{table(found, _HISTORY)}\n{table(fitted, _TRENDS)}")


COMMANDS = (inputs_command, gpus_command, rates_command, offers_command, history_command)
