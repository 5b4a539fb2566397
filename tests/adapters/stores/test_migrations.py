"""A database that an older version wrote is brought up to date, and no row is lost."""

import sqlite3
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.adapters.stores.test_sqlite import LATER, opened, receipts

from shrinkwatch.adapters.stores import schema
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.journal.payload import pack, unpack
from shrinkwatch.journal.versions import NO_RANK
from shrinkwatch.records.trouble import Misconfigured

SECOND = """
CREATE TABLE schema_version (version INTEGER NOT NULL, PRIMARY KEY (version));
INSERT INTO schema_version VALUES (2);
CREATE TABLE record (
    position INTEGER NOT NULL, tx_key INTEGER NOT NULL, content BLOB NOT NULL,
    revision INTEGER NOT NULL, updated_us INTEGER NOT NULL, day INTEGER NOT NULL,
    state INTEGER NOT NULL, PRIMARY KEY (position)
);
CREATE INDEX record_by_key ON record (tx_key);
CREATE INDEX record_out_of_effect ON record (position) WHERE state != 0;
CREATE TABLE block (
    first_position INTEGER NOT NULL, rows INTEGER NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY (first_position)
);
CREATE TABLE block_day (
    day INTEGER NOT NULL, first_position INTEGER NOT NULL, PRIMARY KEY (day, first_position)
);
CREATE TABLE reject (
    id INTEGER NOT NULL, raw_hash TEXT NOT NULL, reason TEXT NOT NULL, sentence TEXT NOT NULL,
    raw BLOB NOT NULL, raw_key TEXT, file TEXT, place INTEGER, PRIMARY KEY (id), UNIQUE (raw_hash)
);
CREATE TABLE reject_claim (
    raw_hash TEXT NOT NULL, tx_key INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (raw_hash)
);
CREATE TABLE table_load (
    id INTEGER NOT NULL, kind TEXT NOT NULL, arrived_us INTEGER NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE entry (
    id INTEGER NOT NULL, arrived_us INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE alert (
    alert_id TEXT NOT NULL, status TEXT NOT NULL, worth FLOAT NOT NULL, document BLOB NOT NULL,
    PRIMARY KEY (alert_id)
);
"""
"""The tables of schema 2, as SQLite had them."""


def write_as_schema_2(folder, *batches):
    """Make a journal of schema 2 with these batches, which must be new; the last revises."""
    made = folder / "made"
    journal = opened(made)
    for batch in batches:
        journal.append(batch)
    journal.close()
    old = sqlite3.connect(folder / "journal.sqlite")
    old.executescript(SECOND)
    with sqlite3.connect(made / "journal.sqlite") as new:
        for table in ("block", "block_day"):
            for row in new.execute(f"SELECT * FROM {table}"):
                old.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
        rank = {row[0]: row[1:] for row in new.execute("SELECT * FROM record_rank")}
        state = dict(new.execute("SELECT * FROM record_state"))
        content = {}
        for first, payload in new.execute("SELECT first_position, payload FROM block"):
            said = unpack(payload).transactions["content"].to_list()
            content |= dict(enumerate(said, start=first))
        for key, position, day in new.execute("SELECT tx_key, position, day FROM record"):
            old.execute(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)",
                (position, key, content[position], *rank.get(position, NO_RANK), day,
                 state.get(position, 0)),
            )  # fmt: skip
    old.commit()
    old.close()
    return made


def test_an_old_file_says_the_same_after_it_was_opened(tmp_path):
    first, revised = receipts(range(50)), receipts(range(10, 20), day=2, revision=3)
    made = write_as_schema_2(tmp_path, first, revised)
    journal, like_it = opened(tmp_path), opened(made)
    for day in (date(2026, 3, 1), date(2026, 3, 2)):
        assert pack(journal.arrivals(day)) == pack(like_it.arrivals(day))
    assert journal.fingerprint(LATER, ()) == like_it.fingerprint(LATER, ())
    assert journal.append(first).duplicate == 50
    assert journal.append(revised).duplicate == 10
    assert journal.append(receipts(range(10, 20), day=2, revision=2)).revised == 10
    assert journal.append(receipts(range(60))).accepted == 10


def test_an_old_file_that_was_changed_once_is_not_changed_again(tmp_path):
    write_as_schema_2(tmp_path, receipts(range(3)))
    opened(tmp_path).close()
    before = (tmp_path / "journal.sqlite").read_bytes()
    opened(tmp_path).close()
    assert (tmp_path / "journal.sqlite").read_bytes() == before


def test_steps_from_the_oldest_file_lead_to_the_tables_of_a_new_one(tmp_path):
    write_as_schema_2(tmp_path)
    database = Database.open(tmp_path / "journal.sqlite")
    with database.read() as connection:
        assert schema.revision_of(connection) == schema.REVISION
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_a_file_from_before_that_no_step_begins_at_is_refused(tmp_path):
    write_as_schema_2(tmp_path)
    with sqlite3.connect(tmp_path / "journal.sqlite") as old:
        old.execute("UPDATE schema_version SET version = 1")
    with pytest.raises(Misconfigured, match="does not know; use the version that wrote it"):
        opened(tmp_path)
