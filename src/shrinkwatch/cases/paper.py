"""Setting text on forty columns of till paper, whatever an item may be called."""

import unicodedata
from decimal import Decimal

WIDTH = 40
"""Columns of the paper."""


def money(amount: Decimal, decimals: int) -> str:
    """Return the amount with its currency's decimals and thousands apart.

    >>> money(Decimal("-1234.5"), 2)
    '-1,234.50'
    """
    return f"{amount:,.{decimals}f}"


def printable(text: str) -> str:
    """Return the text without what moves a cursor, rings a bell or turns the writing round.

    >>> printable("RUM\\x1b[2J\\u202e70CL\\n")
    'RUM [2J 70CL '
    """
    return "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)


def columns(text: str) -> int:
    """Return how many columns the text takes; East Asian wide letters take two, accents none.

    >>> columns("牛乳 2L")
    7
    """
    return sum(_columns(each) for each in text)


def cut(text: str, width: int) -> str:
    """Return the text if it fits into this many columns, else its beginning and an ellipsis."""
    if columns(text) <= width:
        return text
    taken, kept = 1, ""
    for each in text:
        taken += _columns(each)
        if taken > width:
            break
        kept += each
    return kept.rstrip() + "…"


def centred(text: str) -> str:
    """Return the text in the middle of the paper."""
    shown = cut(printable(text).strip(), WIDTH)
    return " " * ((WIDTH - columns(shown)) // 2) + shown


def ends(left: str, right: str) -> str:
    """Return one line with `left` at its beginning and `right` at its end; the left gives way.

    >>> ends("Milk", "1.20")
    'Milk                                1.20'
    """
    right = cut(printable(right), WIDTH)
    left = cut(printable(left), max(WIDTH - columns(right) - 1, 0)) if right else left
    left = cut(printable(left), WIDTH)
    return left + " " * (WIDTH - columns(left) - columns(right)) + right


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
