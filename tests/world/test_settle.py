"""Queues at the till."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.settle import BETWEEN_S, settle


def _settled(wanted: list[int], lengths: list[int], registers: list[int]) -> pl.DataFrame:
    tx = pl.DataFrame(
        {
            "tx": range(len(wanted)),
            "register": registers,
            "start": wanted,
            "length": lengths,
        }
    )
    return settle(Ledger.of(tx=tx)).tx.sort("tx")


def test_who_comes_while_another_is_served_waits() -> None:
    """Served until 30, the next two from 33 to 63 and from 66; the last comes to a free till."""
    assert _settled([0, 10, 20, 500], [30, 30, 30, 30], [0] * 4)["start"].to_list() == [
        0,
        33,
        66,
        500,
    ]


def test_another_register_does_not_wait() -> None:
    assert _settled([0, 10], [30, 30], [0, 1])["start"].to_list() == [0, 10]


@given(
    st.lists(
        st.tuples(st.integers(0, 5_000_000), st.integers(1, 900), st.integers(0, 3)), min_size=1
    )
)
def test_nobody_is_served_before_they_come_nor_before_the_one_in_front(
    rows: list[tuple[int, int, int]],
) -> None:
    wanted, lengths, registers = (list(column) for column in zip(*rows, strict=True))
    done = _settled(wanted, lengths, registers).with_columns(wanted=pl.Series(wanted))
    assert (done["start"] >= done["wanted"]).all()
    free = done.sort("register", "start", "tx").with_columns(
        free=(pl.col("start") + pl.col("length") + BETWEEN_S).shift(1).over("register")
    )
    assert free.filter(pl.col("start") < pl.col("free")).is_empty()
    idle = pl.col("start") == pl.max_horizontal("wanted", pl.col("free").fill_null(0))
    assert free.select(idle.all()).item()
