"""The payments' split and the share of stolen cards among those looked at, by hand."""

import importlib.util
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

FILE = Path(__file__).resolve().parents[2] / "bench" / "card_protocol.py"
FIRST = date(2018, 7, 2)


@pytest.fixture(scope="module")
def protocol() -> ModuleType:
    spec = importlib.util.spec_from_file_location("card_protocol", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def paid(*rows: tuple[int, str, bool]) -> pl.DataFrame:
    """Return payments: days after the first, card, whether it was a fraud."""
    days, cards, frauds = zip(*rows, strict=True)
    when = [FIRST + timedelta(days=day) for day in days]
    return pl.DataFrame({"day": when, "card": cards, "fraud": frauds})


def test_a_week_is_tested_a_delay_after_the_week_of_training(protocol: ModuleType) -> None:
    train, test = protocol.split(paid(*((day, f"C{day}", False) for day in range(25))), FIRST)
    assert train["card"].to_list() == [f"C{day}" for day in range(7)]
    assert test["card"].to_list() == [f"C{day}" for day in range(14, 21)]


def test_a_card_is_blocked_once_its_fraud_has_been_known_for_a_day(protocol: ModuleType) -> None:
    rows = [(-1, "before", True), (6, "trained", True), (8, "between", True)]
    rows += [
        (day, card, False) for day in range(14, 21) for card in ("before", "trained", "between")
    ]
    _, test = protocol.split(paid(*rows), FIRST)
    assert test.height == 7 * 3
    test = test.filter(~pl.col("blocked"))
    days = {
        card: [(one - FIRST).days for one in test.filter(pl.col("card") == card)["day"]]
        for card in ("before", "trained", "between")
    }
    # the fraud of day 8 is known on day 15, and the card is blocked from day 16 on
    assert days == {"before": list(range(14, 21)), "trained": [], "between": [14, 15]}


def test_the_best_score_of_a_cards_day_decides_and_a_found_card_rests(protocol: ModuleType) -> None:
    rows = [
        *((0, "A", False), (0, "A", True), (0, "B", False), (0, "C", True)),
        *((1, "A", True), (1, "B", True), (1, "C", True)),
    ]
    score = np.array([0.9, 0.1, 0.8, 0.2, 1.0, 0.5, 0.4])
    # day 0: A (0.9, stolen) and B (0.8, not): 1 of 2; day 1 without A: B and C, 2 of 2
    assert protocol.card_precision(paid(*rows), score, 2) == pytest.approx((0.5 + 1) / 2)
    # one card a day: A (stolen) on day 0, then B (stolen) on day 1
    assert protocol.card_precision(paid(*rows), score, 1) == 1.0


def test_fewer_cards_than_places_still_count_by_the_places(protocol: ModuleType) -> None:
    assert protocol.card_precision(paid((0, "A", True)), np.array([0.3]), 100) == 0.01


def test_what_is_measured_is_told_beside_the_most_that_is_possible(protocol: ModuleType) -> None:
    rows = [(0, "A", False), (0, "B", True), (0, "C", False), (0, "D", True)]
    found = protocol.measure(paid(*rows), np.array([0.1, 0.9, 0.5, 0.4]))
    # frauds score 0.9 and 0.4, the others 0.1 and 0.5: 3 of 4 pairs are in order;
    # precision at each fraud: 1/1 and 2/3
    assert found.auc == pytest.approx(3 / 4)
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert (found.card_precision, found.most) == (0.02, 0.02)
    assert (found.payments, found.frauds) == (4, 2)


def test_the_published_features_know_a_tills_frauds_after_the_delay(protocol: ModuleType) -> None:
    noon = datetime(2018, 7, 2, 12, tzinfo=UTC)
    rows = [(0, "A", 1, 10.0, True), (0.25, "B", 1, 20.0, False), (5, "A", 1, 30.0, False)]
    rows += [(7.5, "A", 1, 50.0, False), (7.5, "A", 2, 70.0, False), (13.9, "B", 1, 2.0, False)]
    names = ("day", "card", "till", "amount", "fraud")
    whole = pl.DataFrame(rows, schema=names, orient="row")
    whole = whole.with_columns(at=pl.lit(noon) + pl.col("day") * timedelta(days=1))
    found = protocol.published_features(whole.sort("at", maintain_order=True))
    assert found.width == 15
    # a delay before day 7.5 only the two of day 0 lie within one day: one of them stolen
    assert found["till_1d"].to_list() == [0, 0, 0, 2, 0, 0]
    assert found["risk_1d"].to_list() == [0, 0, 0, 0.5, 0, 0]
    # until day 6.9, that is of seven days: the two of day 0 and the one of day 5
    assert (found["till_7d"][-1], found["risk_7d"][-1]) == (3, pytest.approx(1 / 3))
    # both payments of day 7.5 have come when its features are told, as in the published ones
    assert found["card_7d"].to_list() == [1, 1, 2, 3, 3, 1]
    assert found["mean_7d"][2] == 20.0
    assert found["night"].to_list() == [False, False, False, True, True, False]
    assert found["weekend"].to_list() == [False, False, True, False, False, False]
