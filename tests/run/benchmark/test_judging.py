"""An alert is right or wrong as the contract says, and a wrong one says why."""

from datetime import timedelta

import msgspec
import pytest

from shrinkwatch.run.benchmark.answers import Key, Lookalike
from shrinkwatch.run.benchmark.judging import ANOTHERS_THEFT, NOTHING_KNOWN, Judged, Raised, judge

from .one_store import MONDAY, answers, key, raised, theft


def judged(one: Raised, *lookalikes: Lookalike) -> Judged:
    """Judge an alert on a chain in which 7 voids receipts 1 (first day) and 2 (second day)."""
    stolen = (theft(1, "7"), theft(2, "7", day=1))
    return judge([one], answers(*stolen, lookalikes=lookalikes))[0]


def test_the_thief_with_one_stolen_receipt_among_others_is_right() -> None:
    one = judged(raised("7", [key(50), key(1), key(51)]))
    assert one.is_right
    assert [each.key for each in one.thefts] == [key(1)]


def test_the_thief_with_honest_receipts_is_wrong() -> None:
    one = judged(raised("7", [key(50), key(51)]))
    assert not one.is_right
    assert one.why == (NOTHING_KNOWN,)


def test_a_colleague_with_a_stolen_receipt_is_wrong_for_anothers_theft() -> None:
    assert judged(raised("8", [key(1), key(50)])).why == (ANOTHERS_THEFT,)


def test_the_same_number_in_another_store_is_somebody_else() -> None:
    elsewhere = msgspec.structs.replace(raised("7", [key(1)]), actor=("operator", "7", "S2"))
    assert not judged(elsewhere).is_right


@pytest.mark.parametrize(("days_later", "is_right"), [(0, True), (28, True), (29, False)])
def test_a_theft_is_news_for_28_days(days_later: int, is_right: bool) -> None:
    assert judged(raised("7", [key(1)], day=days_later)).is_right is is_right


def test_the_newest_theft_decides_whether_it_is_news() -> None:
    one = judged(raised("7", [key(1), key(2, 1)], day=29))
    assert [each.key for each in one.thefts] == [key(2, 1)]


def test_a_theft_after_the_alert_does_not_make_it_right() -> None:
    assert not judged(raised("7", [key(2, 1)], day=0)).is_right


def test_a_scheme_is_named_rightly_when_it_is_one_that_the_alert_shows() -> None:
    assert judged(raised("7", [key(1)], scheme="post_void")).is_named_rightly
    assert not judged(raised("7", [key(1)], scheme="ghost_refund")).is_named_rightly


def lookalike(
    kind: str, subject: tuple[str, str] | None = None, days: int = 1, *, keys: tuple[Key, ...] = ()
) -> Lookalike:
    return Lookalike(kind, "S1", subject, MONDAY, MONDAY + timedelta(days - 1), frozenset(keys))


STARTER = lookalike("new_starter", ("operator", "8"), days=14)
OUTAGE = lookalike("outage")
RECALL = lookalike("recall", ("sku", "4711"), keys=(key(60), key(61)))


@pytest.mark.parametrize(
    ("who", "keys", "why"),
    [
        ("8", [key(50, 1), key(51, 13)], ("new_starter",)),
        ("8", [key(50, 14), key(51, 15)], (NOTHING_KNOWN,)),
        ("9", [key(50), key(51, 3)], ("outage",)),
        ("9", [key(50), key(51, 3), key(52, 4)], (NOTHING_KNOWN,)),
        ("9", [key(60), key(70, 3)], ("outage", "recall")),
        ("9", [key(50, store="S2")], (NOTHING_KNOWN,)),
        ("8", [key(1), key(2, 1)], (ANOTHERS_THEFT, "new_starter", "outage")),
    ],
)
def test_a_wrong_alert_names_every_oddity_of_half_its_receipts(
    who: str, keys: list[Key], why: tuple[str, ...]
) -> None:
    assert judged(raised(who, keys), STARTER, OUTAGE, RECALL).why == why
