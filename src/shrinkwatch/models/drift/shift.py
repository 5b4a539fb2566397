"""Says which shares of a store's day are not what they were: tenders, kinds of receipts, prices."""

from datetime import date, timedelta

import polars as pl
from msgspec import Struct
from scipy.stats import chi2

REFERENCE_DAYS = 28
LEAST_DAYS = 14
"""With fewer days before it, nobody knows what is usual."""
LEAST_ROWS = 50
"""Of fewer rows a day's shares say nothing. Our choice."""
SMALLEST = 0.02
"""A smaller index is no matter, however sure it is: our choice. A rate of three in a hundred that
triples has an index of 0.07."""
RARE = 5.0
"""Chi-square holds from so many expected rows on. Source: Cochran 1954, Biometrics 10."""
LARGE = 0.25
"""From here on the shift is called large. Source: convention, Siddiqi 2006, "Credit risk
scorecards", which also calls 0.1 to 0.25 a change; for months of scores, not for a store's day."""
FALSE_ALARMS_A_DAY = 1 / 120
"""Of all stores and features together, on a day on which nothing happened: one in four
months, so that with tails heavier than assumed it is still less than one a month. Our choice."""

_SERIES = ("store_id", "feature")


class Shift(Struct, frozen=True):
    """How far a day's shares are from those of the four weeks before.

    store_id None: the whole chain. index: population stability index, natural logarithm. times:
    how far off the day is, 1 being the most that chance and the usual ups and downs explain.
    shifted None: too little is known, so that index and times are None too. bin: the share that
    moved most, from `was` to `is_`.
    """

    store_id: str | None
    feature: str
    shifted: bool | None
    index: float | None
    times: float | None
    rows: int
    bin: str
    was: float
    is_: float

    @property
    def large(self) -> bool:
        """Whether convention calls it large."""
        return self.index is not None and self.index >= LARGE


def shifts(counts: pl.DataFrame, today: date) -> tuple[Shift, ...]:
    """Return every series of this day against the days before, the farthest from usual first.

    counts: day (Date), store_id (null: no store's), feature, bin, rows; a line per bin that has
    any. A series is a feature of a store, or of all stores together.

    How large a shift is, the index says; whether it is one, Pearson's chi-square, to which the
    index is close where shifts are small (Yurdakul 2018, "Statistical properties of population
    stability index") and which makes less of a rare thing that did not happen today. Days differ by
    more than drawing lots: how much more is estimated from the reference days (quasi-likelihood,
    McCullagh & Nelder 1989, §4.5), of this series and of the feature in all stores, whichever is
    more. The chance of a false alarm is shared among all series (Bonferroni). Besides, a day must
    lie farther off than every one of the reference days, so that a Saturday is measured with
    Saturdays among them.
    """
    window = pl.col("day").is_between(today - timedelta(days=REFERENCE_DAYS), today)
    cells = _cells(_with_chain(counts.filter(window)))
    days = _indices(cells, today)
    found = _judged(days, today)
    moved = _moved(cells, today)
    joined = found.join(moved, on=_SERIES, how="left", nulls_equal=True)
    ordered = joined.sort(
        pl.col("shifted").fill_null(value=False), pl.col("times"), *_SERIES,
        descending=[True, True, False, False], nulls_last=True,
    )  # fmt: skip
    return tuple(
        Shift(**row) for row in ordered.select(*Shift.__struct_fields__).iter_rows(named=True)
    )


def _with_chain(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the counts with those of all stores together beside them, where there are several."""
    stores = counts["store_id"].drop_nulls().n_unique()
    if stores < 2:
        return counts
    chain = counts.with_columns(store_id=pl.lit(None, dtype=pl.String))
    summed = chain.group_by("day", "store_id", "feature", "bin").agg(pl.col("rows").sum())
    own = counts.filter(pl.col("store_id").is_not_null())
    return pl.concat([own, summed.select(own.columns)], how="vertical_relaxed")


def _cells(counts: pl.DataFrame) -> pl.DataFrame:
    """Return a line per series, day and bin, 0 where the day had none; n: rows of the day."""
    bins = counts.select(*_SERIES, "bin").unique()
    days = counts.group_by(*_SERIES, "day").agg(n=pl.col("rows").sum())
    grid = days.join(bins, on=_SERIES, nulls_equal=True)
    known = counts.select(*_SERIES, "day", "bin", "rows")
    full = grid.join(known, on=[*_SERIES, "day", "bin"], how="left", nulls_equal=True)
    return full.with_columns(pl.col("rows").fill_null(0)).sort(*_SERIES, "day", "bin")


def _indices(cells: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return per series and day its index and chi-square against all reference days; N: their rows.

    A bin varies as if RARE rows of the day were expected in it at least, so that a few rows in a
    bin that had none before are no alarm.
    """
    before = pl.when(pl.col("day") < today).then(pl.col("rows")).otherwise(0)
    told = cells.with_columns(
        of_bin=before.sum().over(*_SERIES, "bin"),
        N=before.sum().over(_SERIES),
        bins=pl.col("bin").n_unique().over(_SERIES),
    )
    # half a row in every bin, so that a new one has a logarithm (Jeffreys 1946)
    was = (pl.col("of_bin") + 0.5) / (pl.col("N") + 0.5 * pl.col("bins"))
    is_ = (pl.col("rows") + 0.5) / (pl.col("n") + 0.5 * pl.col("bins"))
    part = ((is_ - was) * (is_ / was).log()).sum().alias("index")
    squared = (pl.col("n") * (is_ - was) ** 2 / pl.max_horizontal(was, RARE / pl.col("n"))).sum()
    kept = [pl.col(name).first() for name in ("n", "N", "bins")]
    return told.group_by(*_SERIES, "day", maintain_order=True).agg(
        part, squared.alias("square"), *kept
    )


def _judged(days: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return a line per series that has this day, with its limit and whether it shifted."""
    before = days.filter(pl.col("day") < today)
    spread = pl.col("square") / ((1 - pl.col("n") / pl.col("N")) * (pl.col("bins") - 1))
    usual = before.group_by(_SERIES, maintain_order=True).agg(
        reference=pl.len(),
        spread=pl.when(pl.col("n") < pl.col("N")).then(spread).mean(),
        worst=pl.col("square").max(),
    )
    pooled = usual.group_by("feature", maintain_order=True).agg(pooled=pl.col("spread").mean())
    usual = usual.join(pooled, on="feature").with_columns(
        spread=pl.max_horizontal("spread", "pooled", 1.0)
    )
    now = days.filter(pl.col("day") == today).join(usual, on=_SERIES, how="left", nulls_equal=True)
    enough = (
        (pl.col("reference") >= LEAST_DAYS) & (pl.col("n") >= LEAST_ROWS) & (pl.col("bins") > 1)
    )
    known = now.with_columns(enough=enough.fill_null(value=False))
    limit = pl.Series("limit", _limits(known), dtype=pl.Float64)
    told = known.with_columns(limit).with_columns(rows=pl.col("n"))
    index, times = pl.when("enough").then("index"), pl.col("square") / pl.col("limit")
    shifted = (times > 1) & (index >= SMALLEST)
    return told.with_columns(index.alias("index"), times=times, shifted=shifted)


def _limits(known: pl.DataFrame) -> list[float | None]:
    """Return which chi-square chance, the usual spread and the worst day explain; None: unknown."""
    of = max(int(known["enough"].sum()), 1)
    found: list[float | None] = []
    for row in known.iter_rows(named=True):
        if not row["enough"]:
            found.append(None)
            continue
        free = row["bins"] - 1
        quantile = float(chi2.isf(FALSE_ALARMS_A_DAY / of, free))
        chance = (1 + row["n"] / row["N"]) * row["spread"] * quantile
        found.append(max(chance, row["worst"]))
    return found


def _moved(cells: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return of each series the bin whose share moved most, and its shares before and now."""
    before = pl.col("day") < today
    shares = cells.group_by(*_SERIES, "bin").agg(
        was=pl.col("rows").filter(before).sum() / pl.col("n").filter(before).sum(),
        is_=pl.col("rows").filter(~before).sum() / pl.col("n").filter(~before).sum(),
    )
    filled = shares.with_columns(pl.col("was", "is_").fill_nan(0.0).fill_null(0.0))
    moved = (pl.col("is_") - pl.col("was")).abs().round(9)
    most = filled.sort(moved, "bin", descending=[True, False])
    return most.unique(_SERIES, keep="first", maintain_order=True)
