"""What a person reads, word for word."""

import polars as pl
import pytest

from shrinkwatch.records.alert import Related
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring import words

FOUND = {"hits": 7, "exposed": 31, "value": 7.0, "typical": 0.8, "tail": 0.00025, "expected": 0.8}


def fired(**columns: list[object]) -> pl.DataFrame:
    size = len(next(iter(columns.values())))
    blank = {
        name: [None] * size
        for name in ("role", "lane_type", "tenure_band", "card_token", "loyalty_id", "approver_id")
    }
    numbers = {"loss_minor": [100] * size, "rule": [0] * size, "excused": [0] * size}
    told = {"operator_id": ["1"] * size, "tx_key": list(range(size))}
    schema = dict.fromkeys(blank, pl.String)
    return pl.DataFrame({**blank, **numbers, **told, **columns}, schema_overrides=schema)


def test_a_reason_has_its_number_the_peers_and_how_unusual(overrides: Rule) -> None:
    said = words.reason(overrides, FOUND, fired(role=["cashier"] * 7), "USD")
    assert said.sentence == "7 of 31 receipts had an override; peers: 0.8 of 31."
    assert said.value == 7.0
    assert said.peers is not None
    assert said.peers.group == "others doing the same work (cashier)"
    assert said.peers.tail_probability == 0.00025


def test_money_is_told_in_the_currencys_unit(returns: Rule) -> None:
    found = FOUND | {"value": 90_000_000.0, "typical": 2500.0}
    said = words.reason(returns, found, fired(role=[None]), "USD")
    assert said.sentence == "900,000.00 USD taken back; usual: 25.00 USD, one in 4,000 is as large."
    assert (said.value, said.unit) == (900_000.0, "USD")


def test_what_excuses_is_counted(overrides: Rule) -> None:
    receipts = fired(excused=[1, 0, 1], tenure_band=["new"] * 3, lane_type=["service"] * 3)
    said = [one.sentence for one in words.exonerations([(0, overrides, FOUND)], receipts)]
    assert said[0] == "In 2 of 3 receipts: Somebody approved it."
    assert "new starters" in said[1]
    assert "service desk" in said[2]


def test_a_customer_is_no_employee_of_the_store_that_serves_them(returns: Rule) -> None:
    receipts = fired(role=["clerk"], tenure_band=["new"], lane_type=["service"])
    said = words.reason(returns, FOUND, receipts, "USD")
    assert said.peers is not None
    assert said.peers.group == "other customers at the same kind of till (service)"
    assert words.exonerations([(0, returns, FOUND)], receipts) == ()


def test_few_chances_are_said(overrides: Rule) -> None:
    few = words.exonerations([(0, overrides, FOUND | {"exposed": 4})], fired(role=[None]))
    assert few[-1].sentence.startswith("Rests on few chances: 4 receipts")


def test_what_was_not_looked_at_is_said(overrides: Rule) -> None:
    said = words.gaps([overrides], ["price_override"], {"overrides": "no overrides sent"}, Tables())
    assert said[0] == "Prices overridden: no overrides sent"
    assert said[1].startswith("tables not loaded: stores")
    assert said[-1] == "no video was looked at"


def test_who_else_took_part_is_named_when_frequent() -> None:
    receipts = fired(approver_id=["9", "9", None], card_token=["a", "b", "c"])
    assert words.related("operator", receipts) == (Related("approved by", "approver", "9"),)


@pytest.mark.parametrize(
    ("tail", "text"), [(0.5, "2"), (0.01, "100"), (1e-12, "more than a billion")]
)
def test_a_tail_is_told_as_one_in_so_many(tail: float, text: str) -> None:
    assert words.one_in(tail) == text
