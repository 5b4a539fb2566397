"""A label waits until it is known, and knows whom its receipt was about."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from shrinkwatch.features.joins import Joins
from shrinkwatch.features.labelled import Labels, answers_of, arrival_us
from shrinkwatch.records.batch import Batch, subject_key
from shrinkwatch.records.tables import Tables

from .tills import at, batch_of, key, tables_of, transaction


def label(number: str, minutes: float, outcome: str = "theft", **given: Any) -> dict[str, Any]:
    """Return a label of the receipt with this transaction id of store S1, said at that time."""
    row = {"source": "till", "transaction_store_id": "S1", "transaction_id": number}
    return {"row_id": f"{number} {minutes} {outcome}", "at": at(minutes), "outcome": outcome} | (
        row | given
    )


def labels_of(*rows: dict[str, Any]) -> pl.DataFrame:
    return tables_of(labels=list(rows))["labels"]


def receipt(number: str, **given: Any) -> dict[str, Any]:
    """Return a receipt under the key that the journal gives to its natural key."""
    row = transaction(transaction_id=number, arrived_at=at(0), **given)
    return row | {"tx_key": natural_key(number)}


def natural_key(number: str, source: str = "till") -> int:
    return subject_key("tx", source, "S1", "", number, "")


class Shelf:
    """A journal's receipts, and how often each was asked for."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.asked: list[int] = []

    def __call__(self, keys: Sequence[int]) -> Batch:
        self.asked += keys
        return batch_of(*(row for key in keys for row in self.rows if row["tx_key"] == key))


def hear(labels: Labels, table: pl.DataFrame, tables: Tables | None = None) -> None:
    nothing_learned = lambda answers: pl.repeat(True, answers.height, eager=True)  # noqa: E731
    labels.hear(table, ["till"], Joins(tables or Tables()), nothing_learned)


def minutes(due: pl.DataFrame) -> list[float]:
    zero = at(0).timestamp()
    return [us / 60e6 - zero / 60 for us in due["known_us"]]


def test_only_labels_that_answer_for_one_receipt_are_taken() -> None:
    table = labels_of(
        label("1", 1, "theft"),
        label("2", 2, "policy_breach"),
        label("3", 3, "error"),
        label("4", 4, "unknown"),
        {"row_id": "a", "at": at(5), "outcome": "theft", "alert_id": "A"},
        {"row_id": "b", "at": at(6), "outcome": "theft", "subject_type": "card", "subject_id": "C"},
    )
    found = answers_of(table, [])
    assert found["tx"].to_list() == [natural_key(number) for number in "123"]
    assert found["confirmed"].to_list() == [True, True, False]


@pytest.mark.parametrize(("feeds", "known"), [([], 0), (["till"], 1), (["till", "web"], 0)])
def test_a_label_without_a_feed_means_the_only_feed(feeds: list[str], known: int) -> None:
    assert answers_of(labels_of(label("1", 1, source=None)), feeds).height == known


def test_a_label_is_due_when_it_was_said_and_only_once() -> None:
    labels = Labels(Shelf(receipt("1"), receipt("2")))
    hear(labels, labels_of(label("2", 9), label("1", 5)))
    assert minutes(labels.due(int(at(4).timestamp() * 1e6))) == []
    assert minutes(labels.due(int(at(5).timestamp() * 1e6))) == [5]
    assert minutes(labels.due(int(at(99).timestamp() * 1e6))) == [9]
    assert labels.due(int(at(99).timestamp() * 1e6)).height == 0


def test_a_label_is_not_known_before_its_receipt() -> None:
    shelf = Shelf(receipt("1") | {"arrived_at": at(30)})
    labels = Labels(shelf)
    hear(labels, labels_of(label("1", 5)))
    assert minutes(labels.due(int(at(99).timestamp() * 1e6))) == [30]


def test_a_receipt_that_is_missing_is_looked_up_again_with_the_next_table() -> None:
    shelf = Shelf()
    labels = Labels(shelf)
    hear(labels, labels_of(label("1", 5)))
    assert labels.due(int(at(99).timestamp() * 1e6)).height == 0
    shelf.rows.append(receipt("1"))
    hear(labels, labels_of(label("1", 5)))
    assert minutes(labels.due(int(at(99).timestamp() * 1e6))) == [5]


def test_what_a_table_showed_before_is_not_looked_up_again() -> None:
    shelf = Shelf(receipt("1"), receipt("2"))
    labels = Labels(shelf)
    hear(labels, labels_of(label("1", 5)))
    hear(labels, labels_of(label("1", 5), label("2", 6)))
    assert shelf.asked == [natural_key("1"), natural_key("2")]


def test_whom_the_receipt_was_about_is_told_and_people_are_one_over_their_ids() -> None:
    tables = tables_of(
        operators=[
            {"store_id": "S1", "operator_id": "7", "employee_id": "E"},
            {"store_id": "S1", "operator_id": "90", "virtual": True},
        ]
    )
    mine = receipt("1", operator_id="7", card="C", customer_id="K")
    labels = Labels(Shelf(mine, receipt("2", operator_id="90")))
    hear(labels, labels_of(label("1", 5), label("2", 6)), tables)
    told = labels.due(int(at(99).timestamp() * 1e6))
    assert told["operator"].to_list() == [subject_key("employee", "E"), 0]
    assert told["card"].to_list() == [key("card", "C"), 0]
    assert told["customer"].to_list() == [key("customer", "K"), 0]
    assert told["register"].to_list() == [key("register", "S1", "1")] * 2


def test_arrivals_never_run_back_and_without_one_the_end_counts() -> None:
    rows = [
        transaction(transaction_id="1", arrived_at=at(5), ended_at=at(1)),
        transaction(transaction_id="2", ended_at=at(3)),
        transaction(transaction_id="3", ended_at=None),
        transaction(transaction_id="4", ended_at=at(8)),
    ]
    came = arrival_us(batch_of(*rows).transactions)
    assert (came / 60e6 - at(0).timestamp() / 60).tolist() == [5, 5, 5, 8]
