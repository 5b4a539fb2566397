"""What a receipt could not be checked for, by what its feed leaves out."""

import pytest

from shrinkwatch.rules.book import load_rules
from shrinkwatch.rules.fields import fields
from shrinkwatch.rules.gaps import Kind, gaps, named

RULES = load_rules()
SHOWN = dict.fromkeys(fields(), True)


def lacking(*names: str) -> dict[str, bool]:
    return SHOWN | dict.fromkeys(names, False)


def fields_of(kind: Kind, *names: str) -> set[str]:
    return {name for gap in gaps(RULES, lacking(*names), kind) for name in gap.fields}


def test_a_feed_that_tells_everything_has_no_gaps() -> None:
    assert gaps(RULES, SHOWN, Kind("return", "completed")) == []


def test_a_return_is_missed_by_the_receipt_it_takes_back_and_a_sale_is_not() -> None:
    assert fields_of(Kind("return", "completed"), "original") == {"original"}
    assert fields_of(Kind("sale", "completed"), "original") == set()


@pytest.mark.parametrize(
    "name",
    ["price_changes.manual_discount", "tax_exempt_id", "training", "tenders.voided", "type.void"],
)
def test_what_a_feed_has_not_shown_yet_is_no_gap(name: str) -> None:
    for kind in (Kind("sale", "completed"), Kind("return", "completed")):
        assert fields_of(kind, name) == set()


def test_a_rule_about_another_kind_of_receipt_is_not_named() -> None:
    (gap,) = gaps(RULES, lacking("original.void"), Kind("void", "completed"))
    assert {rule.id for rule in gap.rules} == {"post_void_of_cash"}
    assert gap.sentence == (
        "Cash sales taken back after the customer left: the feed does not carry original.void "
        "(which receipt a post-void takes back)"
    )
    assert gaps(RULES, lacking("original.void"), Kind("no_sale", "completed")) == []


def test_any_of_several_fields_will_do() -> None:
    sale = Kind("sale", "completed")
    assert "store_credit_to_nobody" in {
        rule.id
        for gap in gaps(RULES, lacking("customer_id", "loyalty_id"), sale)
        for rule in gap.rules
        if gap.fields == ("customer_id", "loyalty_id")
    }
    assert fields_of(sale, "customer_id") == set()


def test_a_rule_that_lacks_what_the_receipt_need_not_have_stays_out() -> None:
    receipt = Kind("sale", "completed")
    assert "operator_id" in fields_of(receipt, "operator_id")
    found = gaps(RULES, lacking("operator_id", "tax_exempt_id"), receipt)
    named_rules = {rule.id for gap in found for rule in gap.rules}
    assert "tender_swap" in named_rules
    assert "tax_exempt_cash" not in named_rules


def test_the_field_that_most_rules_lack_comes_first_and_the_gravest_rule_of_it() -> None:
    found = gaps(RULES, lacking("original", "customer_id"), Kind("return", "completed"))
    assert [gap.fields for gap in found] == [("original",), ("customer_id",)]
    counts = [len(gap.rules) for gap in found]
    assert counts == sorted(counts, reverse=True)
    assert found[0].rules[0].severity == "high"
    assert found[0].rules[-1].severity == "medium"


def test_many_rules_are_named_by_the_first() -> None:
    first, second, third = RULES[:3]
    assert named((first,)) == first.title
    assert named((first, second, third)) == f"{first.title}, and 2 more"
