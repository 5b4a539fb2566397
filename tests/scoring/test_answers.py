"""Which answers count, how heavy they are, and what an alert comes to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.journal.table_loads import whole_rows
from shrinkwatch.records.alert import Alert, SchemeProbability, Subject, Window
from shrinkwatch.records.tables import empty_table
from shrinkwatch.scoring.answers import Answers, answers, latest, outcomes

START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(400)


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return labels, an hour apart, on alert "a" by kim unless a row says otherwise."""
    made = [
        {"row_id": f"r{n}", "at": START + timedelta(hours=n), "by": "kim"}
        | ({} if "subject_id" in row or "transaction_id" in row else {"alert_id": "a"})
        | row
        for n, row in enumerate(rows)
    ]
    return whole_rows("labels", pl.DataFrame(made, infer_schema_length=None))


def alert(id_: str, probability: float = 0.7) -> Alert:
    scheme = (SchemeProbability("post_void", probability),)
    return replace(ALERT, alert_id=id_, probability=probability, schemes=scheme)


def came_to(found: Answers, one: Alert) -> tuple[str | None, bool | None]:
    rows = outcomes(found.given, [one]).select("outcome", "positive").rows()
    return rows[0] if rows else (None, None)


def word(labels: pl.DataFrame, **options: Any) -> tuple[str | None, bool | None]:
    found = answers(labels, [alert("a")], options.get("barred", ()), (), LATER)
    return came_to(found, alert("a"))


def test_the_latest_answer_of_a_person_counts() -> None:
    labels = table({"outcome": "theft"}, {"outcome": "legitimate", "by": " KIM"})
    assert word(labels) == ("legitimate", False)
    assert latest(labels).height == 1


def test_unknown_is_no_answer_and_takes_back_an_earlier_one() -> None:
    assert word(table({"outcome": "unknown"})) == (None, None)
    assert word(table({"outcome": "theft"}, {"outcome": "unknown"})) == (None, None)
    assert word(table({"outcome": "theft"}, {"outcome": "unknown", "by": "lee"})) == ("theft", True)
    assert word(empty_table("labels")) == (None, None)


@pytest.mark.parametrize(
    ("said", "positive"),
    [
        ("theft", True),
        ("policy_breach", True),
        ("error", False),
        ("training_need", False),
        ("legitimate", False),
    ],
)
def test_every_outcome_is_for_or_against(said: str, positive: bool) -> None:
    assert word(table({"outcome": said})) == (said, positive)


def test_a_barred_answer_does_not_count() -> None:
    labels = table({"outcome": "theft", "by": "lee"}, {"outcome": "legitimate"})
    assert word(labels, barred={"r1"}) == ("theft", True)


def test_equal_answers_of_two_people_leave_it_open() -> None:
    labels = table({"outcome": "theft"}, {"outcome": "error", "by": "lee"})
    assert word(labels) == ("disagreed", None)
    assert answers(labels, [], (), (), LATER).settled["positive"].to_list() == [None]
    three = table(
        {"outcome": "theft"}, {"outcome": "error", "by": "lee"}, {"outcome": "theft", "by": "pat"}
    )
    assert word(three) == ("theft", True)


def test_a_trusted_person_settles_it() -> None:
    labels = table(
        {"outcome": "theft"},
        {"outcome": "legitimate", "by": "Ann"},
    )
    found = answers(labels, [alert("a")], (), ["ann"], LATER)
    assert found.settled["positive"].to_list() == [False]
    assert came_to(found, alert("a")) == ("legitimate", False)
    assert found.settled["probability"].to_list() == [0.0]


def test_an_answer_on_the_subject_in_its_time_is_one_on_the_alert() -> None:
    about = {"subject_type": "operator", "subject_id": "104", "store_id": "S1", "outcome": "error"}
    mine = replace(alert("a"), window=Window(START, START + timedelta(9)))
    for first, last, counts in ((-9, 1, True), (-9, -1, False), (8, 30, True), (10, 30, False)):
        labels = table({**about, "from": START + timedelta(first), "to": START + timedelta(last)})
        found = answers(labels, [mine], (), (), LATER)
        assert (came_to(found, mine)[0] == "error") is counts
    other = replace(mine, subject=Subject("operator", "104", "S2"))
    assert came_to(answers(table(about), [other], (), (), LATER), other) == (None, None)


def test_an_answer_on_one_receipt_settles_no_lead() -> None:
    receipt = {"transaction_id": "7", "source": "pos", "transaction_store_id": "S1"}
    found = answers(table({**receipt, "outcome": "theft"}), [alert("a")], (), (), LATER)
    assert found.given["kind"].to_list() == ["transaction"]
    assert came_to(found, alert("a")) == (None, None)


def test_what_is_said_later_is_not_known_yet() -> None:
    labels = table({"outcome": "theft"}, {"outcome": "legitimate"})
    found = answers(labels, [alert("a")], (), (), START + timedelta(minutes=30))
    assert found.given["outcome"].to_list() == ["theft"]


def test_who_clears_his_ring_is_flagged_and_weighs_less() -> None:
    dice = np.random.default_rng(2)
    alerts, rows = [], []
    for number in range(560):
        by = ("ann", "ben", "cy", "dora")[number % 4]
        guilty = dice.random() < 0.85
        ring = by == "dora" and dice.random() < 0.4
        said = guilty and not ring
        alerts.append(alert(f"{number}", 0.7))
        told = "theft" if said else "legitimate"
        at = START + timedelta(days=14 * number / 560)
        rows.append({"alert_id": f"{number}", "by": by, "outcome": told, "at": at})
    found = answers(table(*rows), alerts, (), (), START + timedelta(14))
    assert [one.name for one in found.authors if one.flagged] == ["dora"]
    dora = found.authors[-1]
    assert "less often than the others" in (dora.flagged or "")
    # his answers keep a tenth of their weight: 0.06 against 0.6
    assert dora.weight < 0.15 * found.authors[0].weight
    assert max(one.share for one in found.authors) <= 1 / 3 + 1e-6
    trusted = answers(table(*rows), alerts, (), ["dora"], START + timedelta(14))
    assert trusted.authors[-1].flagged is None


def test_who_fails_check_alerts_is_flagged() -> None:
    rows = []
    for number in range(40):
        rows.append({"alert_id": f"{number}", "by": "ann", "outcome": "theft"})
        lies = number % 2
        rows.append(
            {"alert_id": f"{number}", "by": "ben", "outcome": "legitimate" if lies else "theft"}
        )
        if number < 20:
            rows.append({"alert_id": f"{number}", "by": "cy", "outcome": "theft"})
    found = {one.name: one for one in answers(table(*rows), [], (), ["ann"], LATER).authors}
    assert (found["ben"].checked, found["ben"].right) == (40, 20)
    assert found["ben"].flagged == "is right on check alerts less often than the others"
    assert found["cy"].flagged is None
    # by hand: (8 + 20) / (10 + 40)
    assert found["ben"].hit == pytest.approx(0.56)
