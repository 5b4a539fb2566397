"""A message is written with its alert or not at all, and once for each channel."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.adapters.stores.test_alerts import an_alert

from shrinkwatch.adapters.stores import outbox
from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.adapters.stores.outbox import Due, StoredOutbox

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def tell(connection, new, changed) -> None:
    outbox.write(connection, [Due(one.alert_id, "room", NOON) for one in new], NOON)


def fail(connection, new, changed) -> None:
    raise RuntimeError("killed")


def put(database: Database, *ids: str, channel: str = "room") -> StoredOutbox:
    with database.write() as connection:
        outbox.write(connection, [Due(id_, channel, NOON) for id_ in ids], NOON)
    return StoredOutbox(database)


def test_alerts_and_messages_are_stored_together_or_not_at_all(database: Database) -> None:
    alerts = StoredAlerts(database)
    with pytest.raises(RuntimeError):
        alerts.replace([an_alert("a")], (tell, fail))
    assert (alerts.all(), StoredOutbox(database).rows()) == ([], [])
    alerts.replace([an_alert("a")], (tell,))
    assert [one.alert_id for one in StoredOutbox(database).rows()] == ["a"]


def test_what_live_scoring_raises_is_told_in_the_same_way(database: Database) -> None:
    StoredLive(database, (tell,)).close_day(NOON.date(), 1, [an_alert("a")])
    assert [one.alert_id for one in StoredOutbox(database).rows("waiting")] == ["a"]


def test_an_alert_that_is_raised_again_is_not_told_again(database: Database) -> None:
    alerts, box = StoredAlerts(database), StoredOutbox(database)
    alerts.replace([an_alert("a")], (tell,))
    box.sent("room", ["a"], NOON)
    alerts.replace([], (tell,))
    alerts.replace([an_alert("a")], (tell,))
    (row,) = box.rows()
    assert (row.state, row.sent_at) == ("sent", NOON)


def test_what_is_claimed_is_kept_from_others_until_the_lease_is_over(database: Database) -> None:
    box = put(database, "a", "b")
    assert [one.alert_id for one in box.claim("room", NOON, NOON + MINUTE)] == ["a", "b"]
    assert box.claim("room", NOON, NOON + MINUTE) == []
    assert box.claim("hall", NOON, NOON + MINUTE) == []
    (again, _) = box.claim("room", NOON + MINUTE, NOON + 2 * MINUTE)
    assert again.attempts == 1
    assert [one.attempts for one in box.rows()] == [2, 2]


def test_nothing_is_claimed_before_its_time(database: Database) -> None:
    box = put(database, "a")
    assert box.claim("room", NOON - MINUTE, NOON) == []


def test_a_failure_counts_and_an_early_try_does_not(database: Database) -> None:
    box = put(database, "a", "b")
    box.claim("room", NOON, NOON + MINUTE)
    box.again("room", ["a"], NOON + 2 * MINUTE, "it hangs")
    box.again("room", ["b"], NOON + 3 * MINUTE, None)
    assert [(one.alert_id, one.attempts, one.trouble) for one in box.rows("waiting")] == [
        ("a", 1, "it hangs"),
        ("b", 0, None),
    ]


def test_parked_ones_are_tried_again_when_a_person_says_so(database: Database) -> None:
    box = put(database, "aa", "ab")
    put(database, "aa", channel="hall")
    box.claim("room", NOON, NOON + MINUTE)
    box.park("room", ["aa", "ab"], "it says no")
    assert box.claim("room", NOON + 9 * MINUTE, NOON + 10 * MINUTE) == []
    assert box.release(NOON, "a%") == 0
    assert box.release(NOON, "aa", "hall") == 0
    assert box.release(NOON + MINUTE, "aa") == 1
    (row,) = box.claim("room", NOON + MINUTE, NOON + 2 * MINUTE)
    assert (row.alert_id, row.attempts) == ("aa", 0)
    assert [one.alert_id for one in box.rows("parked")] == ["ab"]
    assert box.release(NOON) == 1


def test_a_withdrawn_one_is_never_told(database: Database) -> None:
    box = put(database, "a")
    box.withdraw("room", ["a"])
    assert box.claim("room", NOON, NOON + MINUTE) == []
    assert [one.state for one in box.rows()] == ["withdrawn"]


def test_a_withdrawn_one_whose_alert_is_back_waits_again_and_a_sent_one_does_not(
    database: Database,
) -> None:
    box = put(database, "a", "b")
    box.withdraw("room", ["a"])
    box.sent("room", ["b"], NOON)
    put(database, "a", "b")
    assert [(one.alert_id, one.state) for one in box.rows()] == [("a", "waiting"), ("b", "sent")]
