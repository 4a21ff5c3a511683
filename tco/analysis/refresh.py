"""The shipped data made new from its collectors: checked, and what that means, before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tco.analysis.changes import Change, changes
from tco.analysis.check import FAULTS, Finding, check
from tco.errors import DataError, TcoError
from tco.market.catalogue import read_catalogue
from tco.market.evidence import OLD_DAYS, age_days
from tco.market.importers import read_file
from tco.market.importers.collecting import Collected, NotCollected
from tco.market.refreshing import Addition, Additions, prepared, stale_kinds
from tco.words.figures import counted


@dataclass(frozen=True)
class Refresh:
    """What lists of collectors make of the data, before it is in place.

    `failed` are the lists that did not come or could not be read, `too_old` those of a day that
    does not count any more, which were not read; `faults` what `tco data check`
    finds in the new data and not in the old; `changes` what becomes of the default answers; `stale`
    what is too old to count now and was not before: its newest date by GPU, provider and term.
    """

    additions: tuple[Addition, ...]
    failed: tuple[NotCollected, ...]
    too_old: tuple[Collected, ...]
    faults: tuple[Finding, ...]
    changes: tuple[Change, ...]
    stale: dict[tuple[str, str, str], str]
    _place: Callable[[], None]

    @property
    def added(self) -> int:
        """How many rates are appended."""
        return sum(len(each.rates) for each in self.additions)

    def put_in_place(self) -> None:
        """Replace the data; DataError where it has faults, or somebody changed it meanwhile."""
        if self.faults:
            raise DataError(
                f"the new data has {counted(len(self.faults), 'fault')}: nothing was changed"
            )
        if self.added:
            self._place()


@contextmanager
def refresh(
    folder: Path, collected: Iterable[Collected | NotCollected], recorded: str
) -> Iterator[Refresh]:
    """Read lists, append what is new to a copy of the data in `folder`, and look at the result.

    `recorded` is the day on which the rows enter the data. Nothing in the folder changes until
    `put_in_place` is called, while the context is open. DataError for a folder that is no data.
    """
    before = read_catalogue(folder)
    made, failed, too_old = Additions(before, recorded), [], []
    for each in collected:
        if isinstance(each, NotCollected):
            failed.append(each)
            continue
        if age_days(each.as_of, recorded) > OLD_DAYS:
            too_old.append(each)
            continue
        try:
            of: dict[str, Any] = {
                "as_of": each.as_of,
                "provider": each.provider,
                "source_url": each.url,
            }
            made.add(each, read_file(each.collector, each.path, **of))
        except TcoError as wrong:
            failed.append(NotCollected(each.collector, each.provider, wrong))
    with prepared(folder, made.made) as (copy, place):
        after = read_catalogue(copy)
        known = {finding.message for finding in check(before) if finding.kind in FAULTS}
        found = [finding for finding in check(after) if finding.kind in FAULTS]
        old = stale_kinds(before)
        yield Refresh(
            additions=tuple(made.made),
            failed=tuple(failed),
            too_old=tuple(too_old),
            faults=tuple(finding for finding in found if finding.message not in known),
            changes=changes(before, after),
            stale={kind: day for kind, day in stale_kinds(after).items() if kind not in old},
            _place=place,
        )
