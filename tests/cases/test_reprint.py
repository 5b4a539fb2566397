"""A receipt that went through columns and back prints the same."""

from zoneinfo import ZoneInfo

from shrinkwatch.cases.names import Names
from shrinkwatch.cases.receipt import Desk, as_text, receipt
from shrinkwatch.cases.reprint import to_transactions
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.transaction import Original, Transaction

DESK = Desk(Names(b"a key"), ZoneInfo("Europe/London"))


def test_receipts_print_the_same_after_columns(
    sale_with_a_late_void: Transaction,
    post_void: Transaction,
    refund_without_receipt: Transaction,
) -> None:
    numbered = {"register_id": "3", "sequence": 9}
    refund = Transaction(
        **{**{n: getattr(refund_without_receipt, n) for n in Transaction.__struct_fields__}}
        | numbered
    )
    given = [sale_with_a_late_void, post_void, refund]
    batch, rejects = to_batch(given)
    assert rejects == []
    back = to_transactions(batch)
    printed = [as_text(receipt(each, DESK)) for each in back]
    expected = [as_text(receipt(each, DESK)) for each in given]
    assert printed[0] == expected[0]
    assert printed[2] == expected[2]
    assert back[1].original == Original(register_id="3", sequence=4210)


def test_amounts_keep_every_digit(sale_with_a_late_void: Transaction) -> None:
    (back,) = to_transactions(to_batch([sale_with_a_late_void])[0])
    assert back.net == sale_with_a_late_void.net
    assert [line.extended for line in back.lines] == [
        line.extended for line in sale_with_a_late_void.lines
    ]
    assert back.lines[2].price_changes == sale_with_a_late_void.lines[2].price_changes
    assert back.lines[1].void_at == sale_with_a_late_void.lines[1].void_at


def test_an_empty_batch_has_no_receipts() -> None:
    assert to_transactions(Batch.empty()) == []
