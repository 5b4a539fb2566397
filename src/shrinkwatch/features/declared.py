"""How a column that describes a transaction is announced: its name, its unit and what it means."""

from dataclasses import dataclass

import polars as pl

Dtype = type[pl.DataType] | pl.DataType

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S

WINDOWS_S: dict[str, int] = {
    "10m": 10 * MINUTE_S,
    "1h": HOUR_S,
    "8h": 8 * HOUR_S,
    "1d": DAY_S,
    "7d": 7 * DAY_S,
    "28d": 28 * DAY_S,
}
"""The windows by name, in seconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the frame.

    unit: what its number counts ("lines", "minor units", "s", …); "" for names and yes/no.
    sentence: what it says, for a person; null means that it is unknown.
    """

    name: str
    dtype: Dtype
    unit: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that one transaction adds to its subjects: an integer, a count or an amount.

    money: the amounts are integer minor units (Int64); otherwise counts (Int32).
    """

    what: str
    unit: str
    sentence: str
    money: bool = False


@dataclass(frozen=True, slots=True)
class Rings:
    """Sums of measures over time windows for subjects of one kind, counted in hops.

    windows: per window name its hop in seconds. A window of w seconds with hop h covers the hop of
    the transaction's event time and the w/h − 1 hops before it; hops begin at multiples of h since
    1970-01-01 UTC. What arrived before the transaction is counted, the transaction itself not.
    """

    subject: str
    measures: tuple[Measure, ...]
    windows: dict[str, int]

    @property
    def counts(self) -> tuple[Measure, ...]:
        """The measures that count."""
        return tuple(measure for measure in self.measures if not measure.money)

    @property
    def amounts(self) -> tuple[Measure, ...]:
        """The measures that are money."""
        return tuple(measure for measure in self.measures if measure.money)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns, by window and then by measure."""
        return tuple(
            Column(
                name=f"{self.subject}_{measure.what}_{window}",
                dtype=pl.Int64 if measure.money else pl.Int32,
                unit=measure.unit,
                sentence=f"{measure.sentence} of this {self.subject} in the {window} before",
            )
            for window in self.windows
            for measure in self.measures
        )
