"""Finding subjects and receipts from what a person types."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shrinkwatch.cases.find import ReceiptKey, receipt_key, receipt_tx_keys, subject
from shrinkwatch.cases.names import Names
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.records.alert import Alert, SchemeProbability, Subject, Versions, Window
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.records.trouble import Refused

NAMES = Names(b"a key")
NOW = datetime(2026, 3, 12, tzinfo=UTC)


def alert(id_: str, about: Subject) -> Alert:
    return Alert(
        alert_id=id_,
        opened_at=NOW,
        updated_at=NOW,
        subject=about,
        schemes=(SchemeProbability("post_void", 0.9),),
        probability=0.9,
        expected_loss=100,
        currency="GBP",
        window=Window(NOW, NOW),
        transactions=(),
        reasons=(),
        versions=Versions("", "", "", ""),
    )


FIRST, SECOND = Subject("operator", "104", "S07"), Subject("customer", "12346")
ALERTS = [alert("3f2a9c01", FIRST), alert("3f2b0000", SECOND), alert("77777777", FIRST)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("operator:S07/104", FIRST),
        ("customer:12346", SECOND),
        ("sku:22423", Subject("sku", "22423")),
        ("customer:A/B", Subject("customer", "A/B")),
        ("3f2a9c", FIRST),
        ("3F2A", FIRST),
        (NAMES.pseudonym("operator", "104", "S07"), FIRST),
        (NAMES.of("customer", "12346"), SECOND),
        (NAMES.of("customer", "12346").lower(), SECOND),
    ],
)
def test_a_subject_is_found_as_people_write_it(typed: str, meant: Subject) -> None:
    assert subject(typed, ALERTS, NAMES) == meant


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("operator:104", "operator:STORE/ID"),
        ("nobody", "operator:S07/104"),
        ("3f2", "nobody is known as 3f2"),
    ],
)
def test_a_subject_not_understood_is_explained(typed: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        subject(typed, ALERTS, NAMES)


def test_what_could_be_two_subjects_is_asked_again() -> None:
    both = [alert("3f2a9c01", FIRST), alert("3f2a9c02", SECOND)]
    with pytest.raises(Refused, match="could be 2 subjects"):
        subject("3f2a9c", both, NAMES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("536365", ReceiptKey(transaction_id="536365")),
        ("S07/A-1", ReceiptKey("S07", "A-1")),
        ("S07/3/2026-03-02/4213", ReceiptKey("S07", None, "3", date(2026, 3, 2), 4213)),
    ],
)
def test_a_receipt_is_found_as_people_write_it(typed: str, meant: ReceiptKey) -> None:
    assert receipt_key(typed) == meant


@pytest.mark.parametrize("typed", ["", "/", "a/b/c", "S07/3/yesterday/1", "S07/3/2026-03-02/x"])
def test_a_receipt_not_understood_is_explained(typed: str) -> None:
    with pytest.raises(Refused, match=r"STORE/"):
        receipt_key(typed)


class Day:
    """A journal of one day."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def days(self) -> list[date]:
        return [NOW.date()]

    def arrivals(self, day: date, columns: dict[str, Sequence[str]] | None = None) -> Batch:
        return self._batch


def test_receipts_of_the_same_number_in_two_stores_are_both_found() -> None:
    receipts = [
        Transaction(
            source="pos",
            store_id=store,
            type="sale",
            net=Decimal(1),
            currency="GBP",
            ended_at=NOW,
            transaction_id=number,
        )
        for store, number in (("S1", "7"), ("S2", "7"), ("S1", "8"))
    ]
    batch, _ = to_batch(receipts)
    keys = batch.transactions["tx_key"].to_list()
    journal = Day(batch)
    assert receipt_tx_keys(journal, receipt_key("7")) == keys[:2]  # type: ignore[arg-type]
    assert receipt_tx_keys(journal, receipt_key("S1/8")) == keys[2:]  # type: ignore[arg-type]
    assert receipt_tx_keys(journal, receipt_key("S9/7")) == []  # type: ignore[arg-type]
