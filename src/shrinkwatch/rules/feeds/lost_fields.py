"""Finds fields that a feed stopped giving, gives only since a day, or never gave at a store.

A field is silent on a day on which it could have been given and never was. One silence is odd when
it is too long for chance (given as often as on the other days, it would be so long with a
probability of 1 in a million) and more than twice as long as any other, so that what comes in
bursts, or once a month, is not missed in between.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import log
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.rules.carried import given, possible
from shrinkwatch.rules.feeds.finding import FeedFinding, named, when, where
from shrinkwatch.rules.fields import Field, fields

SURPRISE = -log(1e-6)
"""A silence is odd when chance would make it once in a million times (a chain asks some 100,000
times, fields by stores): were nothing changed, each of the G times that the field was given would
have missed the silence's share q of the rows, with probability (1 - q)^G, and it could have begun
on any of the days. Counts that vary more from day to day than Poisson's weigh less: -G ln(1 - q) is
divided by their dispersion (quasi-Poisson, McCullagh & Nelder, Generalized Linear Models, 1989,
6.2)."""
LONGER = 2
"""A silence must be longer than so many times any other of the same field and place."""
HABIT_DAYS = 5
"""A field that was given on fewer days has no habit to break. Our own choice."""

_EPOCH = date(1970, 1, 1)
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")

Kind = Literal["since", "until", "between", "never"]


class Silence(NamedTuple):
    """A field that a source, or some stores of it, did not give.

    stores: their ids, all of them where it is the whole source. kind: "since" first, "until" last,
    "between" both, or "never" though the source's other stores give it. rows: how many could have
    had it. share: on how many of a row it is given otherwise, 0 to 1; of a field without `of` a
    row is a receipt.
    """

    field: str
    kind: Kind
    stores: tuple[str, ...]
    first: date
    last: date
    rows: int
    share: float


class _Series(NamedTuple):
    """One field day by day, the days of a place together, oldest first; int64 each.

    place: number of a store. day: since 1970. given, rows: days without rows are left out.
    """

    place: NDArray[np.int64]
    day: NDArray[np.int64]
    given: NDArray[np.int64]
    rows: NDArray[np.int64]


class _Run(NamedTuple):
    """The longest silence of a place: its first and last day (since 1970) and what was expected.

    place: its number. rows: that could have had the field; share: of the other days' rows that had
    it. opens, closes: whether it lies at the beginning, at the end of the place's days.
    """

    place: int
    first: int
    last: int
    rows: int
    share: float
    opens: bool
    closes: bool

    @property
    def kind(self) -> Kind:
        """Where in the place's days it lies."""
        if self.closes:
            return "since"
        return "until" if self.opens else "between"


def silences(days: pl.DataFrame) -> list[Silence]:
    """Return what one source did not give, by field, the whole source before its stores.

    days: of one source, as `rules.profile.count_by` makes them by store and business date.
    """
    dated = days.drop_nulls("business_date").sort("store_id", "business_date")
    names = dated["store_id"].unique(maintain_order=True).to_list()
    store = dated["store_id"].rle_id().to_numpy().astype(np.int64)
    whole = dated.group_by("business_date").agg(pl.exclude("source", "store_id").sum())
    whole = whole.sort("business_date")
    told = [field for name, field in fields().items() if given(name) in days.columns]
    return [
        silence for field in told for silence in _of_field(field, whole, dated, store, tuple(names))
    ]


def _of_field(
    field: Field,
    whole: pl.DataFrame,
    dated: pl.DataFrame,
    store: NDArray[np.int64],
    names: tuple[str, ...],
) -> Iterator[Silence]:
    everywhere = _odd_runs(np.zeros(whole.height, dtype=np.int64), whole, field)
    for run in everywhere:
        yield _silence(field, run, names)
    if len(names) == 1:
        return
    covered = [(run.first, run.last) for run in everywhere]
    alike: dict[tuple[Kind, int, int], list[_Run]] = {}
    for run in _odd_runs(store, dated, field):
        if not any(run.first <= last and first <= run.last for first, last in covered):
            alike.setdefault((run.kind, run.first, run.last), []).append(run)
    for runs in alike.values():
        yield _together(field, runs, names)
    if field.of is not None:
        yield from _never(field, dated, store, names)


def _odd_runs(place: NDArray[np.int64], days: pl.DataFrame, field: Field) -> list[_Run]:
    """Return for each place its longest silence, if it is odd.

    place: int64 per row of days, ascending; days: by place and business date.
    """
    hits = days[given(field.name)].to_numpy()
    rows = days["transactions" if field.of is None else possible(field.name)].to_numpy()
    day = days["business_date"].to_physical().to_numpy().astype(np.int64)
    able = rows > 0
    if not hits.any() or (hits[able] > 0).all():
        return []
    series = _Series(place[able], day[able], hits[able], rows[able])
    return [run for spot in _long_silences(series) if (run := _judged(series, *spot)) is not None]


def _long_silences(series: _Series) -> Iterator[tuple[int, int]]:
    """Yield where each place's longest silence begins and ends (rows), if it may be odd at all."""
    place, _, hits, rows = series
    start = np.flatnonzero(_changes(place) | _changes(hits == 0))
    length = np.diff(np.append(start, place.size))
    silent = np.flatnonzero(hits[start] == 0)
    ranked = silent[np.lexsort((length[silent], place[start[silent]]))]
    owner = place[start[ranked]]
    longest = np.flatnonzero(np.append(owner[1:] != owner[:-1], True))
    runs, before = ranked[longest], np.maximum(longest - 1, 0)
    rival = (longest > 0) & (owner[before] == owner[longest])
    alone = length[runs] > LONGER * np.where(rival, length[ranked[before]], 0)
    inside = np.add.reduceat(rows, start)[runs]
    of_place = (np.bincount(place, weights=each)[place[start[runs]]] for each in (hits, rows))
    given_, possible_ = of_place
    some = possible_ > inside
    surprise = -given_ * np.log1p(-np.where(some, inside, 0) / possible_)
    for run in runs[alone & some & (surprise >= SURPRISE)].tolist():
        yield int(start[run]), int(start[run] + length[run])


def _judged(series: _Series, start: int, end: int) -> _Run | None:
    """Return the silence in these rows, None where it may be chance."""
    own = series.place[start]
    low, high = (int(np.searchsorted(series.place, own, side)) for side in _SIDES)
    inside = slice(start - low, end - low)
    mine = slice(low, high)
    hits, rows = (np.delete(each[mine], inside) for each in (series.given, series.rows))
    silent, often = int(series.rows[start:end].sum()), int(hits.sum())
    surprise = -often * log(1 - silent / (silent + int(rows.sum())))
    if np.count_nonzero(hits) < HABIT_DAYS:
        return None
    if surprise < (SURPRISE + log(high - low)) * _dispersion(hits, rows):
        return None
    first, last = int(series.day[start]), int(series.day[end - 1])
    share = often / int(rows.sum())
    return _Run(int(own), first, last, silent, share, start == low, end == high)


def _dispersion(hits: NDArray[np.int64], rows: NDArray[np.int64]) -> float:
    """Return by how much these days' counts vary more than chance does (1: as chance, or less)."""
    usual = hits.sum() / rows.sum() * rows
    return max(float(((hits - usual) ** 2 / usual).sum() / (hits.size - 1)), 1.0)


def _changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return whether each value differs from the one before; the first does."""
    return np.append([True], values[1:] != values[:-1])[: values.size]


def _never(
    field: Field, dated: pl.DataFrame, store: NDArray[np.int64], names: tuple[str, ...]
) -> Iterator[Silence]:
    """Yield the stores that never give a field that the others do."""
    hits = np.bincount(store, weights=dated[given(field.name)].to_numpy())
    rows = np.bincount(store, weights=dated[possible(field.name)].to_numpy())
    giving = hits > 0
    if not giving.any():
        return
    share = float(hits.sum() / rows[giving].sum())
    silent = np.flatnonzero(~giving & (rows * share >= SURPRISE))
    if silent.size:
        when_ = dated["business_date"].filter(pl.Series(np.isin(store, silent)))
        yield Silence(
            field.name,
            "never",
            tuple(names[place] for place in silent),
            when_.min(),  # type: ignore[arg-type]
            when_.max(),  # type: ignore[arg-type]
            int(rows[silent].sum()),
            share,
        )


def _silence(field: Field, run: _Run, stores: tuple[str, ...]) -> Silence:
    first, last = (_EPOCH + timedelta(days=day) for day in (run.first, run.last))
    return Silence(field.name, run.kind, stores, first, last, run.rows, run.share)


def _together(field: Field, runs: list[_Run], names: tuple[str, ...]) -> Silence:
    """Return silences of several stores over the same days as one."""
    rows = sum(run.rows for run in runs)
    share = sum(run.rows * run.share for run in runs) / rows
    whole = runs[0]._replace(rows=rows, share=share)
    return _silence(field, whole, tuple(names[run.place] for run in runs))


def find_lost_fields(
    source: str, days: pl.DataFrame, lost: Mapping[str, tuple[str, ...]]
) -> Iterator[FeedFinding]:
    """Yield what one source stopped giving, or never gave, in a sentence with what it costs.

    days: see `silences`. lost: ids of the schemes that cannot be seen, or less well, without a
    field, by the field's name.
    """
    of = days["store_id"].n_unique()
    for silence in silences(days):
        costs = lost.get(silence.field, ())
        says = f"{source}: {_says(silence, of)}"
        if costs:
            says += f"; there {named(costs)} cannot be seen, or only partly, {_while(silence)}"
        yield FeedFinding(
            about="fields",
            level="wrong" if costs and silence.kind != "until" else "note",
            source=source,
            stores=silence.stores,
            first=silence.first,
            last=silence.last,
            count=silence.rows,
            of=int(days["transactions"].sum()),
            lost=costs,
            says=says,
            do=f"ask for {fields()[silence.field].ask}",
        )


def _says(silence: Silence, of: int) -> str:
    counted = fields()[silence.field].of is not None
    at, none = (
        where(silence.stores, of),
        f"none of {silence.rows:,}{'' if counted else ' receipts'}",
    )
    habit = _percent(silence.share) if counted else f"{silence.share * 1000:,.1f} in 1,000 receipts"
    if silence.kind == "since":
        return f"{silence.field} stopped {at} on {silence.first}: {none} since, {habit} before"
    if silence.kind == "until":
        begins = silence.last + timedelta(days=1)
        return f"{silence.field} is given {at} only from {begins} on: {none} before, {habit} since"
    if silence.kind == "never":
        return f"{silence.field} is never given {at} ({none}), at other stores on {habit}"
    span = when(silence.first, silence.last)
    return f"{silence.field} is missing {at} {span}: {none}, {habit} otherwise"


def _while(silence: Silence) -> str:
    if silence.kind == "since":
        return f"since {silence.first}"
    if silence.kind == "until":
        return f"before {silence.last + timedelta(days=1)}"
    return "at any time" if silence.kind == "never" else when(silence.first, silence.last)


def _percent(share: float) -> str:
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"
