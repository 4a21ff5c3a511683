"""`tco data refresh`: the shipped data made new from the public collectors, for maintainers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from tco.cli.streams import say
from tco.errors import DataError
from tco.words.figures import counted

if TYPE_CHECKING:
    from tco.analysis.refresh import Refresh
    from tco.market.refreshing import Addition

# So many lines of a kind are printed at most.
_MOST_LINES = 40


@click.command("refresh")
@click.option(
    "--only", metavar="COLLECTOR", multiple=True, help="Only the lists of this collector."
)
@click.option("--from", "folder", metavar="DIR", help="A folder of lists downloaded earlier.")
@click.option("--as-of", metavar="DATE", default="", help="With --from: date of undated lists.")
@click.option("--keep", metavar="DIR", help="Keep the downloaded lists, for --from.")
@click.option("--dry-run", is_flag=True, help="Change nothing: print what would change.")
@click.option(
    "--partial", is_flag=True, help="Add the lists that were read, even if others were not."
)
@click.option("--data", metavar="DIR", help="Folder of the data; by default the shipped one.")
@click.option(
    "--mirror", metavar="URL", default="", help="A mirror, which has each address as URL/HOST/PATH."
)
def refresh_command(
    only: tuple[str, ...],
    folder: str | None,
    as_of: str,
    keep: str | None,
    dry_run: bool,
    partial: bool,
    data: str | None,
    mirror: str,
) -> None:
    """Append the newest lists of the public collectors to the data, for maintainers.

    Prints what each list adds, which default verdicts change and what is too old now. Everything is
    prepared and checked in a copy first: if a list cannot be read, the data has a fault or the
    command is interrupted, the data stays as it was. Needs the extra `store` and the network.
    """
    from tco.analysis.refresh import refresh
    from tco.inputs.clock import today
    from tco.market.importers.collecting import collect, found_in, lists_of
    from tco.market.refreshing import folder_of

    rows, target = lists_of(only), folder_of(data)
    with _downloads(keep) as downloads, _progress() as show:
        if folder:
            collected = found_in(Path(folder), rows, as_of)
        else:
            collected = collect(rows, downloads, mirror=mirror, progress=show)
        with refresh(target, collected, today()) as found:
            _report(found)
            if found.failed and not partial:
                raise DataError(
                    f"{counted(len(found.failed), 'list')} not read: nothing was changed; "
                    "--partial adds what came"
                )
            if dry_run or not found.added:
                said = "a dry run" if dry_run else "nothing is new"
                say(f"tco: {said}: {target} stays as it was")
                return
            found.put_in_place()
    say(f"tco: {target}: {counted(found.added, 'rate')} appended; review them before you commit")


@contextmanager
def _downloads(keep: str | None) -> Iterator[Path]:
    """The folder of the downloads: one that stays, or one that goes."""
    if keep:
        yield Path(keep)
        return
    with tempfile.TemporaryDirectory(prefix="tco-lists-") as temporary:
        yield Path(temporary)


@contextmanager
def _progress() -> Iterator[Any]:
    with tqdm(unit="B", unit_scale=True, delay=1, leave=False) as bar:

        def show(what: str, so_far: int, size: int | None) -> None:
            bar.set_description(what, refresh=False)
            bar.total, bar.n = size, so_far
            bar.update(0)

        yield show


def _report(found: Refresh) -> None:
    """What each list added, what it means, and what is wrong."""
    from tco.analysis.changes import change_lines

    for addition in found.additions:
        say("\n".join(_addition_lines(addition)))
    for old in found.too_old:
        say(f"{old.collector} {old.provider}, of {old.as_of}: too old to count, not read")
    for failed in found.failed:
        say(f"tco: {failed.collector} {failed.provider}: {failed.error}")
    _section("Default answers", list(change_lines(found.changes)))
    stale = [
        f"{gpu} {provider} {term}: newest of {day}"
        for (gpu, provider, term), day in sorted(found.stale.items())
    ]
    _section("Now too old to count (over 180 days)", stale)
    _section("Faults", [finding.message for finding in found.faults])


def _addition_lines(addition: Addition) -> Iterator[str]:
    source = addition.source
    yield (
        f"{addition.collector} {addition.provider}, of {source.published}: "
        f"{counted(addition.rows, 'row')} read, {addition.used:,} used, "
        f"{addition.rows - addition.used:,} rejected; "
        f"{counted(len(addition.rates), 'new rate')}"
        + f" as {source.source_id}"
        * bool(addition.rates)
    )
    yield from (f"  rejected {number:,}: {why}" for why, number in addition.aside.most_common())
    yield from (f"  not kept {number:,}: {why}" for why, number in addition.unkept.most_common())
    marked = [rate for rate in addition.rates if "contradicts" in rate.note]
    for rate in marked[:_MOST_LINES]:
        yield (
            f"  moved: {rate.gpu} {rate.instance} {rate.region} {rate.term} is "
            f"{rate.usd_per_gpu_hour:g}, {rate.note}"
        )


def _section(title: str, lines: list[str]) -> None:
    shown = lines[:_MOST_LINES]
    more = [f"and {len(lines) - len(shown):,} more"] if len(lines) > len(shown) else []
    said = "\n".join(f"  {line}" for line in (*shown, *more))
    say(f"{title}:\n{said or '  none'}")
