"""How right alerts are is known from answers only; where there are none it is unknown."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.drift.answers import Watched, watch_answers

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = START + timedelta(days=120)
SCHEMA = {
    "alert_id": pl.String,
    "opened_at": pl.Datetime("us", "UTC"),
    "answered_at": pl.Datetime("us", "UTC"),
    "right": pl.Int8,
    "probability": pl.Float64,
}


def alerts(
    right: float = 0.7, later: float | None = None, a_day: int = 5, answered_until: datetime = NOW
) -> pl.DataFrame:
    """Return five alerts a day, answered after three days; from day 100 on `later` are right."""
    drawn = np.random.default_rng(3)
    rows = []
    for day in range(120):
        share = right if later is None or day < 100 else later
        for one in range(a_day):
            opened = START + timedelta(days=day, hours=6)
            answered = opened + timedelta(days=3)
            known = answered < answered_until
            told = int(drawn.random() < share)
            rows.append((f"{day}-{one}", opened, answered if known else None,
                         told if known else None, 0.7))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def watched(frame: pl.DataFrame, now: datetime = NOW) -> dict[str, Watched]:
    return {one.about: one for one in watch_answers(frame, now)}


def test_what_is_as_it_was_is_steady_with_its_numbers() -> None:
    found = watched(alerts())
    assert {one.state for one in found.values()} == {"steady"}
    assert found["precision"].value == pytest.approx(0.7, abs=0.1)
    assert found["label_delay"].value == 3.0
    assert found["volume"].value == 5.0
    assert found["answered"].value == 0.0


def test_a_precision_that_fell_is_found_and_dated() -> None:
    found = watched(alerts(right=0.9, later=0.2))
    assert found["precision"].state == "changed"
    assert found["precision"].since is not None
    assert found["precision"].since >= (START + timedelta(days=103)).date()
    assert found["calibration"].state == "changed"


def test_when_answers_stop_precision_is_unknown_a_week_later_and_not_green() -> None:
    stopped = START + timedelta(days=110)
    frame = alerts(answered_until=stopped)
    still = watched(frame, stopped + timedelta(days=6))
    assert still["precision"].state == "steady"
    after = watched(frame, stopped + timedelta(days=8))
    for about in ("precision", "calibration"):
        assert (after[about].state, after[about].value) == ("unknown", None)
        assert "nobody has answered since" in after[about].says
    assert after["volume"].state == "steady"


def test_without_any_answer_everything_that_needs_one_is_unknown() -> None:
    found = watched(alerts(answered_until=START))
    states = {about: one.state for about, one in found.items()}
    unknown = dict.fromkeys(("precision", "calibration", "label_delay"), "unknown")
    assert states == {**unknown, "volume": "steady", "answered": "changed"}
    assert found["answered"].value == 1.0


def test_without_any_alert_everything_is_unknown() -> None:
    found = watched(alerts().clear())
    assert {one.state for one in found.values()} == {"unknown"}
    assert {one.value for one in found.values()} == {None}


def test_an_answer_of_the_future_is_not_known_yet() -> None:
    assert watched(alerts(), START + timedelta(days=2))["precision"].state == "unknown"


def test_a_flood_of_alerts_is_found_without_any_answer() -> None:
    quiet, flood = alerts(answered_until=START), alerts(a_day=25, answered_until=START)
    late = pl.col("opened_at") >= NOW - timedelta(days=14)
    both = pl.concat([quiet.filter(~late), flood.filter(late)])
    assert watched(both)["volume"].state == "changed"


def test_probabilities_that_promise_too_much_are_noticed() -> None:
    found = watched(alerts(right=0.4))
    assert found["calibration"].state == "changed"
    assert found["calibration"].value == pytest.approx(0.3, abs=0.1)
