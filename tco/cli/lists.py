"""Commands that list what there is: inputs, GPUs, rates, offers, history."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from tco.cli.output import stamped, writing
from tco.cli.sources import catalogue_of, prices_option
from tco.market.catalogue import Catalogue
from tco.scenario import Scenario

_as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_HISTORY = ("series", "as_of", "usd_per_gpu_hour", "age_days", "source")
_TRENDS = (
    *("series", "first_date", "last_date", "observations", "change_per_year", "low_per_year"),
    *("high_per_year", "r_squared", "endpoint_change_per_year", "method", "why"),
)
_OFFERS = (
    *("provider", "market", "instance", "gpus_per_instance", "region", "term", "usd_per_gpu_hour"),
    *("comparable", "why_not", "as_of", "age_days", "freshness", "source"),
)


@click.command("inputs")
@_as_json
@prices_option
def inputs(as_json: bool, prices: str) -> None:
    """Every input: name, unit, domain, default, source."""
    from tco.cli.listing import inputs_table

    catalogue = catalogue_of(prices)
    _listed(catalogue, *inputs_table(catalogue), as_json, "inputs")


@click.command("gpus")
@_as_json
@prices_option
def gpus(as_json: bool, prices: str) -> None:
    """The GPUs of the catalogue."""
    from tco.cli.listing import gpus_table

    catalogue = catalogue_of(prices)
    _listed(catalogue, *gpus_table(catalogue), as_json, "gpus")


@click.command("rates")
@click.option("--gpu", metavar="TEXT", help="Only this GPU.")
@_as_json
@prices_option
def rates(gpu: str | None, as_json: bool, prices: str) -> None:
    """Rental rates with provider, region, term, date and source: every observation."""
    from tco.cli.listing import rates_table

    Scenario(gpu=gpu)
    catalogue = catalogue_of(prices)
    _listed(catalogue, *rates_table(gpu, catalogue), as_json, "rates")


def _asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a question to the rental market."""
    for name, words in (
        ("as-of", "ages count from here, later offers are left out"),
        ("region", "a region or a country; any for all"),
        ("term", "on_demand, spot, 1yr, 3yr or 5yr"),
        ("provider", "only this provider"),
    ):
        command = click.option(f"--{name}", metavar="TEXT", help=words)(command)
    return click.option("--gpu", metavar="TEXT", required=True, help="The GPU.")(command)


@click.command("offers")
@_asked
@_as_json
@prices_option
def offers(as_json: bool, prices: str, **asked: Any) -> None:
    """The rental offers for a GPU: which are compared, how old they are, P10, P50 and P90."""
    from tco.analysis.offers import offer_quantiles
    from tco.analysis.offers import offers as offers_of

    catalogue = catalogue_of(prices)
    found, lie = (call(**asked, prices=catalogue) for call in (offers_of, offer_quantiles))
    if as_json:
        _write(stamped(catalogue, offers=records(found), quantiles=records(lie)))
    else:
        _write(f"{table(found, _OFFERS)}\n{table(lie, tuple(lie.columns))}")


@click.command("history")
@_asked
@_as_json
@prices_option
def history(as_json: bool, prices: str, **asked: Any) -> None:
    """What a GPU rented for over time, and the change per year of each series."""
    from tco.analysis.history import history as history_of
    from tco.analysis.history import trends

    catalogue = catalogue_of(prices)
    found, fitted = (call(**asked, prices=catalogue) for call in (history_of, trends))
    if as_json:
        seen = found.drop(columns="date")
        _write(stamped(catalogue, history=records(seen), trends=records(fitted)))
    else:
        _write(f"{table(found, _HISTORY)}\n{table(fitted, _TRENDS)}")


def records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame with None for what is not there or infinite, dates as text."""
    plain = frame.replace([math.inf, -math.inf], math.nan).astype(object)
    plain = plain.where(plain.notna(), None)
    for name in frame.select_dtypes("datetime"):
        plain[name] = frame[name].dt.strftime("%Y-%m-%d")
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.values.tolist()]


def table(frame: Any, columns: tuple[str, ...]) -> str:
    """Some columns of a frame, aligned for a terminal."""
    from tco.cli.listing import aligned

    return aligned(columns, [tuple(row[name] for name in columns) for row in records(frame)])


def _listed(
    catalogue: Catalogue,
    header: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    as_json: bool,
    name: str,
) -> None:
    from tco.cli.listing import aligned

    if as_json:
        listed = [dict(zip(header, row, strict=True)) for row in rows]
        _write(stamped(catalogue, **{name: listed}))
    else:
        _write(aligned(header, rows))


def _write(text: str) -> None:
    with writing("-") as stream:
        stream.write(text)
