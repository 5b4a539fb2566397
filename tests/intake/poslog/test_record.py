"""The document below was written for this test, after the v2.2 dialect that tills write."""

import io
from decimal import Decimal

from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.formats.poslog import blocks
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.transaction import Transaction

KEY = TokenKey(bytes(32))
HEAD = """
  <RetailStoreID>0042</RetailStoreID><WorkstationID>3</WorkstationID><TillID>77</TillID>
  <SequenceNumber>{sequence}</SequenceNumber><BusinessDayDate>2026-03-02</BusinessDayDate>
  <BeginDateTime>2026-03-02T10:00:00</BeginDateTime>
  <EndDateTime>2026-03-02T10:03:00</EndDateTime>
  <OperatorID>17</OperatorID><CurrencyCode>EUR</CurrencyCode>"""


def sale(item: str, price: str, number: int, more: str = "", extended: str | None = None) -> str:
    return f"""<LineItem><SequenceNumber>{number}</SequenceNumber>
      <Sale><ItemID>{item}</ItemID><RegularSalesUnitPrice>{price}</RegularSalesUnitPrice>
      <ExtendedAmount>{extended or price}</ExtendedAmount><Quantity>1</Quantity>{more}</Sale>
      <BeginDateTime>2026-03-02T10:00:{number:02d}</BeginDateTime></LineItem>"""


def tender(kind: str, amount: str, inside: str = "") -> str:
    return (
        f'<LineItem><Tender TenderType="{kind}" TypeCode="Sale"><Amount>{amount}</Amount>'
        f"{inside}</Tender></LineItem>"
    )


def document(*bodies: str, attributes: str = "") -> bytes:
    records = "".join(
        f"<Transaction{attributes}>{HEAD.format(sequence=number)}{body}</Transaction>"
        for number, body in enumerate(bodies, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><POSLog '
        'xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:wn="urn:till">'
        f"{records}</POSLog>"
    ).encode()


def read_all(raw: bytes) -> tuple[list[Transaction], list[Rejected]]:
    transactions: list[Transaction] = []
    rejects: list[Rejected] = []
    for block in blocks(io.BytesIO(raw), "till.xml"):
        found = read(block, KEY)
        transactions += found.transactions
        rejects += found.rejects
    return transactions, rejects


def only(raw: bytes) -> Transaction:
    transactions, rejects = read_all(raw)
    assert rejects == []
    assert len(transactions) == 1
    return transactions[0]


def retail(*parts: str, attributes: str = "") -> str:
    return f'<RetailTransaction Version="2.2"{attributes}>{"".join(parts)}</RetailTransaction>'


def test_a_cash_sale_keeps_its_key_lines_and_change() -> None:
    change = "<TenderChange><Amount>2.50</Amount></TenderChange>"
    found = only(document(retail(sale("A", "7.50", 1), tender("Cash", "10.00", change))))
    assert (found.store_id, found.register_id, found.sequence) == ("0042", "3", 1)
    assert (found.type, found.net, found.currency) == ("sale", Decimal("7.50"), "EUR")
    assert [(t.amount, t.change) for t in found.tenders] == [
        (Decimal("10.00"), False),
        (Decimal("-2.50"), True),
    ]
    assert found.ended_at is not None
    assert found.ended_at.tzinfo is None


def test_a_line_taken_back_is_voided_by_the_second_line_that_names_it() -> None:
    back = """<LineItem VoidFlag="true"><SequenceNumber>3</SequenceNumber>
      <Sale><ItemID>B</ItemID><ExtendedAmount>-5.00</ExtendedAmount><Quantity>-1</Quantity>
      <ItemLink><SequenceNumber>2</SequenceNumber></ItemLink></Sale>
      <wn:OperatorBypassApproval><ApproverID>9</ApproverID></wn:OperatorBypassApproval>
      <EndDateTime>2026-03-02T10:01:30</EndDateTime></LineItem>"""
    found = only(document(retail(sale("A", "7.50", 1), sale("B", "5.00", 2), back)))
    assert [(line.sku, line.voided) for line in found.lines] == [("A", False), ("B", True)]
    assert str(found.lines[1].void_at) == "2026-03-02 10:01:30"
    assert found.net == Decimal("7.50")
    assert found.approver_id == "9"


def test_a_replaced_price_is_an_override_of_the_difference() -> None:
    modifier = """<RetailPriceModifier><Amount Action="Replace">6.00</Amount>
      <PreviousPrice>10.00</PreviousPrice><ReasonCode>damaged</ReasonCode></RetailPriceModifier>"""
    (line,) = only(document(retail(sale("A", "10.00", 1, modifier, "6.00")))).lines
    assert line.price_changes[0].type == "override"
    assert line.price_changes[0].amount == Decimal("-4.00")
    assert line.price_changes[0].reason == "damaged"
    assert line.extended == line.quantity * line.list_price + line.price_changes[0].amount


def test_a_discount_line_changes_the_line_that_it_names() -> None:
    discount = """<LineItem><SequenceNumber>2</SequenceNumber><Discount>
      <Amount>1.00</Amount><ItemLink>1</ItemLink></Discount></LineItem>"""
    found = only(document(retail(sale("A", "10.00", 1), discount)))
    (line,) = found.lines
    assert (line.extended, found.net) == (Decimal("9.00"), Decimal("9.00"))
    assert line.price_changes[0].type == "manual_discount"


def test_a_return_is_negative_and_names_its_original() -> None:
    body = retail(
        """<LineItem><Return><ItemID>A</ItemID><RegularSalesUnitPrice>24.99</RegularSalesUnitPrice>
        <ExtendedAmount>24.99</ExtendedAmount><Quantity>1</Quantity><TransactionLink>
        <RetailStoreID>0042</RetailStoreID><WorkstationID>1</WorkstationID>
        <SequenceNumber>812</SequenceNumber><BusinessDayDate>2026-02-27</BusinessDayDate>
        </TransactionLink></Return></LineItem>""",
        tender("Cash", "24.99"),
        '<Total TotalType="TransactionNetAmount">24.99</Total>',
    )
    found = only(document(body))
    assert (found.type, found.net) == ("return", Decimal("-24.99"))
    assert (found.lines[0].quantity, found.lines[0].extended) == (-1, Decimal("-24.99"))
    assert found.tenders[0].amount == Decimal("-24.99")
    assert found.original is not None
    assert found.original.sequence == 812


def test_a_post_void_takes_back_what_it_names() -> None:
    link = '<TransactionLink ReasonCode="PostVoid"><SequenceNumber>1</SequenceNumber>'
    body = retail(link + "</TransactionLink>", sale("A", "7.50", 1), tender("Cash", "7.50"))
    found = only(document(body))
    assert (found.type, found.net) == ("void", Decimal("-7.50"))
    assert found.tenders[0].amount == Decimal("-7.50")
    assert found.original is not None
    assert found.original.sequence == 1


def test_what_a_till_does_beside_selling_keeps_its_type() -> None:
    transactions, rejects = read_all(
        document(
            "<ControlTransaction><NoSale/></ControlTransaction>",
            "<ControlTransaction><SignOn/></ControlTransaction>",
            "<TenderControlTransaction><PaidOut><Amount>20.00</Amount></PaidOut>"
            "</TenderControlTransaction>",
            "<InventoryControlTransaction/>",
        )
    )
    assert rejects == []
    assert [t.type for t in transactions] == ["no_sale", "sign_on", "paid_out", "other"]
    assert transactions[0].events[0].type == "drawer_open"
    assert transactions[2].net == Decimal("-20.00")


def test_cancelled_training_and_suspended_receipts_say_so() -> None:
    body = retail(sale("A", "7.50", 1))
    cancelled = only(document(body, attributes=' CancelFlag="true" TrainingModeFlag="true"'))
    assert (cancelled.status, cancelled.training) == ("cancelled", True)
    suspended = only(document(retail(attributes=' TransactionStatus="Suspended"')))
    assert suspended.status == "suspended"


def test_a_masked_card_keeps_bin_and_last_digits_and_a_full_one_becomes_a_token() -> None:
    masked = (
        "<CreditDebit><PrimaryAccountNumber>411111XXXXXX1234</PrimaryAccountNumber></CreditDebit>"
    )
    full = (
        "<CreditDebit><PrimaryAccountNumber>4111111111111111</PrimaryAccountNumber></CreditDebit>"
    )
    first, second = read_all(
        document(
            retail(sale("A", "7.50", 1), tender("CreditDebit", "7.50", masked)),
            retail(sale("A", "7.50", 1), tender("CreditDebit", "7.50", full)),
        )
    )[0]
    assert (first.tenders[0].card_bin, first.tenders[0].card_last4) == ("411111", "1234")
    assert first.tenders[0].card_token is None
    assert second.tenders[0].card_token == KEY.token("4111111111111111")


def test_tax_that_is_not_included_is_due_beside_net() -> None:
    found = only(
        document(
            retail(
                sale("A", "10.00", 1),
                tender("Cash", "10.80"),
                '<Total TotalType="TransactionNetAmount">10.00</Total>',
                '<Total TotalType="TransactionTaxAmount">0.80</Total>',
                '<Total TotalType="TransactionGrandAmount">10.80</Total>',
            )
        )
    )
    assert (found.net, found.tax, found.tax_included) == (Decimal("10.00"), Decimal("0.80"), False)


def test_an_amount_that_is_none_rejects_its_transaction_alone() -> None:
    transactions, rejects = read_all(
        document(retail(sale("A", "NaN", 1)), retail(sale("A", "1.00", 1)))
    )
    assert [t.sequence for t in transactions] == [2]
    assert rejects[0].reason == "impossible_value"
    assert b"NaN" in rejects[0].raw
