"""A day's arrivals are cut where answers arrived, and an answer counts from then on."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from tests.journal.conftest import a_sale

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.memory import MemoryJournal
from shrinkwatch.run.hearing import Hearing

DAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def minute(number: int) -> datetime:
    return NINE + timedelta(minutes=number)


def label(row: str, at: datetime) -> pl.DataFrame:
    return pl.DataFrame({"row_id": [row], "at": [at], "outcome": ["theft"]})


@pytest.fixture
def journal() -> MemoryJournal:
    kept = MemoryJournal()
    kept.append(to_batch([a_sale(number, arrived_at=minute(number)) for number in range(6)])[0])
    return kept


def parts(hearing: Hearing, journal: MemoryJournal, sizes: tuple[int, ...]) -> list[tuple]:
    """Return (how many labels were known, at which minutes) of each part."""
    batch, found, start = journal.arrivals(DAY), [], 0
    for size in sizes:
        for tables, part in hearing.cut(batch.take(range(start, start + size))):
            came = part.transactions["arrived_at"].dt.minute().to_list()
            found.append((tables["labels"].height, came))
        start += size
    return found


def test_without_answers_a_batch_stays_whole(journal: MemoryJournal) -> None:
    assert parts(Hearing(journal, DAY), journal, (6,)) == [(0, [0, 1, 2, 3, 4, 5])]


def test_an_answer_counts_for_what_arrives_with_it_or_later(journal: MemoryJournal) -> None:
    journal.append_table("labels", label("a", minute(2)), minute(2))
    journal.append_table("labels", label("b", minute(3)), minute(4))
    expected = [(0, [0, 1]), (1, [2, 3]), (2, [4, 5])]
    assert parts(Hearing(journal, DAY), journal, (6,)) == expected
    assert parts(Hearing(journal, DAY), journal, (2, 2, 2)) == expected
    assert parts(Hearing(journal, DAY), journal, (3, 3)) == [
        (0, [0, 1]),
        (1, [2]),
        (1, [3]),
        (2, [4, 5]),
    ]


def test_an_answer_of_another_day_cuts_nothing(journal: MemoryJournal) -> None:
    journal.append_table("labels", label("a", minute(-600)), minute(-600))
    journal.append_table("labels", label("b", minute(2)), minute(2000))
    assert parts(Hearing(journal, DAY), journal, (6,)) == [(1, [0, 1, 2, 3, 4, 5])]


def test_what_is_not_heard_yet_is_told(journal: MemoryJournal) -> None:
    journal.append_table("labels", label("a", minute(4)), minute(4))
    hearing = Hearing(journal, DAY)
    list(hearing.cut(journal.arrivals(DAY).take([0, 1])))
    assert hearing.unheard() == [minute(4)]
    list(hearing.cut(journal.arrivals(DAY).take([4])))
    assert hearing.unheard() == []
