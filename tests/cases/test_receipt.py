"""Receipts, checked against what a till would print; sums were done by hand in conftest."""

from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.cases.marks import parts
from shrinkwatch.cases.names import Names
from shrinkwatch.cases.paper import WIDTH, columns
from shrinkwatch.cases.receipt import Desk, Row, as_text, receipt
from shrinkwatch.records.transaction import TENDER_TYPES, Line, Tender, Transaction

LONDON = Desk(Names(b"a key", show_ids=True), ZoneInfo("Europe/London"))


def suspected(*schemes: str) -> Desk:
    return msgspec.structs.replace(LONDON, marked=parts(schemes))


def marked(rows: tuple[Row, ...]) -> list[str]:
    return [row.text.split("  ")[0] for row in rows if row.marked]


def test_a_sale_reads_as_the_till_printed_it(sale_with_a_late_void: Transaction) -> None:
    assert as_text(receipt(sale_with_a_late_void, suspected("late_line_void"))) == (
        """\
                  Store S07
          Thu 12 Mar 2026  12:01:35
   Till 3                      operator 104
   No 4213                  loyalty card L9
   ----------------------------------------
   WHOLE MILK 2L                       2.40
     2 x 1.20
>x CARIBBEAN RUM 70CL VERY OLD RESER… 19.99
>    VOID 12:00:09
   牛乳 pan                           20.99
     price override, by 101           -5.00
   ----------------------------------------
   TOTAL GBP                          18.39
   cash                               20.00
   change                             -1.61
   ----------------------------------------
   (drawer open)                   12:01:35"""
    )


def test_times_are_those_of_the_store(post_void: Transaction) -> None:
    away = msgspec.structs.replace(LONDON, zone=ZoneInfo("America/New_York"))
    assert "08:00:00" in as_text(receipt(post_void, away))


def test_a_post_void_says_what_it_takes_back(post_void: Transaction) -> None:
    rows = receipt(post_void, suspected("post_void"))
    assert [row.text.strip() for row in rows if row.kind == "banner"] == [
        "*** POST-VOID ***",
        "of No 4210, till 3",
    ]
    assert [row.text.split()[0] for row in rows if row.marked] == ["***", "cash"]


def test_each_scheme_marks_its_own_part(
    sale_with_a_late_void: Transaction, refund_without_receipt: Transaction
) -> None:
    sale, refund = sale_with_a_late_void, refund_without_receipt
    assert marked(receipt(sale, suspected("price_override"))) == [""]
    assert marked(receipt(sale, suspected("post_void"))) == []
    assert marked(receipt(refund, suspected("refund_to_other_card"))) == ["credit card #ab12"]
    assert marked(receipt(refund, suspected("keyed_refund"))) == ["JEANS", ""]


def test_a_refund_without_receipt_says_so(refund_without_receipt: Transaction) -> None:
    text = as_text(receipt(refund_without_receipt, LONDON))
    assert "*** RETURN ***" in text
    assert "no receipt named" in text


def test_people_are_pseudonyms_unless_settings_allow_ids(
    sale_with_a_late_void: Transaction,
) -> None:
    hidden = msgspec.structs.replace(LONDON, names=Names(b"a key"))
    text = as_text(receipt(sale_with_a_late_void, hidden))
    assert "104" not in text
    assert "101" not in text
    assert "L9" not in text


def test_cancelled_suspended_and_training_receipts_say_so(post_void: Transaction) -> None:
    odd = msgspec.structs.replace(post_void, type="sale", status="cancelled", training=True)
    text = as_text(receipt(odd, LONDON))
    assert "*** CANCELLED ***" in text
    assert "*** TRAINING ***" in text


def test_a_no_sale_prints_no_total(post_void: Transaction) -> None:
    opened = msgspec.structs.replace(post_void, type="no_sale", net=post_void.net * 0, tenders=())
    rows = receipt(opened, LONDON)
    assert "NO SALE" in as_text(rows)
    assert [row for row in rows if row.kind == "total"] == []


def test_yen_have_no_decimals(post_void: Transaction) -> None:
    yen = msgspec.structs.replace(LONDON, decimals=0)
    assert as_text(receipt(post_void, yen)).endswith(" -31")


@given(
    name=st.text(max_size=80), kind=st.sampled_from(TENDER_TYPES), price=st.decimals(-9999, 9999)
)
def test_no_name_breaks_the_paper(name: str, kind: str, price: object) -> None:
    line = Line(1, "item", name, price, price, price, name, reason=name)  # type: ignore[arg-type]
    odd = Transaction(
        source="pos",
        store_id=name,
        operator_id=name,
        type="sale",
        net=price,  # type: ignore[arg-type]
        lines=(line,),
        tenders=(Tender(kind, price, gift_card_id=name),),  # type: ignore[arg-type]
    )
    for row in receipt(odd, LONDON):
        assert columns(row.text) <= WIDTH
        assert row.text.isprintable()
