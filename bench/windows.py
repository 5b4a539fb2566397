"""Window features beside pandas, DuckDB, Polars and river, on a sample of the replayed day.

All take the same operators' transactions in order and make sums over trailing windows. Ours are
the operator's rings as the stream runs them (hop-truncated, exact); the others' windows slide to
the microsecond where that is what they offer. A rate is window values a second: rows x windows x
measures.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features import rings
from shrinkwatch.features.arrays import by_name
from shrinkwatch.features.catalogue import OPERATOR_RINGS
from shrinkwatch.features.declared import WINDOWS_S
from shrinkwatch.features.subjects import Subjects

WINDOWS = {"1h": "1h", "8h": "8h", "1d": "24h", "7d": "168h", "28d": "672h"}
MEASURES = ("tx", "refund_minor", "cash_minor")
ROWS = 100_000
SLOW_ROWS = 20_000


def sample(folder: Path) -> pl.DataFrame:
    """Return the day's transactions: operator, second, and three measures."""
    first = min(folder.rglob("*-transactions.parquet"))
    tx = pl.read_parquet(first).head(ROWS)
    net = pl.col("net_minor")
    return tx.select(
        pl.col("operator_key").alias("who"),
        pl.col("ended_at").alias("at"),
        (pl.col("ended_at").dt.epoch("s")).alias("at_s"),
        pl.lit(1).cast(pl.Int64).alias("tx"),
        pl.when(net < 0).then(-net).otherwise(0).alias("refund_minor"),
        net.alias("cash_minor"),
    ).with_row_index("arrived")


def ours(events: pl.DataFrame) -> dict[str, NDArray[Any]]:
    """Return every window of OPERATOR_RINGS for these events (measures not in the sample: 0)."""
    memory, plan = Subjects((rings.part(OPERATOR_RINGS),)), rings.plan_of(OPERATOR_RINGS)
    slot, nothing = memory.slots(events["who"].to_numpy()), np.zeros(events.height, np.int64)
    of = {name: events[name].to_numpy() for name in MEASURES}
    words = rings.packed(
        [of.get(m.what, nothing) for m in OPERATOR_RINGS.counts],
        [of.get(m.what, nothing) for m in OPERATOR_RINGS.amounts],
    )
    stream = rings.Events(slot, rings.hops_of(events["at_s"].to_numpy(), plan), words)
    return by_name(rings.advance_all(OPERATOR_RINGS, plan, memory, stream))


def by_pandas(events: pl.DataFrame) -> object:
    """Return the windows by groupby-rolling."""
    import pandas as pd

    frame = pd.DataFrame({name: events[name].to_numpy() for name in ("who", *MEASURES)})
    frame.index = pd.DatetimeIndex(events["at"].dt.replace_time_zone(None).to_numpy())
    groups = frame.groupby("who")[list(MEASURES)]
    return [groups.rolling(window, closed="left").sum() for window in WINDOWS.values()]


def by_polars(events: pl.DataFrame) -> object:
    """Return the windows by rolling_sum_by over each operator."""
    return events.select(
        pl.col(measure)
        .rolling_sum_by("at", timedelta(seconds=WINDOWS_S[name]))
        .over("who")
        .alias(f"{measure}_{name}")
        for name in WINDOWS
        for measure in MEASURES
    )


def duckdb_query(where: str) -> str:
    """Return SQL for the windows over hop-truncated time, as of each row's arrival.

    The hops before come from a range; the own hop from the rows before in it. It is the oracle:
    equal to ours wherever arrivals are in order of time.
    """
    columns = []
    for name, hop in OPERATOR_RINGS.windows.items():
        span = WINDOWS_S[name] // hop
        for measure in MEASURES:
            earlier = f"""coalesce(sum({measure}) over (partition by who order by at_s // {hop}
                range between {span - 1} preceding and 1 preceding), 0)"""
            own = f"""coalesce(sum({measure}) over (partition by who, at_s // {hop} order by arrived
                rows between unbounded preceding and 1 preceding), 0)"""
            columns.append(f"({earlier} + {own})::bigint as operator_{measure}_{name}")
    return f"select {', '.join(columns)} from {where} order by arrived"


def by_river(events: pl.DataFrame) -> object:
    """Return the windows by river's rolling sums, an event at a time."""
    from collections import defaultdict

    from river import stats, utils

    def windows() -> dict[tuple[str, str], Any]:
        return {
            (name, measure): utils.TimeRolling(stats.Sum(), timedelta(seconds=WINDOWS_S[name]))
            for name in WINDOWS
            for measure in MEASURES
        }

    memory: dict[int, dict[tuple[str, str], Any]] = defaultdict(windows)
    rows = []
    for event in events.with_columns(pl.col("at").dt.replace_time_zone(None)).iter_rows(named=True):
        state = memory[event["who"]]
        rows.append([sums.get() for sums in state.values()])
        for (_, measure), sums in state.items():
            sums.update(event[measure], t=event["at"])
    return rows


def timed(what: Callable[[], object]) -> tuple[float, object]:
    """Return the CPU seconds that it took and what it gave."""
    started = time.process_time()
    given = what()
    return time.process_time() - started, given


def compare_all(folder: Path) -> None:
    """Print rates, ratios and the check against SQL."""
    import duckdb

    events = sample(folder)
    few, path = events.head(SLOW_ROWS), folder / "sample.parquet"
    events.write_parquet(path)
    ours(few)
    made, values = len(OPERATOR_RINGS.columns()), len(WINDOWS) * len(MEASURES)
    spent, columns = timed(lambda: ours(events))
    rate = events.height * made / spent
    print(f"operator windows of {events.height:,} transactions, by CPU time:")
    print(f"  ours            {rate / 1e6:8.2f} million window values/s ({made} columns)")
    query = duckdb_query(f"read_parquet('{path}')")
    for name, rows, made_by in (
        ("DuckDB windows", events.height, lambda: duckdb.sql(query).fetchnumpy()),
        ("Polars rolling", events.height, lambda: by_polars(events)),
        ("pandas rolling", SLOW_ROWS, lambda: by_pandas(few)),
        ("river", SLOW_ROWS, lambda: by_river(few)),
    ):
        spent, given = timed(made_by)
        theirs = rows * values / spent
        print(
            f"  {name:15s} {theirs / 1e6:8.2f} million window values/s, ours {rate / theirs:,.0f}x"
            f" (on {rows:,} rows)"
        )
        if name == "DuckDB windows":
            equal = all((np.asarray(given[c]) == columns[c]).all() for c in given)  # type: ignore[attr-defined, index]
            print(f"  equal to SQL over hop-truncated time: {'yes' if equal else 'NO'}")
