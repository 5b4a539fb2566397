"""Answers about earlier receipts are counted for everybody who took part in them."""

from typing import Any

import numpy as np
import polars as pl

from shrinkwatch.features.arrays import by_name
from shrinkwatch.features.catalogue import OUTCOME_COLUMNS
from shrinkwatch.features.kernel import UNKNOWN_32
from shrinkwatch.features.outcomes import Outcomes, nothing_known

DAY_US = 24 * 3600 * 1_000_000
CARD, OTHER_CARD, TILL = 11, 12, 21
UNKNOWN = int(UNKNOWN_32)


def answer(day: float, tx: int, confirmed: bool, card: int = CARD) -> dict[str, Any]:
    """Return an answer that becomes known on this day, about a receipt at the one till."""
    whom = {"card": card, "customer": 0, "operator": 0, "register": TILL}
    known = round(day * DAY_US)
    return {"known_us": known, "at_us": known, "tx": tx, "confirmed": confirmed} | whom


def read(
    outcomes: Outcomes, answers: list[dict[str, Any]], *asks: tuple[float, int]
) -> dict[str, list[float]]:
    """Return the columns of transactions that arrive and end on these days with these cards."""
    whole = dict.fromkeys(("known_us", "at_us"), pl.Int64)
    whole |= dict.fromkeys(("tx", "card", "customer", "operator", "register"), pl.UInt64)
    due = pl.DataFrame(answers, schema={**whole, "confirmed": pl.Boolean})
    at = np.array([round(day * DAY_US) for day, _ in asks])
    nobody = np.zeros(at.size, dtype=np.uint64)
    who = {"card": np.array([card for _, card in asks], dtype=np.uint64)}
    who |= {"register": np.full(at.size, TILL, dtype=np.uint64)}
    who |= {"customer": nobody, "operator": nobody}
    columns = by_name(outcomes.advance(due.sort("known_us"), who, at, at))
    assert set(columns) == {column.name for column in OUTCOME_COLUMNS}
    return {name: values.tolist() for name, values in columns.items()}


def test_answers_are_counted_from_the_moment_they_are_known() -> None:
    told = [answer(20_001.5, 1, True), answer(20_002.5, 2, False), answer(20_003.5, 3, True)]
    days = [20_001.4, 20_001.5, 20_002.6, 20_003.6, 20_008.6, 20_009.6, 20_029.6, 20_031.6]
    found = read(Outcomes(), told, *((day, CARD) for day in days))
    assert found["card_answered_28d"] == [UNKNOWN, 1, 2, 3, 3, 3, 2, UNKNOWN]
    assert found["card_confirmed_28d"] == [UNKNOWN, 1, 1, 2, 2, 2, 1, UNKNOWN]
    assert found["card_answered_7d"] == [UNKNOWN, 1, 2, 3, 2, 1, UNKNOWN, UNKNOWN]
    assert found["card_confirmed_7d"] == [UNKNOWN, 1, 1, 2, 1, 1, UNKNOWN, UNKNOWN]
    assert found["card_answered_1d"] == [UNKNOWN, 1, 1, 1] + [UNKNOWN] * 4
    assert found["card_confirmed_1d"] == [UNKNOWN, 1, 0, 1] + [UNKNOWN] * 4
    np.testing.assert_allclose(
        found["card_confirmed_share_28d"],
        [np.nan, 1, 1 / 2, 2 / 3, 2 / 3, 2 / 3, 1 / 2, np.nan],
    )


def test_only_cleared_receipts_are_a_zero_and_no_answer_is_unknown() -> None:
    found = read(Outcomes(), [answer(20_001, 1, False)], (20_002, CARD), (20_002, OTHER_CARD))
    assert found["card_confirmed_28d"] == [0, UNKNOWN]
    assert found["card_answered_28d"] == [1, UNKNOWN]
    assert found["card_since_confirmed_s"] == [UNKNOWN, UNKNOWN]
    assert found["register_confirmed_28d"] == [0, 0]
    assert found["operator_answered_28d"] == [UNKNOWN, UNKNOWN]


def test_the_latest_answer_about_a_receipt_is_the_one_that_counts() -> None:
    outcomes = Outcomes()
    first = [answer(20_001, 1, True), answer(20_001, 2, True)]
    assert read(outcomes, first, (20_001.5, CARD))["card_confirmed_28d"] == [2]
    later = [answer(20_002, 1, False), answer(20_003, 1, True), answer(20_004, 1, False)]
    found = read(outcomes, later, (20_002.5, CARD), (20_003.5, CARD), (20_004.5, CARD))
    assert found["card_confirmed_28d"] == [1, 2, 1]
    assert found["card_answered_28d"] == [2, 2, 2]
    assert read(outcomes, [], (20_030, CARD))["card_answered_28d"] == [1]


def test_an_answer_taken_back_is_taken_from_those_it_was_counted_for() -> None:
    outcomes = Outcomes()
    read(outcomes, [answer(20_001, 1, True)], (20_001.5, CARD))
    moved = [answer(20_002, 1, True, OTHER_CARD)]
    found = read(outcomes, moved, (20_002.5, CARD), (20_002.5, OTHER_CARD))
    assert found["card_confirmed_28d"] == [UNKNOWN, 1]
    assert found["register_confirmed_28d"] == [1, 1]


def test_the_time_since_the_last_confirmation_is_told_however_long_ago() -> None:
    told = [answer(20_001, 1, True), answer(20_002, 2, False)]
    found = read(Outcomes(), told, (20_003, CARD), (20_101, CARD))
    assert found["card_since_confirmed_s"] == [2 * 86_400, 100 * 86_400]


def test_an_answer_as_old_as_what_is_known_of_its_receipt_is_no_news() -> None:
    outcomes = Outcomes()
    read(outcomes, [answer(20_002, 1, True)], (20_003, CARD))
    answers = [answer(20_001, 1, False), answer(20_002, 1, True), answer(20_004, 1, False)]
    answers.append(answer(20_001, 2, True))
    asked = pl.DataFrame(answers, schema_overrides={"tx": pl.UInt64})
    assert outcomes.news(asked).to_list() == [False, False, True, True]


def test_without_answers_nothing_is_held_and_every_column_is_null() -> None:
    outcomes = Outcomes()
    assert outcomes.silent()
    columns = nothing_known(3)
    assert {name: one.dtype for name, one in columns.items()} == {
        column.name: column.dtype for column in OUTCOME_COLUMNS
    }
    assert all(one.null_count() == 3 for one in columns.values())
