"""Walks over lines of JSON once and notes where the value of each known field stands.

The walk takes less JSON than there is: one object a line, no name twice in an object, no escape in
a name, nothing nested in unknown fields. Of anything else it says that it is not plain. What the
values hold, `plain_values` reads.
"""

import numpy as np
from numba import njit

from shrinkwatch.intake.json_fields import count_unknown, slot_of
from shrinkwatch.intake.plain_values import LENGTH_BITS, plain_scalar

VALUE, PARTS, ORIGINAL = range(3)
"""What a field holds: a value, a list of objects, or one object."""

HOLDS, COLUMN, BIT, NULLABLE, CHILD = range(5)
"""What is known of a field, by its slot: CHILD is the shape of the objects in it."""

PART, REQUIRED, LEVEL = range(3)
"""What is known of a shape: part of a record, bits of its required fields, level of its names."""

LINES, PRICE_CHANGES, ORIGINAL_OF_TRANSACTION = 1, 4, 5
"""Shapes that the walk itself must know; from the last on an object has no row of its own."""

_OBJECT, _FIRST, _NAME, _AFTER, _END = range(5)
"""What comes next: an object, its first name or end, a name, what follows a value, a line's end."""


@njit(cache=True, nogil=True)
def walk(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912, PLR0915
    data, hashes, fields, shapes, owner, base, masks_at, cells, masks, rows, names
):
    """Put the place of each value into the cell of its column; return whether all is plain.

    data: lines, with a newline at the end. hashes, fields, shapes: the known fields by slot, and
    the shapes of objects. owner: the column of each part that takes the row of its transaction; the
    one after it, of price changes, takes the row of the line. base: where each column begins in
    `cells`; a value's cell has the place of its first byte, shifted, and its length. masks_at:
    where each part begins in `masks`, whose bits say what each row gave. rows: counts the rows of
    each part. names: unknown names, as `json_fields` has them.
    """
    shape_at, row_at = np.zeros(3, np.int64), np.zeros(3, np.int64)
    at = depth = shape = row = part = given = 0
    expects = _OBJECT
    while True:
        at = _after_blanks(data, at)
        byte = data[at]
        at += 1
        if byte == 44 and expects == _AFTER:
            expects = _NAME
        elif byte == 34 and (expects == _FIRST or expects == _NAME):  # noqa: PLR1714, SIM109
            end = _text_end(data, at)
            if end < 0:
                return False
            slot = slot_of(data, at, end, shape, hashes)
            start = _after_blanks(data, end + 1)
            if data[start] != 58:
                return False
            start = _after_blanks(data, start + 1)
            expects = _AFTER
            if slot < 0:
                count_unknown(data, at, end, shapes[shape, LEVEL], names)
                at = _value_end(data, start)
                if not plain_scalar(data, start, at) or _has_stroke(data, end, at):
                    return False
                continue
            if given >> fields[slot, BIT] & 1:
                return False
            at = start
            if data[at] == 110:
                at = _value_end(data, start)
                if not fields[slot, NULLABLE] or not plain_scalar(data, start, at):
                    return False
                continue
            given |= 1 << fields[slot, BIT]
            if fields[slot, HOLDS] == VALUE:
                at = _value_end(data, start)
                if at <= start:
                    return False
                cells[base[fields[slot, COLUMN]] + row] = start << LENGTH_BITS | (at - start)
                continue
            if fields[slot, HOLDS] == PARTS:
                if data[at] != 91:
                    return False
                at = _after_blanks(data, at + 1)
                if data[at] == 93:
                    at += 1
                    continue
            masks[masks_at[part] + row] = given
            expects, shape = _OBJECT, fields[slot, CHILD]
            depth += 1
        elif byte == 123 and expects == _OBJECT:
            expects = _FIRST
            part = shapes[shape, PART]
            shape_at[depth] = shape
            if shape < ORIGINAL_OF_TRANSACTION:
                row = row_at[depth] = rows[part]
                rows[part] += 1
                given = 0
                cells[base[owner[part]] + row] = row_at[0]
                if shape == PRICE_CHANGES:
                    above = row_at[depth - 1] if shape_at[depth - 1] == LINES else -1
                    cells[base[owner[part] + 1] + row] = above
        elif byte == 125 and (expects == _FIRST or expects == _AFTER):  # noqa: PLR1714, SIM109
            if given & shapes[shape, REQUIRED] != shapes[shape, REQUIRED]:
                return False
            masks[masks_at[part] + row] = given
            if depth == 0:
                expects = _END
                continue
            if shape < ORIGINAL_OF_TRANSACTION:
                at = _after_blanks(data, at)
                if data[at] == 44:
                    at += 1
                    expects = _OBJECT
                    continue
                if data[at] != 93:
                    return False
                at += 1
            depth -= 1
            expects, shape, row = _AFTER, shape_at[depth], row_at[depth]
            part = shapes[shape, PART]
            given = masks[masks_at[part] + row]
        elif byte == 10 and (expects == _END or (expects == _OBJECT and depth == 0)):
            expects = _OBJECT
            if at == data.size:
                return True
        else:
            return False


@njit(cache=True, nogil=True, inline="always")
def _after_blanks(data, at):  # type: ignore[no-untyped-def]
    """Return where the next byte stands that is no blank, tab or carriage return."""
    while data[at] == 32 or data[at] == 9 or data[at] == 13:
        at += 1
    return at


@njit(cache=True, nogil=True, inline="always")
def _text_end(data, at):  # type: ignore[no-untyped-def]
    """Return where the quote stands that ends this name, -1 where it holds any escape."""
    while data[at] != 34:
        if data[at] < 32 or data[at] == 92:
            return -1
        at += 1
    return at


@njit(cache=True, nogil=True)
def _value_end(data, at):  # type: ignore[no-untyped-def]
    """Return what follows a text or a bare value, -1 where a text does not end on its line.

    What follows a stroke in a text is passed over, whatever it is.
    """
    if data[at] == 34:
        at += 1
        while data[at] != 34:
            if data[at] == 92:
                at += 1
            if data[at] < 32:
                return -1
            at += 1
        return at + 1
    while data[at] > 32 and data[at] != 44 and data[at] & 0xDF != 93:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _has_stroke(data, start, end):  # type: ignore[no-untyped-def]
    while start < end and data[start] != 92:
        start += 1
    return start < end
