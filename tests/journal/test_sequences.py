"""Numbers that a till gave out and that never arrived."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.sequences import SequenceGap, gaps, runs_of

DAY = date(2026, 3, 2)


def runs(sale, *numbers, register="1"):
    batch, _ = to_batch(
        [
            sale(number, register_id=register, sequence=number, business_date=DAY)
            for number in numbers
        ]
    )
    return runs_of(batch.transactions)


def test_consecutive_numbers_in_any_order_leave_no_gap(sale):
    assert gaps([runs(sale, 3, 1, 2)]) == []


def test_missing_numbers_are_counted_per_till_and_day(sale):
    found = gaps([runs(sale, 1, 2, 5), runs(sale, 9, register="2")])
    assert found == [SequenceGap("till", "7", "1", DAY, missing=2, after=2)]


def test_blocks_that_interleave_fill_each_others_gaps(sale):
    assert gaps([runs(sale, 1, 3, 5), runs(sale, 2, 4)]) == []
    assert gaps([runs(sale, 1, 2, 3, 9), runs(sale, 2)])[0].missing == 5


@given(st.lists(st.sets(st.integers(0, 30), min_size=1), min_size=1, max_size=4))
def test_the_missing_are_those_between_first_and_last_that_no_block_has(blocks):
    import polars as pl

    frames = [
        runs_of(
            pl.DataFrame(
                {
                    "source": "till",
                    "store_id": "7",
                    "register_id": "1",
                    "business_date": DAY,
                    "sequence": sorted(numbers),
                }
            )
        )
        for numbers in blocks
    ]
    seen = set().union(*blocks)
    missing = set(range(min(seen), max(seen))) - seen
    assert sum(gap.missing for gap in gaps(frames)) == len(missing)


def test_nothing_numbered_is_nothing_missing(sale):
    batch, _ = to_batch([sale()])
    assert gaps([runs_of(batch.transactions)]) == []
    assert gaps([]) == []
