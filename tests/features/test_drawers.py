"""Counts of drawers: told once, to who signed off, with the sign-off that they are about."""

from datetime import datetime
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.batch import subject_key
from shrinkwatch.records.tables import Tables

from .tills import at, batch_of, key, tables_of, transaction

COLUMNS = ("drawer_over_minor", "drawer_people", "drawer_receipt_key")


def record(
    number: str, type_: str, minutes: float, till: str = "1", **given: Any
) -> dict[str, Any]:
    row = transaction(
        transaction_id=number, type=type_, ended_at=at(minutes), operator_id="7", **given
    )
    return row | {"register_id": till, "register_key": subject_key("register", "S1", till)}


def counted(
    opened: datetime, closed: datetime, over: int, till: str = "1", who: str = "7"
) -> dict[str, Any]:
    return {
        "session_id": f"{till} {closed}",
        "store_id": "S1",
        "register_id": till,
        "operator_ids": who,
        "opened_at": opened,
        "closed_at": closed,
        "expected_minor": 50_000,
        "counted_minor": 50_000 + over,
    }


def told(rows: list[dict[str, Any]], tables: Tables) -> list[tuple[Any, ...]]:
    return FeatureStream.new(tables).advance(batch_of(*rows)).select(COLUMNS).rows()


NOTHING = (None, None, 0)


def test_the_next_receipt_tells_the_count_and_the_sign_off_before_it() -> None:
    rows = [
        record("1", "sale", 0),
        record("2", "sign_off", 300),
        record("3", "sign_on", 1440),
        record("4", "sale", 1441),
    ]
    tables = tables_of(till_sessions=[counted(at(-1), at(305), -1_240)])
    count = (-1_240, 1, key("tx", "S1", "2"))
    assert told(rows, tables) == [NOTHING, NOTHING, count, NOTHING]


def test_two_counts_are_told_one_after_the_other() -> None:
    rows = [
        record("1", "sign_off", 100, "1"),
        record("2", "sign_off", 300, "2"),
        record("3", "sign_on", 1440),
        record("4", "sale", 1441),
        record("5", "sale", 1442),
    ]
    sessions = [counted(at(110), at(305), 20, "2"), counted(at(-1), at(105), -700, "1", "7;8")]
    assert told(rows, tables_of(till_sessions=sessions))[1:] == [
        (-700, 2, key("tx", "S1", "1")),
        (20, 1, key("tx", "S1", "2")),
        NOTHING,
        NOTHING,
    ]


def test_who_did_not_sign_off_from_the_drawer_is_told_nothing() -> None:
    rows = [record("1", "sign_off", 300, "2"), record("2", "sign_on", 1440)]
    tables = tables_of(till_sessions=[counted(at(-1), at(305), -700, "1", "7;8")])
    assert told(rows, tables) == [NOTHING, NOTHING]


def test_a_count_without_its_sum_is_unknown() -> None:
    rows = [record("1", "sign_off", 300), record("2", "sign_on", 1440)]
    tables = tables_of(till_sessions=[counted(at(-1), at(305), 0) | {"counted_minor": None}])
    assert told(rows, tables) == [NOTHING, NOTHING]


def test_counts_that_become_known_by_day_are_told_alike_however_the_days_are_cut(
    tmp_path: Any,
) -> None:
    days = [
        [
            record(f"{day} on", "sign_on", day * 1440, str(1 + day % 2)),
            record(f"{day} sale", "sale", day * 1440 + 5, str(1 + day % 2)),
            record(f"{day} off", "sign_off", day * 1440 + 300, str(1 + day % 2)),
        ]
        for day in range(8)
    ]
    sessions = [
        counted(at(day * 1440 - 1), at(day * 1440 + 305), -100 * day, str(1 + day % 2))
        for day in range(8)
    ]
    whole, cut, frames = FeatureStream.new(Tables()), FeatureStream.new(Tables()), ([], [])
    for day, rows in enumerate(days):
        known = tables_of(till_sessions=sessions[:day])
        whole.update_tables(known)
        frames[0].append(whole.advance(batch_of(*rows)))
        cut.save(tmp_path / str(day))
        cut = FeatureStream.load(tmp_path / str(day), known)
        frames[1].extend(cut.advance(batch_of(row)) for row in rows)
    one, other = pl.concat(frames[0]), pl.concat(frames[1])
    assert_frame_equal(one, other, check_exact=True)
    assert one["drawer_over_minor"].drop_nulls().to_list() == [-100 * day for day in range(7)]
