"""A disk that is full costs answers, never records; when there is room again, all goes on."""

from typing import Any

import pytest
from sqlalchemy import Engine, event

from .conftest import a_sale


def limit_pages(engine: Engine, most: int) -> None:
    """Let the database grow no further: SQLite says then what it says on a full disk."""

    def limited(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most}")

    event.listen(engine, "checkout", limited)


@pytest.fixture
def nearly_full(door: Any) -> Any:
    with door.workspace.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    limit_pages(door.workspace.database.engine, pages + 12)
    return door


def test_nothing_is_promised_that_has_no_room(nearly_full):
    door, acked, number = nearly_full, set(), 0
    key = door.key("S1")
    while True:
        lines = [a_sale(number + row, channel=f"channel {number + row}") for row in range(50)]
        said = door.send(key, lines)
        if said.status_code != 202:
            break
        acked |= set(range(number, number + 50))
        number += 50
        assert number < 5_000, "the disk never became full"
    assert said.status_code == 503
    assert int(said.headers["retry-after"]) >= 1
    assert said.headers["content-type"] == "application/problem+json"

    limit_pages(door.workspace.database.engine, 1 << 30)
    again = door.send(key, lines)
    assert again.status_code == 202, "there is room again"
    assert again.json()["accepted"] == 50, "nothing of it had been taken"
    (day,) = door.workspace.journal.days()
    stored = door.workspace.journal.arrivals(day).transactions["sequence"].to_list()
    assert sorted(stored) == sorted(acked | set(range(number, number + 50)))


def test_rows_of_tables_and_rejects_are_not_promised_either(nearly_full):
    door, key = nearly_full, nearly_full.key("S1")
    shift = {"store_id": "S1", "operator_id": "7", "clock_in": "2026-03-02T08:00:00Z"}
    filled, number = 202, 0
    while filled == 202:
        filled = door.send(key, b"{" + b"%d" % number * 10_000).status_code
        number += 1
        assert number < 1_000, "the disk never became full"
    assert filled == 503
    rows = [shift | {"operator_id": f"{number}" * 20} for number in range(400)]
    assert door.send(key, rows, "/v1/shifts").status_code == 503
    assert door.workspace.journal.tables()["shifts"].is_empty()
