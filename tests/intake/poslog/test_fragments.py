import io

import pytest

from shrinkwatch.intake.poslog.fragments import LONGEST, fragments


def cut(text: str) -> list[tuple[str, bool]]:
    return [(f.text, f.wrong is None) for f in fragments(io.BytesIO(text.encode()))]


def test_transactions_are_cut_out_with_any_prefix() -> None:
    assert cut("<p:POSLog><p:Transaction a='>'>1</p:Transaction> <Transaction/></p:POSLog>") == [
        ("<p:Transaction a='>'>1</p:Transaction>", True),
        ("<Transaction/>", True),
    ]


def test_names_that_only_begin_alike_are_no_transactions() -> None:
    assert cut("<TransactionLink>1</TransactionLink>") == []


def test_declared_prefixes_travel_with_each_transaction() -> None:
    text = '<POSLog xmlns="a" xmlns:x="b"><Transaction/><Transaction/></POSLog>'
    found = list(fragments(io.BytesIO(text.encode())))
    assert [f.prefixes for f in found] == ['xmlns="a" xmlns:x="b"'] * 2


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_transaction_over_a_chunks_edge_is_whole(size: int) -> None:
    filler = "<!-- " + "x" * ((1 << 20) - 20 - size) + " -->"
    one = f"<Transaction>{'y' * 2000}</Transaction>"
    assert cut(filler + one + one) == [(one, True), (one, True)]


def test_what_does_not_end_is_told_apart() -> None:
    assert cut("<Transaction>1<Transaction>2</Transaction><Transaction>3") == [
        ("<Transaction>1", False),
        ("<Transaction>2</Transaction>", True),
        ("<Transaction>3", False),
    ]


def test_a_transaction_without_end_is_given_up_after_four_million_characters() -> None:
    found = list(fragments(io.BytesIO(b"<Transaction>" + b"x" * (2 * LONGEST))))
    assert found[0].wrong is not None
    assert max(len(f.text) for f in found) < 2 * LONGEST
