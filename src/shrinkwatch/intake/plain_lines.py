"""Reads plainly written lines of the contract straight into columns, without a record of each.

What is plain, `plain_walk` says; every line of a block must be. Of plain lines the columns are the
same as those of the transactions that `contract_lines` reads, for a fraction of the time.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.intake.block import has_long_line
from shrinkwatch.intake.json_fields import MOST_NAMES, unknown_names
from shrinkwatch.intake.plain_fields import PART_NAMES, Kind, PlainField, layout
from shrinkwatch.intake.plain_values import (
    BESIDE,
    COLUMN,
    KIND,
    LOCAL,
    NOTHING,
    PART,
    TEXT,
    read_columns,
    side_by_side,
)
from shrinkwatch.intake.plain_walk import walk
from shrinkwatch.records.transaction import Original

_UNIX = date(1970, 1, 1).toordinal()
_LONGEST_KEY = 60
_FIRST_LOOK = 1 << 16
_NEWLINE = ord("\n")

Values = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlainLines:
    """What plainly written lines say, by part of a record.

    change_line: the row of the line that a price change is on, -1 for the whole receipt; those of
    a transaction's lines come first.
    unknown_fields: how often each field occurs that the contract does not know, by dotted name.
    """

    parts: dict[str, "PlainPart"]
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
        data = np.frombuffer(raw + b"\n", dtype=np.uint8)
        self._known = known = layout()
        lines = int(np.count_nonzero(data == _NEWLINE))
        most = [lines, *(data.size // least + 1 for least in known.smallest[1:])]
        # an odd number of rows: columns that begin at addresses alike would slow each other
        self._base = np.cumsum([0, *(np.array(most)[known.part_of] | 1)])
        self._masks_at = np.cumsum([0, *most])
        self._cells = np.empty(self._base[-1], np.int64)
        self._masks = np.empty(self._masks_at[-1], np.int64)
        self._rows = np.zeros(len(most), np.int64)
        names = np.zeros((MOST_NAMES, 4), np.int64)
        fixed = (data, known.hashes, known.table, known.shapes, known.owner)
        places = (self._base, self._masks_at, self._cells, self._masks, self._rows)
        _check(walk(*fixed, *places, names))
        self._starts: list[int] = self._base.tolist()
        self._sizes: list[int] = self._rows.tolist()
        self._read_columns(data)
        self._check_texts()
        self._unknown = unknown_names(raw, names)

    def lines(self) -> PlainLines:
        """Return what the lines say."""
        changes = PART_NAMES.index("price_changes")
        line = self.cells(changes, self._known.owner[changes] + 1)
        parts = {name: PlainPart(self, part) for part, name in enumerate(PART_NAMES)}
        return PlainLines(parts, line, self._unknown)

    def _read_columns(self, data: NDArray[np.uint8]) -> None:
        """Put the values of every column into its cells. Raises: NotPlain, UnicodeDecodeError."""
        changes = PART_NAMES.index("price_changes")
        tx, line = (self.cells(changes, self._known.owner[changes] + at) for at in (0, 1))
        if (line < 0).any():
            self._sort(changes, np.lexsort((line < 0, tx)))
        known, rows, columns = self._known.columns, self._rows, self._base.size - 1
        beside = np.where(np.isin(known[:, KIND], BESIDE), rows[known[:, PART]], 0)
        beside_at = np.zeros(columns, np.int64)
        beside_at[known[:, COLUMN]] = np.cumsum(beside) - beside
        self._beside = np.empty(beside.sum(), np.int64)
        table = np.empty(1 << (2 * int(rows.max())).bit_length(), np.int64)
        distinct = np.empty(int(rows[known[known[:, KIND] == TEXT, PART]].sum()), np.int64)
        counts, first = np.empty(columns, np.int64), np.empty(columns, np.int64)
        places = (self._base, rows, self._masks_at, self._masks, self._cells)
        into = (beside_at, self._beside, table, distinct, counts, first)
        _check(read_columns(data, known, *places, *into))
        self._beside_at: list[int] = beside_at.tolist()
        self._counts: list[int] = counts.tolist()
        self._first: list[int] = first.tolist()
        met = distinct[: counts.clip(0).sum()]
        joined: str = side_by_side(data, met).tobytes().decode()
        self._texts = joined.split("\n")
        self._is_escaped = "\\" in joined

    def _check_texts(self) -> None:
        """Check the texts that may not say anything. Raises: NotPlain, msgspec.DecodeError."""
        for one in filter(self.gives, self._known.texts):
            if one.words:
                _check(set(self._written(one)) <= set(one.words))
            elif one.is_key:
                _check(_are_plain_keys(self._written(one)))
            elif self._is_escaped:
                self.texts(one)

    def _sort(self, part: int, order: Values) -> None:
        """Bring the rows of a part into this order."""
        columns = np.flatnonzero(self._known.part_of == part).tolist()
        for values in (self.bits(part), *(self.cells(part, column) for column in columns)):
            values[:] = values[order]

    def gives(self, one: PlainField) -> bool:
        """Tell whether any row gives this field, or it says something by default."""
        return self._counts[one.column] >= 0

    def bits(self, part: int) -> Values:
        """Return which fields each row of a part gives."""
        start = self._masks_at[part]
        return self._masks[start : start + self._sizes[part]]

    def cells(self, part: int, column: int) -> Values:
        """Return the values of a column; of texts, which of the different ones."""
        start = self._starts[column]
        return self._cells[start : start + self._sizes[part]]

    def beside(self, part: int, column: int) -> Values:
        """Return what stands beside the values of a column."""
        start = self._beside_at[column]
        return self._beside[start : start + self._sizes[part]]

    def texts(self, one: PlainField) -> list[str | None]:
        """Return the different texts of a field, the default before them."""
        texts = self._written(one)
        if self._is_escaped:
            texts = [_unescaped(text) if "\\" in text else text for text in texts]
        return [cast("str | None", one.default), *texts]

    def _written(self, one: PlainField) -> list[str]:
        """Return the different texts of a field as they are written."""
        first = self._first[one.column]
        return self._texts[first : first + self._counts[one.column]]


class PlainPart:
    """The records of one part: by field what each says; fields that none gives are left out.

    tx: int64, the row of each one's transaction, sorted. What the fields say is put together when
    it is asked for: whoever needs the keys alone need not wait for the rest.
    """

    def __init__(self, walked: _Walked, part: int, *, of_original: bool = False) -> None:
        self.tx = walked.cells(part, layout().owner[part])
        self._walked = walked
        self._part = part
        self._of_original = of_original

    def text(self, name: str) -> list[str | None]:
        """Return what each row says in a field that is a text."""
        texts, codes = self.texts.get(name, ([None], np.zeros(self.tx.size, dtype=np.int64)))
        return [texts[code] for code in codes.tolist()]

    @cached_property
    def texts(self) -> dict[str, tuple[list[str | None], Values]]:
        """The different texts, and int64 which of them each row has; the first is the default."""
        given = self._given(Kind.TEXT)
        return {one.name: (self._walked.texts(one), self._cells(one)) for one in given}

    @cached_property
    def numbers(self) -> dict[str, NDArray[np.float64]]:
        """Numbers, NaN where there is none."""
        return {one.name: self._beside(one).view(np.float64) for one in self._given(Kind.NUMBER)}

    @cached_property
    def counts(self) -> dict[str, tuple[Values, NDArray[np.bool_]]]:
        """Whole numbers, and whether there is one."""
        given = self._given(Kind.COUNT)
        return {one.name: (self._cells(one), self._beside(one).astype(np.bool_)) for one in given}

    @cached_property
    def flags(self) -> dict[str, NDArray[np.bool_]]:
        """Truth values."""
        return {one.name: self._cells(one).astype(np.bool_) for one in self._given(Kind.FLAG)}

    @cached_property
    def dates(self) -> dict[str, Values]:
        """Days since 1970, NOTHING where there is none."""
        return {one.name: self._cells(one) for one in self._given(Kind.DATE)}

    @cached_property
    def times(self) -> dict[str, tuple[Values, Values, NDArray[np.bool_]]]:
        """Microseconds since 1970 on the clock as written, NOTHING where there is none.

        And seconds east of UTC (0 where none is written), and bool, True where none is.
        """
        found = {}
        for one in self._given(Kind.TIME):
            offset = self._beside(one)
            local = offset == LOCAL
            found[one.name] = self._cells(one), np.where(local, 0, offset), local
        return found

    @cached_property
    def originals(self) -> list[Original | None]:
        """What each row names as its original; empty where no row names one."""
        bit = layout().original_bit.get(self._part)
        if bit is None:
            return []
        naming: list[int] = np.flatnonzero(self._walked.bits(self._part) >> bit & 1).tolist()
        if not naming:
            return []
        named = PlainPart(self._walked, self._part, of_original=True)
        found: list[Original | None] = [None] * self.tx.size
        for row in naming:
            found[row] = _original(named, row)
        return found

    def _given(self, kind: Kind) -> list[PlainField]:
        asked = layout().of_kind[self._part, self._of_original, kind]
        return [one for one in asked if self._walked.gives(one)]

    def _cells(self, one: PlainField) -> Values:
        return self._walked.cells(self._part, one.column)

    def _beside(self, one: PlainField) -> Values:
        return self._walked.beside(self._part, one.column)


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
