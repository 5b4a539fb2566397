"""Ceilings and thresholds counted by hand."""

from datetime import date, timedelta

from shrinkwatch.scoring.budget import Budget, Lead

MONDAY = date(2026, 3, 2)


def leads(*values: float, store: str | None = "S1") -> list[Lead]:
    return [Lead(f"{store}-{value}", store, value) for value in values]


def test_a_store_gets_no_more_than_its_ceiling_and_the_most_valuable_first() -> None:
    budget = Budget(per_store_week=2, chain_per_week=1)
    admitted = budget.admit(MONDAY, leads(5.0, 9.0, 7.0), 1)
    assert [lead.value for lead in admitted] == [9.0, 7.0]


def test_the_ceiling_holds_over_the_days_of_a_week_and_is_new_the_next() -> None:
    budget = Budget(per_store_week=2, chain_per_week=1)
    assert len(budget.admit(MONDAY, leads(5.0), 1)) == 1
    assert len(budget.admit(MONDAY, leads(9.0, 7.0), 1)) == 1
    assert len(budget.admit(MONDAY + timedelta(7), leads(8.0), 1)) == 1


def test_stores_do_not_take_from_each_other_nor_from_the_chain() -> None:
    budget = Budget(per_store_week=1, chain_per_week=1)
    every = [*leads(1.0), *leads(2.0, store="S2"), *leads(3.0, store=None)]
    assert len(budget.admit(MONDAY, every, 2)) == 3


def test_quiet_weeks_leave_no_threshold() -> None:
    budget = Budget(per_store_week=5, chain_per_week=1)
    budget.admit(MONDAY, leads(3.0, 4.0), 1)
    assert budget.threshold(MONDAY + timedelta(7), 1, crossing=False) == 0.0


def test_busy_weeks_raise_the_bar_for_a_tuesday() -> None:
    budget = Budget(per_store_week=2, chain_per_week=1)
    budget.admit(MONDAY, leads(10.0, 9.0, 8.0, 7.0), 1)
    # by hand: one week of room for two; the third best, 8, is what must be exceeded
    assert budget.threshold(MONDAY + timedelta(7), 1, crossing=False) == 8.0
    admitted = budget.admit(MONDAY + timedelta(7), leads(7.5, 8.5), 1)
    assert [lead.value for lead in admitted] == [8.5]


def test_weeks_long_gone_are_forgotten() -> None:
    budget = Budget(per_store_week=1, chain_per_week=1)
    budget.admit(MONDAY, leads(10.0, 9.0), 1)
    budget.admit(MONDAY + timedelta(42), leads(1.0), 1)
    assert MONDAY not in budget.worth
    assert MONDAY not in budget.opened
