"""Plainly written numbers make the same columns whether they come as floats or as decimals."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.plain_numbers import plain_decoder
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.transaction import Transaction

KEY = TokenKey(bytes(32))
NUMBERS = st.one_of(
    st.decimals(-999_999_999, 999_999_999, places=2).map(str),
    st.decimals(-9, 9, places=6).map(str),
    st.decimals(-99_999, 99_999, places=3).map(lambda number: f'"{number}"'),
    st.sampled_from(["1e3", "0.1234567", "12345678901.5", "null", '"5."', "-0", "0.125", "2.5e-3"]),
)


def receipt(number: int, amounts: list[str]) -> str:
    lines = ",".join(
        f'{{"line": {at}, "kind": "item", "sku": "7", "quantity": 1, "list_price": {amount}, '
        f'"extended": {amount}, "unit_cost": {amount},'
        f'"price_changes": [{{"type": "override", "amount": {amount}}}]}}'
        for at, amount in enumerate(amounts)
    )
    return (
        f'{{"source": "s", "store_id": "1", "transaction_id": "{number}", "type": "sale", '
        f'"currency": "EUR", "ended_at": "2026-03-02T10:00:00Z", "net": {amounts[0]}, '
        f'"lines": [{lines}], "tenders": [{{"type": "cash", "amount": {amounts[-1]}}}]}}'
    )


@settings(max_examples=40)
@given(st.lists(st.lists(NUMBERS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_columns_are_the_same_as_of_decimals(receipts: list[list[str]]) -> None:
    text = "\n".join(receipt(number, amounts) for number, amounts in enumerate(receipts))
    block = Block(text.encode(), "f")
    exact, quick = read(block, KEY), read(block, KEY, for_columns=True)
    assert [one.sentence for one in exact.rejects] == [one.sentence for one in quick.rejects]
    slow = ColumnMaker().batch(exact.transactions)[0]
    fast = ColumnMaker().batch(quick.transactions, quick.given)[0]
    for part in PARTS:
        assert getattr(fast, part).equals(getattr(slow, part)), part


def test_a_wrong_type_is_refused_in_the_same_words() -> None:
    line = receipt(1, ["1"]).replace('"quantity": 1', '"quantity": true').encode()
    exact, quick = (read(Block(line, "f"), KEY, for_columns=way).rejects for way in (False, True))
    assert exact[0].reason == quick[0].reason == "wrong_type"
    assert exact[0].sentence == quick[0].sentence


def test_the_twin_is_a_transaction_with_every_field() -> None:
    record = plain_decoder().decode(receipt(1, ["1.25", '"3.50"']).encode())
    assert isinstance(record, Transaction)
    assert set(record.__struct_fields__) == set(Transaction.__struct_fields__)
    assert (record.net, record.lines[1].extended) == (1.25, "3.50")
    again = msgspec.json.decode(msgspec.json.encode(record), type=Transaction)
    assert again == msgspec.json.decode(receipt(1, ["1.25", '"3.50"']).encode(), type=Transaction)
