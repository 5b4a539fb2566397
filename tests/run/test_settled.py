"""A replay says which alerts live scoring had raised otherwise."""

from datetime import UTC, date, datetime

from tests.adapters.stores.test_alerts import an_alert

from shrinkwatch.run.settled import Difference, difference

SUNDAY = date(2026, 3, 1)
MONDAY = date(2026, 3, 2)
TUESDAY = datetime(2026, 3, 3, 9, tzinfo=UTC)


def by_id(*alerts):
    return {alert.alert_id: alert for alert in alerts}


def test_what_is_new_gone_and_changed_is_named():
    live = by_id(an_alert("same"), an_alert("gone"), an_alert("other", 0.5))
    settled = by_id(an_alert("same"), an_alert("new"), an_alert("other", 0.6))
    found = difference(live, settled, MONDAY)
    assert found == Difference(("new",), ("gone",), ("other",))
    assert found


def test_what_people_did_is_no_difference():
    found = difference(by_id(an_alert("a", status="closed")), by_id(an_alert("a")), MONDAY)
    assert not found


def test_days_that_live_scoring_did_not_close_do_not_count():
    later = an_alert("later", opened_at=TUESDAY)
    assert not difference({}, by_id(later), MONDAY)
    assert not difference({}, by_id(an_alert("a")), SUNDAY)
    assert not difference({}, by_id(an_alert("a")), None)
