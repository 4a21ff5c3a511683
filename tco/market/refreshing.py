"""Lists of collectors appended to the data files: what of them is kept, in a copy, then as a whole.

Nothing is overwritten. A rate that is known already is appended again when it was seen later: it is
then fresh again. The shipped data stays small: of each GPU, provider, region and term it takes the
offer that is compared with others, and those that it had before.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from statistics import median
from typing import Any

from tco.errors import DataError
from tco.market.catalogue import ANY_REGION, Catalogue, Rate, Source, read_catalogue
from tco.market.evidence import OLD_DAYS, PLAUSIBLE, STALE_DAYS, age_days, judged
from tco.market.files import data_folder, first_day, grouped
from tco.market.importers.batches import ABOVE_ON_DEMAND, MAY_BE_BID, ON_DEMAND
from tco.market.importers.collecting import Collected
from tco.market.observed import Batch

RATES, SOURCES = "rental_rates.csv", "sources.csv"
KNOWN = "known already"
OLDER = "older than what is known of the offer"
SAME_DAY = "another price of the same offer and day is known"
ONE_PRICE = "the same in all regions: kept once"
_FAR = "under a tenth or over ten times the median of its like"
# From when on two rates of one offer contradict each other: `tco data check` asks the same.
_CONTRADICTION = 0.25
_IMPORT_DIGITS = 12
# Their lists have no names of instances: what an offer is called is made of its plan's name.
_OWN_NAMES = ("api-evangelist",)


@dataclass(frozen=True)
class Addition:
    """What one list adds: its source, the rates that are appended, and what is not and why.

    `rows` and `used` count rows of the list, `aside` its rows that gave no rate, `unkept` its rates
    that are not appended, each by the reason.
    """

    collector: str
    provider: str
    source: Source
    rows: int
    used: int
    rates: tuple[Rate, ...]
    aside: Counter[str]
    unkept: Counter[str]


def folder_of(given: str | None) -> Path:
    """The folder of the data that is meant: by default the shipped one."""
    return Path(given) if given else data_folder()


def _thing(rate: Rate) -> tuple[str, ...]:
    """What a rate is of, whoever saw it and when."""
    return rate.gpu, rate.provider, rate.instance, rate.region, rate.term, str(rate.host_included)


class Additions:
    """Lists taken one after the other; each knows what those before it brought."""

    def __init__(self, catalogue: Catalogue, recorded: str) -> None:
        self.catalogue, self.recorded = catalogue, recorded
        self.made: list[Addition] = []
        self._known: dict[tuple[str, ...], list[Rate]] = {}
        self._usual: dict[tuple[str, str], float] = {}
        for rate in catalogue.rates:
            self._known.setdefault(_thing(rate), []).append(rate)
        hosts = [rate for rate in catalogue.rates if rate.host_included]
        for like, same in grouped(hosts, lambda rate: (rate.gpu, rate.term)).items():
            self._usual[like] = median(rate.usd_per_gpu_hour for rate in same)

    def add(self, collected: Collected, batch: Batch) -> Addition:
        """What a list adds to the data and to the lists before it."""
        source = self._source(collected, batch)
        unkept: Counter[str] = Counter()
        offers = _in_one_region(batch.rates, unkept)
        kept = []
        for rate, reason in self._judged(offers):
            marked = replace(rate, source_id=source.source_id, recorded=self.recorded)
            if collected.collector in _OWN_NAMES:
                marked = replace(marked, instance=self._named_before(marked, collected))
            why = self._why_not(marked, reason)
            if why:
                unkept[why] += 1
                continue
            kept.append(self._marked(marked))
        for rate in kept:
            self._known.setdefault(_thing(rate), []).append(rate)
        addition = Addition(
            collector=collected.collector,
            provider=collected.provider,
            source=source,
            rows=batch.rows.total(),
            used=batch.kept.total(),
            rates=tuple(kept),
            aside=batch.aside,
            unkept=unkept,
        )
        self.made.append(addition)
        return addition

    def _source(self, collected: Collected, batch: Batch) -> Source:
        """The list as a source: its very version, and the file that was read as the import's id."""
        number = batch.sha256[:_IMPORT_DIGITS]
        name = f"{collected.collector}-{collected.provider}-{collected.as_of}-{number}"
        return replace(
            batch.source,
            source_id=name,
            title=f"{batch.source.title}, of {collected.as_of}, import {number}",
            url=collected.url,
            published=collected.as_of,
            accessed=self.recorded,
        )

    def _named_before(self, rate: Rate, collected: Collected) -> str:
        """What an offer is called that was called otherwise before, where it can be only one."""
        if _thing(rate) in self._known:
            return rate.instance
        like = (rate.gpu, rate.provider, rate.region, rate.term, rate.gpus_per_instance)
        whose = f"{collected.collector}-{collected.provider}"
        names = {
            row.instance
            for row in self._rows_of(rate.provider)
            if row.source_id.startswith(whose)
            and like == (row.gpu, row.provider, row.region, row.term, row.gpus_per_instance)
        }
        return names.pop() if len(names) == 1 else rate.instance

    def _rows_of(self, provider: str) -> Iterator[Rate]:
        return (row for rows in self._known.values() for row in rows if row.provider == provider)

    def _judged(self, offers: Sequence[Rate]) -> Iterator[tuple[Rate, str]]:
        for same in grouped(offers, lambda rate: (rate.gpu, rate.term)).values():
            yield from judged(same, self.catalogue)

    def _why_not(self, rate: Rate, reason: str) -> str:
        """Why a rate is not appended; empty where it is."""
        for doubt in (MAY_BE_BID, *([ABOVE_ON_DEMAND] if rate.term == ON_DEMAND else [])):
            if doubt in rate.note:
                return doubt
        usual = self._usual.get((rate.gpu, rate.term))
        if usual and not usual / PLAUSIBLE <= rate.usd_per_gpu_hour <= usual * PLAUSIBLE:
            return _FAR
        before = self._known.get(_thing(rate), [])
        if not before:
            return reason
        newest = max(first_day(row.as_of) for row in before)
        day = first_day(rate.as_of)
        if day > newest:
            return ""
        prices = {row.usd_per_gpu_hour for row in before if first_day(row.as_of) >= day}
        if prices == {rate.usd_per_gpu_hour}:
            return KNOWN
        return SAME_DAY if day == newest else OLDER

    def _marked(self, rate: Rate) -> Rate:
        """A rate with a note where the last one of its offer, from elsewhere, was quite another."""
        notes = [rate.note]
        for row in self._known.get(_thing(rate), []):
            low, high = sorted((row.usd_per_gpu_hour, rate.usd_per_gpu_hour))
            is_recent = age_days(row.as_of, first_day(rate.as_of)) <= STALE_DAYS
            if is_recent and high > low * (1 + _CONTRADICTION):
                was = f"{row.usd_per_gpu_hour:g} of {row.as_of} ({row.source_id})"
                notes.append(f"contradicts {was}, or the price changed")
        return replace(rate, note="; ".join(filter(None, dict.fromkeys(notes))))


def _in_one_region(rates: Sequence[Rate], unkept: Counter[str]) -> list[Rate]:
    """The offers of a provider that has one price everywhere, each once; of others all of them."""
    offers = grouped(rates, lambda rate: (rate.gpu, rate.instance, rate.term, rate.host_included))
    everywhere = [len({rate.usd_per_gpu_hour for rate in same}) == 1 for same in offers.values()]
    if not all(everywhere) or len(offers) == len(rates):
        return list(rates)
    unkept[ONE_PRICE] += len(rates) - len(offers)
    return [replace(same[0], region=ANY_REGION, country=ANY_REGION) for same in offers.values()]


def stale_kinds(catalogue: Catalogue, on: str = "") -> dict[tuple[str, str, str], str]:
    """What is too old to count on a day: the newest date of each GPU, provider and term.

    What is sold counts as provider `purchase`, with its basis as the term. `on` is by default the
    newest date in the data.
    """
    day = on or catalogue.newest
    newest: dict[tuple[str, str, str], str] = {}
    rows: Iterable[Any] = (*catalogue.rates, *catalogue.prices)
    for row in rows:
        is_rate = isinstance(row, Rate)
        kind = (row.provider, row.term) if is_rate else ("purchase", row.price_basis)
        key = (row.gpu, *kind)
        newest[key] = max(newest.get(key, ""), first_day(row.as_of))
    return {key: seen for key, seen in newest.items() if age_days(seen, day) > OLD_DAYS}


@contextmanager
def prepared(
    folder: Path, additions: Sequence[Addition]
) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A copy of the data with what is added, and the function that puts it into the data's place.

    The copy is read as strictly as the data is: DataError at the first fault. The data changes when
    that function is called, and not before: both files are complete beside it and only renamed, the
    sources first, on which nothing rests yet. DataError where somebody else changed it meanwhile.
    """
    before = {name: _digest(folder / name) for name in (SOURCES, RATES)}
    with tempfile.TemporaryDirectory(prefix="tco-refresh-") as temporary:
        copy = Path(temporary) / "data"
        shutil.copytree(folder, copy)
        listed = {source.source_id for source in read_catalogue(folder).sources.values()}
        sources = {each.source.source_id: each.source for each in additions if each.rates}
        new = [source for name, source in sources.items() if name not in listed]
        _append(copy / SOURCES, Source, new)
        _append(copy / RATES, Rate, [rate for each in additions for rate in each.rates])
        read_catalogue(copy)

        def replace_data() -> None:
            if before != {name: _digest(folder / name) for name in before}:
                raise DataError(f"{folder}: was changed by somebody else meanwhile; run it again")
            _replace(copy, folder)

        yield copy, replace_data


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as wrong:
        raise DataError(f"{path}: {wrong.strerror or wrong}") from wrong


def _append(path: Path, kind: type, rows: Sequence[Any]) -> None:
    """Write rows at the end of a file, in the order of its columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [each.name for each in fields(kind)]
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    content = path.read_text(encoding="utf-8")
    gap = "" if content.endswith("\n") else "\n"
    path.write_text(content + gap + text.getvalue(), encoding="utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _replace(copy: Path, folder: Path) -> None:
    """Rename the new files over the old ones, with nothing to do in between but the next name."""
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".tco-refresh-") as beside:
            complete = {name: Path(beside) / name for name in (SOURCES, RATES)}
            for name, path in complete.items():
                with path.open("wb") as stream:
                    stream.write((copy / name).read_bytes())
                    stream.flush()
                    os.fsync(stream.fileno())
                path.chmod((folder / name).stat().st_mode & 0o777)
            # A signal waits until both are in their place.
            waiting = (
                {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} if os.name == "posix" else set()
            )
            masked = signal.pthread_sigmask(signal.SIG_BLOCK, waiting) if waiting else None
            try:
                for name, path in complete.items():
                    path.replace(folder / name)
            finally:
                if masked is not None:
                    signal.pthread_sigmask(signal.SIG_SETMASK, masked)
    except OSError as wrong:
        raise DataError(f"{folder}: cannot be written: {wrong.strerror or wrong}") from wrong
