"""Windows over hops against SQL: DuckDB adds up what had arrived, hop by hop."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features import rings
from shrinkwatch.features.arrays import by_name
from shrinkwatch.features.catalogue import RINGS
from shrinkwatch.features.declared import WINDOWS_S, Measure, Rings
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64
from shrinkwatch.features.subjects import Subjects

ONE_COUNT = Rings("till", (Measure("tx", "transactions", "all"),), {"1h": 600})


def advanced(
    declared: Rings, who: list[int], at_s: list[int], values: list[list[int]]
) -> dict[str, list[Any]]:
    """Return each window column of these events; values: one list per measure."""
    memory, plan = Subjects((rings.part(declared),)), rings.plan_of(declared)
    slot = memory.slots(np.array(who, dtype=np.uint64))
    arrays = dict(zip([m.what for m in declared.measures], map(np.array, values), strict=True))
    words = rings.packed(
        [arrays[m.what] for m in declared.counts], [arrays[m.what] for m in declared.amounts]
    )
    events = rings.Events(slot, rings.hops_of(np.array(at_s), plan), words)
    columns = by_name(rings.advance_all(declared, plan, memory, events))
    return {name: column.tolist() for name, column in columns.items()}


def by_sql(declared: Rings, events: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Return every window by SQL over hop-truncated event time and the order of arrival."""
    duckdb = pytest.importorskip("duckdb")
    events.write_parquet(folder / "events.parquet")
    sums = [
        f"""coalesce(sum(e.{m.what}) filter (
            e.at_s // {hop} > t.at_s // {hop} - {WINDOWS_S[window] // hop}
            and e.at_s // {hop} <= t.at_s // {hop}), 0)::bigint
            as {declared.subject}_{m.what}_{window}"""
        for window, hop in declared.windows.items()
        for m in declared.measures
    ]
    table = f"with events as (from read_parquet('{folder / 'events.parquet'}'))"
    query = f"""{table} select {", ".join(sums)} from events t
        left join events e on e.who = t.who and e.arrived < t.arrived
        group by t.arrived order by t.arrived"""
    return pl.DataFrame(duckdb.sql(query).fetchnumpy())


@pytest.mark.parametrize("declared", RINGS, ids=lambda declared: declared.subject)
def test_windows_are_what_sql_says_of_hop_truncated_time(declared: Rings, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    count = 700
    steps = rng.choice(
        [0, 20, 500, 4_000, 50_000, 500_000], count, p=[0.3, 0.3, 0.2, 0.1, 0.08, 0.02]
    )
    late = rng.choice([0, 100, 900, 2_400], count, p=[0.8, 0.1, 0.05, 0.05])
    at_s = 1_700_000_000 + np.cumsum(steps) - late
    who = rng.integers(1, 4, count)
    values = [rng.integers(0, 5, count) for _ in declared.counts]
    values += [rng.integers(-9_000, 9_000, count) for _ in declared.amounts]
    columns = advanced(declared, who.tolist(), at_s.tolist(), [v.tolist() for v in values])
    names = [m.what for m in declared.measures]
    data = {"arrived": np.arange(count), "who": who, "at_s": at_s}
    events = pl.DataFrame(data | dict(zip(names, values, strict=True)))
    oracle = by_sql(declared, events, tmp_path)
    assert len(columns) == len(declared.windows) * len(names)
    for name, column in columns.items():
        assert column == oracle[name].to_list(), name


def test_the_hour_before_begins_five_hops_before_the_own_one() -> None:
    # hops of 10 minutes, by hand: 0:09 is hop 0, 0:59 is hop 5, 1:00 is hop 6
    columns = advanced(ONE_COUNT, [1, 1, 1, 1], [540, 3_540, 3_600, 4_200], [[1, 1, 1, 1]])
    assert columns["till_tx_1h"] == [0, 1, 1, 2]


def test_a_late_event_reads_its_own_window_and_is_counted_in_it() -> None:
    columns = advanced(ONE_COUNT, [1, 1, 1], [6_000, 1_200, 6_600], [[1, 1, 1]])
    assert columns["till_tx_1h"] == [0, 0, 1]
    # the ring has 16 hops: two hours later it still knows the hour that ended 90 minutes ago
    columns = advanced(ONE_COUNT, [1, 1, 1], [600, 6_000, 1_200], [[1, 1, 1]])
    assert columns["till_tx_1h"] == [0, 0, 1]


def test_an_event_too_late_for_the_ring_is_unknown_and_changes_nothing() -> None:
    columns = advanced(ONE_COUNT, [1, 1, 1], [90_000, 600, 90_060], [[1, 1, 1]])
    assert columns["till_tx_1h"] == [0, UNKNOWN_32, 1]


def test_an_event_without_a_time_or_a_subject_is_unknown() -> None:
    columns = advanced(ONE_COUNT, [0, 1, 1], [600, int(UNKNOWN_64), 600], [[1, 1, 1]])
    assert columns["till_tx_1h"] == [UNKNOWN_32, UNKNOWN_32, 0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31), st.integers(0, 2**31)), min_size=1, max_size=6))
def test_two_counts_in_a_word_do_not_touch_each_other(pairs: list[tuple[int, int]]) -> None:
    declared = Rings("till", (Measure("a", "", ""), Measure("b", "", "")), {"1h": 3_600})
    low, high = (np.array([pair[k] % 10_000 for pair in pairs]) for k in (0, 1))
    columns = advanced(declared, [1] * len(pairs), [0] * len(pairs), [low.tolist(), high.tolist()])
    assert columns["till_a_1h"] == [0, *np.cumsum(low)[:-1].tolist()]
    assert columns["till_b_1h"] == [0, *np.cumsum(high)[:-1].tolist()]
