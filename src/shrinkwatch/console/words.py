"""Numbers as people say them: money, odds, shares and dates."""

import math
from datetime import date, datetime

from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.scheme import scheme

FURTHEST_ODDS = 1e-4
"""The rarest that is said in numbers; even large chains have not many more peers than 10,000."""

_SIGNS = {"GBP": "£", "USD": "$", "EUR": "€", "JPY": "¥", "INR": "₹", "KRW": "₩"}


def money(amount: float, currency: str) -> str:
    """Return the amount with its currency, whole units from 100 on.

    amount: in the currency's unit, not minor units.

    >>> money(1234.5, "GBP"), money(-3.2, "EUR"), money(70, "CHF")
    ('£1,234', '-€3.20', 'CHF\\xa070.00')
    """
    sign = _SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    decimals = 0 if abs(amount) >= 100 else minor_decimals(currency)
    return f"{'-' if amount < 0 else ''}{sign}{abs(amount):,.{decimals}f}"


def odds(probability: float) -> str:
    """Return a small probability as one in so many, to two figures.

    >>> odds(0.00025), odds(0.26), odds(0.0), odds(0.8)
    ('1 in 4,000', '1 in 4', 'fewer than 1 in 10,000', '8 in 10')
    """
    # a fitted tail says nothing of what is rarer than the peers it was fitted on
    if probability < FURTHEST_ODDS:
        return "fewer than 1 in 10,000"
    if probability > 0.5:
        return f"{probability * 10:.0f} in 10"
    once = 1 / probability
    size = 10 ** max(math.floor(math.log10(once)) - 1, 0)
    return f"1 in {round(once / size) * size:,.0f}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 as a percentage, with a decimal only below ten.

    What is not quite all is never said to be: 0.997 is "> 99 %".

    >>> percent(0.824), percent(0.0123), percent(1.0), percent(0.0)
    ('82\\xa0%', '1.2\\xa0%', '100\\xa0%', '0\\xa0%')
    """
    if 0.995 <= share < 1:
        return ">\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%"
    shown = f"{share * 100:.1f}" if 0 < share < 0.0995 else f"{share * 100:.0f}"
    return f"{shown}\N{NO-BREAK SPACE}%"


def probability(share: float) -> str:
    """Return how probable something is; never that it is certain, either way.

    >>> probability(0.824), probability(1.0), probability(0.0)
    ('82\\xa0%', '>\\xa099\\xa0%', '<\\xa01\\xa0%')
    """
    if share < 0.01:
        return "<\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}%"
    return percent(min(share, 0.999))


def counted(many: int, things: str) -> str:
    """Return how many there are, with the noun in the number that fits.

    things: a noun in the plural whose singular lacks its last letter.

    >>> counted(1, "receipts"), counted(1200, "receipts")
    ('1 receipt', '1,200 receipts')
    """
    return f"{many:,} {things[:-1] if many == 1 else things}"


def number(value: float, unit: str, currency: str = "") -> str:
    """Return a reason's value with its unit.

    unit: "share" (0 to 1), the currency itself (then value is money), "count" (a bare number), or
    a noun in the plural.

    >>> number(0.23, "share"), number(74215, "units"), number(1.0, "receipts"), number(3, "count")
    ('23\\xa0%', '74,215 units', '1 receipt', '3')
    """
    if unit == "share":
        return percent(value)
    if unit == currency:
        return money(value, currency)
    if value == 1 and unit != "count":
        return counted(1, unit)
    shown = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2g}"
    return shown if unit == "count" else f"{shown} {unit}".rstrip()


def day(at: date | datetime) -> str:
    """Return a date as people write it.

    >>> day(date(2026, 3, 2))
    '2 Mar 2026'
    """
    return f"{at.day} {at:%b %Y}"


def span(start: date | datetime, end: date | datetime) -> str:
    """Return from when to when, saying month and year once where they are the same.

    >>> span(date(2026, 3, 2), date(2026, 3, 9)), span(date(2026, 3, 2), date(2026, 3, 2))
    ('2–9 Mar 2026', '2 Mar 2026')
    """
    if (start.year, start.month, start.day) == (end.year, end.month, end.day):
        return day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end)}"
    if start.year == end.year:
        return f"{start.day} {start:%b} – {day(end)}"
    return f"{day(start)} – {day(end)}"


def scheme_title(id_: str) -> str:
    """Return the scheme's name in words; an unknown id as it stands."""
    try:
        return scheme(id_).title
    except KeyError:
        return id_.replace("_", " ")
