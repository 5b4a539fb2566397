"""Finds payment card numbers in bytes, so that none is ever kept.

A card number is 13 to 19 digits, spaces and dashes between them ignored, that pass the Luhn check
and begin like a card of a known issuer. The scan looks at every thirteenth byte only: a run that
long cannot hide between two of them.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

SHORTEST: Final = 13
LONGEST: Final = 19

IDENTIFIER: Final = 1
"""The number is the whole value of an identifier field, and wants a token."""
UNCLEAR: Final = 2
"""Where the number stands needs a closer look."""

IDENTIFIER_FIELDS = frozenset({"card_token", "gift_card_id", "loyalty_id", "customer_id"})
EXEMPT_FIELDS = frozenset(
    {"sku", "serial", "order_id"}
    | {"source", "store_id", "register_id", "business_date", "sequence", "transaction_id"}
)
"""Fields whose digits are no card's: goods, orders and the parts of a transaction's key."""


def _packed(names: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the names' bytes in one array, and where each begins (and the last ends)."""
    joined = np.frombuffer("".join(names).encode(), dtype=np.uint8)
    return joined, np.cumsum([0, *map(len, names)], dtype=np.int64)


_ORDERED = sorted(IDENTIFIER_FIELDS) + sorted(EXEMPT_FIELDS)
_NAMES, _STARTS = _packed(_ORDERED)


def find(raw: bytes) -> NDArray[np.int64]:
    """Return the card numbers in these bytes, in order, one row each: start, end, kind.

    end: one past the last digit. kind: IDENTIFIER where the JSON around it says `"card_token":
    "…"` or the like, else UNCLEAR. A number that is the whole value of an exempt field
    (`"sku": "…"`) is left out.

    Source: ISO/IEC 7812-1 (Luhn check, Annex B); issuer ranges as `begins_like_a_card`.

    >>> find(b'{"card_token": "4111 1111 1111 1111", "sku": "4111111111111111"}').tolist()
    [[16, 35, 1]]
    """
    hits: NDArray[np.int64] = _find(
        np.frombuffer(raw, dtype=np.uint8), _NAMES, _STARTS, len(IDENTIFIER_FIELDS)
    )
    return hits


@njit(cache=True, nogil=True)
def _find(data, names, starts, identifiers):  # type: ignore[no-untyped-def]
    hits = np.empty((64, 3), np.int64)
    count = 0
    size = data.size
    digits = np.empty(LONGEST, np.uint8)
    behind = 0
    at = SHORTEST - 1
    while at < size:
        if not _is_run(data[at]):
            at += SHORTEST
            continue
        begin = at
        while begin > behind and _is_run(data[begin - 1]):
            begin -= 1
        end = at + 1
        while end < size and _is_run(data[end]):
            end += 1
        start = begin
        while end - start >= SHORTEST:
            stop = _card_at(data, start, end, begin, digits)
            if stop > start:
                kind = _kind(data, start, stop, names, starts, identifiers)
                if kind:
                    if count == hits.shape[0]:
                        grown = np.empty((2 * count, 3), np.int64)
                        grown[:count] = hits
                        hits = grown
                    hits[count, 0], hits[count, 1], hits[count, 2] = start, stop, kind
                    count += 1
                start = stop
            else:
                start += 1
        behind = end
        at = end + SHORTEST
    return hits[:count]


@njit(cache=True, nogil=True)
def _is_run(byte):  # type: ignore[no-untyped-def]
    return 48 <= byte <= 57 or byte in (32, 45)


@njit(cache=True, nogil=True)
def _card_at(data, start, end, begin, digits):  # type: ignore[no-untyped-def]
    """Return where the longest card number that begins here ends, or `start` if none does.

    It begins and ends where a group of digits does: within a longer number there is no card.
    """
    first = data[start]
    if first < 50 or first > 57 or first == 55:
        return start
    if start > begin and data[start - 1] >= 48:
        return start
    count = 0
    best = start
    at = start
    while at < end:
        byte = data[at]
        at += 1
        if byte < 48:
            continue
        if count == LONGEST:
            break
        digits[count] = byte - 48
        count += 1
        ends_group = at == end or data[at] < 48
        if (
            ends_group
            and count >= SHORTEST
            and _begins_like_a_card(digits)
            and _luhn(digits, count)
        ):
            best = at
    return best


@njit(cache=True, nogil=True)
def _luhn(digits, count):  # type: ignore[no-untyped-def]
    total = 0
    for i in range(count):
        digit = digits[count - 1 - i] * (1 + (i & 1))
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


@njit(cache=True, nogil=True)
def _begins_like_a_card(digits):  # type: ignore[no-untyped-def]
    """Tell whether the first digits belong to a card issuer.

    Source: the issuers' published ranges. 4 Visa; 51-55 and 2221-2720 Mastercard; 2200-2204 Mir;
    34, 37 American Express; 300-305, 309, 36, 38, 39 Diners Club; 3528-3589 JCB; 50, 56-58 and
    6 Maestro, Discover, UnionPay, RuPay; 81, 82 UnionPay and RuPay; 9792 Troy.
    """
    two = np.int64(digits[0]) * 10 + digits[1]
    four = two * 100 + np.int64(digits[2]) * 10 + digits[3]
    if digits[0] == 4 or digits[0] == 6:
        return True
    if 50 <= two <= 58:
        return True
    if 2200 <= four <= 2204 or 2221 <= four <= 2720:
        return True
    if two == 34 or 36 <= two <= 39:
        return True
    if 3000 <= four <= 3059 or 3090 <= four <= 3099 or 3528 <= four <= 3589:
        return True
    return two in (81, 82) or four == 9792


@njit(cache=True, nogil=True)
def _kind(data, start, stop, names, starts, identifiers):  # type: ignore[no-untyped-def]
    """Return 0 for an exempt field's value, IDENTIFIER for an identifier's, else UNCLEAR.

    Looks back for `"name": "` (or `"name": ` before a bare number). A quote inside a string has a
    backslash before it, so text that merely looks like a field never matches.
    """
    quoted = start > 0 and data[start - 1] == 34
    if quoted and (stop >= data.size or data[stop] != 34):
        return UNCLEAR
    colon = _before_blanks(data, start - 2 if quoted else start - 1)
    if colon < 0 or data[colon] != 58:
        return UNCLEAR
    end = _before_blanks(data, colon - 1)
    if end < 0 or data[end] != 34:
        return UNCLEAR
    for name in range(starts.size - 1):
        if _ends_with(data, end, names[starts[name] : starts[name + 1]]):
            if name >= identifiers:
                return 0
            return IDENTIFIER if quoted else UNCLEAR
    return UNCLEAR


@njit(cache=True, nogil=True)
def _before_blanks(data, at):  # type: ignore[no-untyped-def]
    while at >= 0 and data[at] == 32:
        at -= 1
    return at


@njit(cache=True, nogil=True)
def _ends_with(data, end, name):  # type: ignore[no-untyped-def]
    """Tell whether a quote, not escaped, and this name stand right before `end`."""
    start = end - name.size
    if start < 2 or data[start - 1] != 34 or data[start - 2] == 92:
        return False
    at = 0
    while at < name.size and data[start + at] == name[at]:
        at += 1
    return at == name.size
