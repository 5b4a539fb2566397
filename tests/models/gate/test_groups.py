"""Rows of one subject and week are one possible alert, and the ceiling is scoring's."""

from datetime import date

import polars as pl

from shrinkwatch.models.gate.groups import Groups, admitted, groups
from shrinkwatch.models.gate.report import Ceiling

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


def row(alert: str, day: date = MONDAY, said: float = 0.5, **more: object) -> dict[str, object]:
    return {
        "day": day, "key": hash(alert) % 1000, "store_id": "S1", "alert_id": alert,
        "outcome": None, "weight": 1.0, "loss_minor": 10_000, "currency": "EUR",
        "champion": said, "challenger": said, **more,
    }  # fmt: skip


def made(*rows: dict[str, object]) -> Groups:
    return groups(pl.DataFrame(rows, schema_overrides={"outcome": pl.Int8, "store_id": pl.String}))


def test_a_week_has_its_highest_and_its_last_probability_and_one_answer() -> None:
    found = made(
        row("a", FRIDAY, 0.2, outcome=None), row("a", MONDAY, 0.9, outcome=1), row("b", MONDAY, 0.1)
    )
    assert found.frame["week"].unique().to_list() == [MONDAY]
    assert found.peak("champion").tolist() == [0.9, 0.1]
    assert found.last("champion").tolist() == [0.2, 0.1]
    assert found.frame["outcome"].to_list() == [1, None]
    assert found.answered.outcome.tolist() == [1.0]


def test_an_answer_of_no_is_known_and_not_unknown() -> None:
    assert made(row("a", outcome=0), row("b")).answered.outcome.tolist() == [0.0]


def test_the_floor_and_the_cost_of_a_review_let_through_what_is_worth_it() -> None:
    """0.5 × 100 euros is worth more than 25; 0.5 × 40 yen and 0.2 are not."""
    found = made(row("a"), row("b", said=0.2), row("c", loss_minor=40, currency="JPY"))
    assert admitted(found, "challenger", Ceiling()).frame["alert_id"].to_list() == ["a"]


def test_the_most_valuable_of_a_store_and_week_fill_its_ceiling() -> None:
    dear = [row(f"a{n}", said=0.5, loss_minor=10_000 + n) for n in range(4)]
    other = [row("b", said=0.4, store_id="S2"), row("c", said=0.4, day=date(2026, 3, 9))]
    chain = [row(f"d{n}", said=0.6, store_id=None) for n in range(3)]
    ceiling = Ceiling(per_store_week=2, chain_per_week=1)
    shown = admitted(made(*dear, *other, *chain), "champion", ceiling)
    assert shown.frame["alert_id"].to_list() == ["d0", "a2", "a3", "b", "c"]
