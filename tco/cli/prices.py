"""`tco prices`: import market data, add your own, check it, export it."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tco.cli.commands import Group, check_ending
from tco.cli.completion import OneOf
from tco.cli.parameters import (
    catalogue_of,
    json_option,
    output_option,
    prices_option,
    table_options,
    wide_option,
)
from tco.cli.printing import aligned
from tco.cli.refresh import refresh_command
from tco.cli.streams import say, write, writing
from tco.errors import DataError, InputError, Problem
from tco.inputs.clock import today
from tco.market.price_sources import data_of
from tco.questions import stamped
from tco.words.figures import counted

if TYPE_CHECKING:
    from tqdm import tqdm

    from tco.market.catalogue import Catalogue
    from tco.market.observed import Batch
    from tco.market.store import PriceStore

_HOW = "use it with --prices store, or set TCO_PRICES=store"

_store = click.option(
    "--store",
    metavar="URL",
    help="Address of the price store (sqlite:///…, postgresql://…) or its file; by default a "
    "file in your data folder.  [env: TCO_STORE]",
)
_aside = click.option("--aside", metavar="FILE", help="Write every rejected row to a CSV file.")


def _opened(store: str | None) -> PriceStore:
    from tco.market.store import PriceStore

    return PriceStore(store or None)


def _collectors() -> Iterable[str]:
    from tco.market.importers import COLLECTORS

    return COLLECTORS


@click.group("prices", cls=Group)
def prices() -> None:
    """Your own market data: import, update, quotes, checks.

    It is kept in a price store on your machine and used only on request: --prices store.
    """


@prices.command("import")
@click.argument("collector", type=OneOf(_collectors))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--as-of", metavar="DATE", help="Date of the prices; by default the date of the file."
)
@click.option("--provider", metavar="KEY", help="Provider; by default the file name.")
@click.option(
    "--columns",
    "names",
    metavar="OURS=THEIRS,…",
    default="",
    help="Columns that have other names in the file, such as gpu=gpu_model,as_of=date.",
)
@click.option(
    "--usd-per",
    metavar="CODE=USD,…",
    default="",
    help="What one unit of a currency was worth in USD, such as EUR=1.16; by default the newest "
    "exchange rate in the data on the day of a price.",
)
@table_options
@_aside
@_store
def import_command(
    collector: str,
    paths: tuple[str, ...],
    aside: str | None,
    store: str | None,
    names: str,
    usd_per: str,
    sep: str,
    decimal: str | None,
    **given: Any,
) -> None:
    """Import price files into the store, and report on every row and what it changes.

    PATH is a file (CSV, XLSX, for azure JSON; also .gz), an archive (.zip) or a folder with such
    files. A file that cannot be used does not stop the others; the exit code is then 3, and 1 if no
    row of any file could be used.
    """
    from tco.market.importers import files_of, read_file
    from tco.market.importers.columns import Layout, columns_of
    from tco.market.importers.money import rates_of
    from tco.report.csv import check_format

    _check_aside(aside)
    if sep or decimal:
        check_format(sep or (";" if decimal == "," else ","), decimal or ".")
    layout = Layout(sep, decimal or "", columns_of(names), rates_of(usd_per))
    kept = _Imports(store)
    for path in paths:
        with kept.going_on():
            for file in files_of(collector, Path(path)):
                with kept.going_on():
                    kept.add(read_file(collector, file, layout=layout, **given))
    kept.close(aside)


@prices.command("update")
@click.option("--provider", "providers", metavar="KEY", multiple=True, help="Only this provider.")
@click.option("--ref", default="master", show_default=True, help="Branch or commit.")
@click.option("--from", "base", metavar="URL", help="Another copy of the repository.")
@click.option(
    "--as-of", metavar="DATE", help="Date of the prices in lists that are no longer refreshed."
)
@_aside
@_store
def update_command(
    providers: tuple[str, ...],
    ref: str,
    base: str | None,
    as_of: str | None,
    aside: str | None,
    store: str | None,
) -> None:
    """Download the SkyPilot catalog over HTTPS and import it.

    This and `tco data refresh` use the network, and only when you run them.
    """
    from tqdm import tqdm

    from tco.market.importers import download, read_file

    _check_aside(aside)
    bar: tqdm[Any] = tqdm(unit="B", unit_scale=True, delay=1, leave=False)

    def show(provider: str, so_far: int, size: int | None) -> None:
        bar.set_description(provider, refresh=False)
        bar.total, bar.n = size, so_far
        bar.update(0)

    kept = _Imports(store)
    with tempfile.TemporaryDirectory() as folder, bar:
        asked: dict[str, Any] = {"base": base or download.BASE, "providers": providers or None}
        for fetched in download.fetch_all(Path(folder), ref=ref, progress=show, **asked):
            with kept.going_on():
                if isinstance(fetched.outcome, DataError):
                    raise fetched.outcome
                url, day = fetched.url, as_of or fetched.as_of
                if not day:
                    raise DataError(f"{url}: the date of these prices is not known: give --as-of")
                of: dict[str, Any] = {"as_of": day, "provider": fetched.provider, "source_url": url}
                kept.add(read_file("skypilot", fetched.outcome.path, **of))
    kept.close(aside)


def _check_aside(aside: str | None) -> None:
    check_ending(aside or "-", (".csv",), {}, "aside")


class _Imports:
    """Files that are read into a store; one that cannot be used stops none of the others."""

    def __init__(self, store: str | None) -> None:
        self._store, self._failed = _opened(store), 0
        self._batches: list[Batch] = []
        self._before: Catalogue | None = None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Say what is wrong with a file, and go on."""
        try:
            yield
        except DataError as error:
            self._failed += 1
            say(f"tco: {error}")

    def add(self, batch: Batch) -> None:
        """Keep what a file holds, with a report."""
        self._before = self._before or data_of(self._store)
        _keep(self._store, batch)
        self._batches.append(batch)

    def close(self, aside: str | None) -> None:
        """Say what it all means, and write the rows that were rejected to a file.

        DataError where a file held nothing; exit code 1 where nothing could be used.
        """
        from tco.analysis.changes import gpus_of
        from tco.report.csv import table

        if aside is not None:
            header = ("file", "line", "provider", "gpu", "reason", "text")
            rows = (
                (batch.file, *(getattr(row, name) for name in header[1:]))
                for batch in self._batches
                for row in batch.rejected
            )
            write(aside, table(header, rows))
        brought = any(batch.observations for batch in self._batches)
        if brought and self._before is not None:
            meaning(self._before, data_of(self._store), gpus_of(self._batches))
            say(f"tco: {_HOW}")
        if self._failed:
            done = f"{len(self._batches):,} imported"
            raise DataError(f"{counted(self._failed, 'file')} not imported, {done}")
        if not brought:
            say("tco: no row could be used")
            click.get_current_context().exit(1)


def meaning(before: Catalogue, after: Catalogue, gpus: Iterable[str]) -> None:
    """Say what the default answers are before and after, for the GPUs that prices came for."""
    from tco.analysis.changes import change_lines, changes

    lines = list(change_lines(changes(before, after, gpus)))
    if lines:
        say("\n".join(("tco: default answers with --prices store:", *(f"  {x}" for x in lines))))


@prices.command("undo")
@click.argument("number", metavar="IMPORT", type=int)
@_store
def undo_command(number: int, store: str | None) -> None:
    """Undo an import: prices that only it brought no longer count.

    IMPORT is its number in `tco prices imports`. Nothing is deleted: the store keeps the record,
    and the file can be imported again, also for another provider.
    """
    opened = _opened(store)
    before = data_of(opened)
    undone = opened.undo(number)
    what = f"{undone.file or 'a price entered by hand,'} of {undone.as_of}"
    say(f"tco: import {number} ({what}) is undone: {_no_longer(undone.gone)}")
    meaning(before, data_of(opened), undone.gpus)


def _no_longer(number: int) -> str:
    return f"{counted(number, 'observation')} no longer {'counts' if number == 1 else 'count'}"


@prices.command("add")
@click.option("--gpu", required=True, metavar="TEXT", help="The GPU that the price is for.")
@click.option("--usd", metavar="NUMBER", help="Purchase price [USD per GPU].")
@click.option("--usd-per-gpu-hour", metavar="NUMBER", help="Rental rate [USD per GPU-hour].")
@click.option(
    "--currency", help="Its currency, converted at the newest rate in the data; by default USD."
)
@click.option("--basis", help="Purchase price: quote, street, msrp or used.  [default: quote]")
@click.option("--provider", help="Rental quote: its provider.")
@click.option("--term", help="Rental quote: on_demand, spot, 1yr, 3yr or 5yr.")
@click.option("--region", help="Rental quote: its region; by default any.")
@click.option(
    "--valid-until", metavar="DATE", help="Last day of a quote; by default 30 days later."
)
@click.option("--as-of", metavar="DATE", help="Date of the price; by default today.")
@click.option("--note", default="", help="Source and quantity of the quote.")
@_store
def add_command(
    gpu: str,
    usd: str | None,
    usd_per_gpu_hour: str | None,
    store: str | None,
    **told: str | None,
) -> None:
    """Add a price, or a quote that you received, to your store.

    A quote takes precedence while it is valid, unless you give the value yourself or choose a basis
    or another provider.
    """
    from tco.market.importers import by_hand

    said: dict[str, Any] = {name: text for name, text in told.items() if text is not None}
    said.setdefault("as_of", today())
    foreign = {"provider", "term", "region"} if usd is not None else {"basis"}
    wrong = [
        Problem(name, f"{name}: does not apply to this kind of price")
        for name in foreign & set(said)
    ]
    if (usd is None) == (usd_per_gpu_hour is None):
        wrong.append(Problem("usd", "give either --usd or --usd-per-gpu-hour"))
    elif usd is None and "provider" not in said:
        wrong.append(Problem("provider", "provider is missing: who made the rental quote"))
    if wrong:
        raise InputError(wrong)
    if usd is not None:
        batch = by_hand.purchase(gpu, usd, **said)
    else:
        batch = by_hand.rental(gpu, usd_per_gpu_hour or "", **said)
    opened = _opened(store)
    before = data_of(opened)
    _keep(opened, batch)
    meaning(before, data_of(opened), [gpu])
    until = "".join(f", valid until {quote.valid_until}" for quote in batch.quotes)
    say(f"tco: {_HOW}{until}")


@prices.command("export")
@output_option("Output file; - for standard output.")
@_store
def export_command(output: str, store: str | None) -> None:
    """Every observation of the store as CSV, in the columns that `tco prices import csv` reads."""
    from tco.report.csv import cell

    check_ending(output, (".csv",), {})
    opened = _opened(store)
    with writing(output) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([cell(value) for value in row] for row in opened.export_rows())


@prices.command("imports")
@click.option("--aside", "with_aside", is_flag=True, help="List the rejected rows, and why.")
@wide_option
@json_option
@_store
def imports_command(with_aside: bool, as_json: bool, store: str | None) -> None:
    """What was imported into the store, when and from which file."""
    opened = _opened(store)
    listed = [asdict(row) for row in (opened.set_aside() if with_aside else opened.imports())]
    shown = aligned(tuple(listed[0]), [tuple(row.values()) for row in listed]) if listed else ""
    write("-", stamped(catalogue_of(""), imports=listed) if as_json else shown)
    say(f"tco: {opened.label}: {counted(len(listed), 'row')}")


@prices.command("check")
@prices_option
@click.option("--as-of", metavar="DATE", help="Count ages from this date; by default the newest.")
@click.option("--strict", is_flag=True, help="Exit with 1 for any finding.")
@wide_option
@json_option
def check_command(prices: str, as_of: str | None, strict: bool, as_json: bool) -> None:
    """List what is unsourced, implausible, contradictory, stale (over 90 days) or assumed.

    Implausible is what is below a tenth or above ten times the median of comparable values;
    contradictory is what two sources of the same time give more than 25 % apart. What a note
    explains is marked and is no fault. Your own expired quotes are listed too, as an answer may
    rest on them. The exit code is 1 for anything unsourced, implausible or contradictory, and with
    --strict for any finding.
    """
    _check(prices, as_of, strict, as_json)


@click.group("data", cls=Group)
def data() -> None:
    """The data that comes with tco."""


@data.command("check")
@click.option("--as-of", metavar="DATE", help="Count ages from this date; by default the newest.")
@click.option("--strict", is_flag=True, help="Exit with 1 for any finding.")
@wide_option
@json_option
def check_data_command(as_of: str | None, strict: bool, as_json: bool) -> None:
    """Run `tco prices check` on the data that comes with tco, whatever TCO_PRICES says.

    The files about work (models, measured speeds, API prices) are read and checked too: the first
    fault in one is an error.
    """
    from tco.market.workload import read_all

    say("tco: " + ", ".join(f"{rows:,} {what}" for what, rows in read_all().items()))
    _check("", as_of, strict, as_json)


def _check(prices: str, as_of: str | None, strict: bool, as_json: bool) -> None:
    from tco.analysis.check import FAULTS, KINDS, check
    from tco.scenario import Scenario

    catalogue = catalogue_of(prices)
    found = check(catalogue, Scenario(as_of=as_of, prices=catalogue).given.get("as_of"))
    listed = [asdict(finding) for finding in found]
    rows = [(finding.kind, finding.message) for finding in found]
    shown = aligned(("kind", "what"), rows) if rows else ""
    write("-", stamped(catalogue, findings=listed) if as_json else shown)
    kinds = [finding.kind for finding in found]
    told = {**dict.fromkeys(KINDS), "assumption": "assumed"}
    say("tco: " + ", ".join(f"{kinds.count(kind):,} {told[kind] or kind}" for kind in KINDS))
    if set(FAULTS) & set(kinds) or (strict and kinds):
        click.get_current_context().exit(1)


def _keep(opened: PriceStore, batch: Batch) -> None:
    """Store what a file brought, and say what became of every row."""
    from tco.market.importers import report_lines

    added = opened.add(batch)
    if batch.file:
        say("\n".join(report_lines(batch)))
    if added.repeated:
        say(
            f"tco: nothing added: {opened.label} has this file already, as import {added.import_id}"
        )
    else:
        known = f", {added.known:,} already known" if added.known else ""
        what = f"{counted(added.added, 'observation')} added{known}"
        say(f"tco: import {added.import_id} into {opened.label}: {what}")


data.add_command(refresh_command)
COMMANDS = (prices, data)
