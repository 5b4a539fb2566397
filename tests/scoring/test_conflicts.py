"""Nobody clears himself, his till or, where settings say so, his store."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from msgspec.structs import replace

from shrinkwatch.journal.table_loads import whole_rows
from shrinkwatch.records.alert import Alert, NaturalKey, Related, Subject, Versions, Window
from shrinkwatch.records.labeller import Labeller
from shrinkwatch.records.tables import empty_table
from shrinkwatch.scoring.conflicts import Barred, barred, people

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECEIPT = NaturalKey("pos", "S1", register_id="3", business_date=date(2026, 3, 2), sequence=7)
ALERT = Alert(
    alert_id="a1b2c3d4",
    opened_at=NOON,
    updated_at=NOON,
    subject=Subject("operator", "104", "S1"),
    schemes=(),
    probability=0.9,
    expected_loss=100.0,
    currency="EUR",
    window=Window(NOON, NOON),
    transactions=(RECEIPT,),
    reasons=(),
    versions=Versions("", "", "", ""),
)
OPERATORS = whole_rows(
    "operators",
    pl.DataFrame(
        {
            "store_id": ["S1", "S2", "S2"],
            "operator_id": ["104", "9", "10"],
            "employee_id": ["E1", "E1", "E2"],
        }
    ),
)


def label(by: str | None = "Kim ", **cells: object) -> pl.DataFrame:
    told = {"row_id": "r", "at": NOON, "by": by, "outcome": "legitimate", **cells}
    return whole_rows("labels", pl.DataFrame([told]))


def why(
    who: Labeller,
    alert: Alert = ALERT,
    hands: dict[NaturalKey, str] | None = None,
    *,
    own_store: bool = True,
    **cells: object,
) -> str | None:
    labels = label(**(cells or {"alert_id": alert.alert_id}))
    known = people([who], OPERATORS)
    found = barred(labels, [alert], known, hands or {}, own_store=own_store)
    return found[0].why if found else None


@pytest.mark.parametrize(
    "who",
    [
        Labeller("kim", store_id="S1", operator_id="104"),
        Labeller("kim", employee_id="E1"),
        Labeller("KIM", store_id="S2", operator_id="9"),  # the same employee elsewhere
    ],
)
def test_nobody_answers_an_alert_on_himself(who: Labeller) -> None:
    assert why(who) == "it is about this person"


def test_the_same_number_in_another_store_is_somebody_else() -> None:
    assert why(Labeller("kim", store_id="S3", operator_id="104")) is None
    assert why(Labeller("kim", employee_id="E2")) is None


def test_who_took_part_or_rang_up_the_receipts_does_not_answer() -> None:
    card = replace(ALERT, subject=Subject("card", "tok"))
    kim = Labeller("kim", store_id="S1", operator_id="55")
    assert why(kim, card) is None
    took_part = replace(card, related=(Related("approved by", "approver", "55"),))
    assert why(kim, took_part) == "it is about this person"
    assert why(kim, card, {RECEIPT: "55"}) == "this person rang up some of the receipts"
    assert why(kim, card, {RECEIPT: "56"}) is None


def test_nobody_answers_an_alert_on_his_own_till() -> None:
    kim = Labeller("kim", store_id="S1", register_id="3")
    assert why(kim) == "it is about this person's till"
    assert why(Labeller("kim", store_id="S2", register_id="3")) is None
    till = replace(ALERT, subject=Subject("register", "3", "S1"), transactions=())
    assert why(kim, till) == "it is about this person's till"


def test_the_own_store_is_barred_only_where_settings_say_so() -> None:
    manager = Labeller("kim", store_id="S1")
    assert why(manager) is None
    assert why(manager, own_store=False) == "it is about this person's own store"
    assert why(Labeller("kim", store_id="S2"), own_store=False) is None


def test_labels_on_subjects_and_receipts_are_held_to_the_same() -> None:
    kim = Labeller("kim", store_id="S1", operator_id="104")
    about = {"subject_type": "operator", "subject_id": "104", "store_id": "S1"}
    assert why(kim, **about) == "it is about this person"
    assert why(kim, **{**about, "subject_id": "105"}) is None
    receipt = {
        "source": "pos",
        "transaction_store_id": "S1",
        "register_id": "3",
        "business_date": date(2026, 3, 2),
        "sequence": 7,
    }
    assert why(kim, hands={RECEIPT: "104"}, **receipt) == "this person rang up some of the receipts"
    assert why(kim, **receipt) is None
    till = Labeller("kim", store_id="S1", register_id="3")
    assert why(till, **receipt) == "it is about this person's till"


def test_who_is_not_named_in_the_settings_cannot_be_checked_and_counts() -> None:
    kim = people([Labeller("kim", store_id="S1", operator_id="104")], OPERATORS)
    for by in (None, "lee"):
        assert barred(label(by, alert_id="a1b2c3d4"), [ALERT], kim, {}, own_store=True) == []
    assert barred(empty_table("labels"), [ALERT], kim, {}, own_store=True) == []


def test_what_is_barred_is_named_without_anybodys_id() -> None:
    kim = people([Labeller("kim", store_id="S1", operator_id="104")], OPERATORS)
    found = barred(label(alert_id="a1b2c3d4"), [ALERT], kim, {}, own_store=True)
    assert found == [Barred("r", "Kim ", "alert a1b2c3", "it is about this person", "a1b2c3d4")]
