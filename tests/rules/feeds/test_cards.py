from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from shrinkwatch.records.batch import PARTS
from shrinkwatch.rules.feeds.cards import Cards, breaks, find_card_faults

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOST = ("refund_to_other_card",)
Payment = tuple[int, int]  # day, card


def cards_of(rows: Iterable[dict[str, object]], into: Cards | None = None) -> Cards:
    listed = list(rows)
    usual = {"store_id": "S1", "ended_at": NOON, "card_last4": None, "card_bin": None}
    heads = pl.DataFrame(
        [{**usual, **row} for row in listed],
        schema={name: PARTS["transactions"][name] for name in ("store_id", "ended_at", "began_at")},
    )
    tenders = pl.DataFrame(
        [{"tx": tx, **usual, **row} for tx, row in enumerate(listed)],
        schema={
            name: PARTS["tenders"][name] for name in ("tx", "card_key", "card_last4", "card_bin")
        },
    )
    cards = Cards() if into is None else into
    cards.read(heads, tenders)
    return cards


def on_days(payments: Iterable[Payment]) -> Cards:
    return cards_of(
        {"card_key": card, "ended_at": NOON + timedelta(days=day)} for day, card in payments
    )


def said(cards: Cards) -> list[str]:
    return [found.says.removeprefix("pos: ") for found in find_card_faults("pos", cards, LOST)]


def test_a_token_with_two_endings_is_found_even_when_they_come_in_two_loads():
    cards = cards_of([{"card_key": 1, "card_last4": "1234"}, {"card_key": 2, "card_last4": "9"}])
    cards_of([{"card_key": 1, "card_last4": "0012"}, {"card_key": 2, "card_last4": "9"}], cards)
    assert said(cards) == ["1 of 2 card tokens stand with several last four digits"]


def test_a_token_of_two_issuers_is_found():
    rows = [{"card_key": 1, "card_bin": bin_} for bin_ in ("411111", None, "550000")]
    assert said(cards_of(rows)) == ["1 of 1 card tokens stand with several issuer numbers"]


def test_digits_that_are_not_told_or_masked_accuse_nobody():
    rows = [{"card_key": 1, "card_last4": ending} for ending in ("1234", None, "**34", "")]
    assert said(cards_of(rows)) == []


def test_a_card_in_two_stores_within_a_minute_is_found():
    rows = [
        {"card_key": card, "store_id": store, "ended_at": NOON + timedelta(seconds=second)}
        for card, store, second in [
            (1, "S1", 0), (1, "S2", 60),  # too fast
            (2, "S1", 0), (2, "S2", 61),  # two shops side by side
            (3, "S1", 0), (3, "S1", 5),  # twice at one store
        ]
    ]  # fmt: skip
    assert said(cards_of(rows)) == ["1 of 3 card tokens paid in two stores within a minute"]


def test_a_token_on_a_fiftieth_of_all_payments_is_a_filler():
    payments = [(day % 3, 1 + day // 2) for day in range(980)] + [(0, 1000)] * 20
    assert said(on_days(payments)) == [
        "one card token stands on more than 1% of 1,000 payments each, the busiest on 20: a "
        "filler, no card"
    ]
    assert said(on_days(payments[1:])) == []  # of 999 payments nothing is said


def test_a_regular_of_a_small_shop_is_no_filler():
    # 1,000 payments in 20 days, five of each day by the same card
    payments = [(place % 20, 1 + place) for place in range(900)]
    regular = [(day, 9_999) for day in range(20) for _ in range(5)]
    assert said(on_days(payments + regular)) == []
    assert len(said(on_days([*payments, *regular, (3, 9_999)]))) == 1


def test_tokens_that_change_every_day_are_found():
    # 100 cards a day, each twice on its day and never again, for 21 days
    changing = [(day, 1 + day * 100 + card % 100) for day in range(21) for card in range(200)]
    (sentence,) = said(on_days(changing))
    # days 7 to 13 have a week and 500 cards before them and after
    assert sentence == (
        "2,100 card tokens, and on none of 7 days that could tell did one come back from before: "
        "the token of a card does not stay the same"
    )
    (found,) = find_card_faults("pos", on_days(changing), LOST)
    assert (found.level, found.lost) == ("wrong", LOST)


def test_tokens_that_change_at_one_store_are_found_there():
    def rows(store: str, stable: bool):
        for day in range(21):
            for card in range(100):
                key = 1 + card + (0 if stable else 1000 + day * 100)
                at = NOON + timedelta(days=day, seconds=card)
                yield {"card_key": key, "store_id": store, "ended_at": at}

    (found,) = find_card_faults("pos", cards_of([*rows("S1", True), *rows("S7", False)]), LOST)
    assert found.stores == ("S7",)
    assert found.says.startswith("pos: 2,100 card tokens of S7, and on none of 7 days")


def test_a_new_token_key_is_found_with_its_day():
    # 100 regulars every day; from day 10 on all of them have other tokens
    regular = [
        (day, 1 + card + (1000 if day >= 10 else 0)) for day in range(21) for card in range(100)
    ]
    few = on_days(regular)
    assert breaks(few.all()) == ([], [])  # 100 cards tell nothing
    many = on_days([(day, card * 7 + turn) for day, card in regular for turn in range(7)])
    assert said(many) == ["no card token of before was seen again from these days on: 2026-03-12"]


def test_a_few_cards_that_come_back_show_that_tokens_are_stable():
    changing = [(day, 1 + day * 100 + card) for day in range(21) for card in range(100)]
    coming_back = [(day, 9_999) for day in range(21)]
    assert said(on_days(changing + coming_back)) == []


@pytest.mark.parametrize("rows", [[], [{"card_key": 0}]])
def test_where_no_card_is_named_nothing_is_said(rows):
    assert said(cards_of(rows)) == []


def test_first_and_last_days_are_those_of_all_loads():
    cards = cards_of([{"card_key": 1}])
    cards_of([{"card_key": 1, "ended_at": NOON - timedelta(days=3)}], cards)
    (row,) = cards.all().to_dicts()
    assert (row["first"], row["last"], row["payments"]) == (date(2026, 2, 27), date(2026, 3, 2), 2)
