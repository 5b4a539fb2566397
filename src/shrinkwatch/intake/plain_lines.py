"""Reads plainly written lines of the contract straight into columns, without a record of each.

What is plain, `plain_walk` says; every line of a block must be. Of plain lines the columns are the
same as those of the transactions that `contract_lines` reads, for a fraction of the time.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.intake.block import has_long_line
from shrinkwatch.intake.json_fields import MOST_NAMES, unknown_names
from shrinkwatch.intake.plain_fields import PART_NAMES, Kind, PlainField, layout
from shrinkwatch.intake.plain_values import (
    LOCAL,
    number_texts,
    read_counts,
    read_dates,
    read_flags,
    read_numbers,
    read_times,
    side_by_side,
)
from shrinkwatch.intake.plain_walk import walk
from shrinkwatch.records.transaction import Original

NOTHING = np.iinfo(np.int64).min
"""Stands for "the feed did not say" among times and dates."""

_UNIX = date(1970, 1, 1).toordinal()
_LONGEST_KEY = 60
_FIRST_LOOK = 1 << 16
_NEWLINE = ord("\n")

Values = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlainPart:
    """The records of one part: by field what each says; fields that none gives are left out.

    tx: int64, the row of each one's transaction, sorted.
    texts: the different texts, and int64 which of them each row has; the first is the default.
    numbers: float64, NaN where there is none. counts: int64, and bool where there is one.
    flags: bool. dates: int64 days since 1970, NOTHING where there is none.
    times: int64 microseconds since 1970 on the clock as written (NOTHING: none), int64 seconds east
    of UTC (0 where none is written) and bool, True where none is.
    originals: what each row names as its original; empty where no row names one.
    """

    tx: NDArray[np.int64]
    texts: dict[str, tuple[list[str | None], NDArray[np.int64]]] = field(default_factory=dict)
    numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    counts: dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]] = field(default_factory=dict)
    flags: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    dates: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    times: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]] = field(
        default_factory=dict
    )
    originals: list[Original | None] = field(default_factory=list)

    def text(self, name: str) -> list[str | None]:
        """Return what each row says in a field that is a text."""
        texts, codes = self.texts.get(name, ([None], np.zeros(self.tx.size, dtype=np.int64)))
        return [texts[code] for code in codes.tolist()]


@dataclass(frozen=True, slots=True)
class PlainLines:
    """What plainly written lines say, by part of a record.

    change_line: the row of the line that a price change is on, -1 for the whole receipt; those of
    a transaction's lines come first.
    unknown_fields: how often each field occurs that the contract does not know, by dotted name.
    """

    parts: dict[str, PlainPart]
    change_line: NDArray[np.int64]
    unknown_fields: dict[str, int]


def read_plain(raw: bytes) -> PlainLines | None:
    """Return what these lines say, None where they are not plain: read each as a record then.

    raw: one JSON object a line, card numbers already taken out.
    """
    first = raw.find(b"\n", _FIRST_LOOK)
    if 0 <= first < len(raw) // 8 and read_plain(raw[:first]) is None:
        return None  # a feed that writes otherwise does so from the beginning
    if has_long_line(raw):
        return None
    try:
        if not raw.isascii():
            raw.decode()
        return _Walked(raw).lines()
    except (NotPlain, UnicodeDecodeError, msgspec.DecodeError):
        return None


class NotPlain(Exception):  # noqa: N818
    """These lines must be read as records."""


class _Walked:
    """Lines whose values all have their place in a cell."""

    def __init__(self, raw: bytes) -> None:
        """Walk over the lines. Raises: NotPlain."""
        self._raw = raw
        self._data = data = np.frombuffer(raw + b"\n", dtype=np.uint8)
        self._known = known = layout()
        lines = int(np.count_nonzero(data == _NEWLINE))
        most = [lines, *(data.size // least + 1 for least in known.smallest[1:])]
        # an odd number of rows: columns that begin at addresses alike would slow each other
        base = np.cumsum([0, *(np.array(most)[known.part_of] | 1)])
        masks_at = np.cumsum([0, *most])
        self._cells = np.empty(base[-1], np.int64)
        masks = np.empty(masks_at[-1], np.int64)
        rows = np.zeros(len(most), np.int64)
        self._names = np.zeros((MOST_NAMES, 4), np.int64)
        fixed = (data, known.hashes, known.table, known.shapes, known.owner, base, masks_at)
        if not walk(*fixed, self._cells, masks, rows, self._names):
            raise NotPlain
        self._base = base.tolist()
        self._rows = rows.tolist()
        self._bits = [masks[at : at + n] for at, n in zip(masks_at, self._rows, strict=False)]

    def lines(self) -> PlainLines:
        """Return what the lines say. Raises: NotPlain, UnicodeDecodeError, msgspec.DecodeError."""
        changes = PART_NAMES.index("price_changes")
        line = self._column(changes, self._known.owner[changes] + 1)
        if (line < 0).any():
            tx = self._column(changes, self._known.owner[changes])
            self._sort(changes, np.lexsort((line < 0, tx)))
        parts = {name: self._part(part) for part, name in enumerate(PART_NAMES)}
        return PlainLines(parts, line, unknown_names(self._raw, self._names))

    def _sort(self, part: int, order: Values) -> None:
        """Bring the rows of a part into this order."""
        columns = np.flatnonzero(self._known.part_of == part).tolist()
        for values in (self._bits[part], *(self._column(part, column) for column in columns)):
            values[:] = values[order]

    def _column(self, part: int, column: int) -> Values:
        start = self._base[column]
        return self._cells[start : start + self._rows[part]]

    def _part(self, part: int) -> PlainPart:
        """Return what the records of a part say."""
        found = PlainPart(self._column(part, self._known.owner[part]))
        bits = self._bits[part]
        if not bits.size:
            return found
        named, naming = PlainPart(found.tx), list[int]()
        some, every = (int(of.reduce(bits)) for of in (np.bitwise_or, np.bitwise_and))
        for one in self._known.fields[part]:
            if one.kind is Kind.PARTS or not (some >> one.bit & 1 or one.default is not None):
                continue
            cells = self._column(part, one.column)
            if not every >> one.bit & 1:
                cells[bits >> one.bit & 1 == 0] = 0
            if one.kind is not Kind.ORIGINAL:
                self._read(one, cells, named if one.of_original else found)
                continue
            found.originals.extend([None] * bits.size)
            naming = np.flatnonzero(bits >> one.bit & 1).tolist()
        for row in naming:
            found.originals[row] = _original(named, row)
        return found

    def _read(self, one: PlainField, cells: Values, found: PlainPart) -> None:
        """Read the values of a field into its part."""
        if one.kind is Kind.TEXT:
            texts = [cast("str | None", one.default), *self._texts(one, cells)]
            found.texts[one.name] = texts, cells
        elif one.kind is Kind.NUMBER:
            found.numbers[one.name] = self._numbers(cells)
        elif one.kind is Kind.COUNT:
            present = cells != 0
            _check(read_counts(self._data, cells))
            found.counts[one.name] = cells, present
        elif one.kind is Kind.FLAG:
            _check(read_flags(self._data, cells, one.default))
            found.flags[one.name] = cells.astype(np.bool_)
        elif one.kind is Kind.DATE:
            _check(read_dates(self._data, cells, NOTHING))
            found.dates[one.name] = cells
        elif one.kind is Kind.TIME:
            offset = np.empty_like(cells)
            _check(read_times(self._data, cells, NOTHING, offset))
            local = offset == LOCAL
            offset[local] = 0
            found.times[one.name] = cells, offset, local

    def _numbers(self, cells: Values) -> NDArray[np.float64]:
        found = np.empty(cells.size, np.float64)
        _check(read_numbers(self._data, cells, np.nan, found))
        return found

    def _texts(self, one: PlainField, cells: Values) -> list[str]:
        """Return the different texts of a field, and put their numbers (from 1) into its cells."""
        table = np.zeros(1 << (2 * cells.size).bit_length(), np.int64)
        distinct = np.empty(cells.size, np.int64)
        count = number_texts(self._data, cells, table, distinct)
        _check(count >= 0)
        joined: str = side_by_side(self._data, distinct[:count]).tobytes().decode()
        texts = joined.split("\n")[:count]
        if one.words:
            _check(set(texts) <= set(one.words))
        elif one.is_key:
            _check(_are_plain_keys(texts))
        elif "\\" in joined:
            texts = [_unescaped(text) if "\\" in text else text for text in texts]
        return texts


def _original(named: PlainPart, row: int) -> Original:
    """Return the original that a row names; named: what the rows say of their originals."""
    given: dict[str, Any] = {
        name: texts[numbers[row]] for name, (texts, numbers) in named.texts.items()
    }
    given |= {name: int(n[row]) for name, (n, present) in named.counts.items() if present[row]}
    days = {name: int(days[row]) for name, days in named.dates.items()}
    given |= {name: date.fromordinal(_UNIX + n) for name, n in days.items() if n != NOTHING}
    return Original(**given)


def _check(is_plain: bool) -> None:
    if not is_plain:
        raise NotPlain


def _are_plain_keys(texts: list[str]) -> bool:
    """Tell whether these are texts without escapes, none long or empty or begun with a blank."""
    joined = "\n".join(("", *texts))
    return (
        "\\" not in joined
        and "\n " not in joined
        and "" not in texts
        and max(map(len, texts), default=0) <= _LONGEST_KEY
    )


def _unescaped(text: str) -> str:
    return msgspec.json.decode(f'"{text}"', type=str)
