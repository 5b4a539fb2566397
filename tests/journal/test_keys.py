"""Keys are the written recipes, computed once."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.keys import Keys, original_key, tx_key, tx_keys
from shrinkwatch.records.batch import subject_key
from shrinkwatch.records.transaction import Original

DAY = date(2026, 3, 2)


def texts(values):
    return pl.Series(values, dtype=pl.String)


def test_a_key_is_the_records_key_of_its_parts():
    keys = Keys("operator")
    found = keys.of(*map(texts, (["till", "till"], ["7", "7"], ["101", None]))).tolist()
    assert found == [subject_key("operator", "till", "7", "101"), 0]
    assert Keys("sku").of(texts(["tea", "tea"])).tolist() == [subject_key("sku", "tea")] * 2


@pytest.mark.parametrize("nobody", [None, ""])
def test_an_identity_that_says_nothing_is_nobody(nobody):
    assert Keys("card").of(texts([nobody, "tok"])).tolist() == [0, subject_key("card", "tok")]


def test_keys_of_parts_are_the_records_keys_however_often_they_are_asked():
    keys = Keys("register")
    stores, tills = [str(n % 30) for n in range(3000)], [str(n % 7) for n in range(3000)]
    expected = [subject_key("register", *pair) for pair in zip(stores, tills, strict=True)]
    for _ in range(2):
        assert keys.of(texts(stores), texts(tills)).tolist() == expected
    assert len(keys) == 30 * 7


def test_a_receipts_key_is_the_records_key_of_its_parts():
    own = tx_key("till", "7", "T1", "3", DAY, 17)
    assert own == subject_key("tx", "till", "7", "", "T1", "")
    numbered = tx_key("till", "7", None, "3", DAY, 17)
    assert numbered == subject_key("tx", "till", "7", "3", DAY, 17)
    assert tx_key("till", "7", None, "3", DAY, None) == 0


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
OWN = st.tuples(TEXT, TEXT, st.one_of(st.none(), TEXT), TEXT, st.dates(), st.integers(0, 2**53))


@given(st.lists(OWN, min_size=1, max_size=8))
def test_the_keys_of_a_column_are_those_of_its_rows(rows):
    names = ("source", "store_id", "transaction_id", "register_id", "business_date", "sequence")
    text = dict.fromkeys(names[:4], pl.String)
    schema = text | {"business_date": pl.Date, "sequence": pl.Int64}
    found = tx_keys(pl.DataFrame(rows, schema=schema, orient="row"))
    assert found.tolist() == [tx_key(*row) for row in rows]


def test_an_original_of_another_store_is_found_there():
    original = Original(store_id="8", register_id="1", business_date=date(2026, 3, 1), sequence=5)
    expected = tx_key("till", "8", None, "1", date(2026, 3, 1), 5)
    assert original_key(original, "till", "7", "3", DAY) == expected


@given(st.lists(st.tuples(st.text(max_size=3), st.none() | st.text(max_size=3)), min_size=1))
def test_few_rows_and_many_have_the_same_keys(rows):
    many = rows * (1 + 300 // len(rows))
    columns = [pl.Series(values, dtype=pl.String) for values in zip(*many, strict=True)]
    few = [column[: len(rows)] for column in columns]
    assert Keys("operator").of(*few).tolist() == Keys("operator").of(*columns)[: len(rows)].tolist()


def test_few_transactions_and_many_have_the_same_keys():
    own = pl.DataFrame(
        {
            "source": ["pos", "é"],
            "store_id": ["S1", ""],
            "transaction_id": [None, "T-1"],
            "register_id": ["3", None],
            "business_date": [date(2026, 3, 2), date(1970, 1, 1)],
            "sequence": [17, None],
        }
    )
    many = pl.concat([own] * 200)
    assert tx_keys(own).tolist() == tx_keys(many)[:2].tolist()
