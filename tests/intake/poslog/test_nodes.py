from decimal import Decimal

import pytest

from shrinkwatch.intake.poslog import nodes


def test_elements_and_attributes_are_found_by_their_local_names() -> None:
    root = nodes.parse('<x:a y:on="true"><x:b><c> 1 </c></x:b></x:a>', 'xmlns:x="u" xmlns:y="v"')
    assert nodes.text(root, "b", "c") == "1"
    assert nodes.text(root, "b", "d") is None
    assert nodes.is_set(root, "on")
    assert nodes.name(nodes.below(root, "c")) == "c"


@pytest.mark.parametrize(
    "text", ["<a>", "<a>&lol;</a>", "no element", "<a></b>", "<a\0/>", "<a/><!DOCTYPE x>"]
)
def test_what_is_no_element_says_so(text: str) -> None:
    with pytest.raises(nodes.NotXml):
        nodes.parse(text, "")


def test_amounts_are_exact_and_nothing_is_none() -> None:
    assert nodes.amount(" 6.50 ") == Decimal("6.50")
    assert nodes.amount(None) is None
    for bad in ("six", "NaN", "Infinity", ""):
        with pytest.raises(nodes.NotANumber):
            nodes.amount(bad)


def test_times_are_cut_to_microseconds() -> None:
    assert nodes.time("2016-08-22T15:21:49.4509505+01:00") == "2016-08-22T15:21:49.450950+01:00"
