"""Who is told of which alert, and from when on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.records.alert import Reason, SchemeProbability, Subject
from shrinkwatch.run.notify.routes import FRESH, Router, router
from shrinkwatch.run.opened import opened
from shrinkwatch.run.settings import Notify

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)
SEVERITIES: Any = {"deep": "high", "usual": "medium", "odd": "low"}


def because(*rules: str) -> tuple[Reason, ...]:
    return tuple(Reason("It happened.", rule, 1.0, "receipts", None, "") for rule in rules)


SEEN = replace(
    ALERT,
    opened_at=NOW,
    schemes=(SchemeProbability("post_void", 0.9), SchemeProbability("tender_swap", 0.2)),
    reasons=because("odd", "usual"),
)


def told(*alerts: Any, **route: Any) -> list[tuple[str, str]]:
    """Return what goes out on a route to these alerts: alert id and time in UTC."""
    channel = Notify(name="room", url_file="x", **route)
    zones = {"S1": ZoneInfo("Europe/London"), None: ZoneInfo("Asia/Kolkata")}
    found = Router((channel,), SEVERITIES, zones.__getitem__, lambda: NOW).due(alerts, NOW)
    return [(one.alert_id, f"{one.at:%d %H:%M}") for one in found]


AT_ONCE = [(SEEN.alert_id, "02 22:00")]


@pytest.mark.parametrize(
    "route",
    [
        {},
        {"stores": ("S1",)},
        {"schemes": ("tender_swap",)},
        {"severity": "medium"},
        {"stores": ("S1", "S2"), "schemes": ("post_void",), "severity": "low"},
    ],
)
def test_a_route_that_fits_is_told(route: dict[str, Any]) -> None:
    assert told(SEEN, **route) == AT_ONCE


@pytest.mark.parametrize(
    "route", [{"stores": ("S2",)}, {"schemes": ("coupon_abuse",)}, {"severity": "high"}]
)
def test_a_route_that_does_not_fit_is_not(route: dict[str, Any]) -> None:
    assert told(SEEN, **route) == []


def test_the_gravest_rule_counts_and_what_no_rule_says_is_low() -> None:
    assert told(replace(SEEN, reasons=because("odd", "deep")), severity="high") == AT_ONCE
    assert told(replace(SEEN, reasons=because("learned")), severity="medium") == []
    assert told(replace(SEEN, reasons=()), severity="low") == AT_ONCE


def test_a_card_is_told_to_the_stores_where_it_was_used() -> None:
    card = replace(SEEN, subject=Subject("card", "tok_1"))
    assert told(card, stores=("S1",)) == AT_ONCE


def test_what_was_drawn_by_lot_is_told_to_nobody() -> None:
    assert told(replace(SEEN, chosen_by="audit")) == []


def test_what_is_long_past_when_it_is_found_waits_in_the_queue() -> None:
    assert told(replace(SEEN, opened_at=NOW - FRESH)) == AT_ONCE
    assert told(replace(SEEN, opened_at=NOW - FRESH - timedelta(seconds=1))) == []


def test_quiet_hours_are_the_stores_and_a_digest_keeps_the_settings_zone() -> None:
    assert told(SEEN, quiet="21:00-07:00") == [(SEEN.alert_id, "03 07:00")]
    card = replace(SEEN, subject=Subject("card", "tok_1"))
    assert told(card, quiet="21:00-07:00") == [(SEEN.alert_id, "03 01:30")]  # 7:00 in Kolkata
    assert told(SEEN, digest="08:00") == [(SEEN.alert_id, "03 02:30")]
    assert told(SEEN, digest="08:00", quiet="21:00-07:00") == [(SEEN.alert_id, "03 07:00")]


def test_the_workspace_says_the_zones_and_how_grave_its_rules_are(workspace: Path) -> None:
    found = router(opened(workspace).workspace)
    stores = opened(workspace).journal.tables()["stores"]
    first = stores.row(0, named=True)
    assert found.zone_of(first["store_id"]) == ZoneInfo(first["time_zone"])
    assert found.zone_of("nowhere") == ZoneInfo("UTC")
    assert found.severities["void_then_no_sale"] == "high"
