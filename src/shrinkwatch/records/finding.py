"""A broken identity of the contract: a fact about a record, never a reason to reject it."""

from enum import IntFlag


class Finding(IntFlag):
    """Bits of the `findings` column of a batch; each is explained by its docstring below."""

    LINE_SUM = 1
    """A line's extended is not quantity × list price + its price changes (beyond rounding)."""
    NET_SUM = 2
    """Net is not the sum of the live lines and the changes on the whole transaction."""
    TENDER_SUM = 4
    """The live tenders do not add up to what was due (beyond cash rounding)."""
    GROSS_SUM = 8
    """Gross is not Σ quantity × list price of the live lines, or discount not gross − net."""
    SIGN = 16
    """A return line that is not negative, or an item line that is."""
    VOID_NOT_NEGATIVE = 32
    """A post-void whose net is not the negative of its original's."""
    TIME_ORDER = 64
    """Began after it ended, or a line's time lies far outside the transaction."""
    REPEATED_HOUR = 128
    """A naive local time in the hour that the clock ran twice; the first reading was taken."""
    MISSING_HOUR = 256
    """A naive local time in the hour that the clock skipped; read with the offset before it."""
    FINE_MONEY = 512
    """An amount finer than the currency's minor unit; it was rounded half-even."""
    CLOCK_FUTURE = 1024
    """The record ended after it arrived."""


SENTENCES: dict[Finding, str] = {
    Finding.LINE_SUM: "a line's amount is not quantity × price plus its price changes",
    Finding.NET_SUM: "net is not the sum of its lines and price changes",
    Finding.TENDER_SUM: "the tenders do not add up to what was due",
    Finding.GROSS_SUM: "gross or discount disagrees with the lines",
    Finding.SIGN: "a returned line is not negative, or a sold line is",
    Finding.VOID_NOT_NEGATIVE: "a post-void is not the negative of what it takes back",
    Finding.TIME_ORDER: "its times are out of order",
    Finding.REPEATED_HOUR: "its local time happened twice that night; the first was taken",
    Finding.MISSING_HOUR: "its local time was skipped by the clock that night",
    Finding.FINE_MONEY: "an amount is finer than the currency's smallest unit",
    Finding.CLOCK_FUTURE: "it ended after it arrived",
}
"""What each finding says to a person, to follow 'in 12 transactions'."""
