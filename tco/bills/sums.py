"""The sums of one file: rows that are alike are added up batch by batch, exactly, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tco.bills.cells import (
    MISSING,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    exact,
    moments,
    month_of,
    numbers,
    of_each,
    texts,
)
from tco.bills.items import NOT_THERE, OTHER, PRICE_ONLY, USED, Format, Item
from tco.bills.machines import telling
from tco.errors import DataError, shown

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from tco.bills.tables import Batch, BillTable, Column

# Texts of rows that are remembered, and groups that are kept apart until they are added up.
_MOST_KNOWN = 20_000
_MOST_GROUPS = 30_000
# So many rows are not all there twice by chance.
_LEAST_TWICE = 10
# Groups of rows that go over several hours, each with its own begin and end: with more of them
# these are counted by whole hours.
_MOST_SPANS = 20_000
_LONGEST = 400 * SECONDS_PER_DAY
_SHORT = SECONDS_PER_DAY + SECONDS_PER_HOUR


class Sums:
    """What one file adds up to.

    `items` are the kinds of rows, by number; `rows` is how many there are; `periods` are the
    billing periods [s], `hours` the hours in which charges of an account begin, and `first` and
    `last` the moments from which and up to which usage is charged. `currencies` has the first row
    of each.
    """

    def __init__(self, table: BillTable, form: Format) -> None:
        self.name, self.format = table.name, form
        self.rows = 0
        self.items: list[Item] = []
        self.currencies: dict[str, int] = {}
        self.periods: set[tuple[int, int]] = set()
        self.hours: dict[str, np.ndarray[Any, Any]] = {}
        self.long_hours: dict[str, np.ndarray[Any, Any]] = {}
        self.first, self.last = -MISSING, MISSING
        self.ends_at_period = False
        self.is_coarse = False
        self.rounded: dict[str, list[int]] = {}
        # What rows that are there an odd number of times leave: 0 where all are there twice.
        self._odd = 0
        self._ids: dict[Item, int] = {}
        self._known: dict[tuple[str, ...], int] = {}
        self._flags: list[tuple[bool, bool]] = []
        self._groups: pa.Table | None = None
        self._pending: list[pa.Table] = []
        self._fields = form.found(table.names)
        self._has = frozenset(self._fields)
        numeric = [
            name
            for name in (*form.amounts, "consumed", "priced", "amount", "quantity")
            if name in self._fields
        ]
        wanted = list(dict.fromkeys(self._fields.values()))
        for batch in table.batches(wanted, [self._fields[name] for name in numeric]):
            self._add(batch)
        self._gather()
        if "row" in self._has and self.rows >= _LEAST_TWICE and not self._odd:
            message = "every row is there twice: was the month joined to itself?"
            raise DataError(f"{self.name}: {message}")

    # --- One batch

    def _add(self, batch: Batch) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        form, rows = self.format, batch.rows
        columns: dict[str, Any] = {
            field: batch.columns[name] for field, name in self._fields.items()
        }
        try:
            if form.prepared is not None:
                columns = form.prepared(columns)
        except DataError as wrong:
            raise DataError(f"{self.name}: {wrong}") from None
        zero = pa.scalar(Decimal(0), exact())
        amounts = {
            name: pc.fill_null(self._numbers(columns, name, batch), zero)
            for name in form.amounts
            if name in columns
        }
        quantity = self._numbers(columns, "quantity", batch)
        paid = amounts[form.billed[0]]
        is_price = pc.and_kleene(pc.less(paid, zero), pc.greater(quantity, zero))
        state = pc.if_else(pc.fill_null(is_price, False), PRICE_ONLY, "")
        columns["state"] = pc.if_else(pc.is_valid(quantity), state, NOT_THERE)
        ids = self._identified(columns, batch)
        counts = np.asarray([one for one, _ in self._flags], bool)[ids]
        self._note_rounding(amounts, ids)
        start, end = self._times(columns, batch)
        if (too_long := counts & (end - start > _LONGEST)).any():
            row = batch.first + int(np.argmax(too_long))
            raise DataError(f"{self.name}, row {row}: hours of a GPU over more than 400 days")
        self._note_hours(columns, start, end, counts)
        if "row" in columns:
            self._odd ^= _traces(columns["row"], ids, start, end, paid, quantity)
        keyed = {
            "item": pa.array(ids, pa.int32()),
            **_slots(start, end, counts),
            "quantity": pc.fill_null(quantity, zero),
            **amounts,
            "rows": pa.array(np.ones(rows, np.int64)),
        }
        self._pending.append(_grouped(pa.table(keyed)))
        self.rows += rows
        if sum(each.num_rows for each in self._pending) > _MOST_GROUPS:
            self._gather()

    def _numbers(self, columns: Mapping[str, Column], name: str, batch: Batch) -> pa.Array:
        where = f"{self.name}: {self._fields.get(name, name)}"
        if name == "quantity" and name not in self._fields:
            where = f"{self.name}: quantity"
        return numbers(columns[name], where, batch.first)

    def _identified(self, columns: Mapping[str, Any], batch: Batch) -> np.ndarray[Any, Any]:
        """The number of each row's item."""
        import numpy as np

        codes = np.zeros(batch.rows, np.int64)
        words: list[tuple[str, Any, Any]] = []
        for name in self.format.texts:
            if name not in columns:
                words.append((name, None, None))
                continue
            known, at = _coded(texts(columns[name]), name in self.format.telling)
            words.append((name, known, at))
            codes = codes * len(known) + at
            _, codes = np.unique(codes, return_inverse=True)
        _, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
        found = np.empty(len(firsts), np.int32)
        for place, row in enumerate(firsts):
            key = tuple("" if known is None else known[at[row]] for _name, known, at in words)
            found[place] = self._item(key, batch.first + int(row))
        return found[inverse]

    def _item(self, key: tuple[str, ...], row: int) -> int:
        known = self._known.get(key)
        if known is not None:
            return known
        values = dict(zip(self.format.texts, key, strict=True))
        if values.get("currency"):
            self.currencies.setdefault(values["currency"].strip().upper(), row)
        item = self.format.item(values, self._has)
        found = self._ids.get(item)
        if found is None:
            found = self._ids[item] = len(self.items)
            self.items.append(item)
            is_plain = item.as_billed and item.kind in (USED, OTHER)
            self._flags.append((bool(item.hours), is_plain))
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = found
        return found

    def _note_rounding(self, amounts: Mapping[str, Any], ids: np.ndarray[Any, Any]) -> None:
        """Count, by provider, effective costs that are billed ones rounded, and those that are not.

        They can only be told apart where the two would be the same.
        """
        if "effective" not in amounts:
            return
        import numpy as np

        billed = np.asarray(amounts["billed"].cast("float64"))
        effective = np.asarray(amounts["effective"].cast("float64"))
        is_plain = np.asarray([plain for _, plain in self._flags], bool)[ids]
        is_whole = effective == np.rint(effective)
        near = is_whole & (billed != np.rint(billed)) & (np.abs(effective - billed) <= 0.5)
        providers = np.unique(ids)
        for each in providers:
            mine = (ids == each) & is_plain
            if mine.any():
                count = self.rounded.setdefault(self.items[each].provider, [0, 0])
                count[0] += int(near[mine].sum())
                count[1] += int((~is_whole)[mine].sum())

    def _times(
        self, columns: Mapping[str, Any], batch: Batch
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """When each row begins and ends [s]; MISSING where nothing says it."""
        import numpy as np

        def read(name: str) -> np.ndarray[Any, Any]:
            if name not in columns:
                return np.full(batch.rows, MISSING)
            where = f"{self.name}: {self._fields[name]}"
            return moments(columns[name], where, batch.first)

        start, end = read("start"), read("end")
        from_, to = read("period_start"), read("period_end")
        if "month" in columns:
            months = of_each(texts(columns["month"]), self._month, (MISSING, MISSING))
            of_month = np.asarray(months, np.int64).reshape(-1, 2)
            from_, to = of_month[:, 0], of_month[:, 1]
        if self.format.ends_on_last_day:
            to = np.where(to == MISSING, to, to + SECONDS_PER_DAY)
        is_known = (from_ != MISSING) & (to != MISSING)
        if is_known.any():
            pairs = np.unique(np.stack([from_[is_known], to[is_known]]), axis=1)
            self.periods.update((int(a), int(b)) for a, b in pairs.T)
        end = np.where(start == MISSING, to, end)
        start = np.where(start == MISSING, from_, start)
        no_end = (end == MISSING) & (start != MISSING)
        span = SECONDS_PER_DAY if "end" not in columns else SECONDS_PER_HOUR
        end = np.where(no_end, start + span, end)
        return start, np.maximum(start, end)

    def _month(self, text: str) -> tuple[int, int]:
        from datetime import UTC, datetime

        try:
            month = month_of(text)
        except ValueError:
            told = f"{self._fields['month']} = {shown(text)} is not a month"
            raise DataError(f"{self.name}: {told}") from None
        start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
        year, follow = start.year + start.month // 12, start.month % 12 + 1
        end = start.replace(year=year, month=follow)
        return int(start.timestamp()), int(end.timestamp())

    def _note_hours(
        self,
        columns: Mapping[str, Any],
        start: np.ndarray[Any, Any],
        end: np.ndarray[Any, Any],
        counts: np.ndarray[Any, Any],
    ) -> None:
        """Remember the hours in which charges begin, by account, and how far usage goes."""
        import numpy as np

        is_short = (end - start <= _SHORT) & (start != MISSING)
        if is_short.any():
            self.first = min(self.first, int(start[is_short].min()))
            self.last = max(self.last, int(end[is_short].max()))
        is_long = counts & ~is_short & (start != MISSING)
        self.ends_at_period |= bool(is_long.any())
        accounts = np.zeros(len(start), np.int64)
        names: list[list[str]] = []
        for name in self.format.account:
            if name in columns:
                coded = texts(columns[name]).dictionary_encode()
                known = [*(text or "" for text in coded.dictionary.to_pylist()), ""]
                at = np.asarray(coded.indices.fill_null(len(known) - 1), np.int64)
                accounts = accounts * len(known) + at
                names.append(known)
        for kept, mask in ((self.hours, is_short), (self.long_hours, ~is_short)):
            for account in np.unique(accounts[mask]):
                mine = mask & (accounts == account)
                found = np.unique(start[mine] // SECONDS_PER_HOUR)
                key, rest = [], int(account)
                for known in reversed(names):
                    rest, place = divmod(rest, len(known))
                    key.append(known[place])
                told = " ".join(reversed(key)).strip()
                if told in kept:
                    found = np.union1d(kept[told], found)
                kept[told] = found

    # --- All batches

    def _gather(self) -> None:
        import numpy as np
        import pyarrow as pa

        parts = [*([] if self._groups is None else [self._groups]), *self._pending]
        self._pending = []
        if not parts:
            return
        found = _grouped(pa.concat_tables(parts)).combine_chunks()
        start, end = (np.asarray(found[name], np.int64) for name in ("start", "end"))
        self.is_coarse |= int((end - start > SECONDS_PER_HOUR).sum()) > _MOST_SPANS
        if self.is_coarse:
            names = found.column_names
            whole = {"start": start // SECONDS_PER_HOUR, "end": -(-end // SECONDS_PER_HOUR)}
            for name, at in whole.items():
                found = found.set_column(names.index(name), name, pa.array(at * SECONDS_PER_HOUR))
            found = _grouped(found).combine_chunks()
        self._groups = found

    def totals(self) -> dict[str, Decimal]:
        """The sum of each amount over all rows."""
        import pyarrow.compute as pc

        if self._groups is None:
            return {}
        names = [name for name in self.format.amounts if name in self._groups.column_names]
        return {name: pc.sum(self._groups[name]).as_py() for name in names}

    def groups(self) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
        """Each group of like rows: the number of its item, its begin and end [s], and its sums.

        Where an item counts no hours there is one group, of no time.
        """
        if self._groups is None:
            return
        names = [name for name in self._groups.column_names if name not in _KEYS]
        for at in range(0, self._groups.num_rows, _PART):
            part = self._groups.slice(at, _PART).to_pydict()
            for place, item in enumerate(part["item"]):
                sums = {name: part[name][place] for name in names}
                yield item, part["start"][place], part["end"][place], sums


def _traces(
    names: Column,
    ids: np.ndarray[Any, Any],
    start: np.ndarray[Any, Any],
    end: np.ndarray[Any, Any],
    *numbers_of_rows: pa.Array,
) -> int:
    """What all rows of a batch leave together: two that are the same leave nothing."""
    import numpy as np
    from pandas.util import hash_array

    found = hash_array(texts(names).fill_null("").to_numpy(zero_copy_only=False), categorize=False)
    parts = [ids, start, end]
    parts += [np.asarray(each.cast("float64").fill_null(0.0)) for each in numbers_of_rows]
    for part in parts:
        bits = np.ascontiguousarray(part.astype(np.float64)).view(np.uint64)
        found = (found ^ bits) * np.uint64(_PRIME)
        found ^= found >> np.uint64(29)
    return int(np.bitwise_xor.reduce(found))


_PRIME = 0x9E3779B97F4A7C15


def _coded(column: pa.Array, is_telling: bool) -> tuple[list[str], np.ndarray[Any, Any]]:
    """The texts of a column, each once, and which of them each row has; empty where it has none."""
    import numpy as np

    coded = column.dictionary_encode()
    known = coded.dictionary.to_pylist()
    at = np.asarray(coded.indices.fill_null(len(known)), np.int64)
    if not is_telling:
        return [*known, ""], at
    kept: dict[str, int] = {"": 0}
    places = [kept.setdefault(telling(text), len(kept)) for text in known]
    return list(kept), np.asarray([*places, 0], np.int64)[at]


_KEYS = ("item", "start", "end")
_PART = 10_000


def _slots(
    start: np.ndarray[Any, Any], end: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]
) -> dict[str, np.ndarray[Any, Any]]:
    """When rows that count hours begin and end: the clock hour, where they are within one."""
    import numpy as np

    hour = start // SECONDS_PER_HOUR
    is_within = (end <= start) | ((end - 1) // SECONDS_PER_HOUR == hour)
    from_ = np.where(is_within, hour * SECONDS_PER_HOUR, start)
    to = np.where(is_within, (hour + 1) * SECONDS_PER_HOUR, end)
    known = counts & (start != MISSING)
    return {"start": np.where(known, from_, 0), "end": np.where(known, to, 0)}


def _grouped(table: pa.Table) -> pa.Table:
    names = [name for name in table.column_names if name not in _KEYS]
    found = table.group_by(list(_KEYS), use_threads=False).aggregate([(x, "sum") for x in names])
    order = [*_KEYS, *(f"{name}_sum" for name in names)]
    return found.select(order).rename_columns([*_KEYS, *names])
