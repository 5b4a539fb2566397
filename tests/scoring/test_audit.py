"""Leads drawn by lot: how many, with what chance, and never a second time."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.audit import LOG_WEEKS, Audit, Passed, kept_log
from shrinkwatch.scoring.desk import Desk

MONDAY = date(2026, 3, 2)


def leads(many: int, probability: float = 0.05, week: date = MONDAY) -> list[Passed]:
    return [Passed(f"{week}-{n}", week, probability) for n in range(many)]


def test_draws_are_earned_by_alerts_and_spent_over_a_week() -> None:
    audit = Audit(0.02)
    audit.draw(leads(1_000), 350)
    # by hand: 350 alerts earn 7 draws, a seventh of them is spent on the day
    assert audit.purse == pytest.approx(6.0)
    assert sum(one.expected for one in audit.log[MONDAY]) == pytest.approx(1.0)


def test_over_time_as_many_are_drawn_as_the_share_says() -> None:
    audit, drawn = Audit(0.02), 0
    for day in range(1_000):
        week = MONDAY + timedelta(7 * (day // 7))
        passed = [Passed(f"{day}-{n}", week, 0.02 + 0.001 * n) for n in range(200)]
        drawn += len(audit.draw(passed, 20))
    # 20,000 alerts earn 400 draws; a Poisson count lies within 3 of its deviations
    assert abs(drawn - 400) < 3 * np.sqrt(400)


def test_each_is_drawn_as_often_as_its_chance_says() -> None:
    chances, drawn = [], 0
    for trial in range(400):
        audit = Audit(1.0)
        passed = [Passed(f"{trial}-{n}", MONDAY, p) for n, p in enumerate((0.02, 0.05, 0.2, 0.6))]
        found = audit.draw(passed, 7)
        chances.append(sum(one.expected for one in audit.log[MONDAY]))
        drawn += len(found)
        assert all(0 < chance <= 1 for chance in found.values())
    assert abs(drawn - sum(chances)) < 3 * np.sqrt(sum(chances))


def test_a_lead_has_one_chance_in_its_week() -> None:
    audit = Audit(1.0)
    audit.draw(leads(50), 50)
    before = [one.leads for one in audit.log[MONDAY]]
    assert audit.draw(leads(50), 500) == {}
    assert [one.leads for one in audit.log[MONDAY]] == before


def test_the_same_leads_are_drawn_again_in_a_replay_whatever_their_order() -> None:
    once, again = Audit(0.5), Audit(0.5)
    drawn = once.draw(leads(100), 50)
    assert drawn
    assert again.draw(leads(100)[::-1], 50) == pytest.approx(drawn)


def test_nothing_is_drawn_where_no_alert_was_chosen_or_nobody_wants_it() -> None:
    assert Audit(0.02).draw(leads(100), 0) == {}
    off = Audit(0.0)
    assert off.draw(leads(100), 100) == {}
    assert off.log == {}


def test_what_is_remembered_is_bounded() -> None:
    audit = Audit(0.02)
    for week in range(60):
        audit.draw(leads(5, week=MONDAY + timedelta(7 * week)), 3)
    assert len(audit.log) <= LOG_WEEKS + 1
    assert len(audit.met) <= 6


def test_what_the_lot_did_is_read_from_a_desk_that_was_put_away(
    overrides: Rule, tmp_path: Path
) -> None:
    assert kept_log(tmp_path) == {}
    desk = Desk.new([overrides])
    desk.audit.draw(leads(100), 50)
    desk.save(tmp_path)
    assert kept_log(tmp_path) == desk.audit.log != {}
