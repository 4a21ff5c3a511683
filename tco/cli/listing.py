"""Lists of what there is: inputs, GPUs, rental rates."""

from __future__ import annotations

from typing import Any

from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.report.csv_report import cited
from tco.report.text import cell
from tco.scenario import Scenario

_WIDEST = 60


def inputs_table() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Every input with its default for the default GPU."""
    header = ("name", "unit", "domain", "default", "status", "as_of", "source", "meaning")
    rows = [
        (
            entry.name,
            entry.unit,
            INPUTS[entry.name].domain,
            entry.value,
            entry.status,
            entry.as_of,
            cited(entry.source_id)[0],
            INPUTS[entry.name].meaning,
        )
        for entry in Scenario().resolved().values()
    ]
    return header, rows


def gpus_table() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Every GPU with what its scenario starts from."""
    specification = ("gpu", "name", "memory_gb", "gpu_w", "idle_w", "host", "as_of")
    header = (*specification, "price_usd_per_gpu", "rate_usd_per_gpu_hour", "source")
    rows = []
    for gpu in load().gpus.values():
        values = Scenario(gpu=gpu.gpu).values()
        price, rate = values["price_usd_per_gpu"], values["rate_usd_per_gpu_hour"]
        source = cited(gpu.source_id)[0]
        rows.append((*(getattr(gpu, name) for name in specification), price, rate, source))
    return header, rows


def rates_table(gpu: str | None) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Every rental rate, of one GPU or all."""
    offer = ("gpu", "provider", "instance", "region", "country", "term", "usd_per_gpu_hour")
    columns = (*offer, "host_included", "as_of")
    rows = [
        (*(getattr(rate, name) for name in columns), cited(rate.source_id)[0])
        for rate in load().rates
        if gpu in (None, rate.gpu)
    ]
    return (*columns, "source"), rows


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
