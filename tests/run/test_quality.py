"""Quality from answers: by hand, and unknown where nobody answered."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import empty_table
from shrinkwatch.run.labels import Said
from shrinkwatch.run.opened import opened
from shrinkwatch.run.quality import quality, quality_of
from shrinkwatch.scoring.answers import answers
from shrinkwatch.scoring.audit import Stratum

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def alerts(way: str, many: int, chance: float = 1.0, days_ago: int = 30) -> list[Alert]:
    opened_at = NOW - timedelta(days_ago)
    return [
        replace(
            ALERT,
            alert_id=f"{way}-{n}",
            chosen_by=way,
            propensity=chance,
            opened_at=opened_at,
        )
        for n in range(many)
    ]


def told(every: list[Alert], right: dict[str, bool]) -> Said:
    nobody = answers(empty_table("labels"), [], (), (), NOW)
    return Said(tuple(every), nobody, (), {}, right, (), ())


def test_precision_and_recall_by_hand() -> None:
    every = [*alerts("score", 20), *alerts("audit", 10, 0.1)]
    right = {one.alert_id: n < 18 for n, one in enumerate(every[:20])}
    right |= {one.alert_id: n < 1 for n, one in enumerate(every[20:])}
    found = quality_of(told(every, right), {}, 0, NOW)
    assert found.precision.value == pytest.approx(0.9)
    # one thief drawn with 1 in 10 stands for ten: 18 of 28
    assert found.recall.value == pytest.approx(18 / 28)
    assert found.false_alerts.value == pytest.approx(2 / 92)
    assert found.unknown == ()


def test_without_answers_everything_is_unknown_and_says_why() -> None:
    found = quality_of(told(alerts("score", 20), {}), {}, 0, NOW)
    assert found.precision.value is found.recall.value is found.false_alerts.value is None
    assert "0 of 20 alerts that are 14 days old have an answer" in found.unknown[0]
    assert found.learning.recall is found.learning.one is None


def test_young_alerts_do_not_count_yet() -> None:
    every = alerts("score", 20, days_ago=13)
    found = quality_of(told(every, {one.alert_id: True for one in every}), {}, 0, NOW)
    assert found.unripe == 20
    assert found.precision.value is None


def test_what_the_lot_learns_in_how_long_by_hand() -> None:
    week = [Stratum(leads=100, probable=10.0, expected=2.0, drawn=2), Stratum()]
    log = {date(2026, 5, 4): week, date(2026, 5, 11): week}
    learning = quality_of(told(alerts("score", 20), {}), log, 60, NOW).learning
    assert (learning.leads, learning.draws) == (100, 2)
    # 20 alerts of 0.9 in one week: (1.96 / .1)^2 x .75^3 x .25 x 49 / 18 = 110 weeks
    assert learning.recall == pytest.approx(110.3, abs=0.2)
    # log(.1) / log(.98) = 114 weeks; six thieves, a sixth
    assert learning.one == pytest.approx(113.97, abs=0.01)
    assert learning.scheme == pytest.approx(113.97 / 6, abs=0.01)


def test_a_workspace_that_nobody_answered_has_no_quality(workspace: Path) -> None:
    found = quality(opened(workspace))
    assert found.precision.value is None
    assert found.chosen.alerts > 0
    assert found.chosen.answered == 0
