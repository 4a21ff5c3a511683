"""Lists of what there is: inputs, GPUs, rental rates."""

from __future__ import annotations

from typing import Any

from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue
from tco.market.freshness import age_days, freshness
from tco.report.ages import input_age_days
from tco.report.csv import cited
from tco.report.text import cell
from tco.scenario import Scenario

_WIDEST = 60


def inputs_table(catalogue: Catalogue) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Every input with its default for the default GPU."""
    header = (
        *("name", "unit", "domain", "default", "low", "high", "status", "as_of", "age_days"),
        *("source", "meaning"),
    )
    resolved = Scenario(prices=catalogue).resolved()
    on = resolved["as_of"].value
    rows = [
        (
            entry.name,
            entry.unit,
            INPUTS[entry.name].domain,
            entry.value,
            entry.low,
            entry.high,
            entry.status,
            entry.as_of,
            input_age_days(entry, on),
            cited(entry.source_id, catalogue)[0],
            INPUTS[entry.name].meaning,
        )
        for entry in resolved.values()
    ]
    return header, rows


def gpus_table(catalogue: Catalogue) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Every GPU with what its scenario starts from."""
    specification = ("gpu", "name", "memory_gb", "gpu_w", "idle_w", "host", "as_of")
    header = (*specification, "price_usd_per_gpu", "rate_usd_per_gpu_hour", "source")
    rows = []
    for gpu in catalogue.gpus.values():
        values = Scenario(gpu=gpu.gpu, prices=catalogue).values()
        price, rate = values["price_usd_per_gpu"], values["rate_usd_per_gpu_hour"]
        source = cited(gpu.source_id, catalogue)[0]
        rows.append((*(getattr(gpu, name) for name in specification), price, rate, source))
    return header, rows


def rates_table(
    gpu: str | None, catalogue: Catalogue
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Every rental rate, of one GPU or all."""
    offer = ("gpu", "provider", "instance", "region", "country", "term", "usd_per_gpu_hour")
    columns = (*offer, "host_included", "as_of")
    rows = []
    for key in catalogue.gpus if gpu is None else (gpu,):
        for rate in catalogue.rates_of(key):
            age = age_days(rate.as_of, catalogue.newest)
            source = cited(rate.source_id, catalogue)[0]
            rows.append((*(getattr(rate, name) for name in columns), age, freshness(age), source))
    return (*columns, "age_days", "freshness", "source"), rows


def aligned(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A table for the terminal; numbers with up to six significant figures, long cells cut."""
    lines = [list(header), *([_short(value) for value in row] for row in rows)]
    widths = [min(_WIDEST, max(len(line[at]) for line in lines)) for at in range(len(header))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return cell(value)
