"""Reads the values of a column from the bytes of JSON, each only where it is plainly written.

A cell has the place of a value's first byte, shifted, and its length; 0 where there is none. All
columns are read at one call: of few lines, to call for each would cost more than to read it. The
bytes end with a newline, which no value holds.
"""

import numpy as np
from numba import njit

LENGTH_BITS = 24
"""So many bits of a cell are the length of its value; a line is not longer."""

LOCAL = 1 << 40
"""Stands for the offset of a time that names none, in seconds."""

NOTHING = np.iinfo(np.int64).min
"""Stands for "the feed did not say" among times and dates."""

TEXT, NUMBER, COUNT, FLAG, TIME, DATE = range(6)
"""What the values of a column are."""

BESIDE = NUMBER, COUNT, TIME
"""Kinds of which something stands beside the cells."""

PART, COLUMN, BIT, KIND, DEFAULT, ALWAYS = range(6)
"""What is known of a column: DEFAULT of a flag, ALWAYS whether it is read where no row has it."""

_LENGTH = (1 << LENGTH_BITS) - 1
_POWERS = 10.0 ** np.arange(7)
_LENGTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_BEFORE = np.concatenate(([0], np.cumsum(_LENGTHS)[:-1]))
_DAYS_TO_2000 = 10_957


@njit(cache=True, nogil=True)
def read_columns(  # type: ignore[no-untyped-def]
    data,
    columns,
    base,
    rows,
    masks_at,
    masks,
    cells,
    beside_at,
    beside,
    table,
    distinct,
    counts,
    first,
):
    """Read every column that some row gives; return whether all values are plain.

    columns: what is known of each. base, rows, masks_at, masks, cells: as `plain_walk.walk` left
    them. A value takes the place of its cell; of a text, its number from 1 among those of its
    column, whose cells come after one another in `distinct`. beside: takes, from `beside_at` on,
    numbers (the bits of float64), of a time the seconds east of UTC (0: there is no time; LOCAL:
    it names none), of a count whether there is one. table: for hashing, a power of two, over twice
    the rows of any part. counts: takes how many different texts each column has, 0 of other
    values, -1 where it was not read; first: where in `distinct` they begin.
    """
    met = 0
    counts[:] = -1
    for known in columns:
        column, part, kind = known[COLUMN], known[PART], known[KIND]
        start = base[column]
        values = cells[start : start + rows[part]]
        own = masks[masks_at[part] : masks_at[part] + rows[part]]
        if not _keep_given(values, own, known[BIT]) and not (rows[part] and known[ALWAYS]):
            continue
        counts[column], first[column] = 0, met
        second = beside[beside_at[column] : beside_at[column] + rows[part]]
        if kind == TEXT:
            found = _number_texts(data, values, table, distinct[met:])
            is_plain = found >= 0
            counts[column] = found
            met += found
        elif kind == NUMBER:
            is_plain = _read_numbers(data, values, second.view(np.float64))
        elif kind == COUNT:
            is_plain = _read_counts(data, values, second)
        elif kind == FLAG:
            is_plain = _read_flags(data, values, known[DEFAULT])
        elif kind == TIME:
            is_plain = _read_times(data, values, second)
        else:
            is_plain = _read_dates(data, values)
        if not is_plain:
            return False
    return True


@njit(cache=True, nogil=True)
def _keep_given(cells, masks, bit):  # type: ignore[no-untyped-def]
    """Put 0 into the cells of rows that do not give this field; return whether any does."""
    given = False
    for row in range(cells.size):
        if masks[row] >> bit & 1:
            given = True
        else:
            cells[row] = 0
    return given


@njit(cache=True, nogil=True)
def _read_numbers(data, cells, found):  # type: ignore[no-untyped-def]
    """Put numbers, bare or in quotes, into `found`, and NaN where there is none."""
    for row in range(cells.size):
        at, end = cells[row] >> LENGTH_BITS, (cells[row] >> LENGTH_BITS) + (cells[row] & _LENGTH)
        if at == end:
            found[row] = np.nan
        elif data[at] == 34:
            at, found[row] = _number(data, at + 1)
            if at != end - 1:
                return False
        else:
            at, found[row] = _number(data, at)
            if at != end:
                return False
    return True


@njit(cache=True, nogil=True)
def _read_counts(data, cells, present):  # type: ignore[no-untyped-def]
    """Put whole numbers into the cells themselves, and 1 into `present`; 0 where there is none."""
    for row in range(cells.size):
        at, end = cells[row] >> LENGTH_BITS, (cells[row] >> LENGTH_BITS) + (cells[row] & _LENGTH)
        present[row] = at < end
        if at < end:
            at, cells[row] = _count(data, at)
            if at != end:
                return False
    return True


@njit(cache=True, nogil=True)
def _read_flags(data, cells, missing):  # type: ignore[no-untyped-def]
    """Put truth values into the cells themselves, and `missing` where there is none."""
    for row in range(cells.size):
        at, end = cells[row] >> LENGTH_BITS, (cells[row] >> LENGTH_BITS) + (cells[row] & _LENGTH)
        if at == end:
            cells[row] = missing
        else:
            at, cells[row] = _word(data, at)
            if at != end or cells[row] == 2:
                return False
    return True


@njit(cache=True, nogil=True)
def _read_dates(data, cells):  # type: ignore[no-untyped-def]
    """Put days since 1970 into the cells themselves, and NOTHING where there is none."""
    for row in range(cells.size):
        at, end = cells[row] >> LENGTH_BITS, (cells[row] >> LENGTH_BITS) + (cells[row] & _LENGTH)
        if at == end:
            cells[row] = NOTHING
        else:
            quote = data[at]
            at, cells[row] = _date(data, at + 1)
            if at != end - 1 or quote != 34:
                return False
    return True


@njit(cache=True, nogil=True)
def _read_times(data, cells, offsets):  # type: ignore[no-untyped-def]
    """Put microseconds since 1970 on the clock as written into the cells, and NOTHING.

    offsets: takes the seconds east of UTC, 0 where there is no time, LOCAL where it names none.
    """
    for row in range(cells.size):
        at, end = cells[row] >> LENGTH_BITS, (cells[row] >> LENGTH_BITS) + (cells[row] & _LENGTH)
        if at == end:
            cells[row], offsets[row] = NOTHING, 0
        else:
            quote = data[at]
            at, cells[row], offsets[row] = _time(data, at + 1)
            if at != end - 1 or quote != 34:
                return False
    return True


@njit(cache=True, nogil=True)
def _number_texts(data, cells, table, distinct):  # type: ignore[no-untyped-def]
    """Put the number (from 1) that a text has among those of its column into its cell.

    Returns how many there are, -1 where a value is no text. distinct: takes the cell of each text
    when it is first met.
    """
    size = 1
    while size <= 2 * cells.size:
        size *= 2
    table = table[:size]
    table[:] = 0
    count = before = 0
    for row in range(cells.size):
        cell = cells[row]
        if cell == 0:
            continue
        if data[cell >> LENGTH_BITS] != 34:
            return -1
        if before == 0 or not _is_same(data, cell, distinct[before - 1]):
            spot = _hash(data, cell) & (table.size - 1)
            while table[spot] != 0 and not _is_same(data, cell, distinct[table[spot] - 1]):
                spot = (spot + 1) & (table.size - 1)
            if table[spot] == 0:
                distinct[count] = cell
                count += 1
                table[spot] = count
            before = table[spot]
        cells[row] = before
    return count


@njit(cache=True, nogil=True)
def _is_same(data, cell, other):  # type: ignore[no-untyped-def]
    size = cell & _LENGTH
    if size != other & _LENGTH:
        return False
    start, begun = cell >> LENGTH_BITS, other >> LENGTH_BITS
    i = 0
    while i < size and data[start + i] == data[begun + i]:
        i += 1
    return i == size


@njit(cache=True, nogil=True)
def _hash(data, cell):  # type: ignore[no-untyped-def]
    """Return the FNV-1a hash of a text, its upper half mixed in."""
    value = np.uint64(0xCBF29CE484222325)
    for at in range(cell >> LENGTH_BITS, (cell >> LENGTH_BITS) + (cell & _LENGTH)):
        value = (value ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
    return np.int64(value ^ (value >> np.uint64(32)))


@njit(cache=True, nogil=True)
def side_by_side(data, cells):  # type: ignore[no-untyped-def]
    """Return the texts without their quotes as bytes (uint8), a newline between two."""
    found = np.empty((cells & _LENGTH).sum() - cells.size, np.uint8)
    to = 0
    for cell in cells:
        start = cell >> LENGTH_BITS
        for at in range(start + 1, start + (cell & _LENGTH) - 1):
            found[to] = data[at]
            to += 1
        found[to] = 10
        to += 1
    return found


@njit(cache=True, nogil=True)
def plain_scalar(data, start, end):  # type: ignore[no-untyped-def]
    """Tell whether this is a text, a plain number, a truth value or null, and nothing more."""
    if data[start] == 34:
        return end > start
    if data[start] == 45 or 48 <= data[start] <= 57:
        return _number(data, start)[0] == end
    return _word(data, start)[0] == end


@njit(cache=True, nogil=True)
def _number(data, at):  # type: ignore[no-untyped-def]
    """Return end and value of a number of at most 9 digits before the point and 6 after it.

    The digits as a whole number, below 2**53, divided by a power of ten that a float holds exactly:
    the quotient is the float that is nearest to the decimal.
    """
    negative = data[at] == 45
    start = at = at + negative
    digits = 0
    while 48 <= data[at] <= 57:
        digits = digits * 10 + (data[at] - 48)
        at += 1
        if at - start > 9:
            return -1, 0.0
    if at == start or (data[start] == 48 and at - start > 1):
        return -1, 0.0
    fine = 0
    if data[at] == 46:
        at += 1
        while 48 <= data[at] <= 57:
            digits = digits * 10 + (data[at] - 48)
            at += 1
            fine += 1
            if fine > 6:
                return -1, 0.0
        if fine == 0:
            return -1, 0.0
    value = digits / _POWERS[fine]
    return at, -value if negative and digits else value


@njit(cache=True, nogil=True)
def _count(data, at):  # type: ignore[no-untyped-def]
    """Return end and value of a whole number of at most 9 digits, not below zero."""
    start, value = at, 0
    while 48 <= data[at] <= 57:
        value = value * 10 + (data[at] - 48)
        at += 1
        if at - start > 9:
            return -1, 0
    if at == start or (data[start] == 48 and at - start > 1):
        return -1, 0
    return at, value


@njit(cache=True, nogil=True)
def _word(data, at):  # type: ignore[no-untyped-def]
    """Return end and meaning of `false` (0), `true` (1) or `null` (2)."""
    if data[at] == 110 and data[at + 1] == 117:
        return (at + 4, 2) if data[at + 2] == 108 and data[at + 3] == 108 else (-1, 0)
    if data[at] == 116 and data[at + 1] == 114:
        return (at + 4, 1) if data[at + 2] == 117 and data[at + 3] == 101 else (-1, 0)
    if data[at] == 102 and data[at + 1] == 97 and data[at + 2] == 108:
        return (at + 5, 0) if data[at + 3] == 115 and data[at + 4] == 101 else (-1, 0)
    return -1, 0


@njit(cache=True, nogil=True)
def _two(data, at):  # type: ignore[no-untyped-def]
    """Return the number that two digits make, or one that is too large for anything."""
    tens, ones = np.int64(data[at]) - 48, np.int64(data[at + 1]) - 48
    if tens < 0 or tens > 9 or ones < 0 or ones > 9:
        return 1_000
    return tens * 10 + ones


@njit(cache=True, nogil=True)
def _date(data, at):  # type: ignore[no-untyped-def]
    """Return end and days since 1970 of a date of this century, `20YY-MM-DD`."""
    for place in range(at, at + 10):
        if data[place] < 45:
            return -1, 0
    year, month, day = _two(data, at + 2), _two(data, at + 5), _two(data, at + 8)
    if data[at] != 50 or data[at + 1] != 48 or data[at + 4] != 45 or data[at + 7] != 45:
        return -1, 0
    if year > 99 or month < 1 or month > 12:
        return -1, 0
    leap = year % 4 == 0
    if day < 1 or day > _LENGTHS[month - 1] + (leap and month == 2):
        return -1, 0
    days = _DAYS_TO_2000 + year * 365 + (year + 3) // 4 + _BEFORE[month - 1] + day - 1
    return at + 10, days + (leap and month > 2)


@njit(cache=True, nogil=True)
def _time(data, at):  # type: ignore[no-untyped-def]
    """Return end, microseconds since 1970 on the clock as written, and offset in seconds.

    RFC 3339 with a capital T, a fraction of up to 6 digits and an offset of `Z` or `±HH:MM`; LOCAL
    where it names none.
    """
    at, days = _date(data, at)
    if at < 0 or data[at] != 84:
        return -1, 0, 0
    for place in range(at + 1, at + 9):
        if data[place] < 48:
            return -1, 0, 0
    hour, minute, second = _two(data, at + 1), _two(data, at + 4), _two(data, at + 7)
    if hour > 23 or minute > 59 or second > 59 or data[at + 3] != 58 or data[at + 6] != 58:
        return -1, 0, 0
    at += 9
    fine, unit = 0, 1_000_000
    if data[at] == 46:
        at += 1
        while 48 <= data[at] <= 57 and unit > 1:
            unit //= 10
            fine += (data[at] - 48) * unit
            at += 1
        if unit == 1_000_000:
            return -1, 0, 0
    wall = ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + fine
    return _with_offset(data, at, wall)


@njit(cache=True, nogil=True)
def _with_offset(data, at, wall):  # type: ignore[no-untyped-def]
    if data[at] == 90:
        return at + 1, wall, 0
    if data[at] == 34:
        return at, wall, LOCAL
    if data[at] != 43 and data[at] != 45:
        return -1, 0, 0
    for place in range(at + 1, at + 6):
        if data[place] < 48:
            return -1, 0, 0
    hour, minute = _two(data, at + 1), _two(data, at + 4)
    if hour > 23 or minute > 59 or data[at + 3] != 58:
        return -1, 0, 0
    seconds = hour * 3_600 + minute * 60
    return at + 6, wall, -seconds if data[at] == 45 else seconds
