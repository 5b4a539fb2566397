"""Whoever has the database and not the key is found out, whatever he does to the audit log."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

import pytest
import sqlalchemy as sa

from shrinkwatch.adapters.stores.audit import StoredAudit
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.deed import Actor, Deed
from shrinkwatch.records.trouble import Unreachable

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KIM = Actor("person", "Kim Smith")
COLUMNS = "at_us, who, what, about, detail, hash, seal"


def log_in(folder: Path) -> StoredAudit:
    database = Database.open(folder / "journal.sqlite")
    return StoredAudit(database, TokenKey(bytes(32)), folder / "out" / "anchors", lambda: NOW)


def write(log: StoredAudit, first: int, last: int) -> None:
    for number in range(first, last + 1):
        log.write(Deed(KIM, "alert_shown", f"alert {number}"))


@pytest.fixture
def log(tmp_path: Path) -> StoredAudit:
    made = log_in(tmp_path)
    write(made, 1, 6)
    return made


def by_hand(log: StoredAudit, *statements: str) -> None:
    """Do to the database what somebody with the file can do."""
    log.database.close()
    with sqlite3.connect(log.anchors.parents[1] / "journal.sqlite") as file:
        for statement in statements:
            file.execute(statement)


def moved(first: int, then: int) -> tuple[str, ...]:
    """Return statements that swap two rows under each other's numbers."""
    change = "UPDATE audit SET number = {} WHERE number = {}".format
    return (change(-1, first), change(first, then), change(then, -1))


def up_from(number: int) -> tuple[str, ...]:
    """Return statements that make room for a row of this number."""
    return (
        f"UPDATE audit SET number = -number WHERE number >= {number}",
        "UPDATE audit SET number = 1 - number WHERE number < 0",
    )


ATTACKS = {
    "edit": (("UPDATE audit SET who = 'person x' WHERE number = 3",), 3),
    "delete": (("DELETE FROM audit WHERE number = 4",), 4),
    "insert": (
        (*up_from(3), f"INSERT INTO audit SELECT 3, {COLUMNS} FROM audit WHERE number = 5"),
        3,
    ),
    "insert at the end": (
        (f"INSERT INTO audit SELECT 7, {COLUMNS} FROM audit WHERE number = 6",),
        7,
    ),
    "reorder": (moved(2, 5), 2),
    "truncate": (("DELETE FROM audit WHERE number > 4",), 5),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_first_bad_row_is_named(log: StoredAudit, attack: str) -> None:
    assert log.verify().says == ""
    statements, bad = ATTACKS[attack]
    by_hand(log, *statements)
    assert log.verify().bad_row == bad


@pytest.mark.parametrize("later", [6, 8])
def test_an_older_database_put_back_is_found_out(tmp_path: Path, later: int) -> None:
    log = log_in(tmp_path)
    write(log, 1, 4)
    log.database.close()
    copy(tmp_path / "journal.sqlite", tmp_path / "old")
    write(log, 5, 6)
    log.database.close()
    copy(tmp_path / "old", tmp_path / "journal.sqlite")
    write(log, 7, later)  # and going on from there hides nothing
    assert log.verify().bad_row == 5


def test_an_anchor_kept_elsewhere_finds_what_the_file_no_longer_tells(log: StoredAudit) -> None:
    mailed = log.anchor().line
    by_hand(log, "DELETE FROM audit WHERE number > 4")
    kept = log.anchors.read_text("ascii").splitlines()
    log.anchors.write_text("\n".join(kept[:4]) + "\n", "ascii")
    assert log.verify().says == ""
    assert log.verify((mailed,)).bad_row == 5


def test_a_column_of_another_kind_is_a_bad_row_and_no_crash(log: StoredAudit) -> None:
    by_hand(
        log,
        "UPDATE audit SET at_us = 'noon' WHERE number = 2",
        "UPDATE audit SET seal = x'00' WHERE number = 1",
    )
    assert log.verify().bad_row == 1


def test_it_is_the_same_on_either_database(database: Database, tmp_path: Path) -> None:
    log = StoredAudit(database, TokenKey(bytes(32)), tmp_path / "anchors", lambda: NOW)
    write(log, 1, 5)
    assert (log.verify().rows, log.verify().says) == (5, "")
    with database.write() as connection:
        connection.execute(sa.text("UPDATE audit SET about = 'nobody' WHERE number = 2"))
    assert log.verify().bad_row == 2


def test_no_names_and_no_card_numbers_stand_in_it(log: StoredAudit) -> None:
    log.write(Deed(KIM, "receipt_shown", "receipt 4111 1111 1111 1111", {"x": "4111111111111111"}))
    log.write(Deed(Actor("key", "till-7"), "login"))
    row, by_key = list(log.rows())[-2:]
    assert (row.about, row.detail) == ("receipt [removed]", '{"x":"[removed]"}')
    assert row.who == log.seal.pseudonym("kim smith")
    assert by_key.who == "key till-7"
    assert row.at == NOW


def test_the_newest_rows_come_in_order(log: StoredAudit) -> None:
    assert [row.number for row in log.rows(last=2)] == [5, 6]


def test_a_torn_anchor_spoils_no_later_one(log: StoredAudit) -> None:
    with log.anchors.open("a") as file:
        file.write("6 torn")
    write(log, 7, 7)
    found = log.verify()
    assert (found.anchored, found.bad_row, found.says) == (7, None, "anchor line 7 is not ours")


def test_where_the_anchors_cannot_be_kept_the_cure_is_named(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    (tmp_path / "out").write_text("a file")
    with pytest.raises(Unreachable, match=r"audit\.anchors"):
        log.write(Deed(KIM, "login"))
