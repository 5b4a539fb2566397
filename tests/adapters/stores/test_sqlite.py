"""The real journal: what it must survive. Its promises are in tests/journal/test_memory.py."""

import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.journal.archive import Archive
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.transaction import Line, Transaction
from shrinkwatch.records.trouble import Damaged, Misconfigured, Unreachable

LATER = date(2100, 1, 1)


def receipts(numbers: range, *, day: int = 1, revision: int | None = None) -> Batch:
    lines = (
        Line(
            line=1, kind="item", sku="tea", quantity=Decimal(1), list_price=Decimal(1),
            extended=Decimal(1),
        ),
    )  # fmt: skip
    batch, rejects = to_batch(
        [
            Transaction(
                source="till", store_id="7", type="sale", currency="EUR", net=Decimal(1),
                transaction_id=f"T{number}", lines=lines, revision=revision,
                ended_at=datetime(2026, 3, day, 9, number % 60, tzinfo=UTC),
            )
            for number in numbers
        ]
    )  # fmt: skip
    assert not rejects
    return batch


def opened(folder: Path) -> StoredJournal:
    return StoredJournal.open(folder / "journal.sqlite", folder / "archive")


def test_what_was_appended_is_there_when_it_is_opened_again(tmp_path):
    first = opened(tmp_path)
    first.append(receipts(range(5)))
    first.close()
    again = opened(tmp_path)
    assert again.days() == [date(2026, 3, 1)]
    assert len(again.arrivals(date(2026, 3, 1))) == 5
    assert again.append(receipts(range(5))).duplicate == 5


def test_the_archive_says_the_same_as_the_database(tmp_path):
    journal = opened(tmp_path)
    journal.append(receipts(range(40), day=1))
    journal.append(receipts(range(40, 90), day=2))
    before = [journal.arrivals(day) for day in journal.days()]
    assert journal.archive_closed_days(LATER) == 90
    after = [journal.arrivals(day) for day in journal.days()]
    for one, other in zip(before, after, strict=True):
        for part in PARTS:
            assert_frame_equal(getattr(one, part), getattr(other, part))


def test_a_day_is_archived_when_it_is_over_and_only_once(tmp_path):
    journal = opened(tmp_path)
    journal.append(receipts(range(3), day=1))
    journal.append(receipts(range(3, 5), day=2))
    assert journal.archive_closed_days(date(2026, 3, 2)) == 3
    assert journal.archive_closed_days(date(2026, 3, 2)) == 0
    assert journal.archive_closed_days(date(2026, 3, 3)) == 2
    assert len(journal.arrivals(date(2026, 3, 2))) == 2


def test_what_is_loaded_late_into_a_closed_day_takes_its_place_in_time(tmp_path):
    journal = opened(tmp_path)
    journal.append(receipts(range(0, 10, 2)))
    journal.archive_closed_days(LATER)
    journal.append(receipts(range(1, 10, 2)))
    expected = [f"T{number}" for number in range(10)]
    assert journal.arrivals(date(2026, 3, 1)).transactions["transaction_id"].to_list() == expected
    journal.archive_closed_days(LATER)
    assert journal.arrivals(date(2026, 3, 1)).transactions["transaction_id"].to_list() == expected
    wanted = {"transactions": ["transaction_id"], "lines": ["sku"]}
    narrow = journal.arrivals(date(2026, 3, 1), wanted)
    assert narrow.transactions["transaction_id"].to_list() == expected
    assert narrow.lines["tx"].to_list() == list(range(10))


@pytest.mark.parametrize("most", [1, 3, 10, 100])
def test_a_day_in_pieces_is_the_day(tmp_path, most):
    journal = opened(tmp_path)
    journal.append(receipts(range(0, 12, 3)))
    journal.append(receipts(range(1, 12, 3)))
    journal.archive_closed_days(LATER)
    journal.append(receipts(range(2, 12, 3)))
    for _ in range(2):
        whole = journal.arrivals(date(2026, 3, 1))
        pieces = list(journal.pieces(date(2026, 3, 1), most))
        assert max(len(piece) for piece in pieces) <= most
        together = Batch.concat(pieces)
        for part in PARTS:
            assert_frame_equal(getattr(together, part), getattr(whole, part))
        journal.archive_closed_days(LATER)


def test_a_deleted_archive_is_made_again(tmp_path):
    journal = opened(tmp_path)
    journal.append(receipts(range(4)))
    journal.archive_closed_days(LATER)
    journal.close()
    for file in sorted((tmp_path / "archive").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    again = opened(tmp_path)
    assert len(again.arrivals(date(2026, 3, 1))) == 4
    assert again.archive_closed_days(LATER) == 4


def test_entries_come_back_with_their_time_in_order(tmp_path):
    journal = opened(tmp_path)
    moment = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
    journal.note("mute", {"rule": "recall"}, moment)
    journal.note("other", 1, moment)
    journal.note("mute", {"rule": "training"}, moment)
    assert opened(tmp_path).notes("mute") == [
        (moment, {"rule": "recall"}),
        (moment, {"rule": "training"}),
    ]


def test_a_database_of_another_schema_is_refused_with_what_to_do(tmp_path):
    opened(tmp_path).close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(Misconfigured, match="schema 9999"):
        opened(tmp_path)


def test_a_file_that_is_no_database_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"not a database at all, " * 99)
    with pytest.raises(Misconfigured, match="not a Shrinkwatch journal"):
        opened(tmp_path)


def test_every_commit_is_synced_in_full(tmp_path):
    database = Database.open(tmp_path / "journal.sqlite")
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


KILLED = textwrap.dedent(
    """
    import os, sys
    from datetime import date
    from pathlib import Path
    sys.path.insert(0, {here!r})
    import test_sqlite as tests

    folder, step = Path(sys.argv[1]), int(sys.argv[2])
    journal = tests.opened(folder)
    seen = 0
    plain = os.fsync

    def fsync(handle):
        global seen
        seen += 1
        if seen == step:
            os.kill(os.getpid(), 9)
        plain(handle)

    os.fsync = fsync
    for start in range(0, 60, 20):
        journal.append(tests.receipts(range(start, start + 20)))
        print(start + 20, flush=True)
        journal.archive_closed_days(date(2100, 1, 1))
    """
)


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 8, 11])
def test_killed_at_any_sync_of_the_archive_nothing_acknowledged_is_lost(tmp_path, step):
    script = KILLED.format(here=str(Path(__file__).parent))
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(step)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -9, run.stderr
    acknowledged = int(run.stdout.split()[-1])
    journal = opened(tmp_path)
    assert len(journal.arrivals(date(2026, 3, 1))) == acknowledged
    journal.append(receipts(range(60)))
    journal.archive_closed_days(LATER)
    found = journal.arrivals(date(2026, 3, 1)).transactions["transaction_id"]
    assert found.to_list() == [f"T{number}" for number in range(60)]
    assert found.n_unique() == 60


def test_two_journals_on_one_file_see_each_others_records(tmp_path):
    one, other = opened(tmp_path), opened(tmp_path)
    one.append(receipts(range(3)))
    assert other.append(receipts(range(5))).duplicate == 3
    assert one.arrivals(date(2026, 3, 1)).transactions.height == 5


def test_a_table_keeps_the_types_of_its_columns(tmp_path):
    opened(tmp_path).append_table(
        "stores",
        pl.DataFrame({"store_id": ["7"], "opens": ["08:00:00"], "income": [4.5]}).with_columns(
            pl.col("opens").str.to_time()
        ),
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    stores = opened(tmp_path).tables()["stores"]
    assert stores.schema["opens"] == pl.Time
    assert stores.schema["latitude"] == pl.Float64
    assert stores["income"].to_list() == [4.5]


def test_a_full_disk_is_said_and_costs_nothing_that_was_written(tmp_path):
    database = Database.open(tmp_path / "journal.sqlite")
    journal = StoredJournal(database, Archive(tmp_path / "archive"))
    journal.append(receipts(range(3)))
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 40")  # as if no page more could be had
    with pytest.raises(Unreachable, match="disk is full; what was written before is kept"):
        journal.append(receipts(range(30_000)))
    journal.close()
    assert len(opened(tmp_path).arrivals(date(2026, 3, 1))) == 3
    assert opened(tmp_path).append(receipts(range(5))).accepted == 2


def test_a_damaged_block_is_told_and_nothing_of_it_is_in_the_tail(tmp_path):
    journal = StoredJournal.open(tmp_path / "journal.sqlite", tmp_path / "archive")
    for number in range(3):
        journal.append(receipts(range(number, number + 1)))
    with sqlite3.connect(tmp_path / "journal.sqlite") as damaging:
        (raw,) = damaging.execute("SELECT payload FROM block WHERE first_position = 1").fetchone()
        flipped = raw[:200] + bytes([raw[200] ^ 4]) + raw[201:]
        damaging.execute("UPDATE block SET payload = ? WHERE first_position = 1", (flipped,))
    tail = journal.tail(0, 100)
    assert (tail.positions.tolist(), tail.damaged, tail.until) == ([0, 2], ((1, 2),), 3)
    with pytest.raises(Damaged, match="backup"):
        journal.arrivals(date(2026, 3, 1))
