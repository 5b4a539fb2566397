"""Counts by hand: three thieves, one of two schemes, in one store and two weeks."""

import msgspec
import pytest

from shrinkwatch.run.benchmark.figures import Figures, Found, attainable, figures

from .one_store import answers, key, raised, theft

THEFTS = (
    theft(1, "7"),
    theft(2, "7", "ghost_refund", day=1),
    theft(3, "8", "ghost_refund", day=1, variant="evasive"),
    theft(4, "9", day=8),
)


@pytest.fixture
def counted() -> Figures:
    """7 is found by one of his two schemes, 8 not, 9 accused for an honest receipt, X twice."""
    alerts = [
        raised("7", [key(1)], scheme="post_void"),
        raised("7", [key(1), key(50, 8)], day=9, scheme="ghost_refund"),
        raised("9", [key(51, 8)], day=9),
        raised("X", [key(52)]),
        raised("X", [key(53, 8)], day=9),
        raised("Y", [key(3, 1)]),
    ]
    return figures(alerts, answers(*THEFTS))


def test_alerts_are_counted_and_weighed_per_store_and_week(counted: Figures) -> None:
    assert (counted.alerts, counted.right) == (6, 2)
    assert counted.precision == pytest.approx(2 / 6)
    assert counted.per_store_week == 6 / (1 * 2)


def test_found_is_who_has_a_right_alert_with_all_that_he_took(counted: Figures) -> None:
    assert counted.staff == counted.everyone == Found(3, 1, 4000, 2000)
    assert counted.staff.share == pytest.approx(1 / 3)
    assert counted.staff.loss_share == 0.5


def test_a_scheme_is_found_by_a_receipt_of_that_scheme(counted: Figures) -> None:
    by_scheme = {(one.scheme, one.variant): one.found for one in counted.schemes}
    assert by_scheme == {
        ("ghost_refund", "evasive"): Found(1, 0, 1000, 0),
        ("ghost_refund", "plain"): Found(1, 0, 1000, 0),
        ("post_void", "plain"): Found(2, 1, 2000, 1000),
    }


def test_wrong_alerts_tell_thieves_from_innocents(counted: Figures) -> None:
    assert counted.wrong_on_thieves == 1
    assert (counted.innocents, counted.innocents_repeatedly) == (2, 1)
    assert counted.wrong == {"anothers_theft": 1, "nothing_known": 3}


def test_schemes_named_are_counted_on_right_alerts(counted: Figures) -> None:
    assert (counted.named, counted.named_rightly, counted.named_share) == (2, 1, 0.5)


def test_what_could_be_right_is_who_steals_in_a_store_and_week() -> None:
    assert attainable(THEFTS) == 2 + 1
    assert attainable(theft(n, str(n)) for n in range(7)) == 5


def test_so_many_alerts_could_reach_no_more_than_there_are_thieves(counted: Figures) -> None:
    assert counted.attainable_precision == 3 / 6
    assert counted.ceiling_precision == 3 / (5 * 2)


def test_without_alerts_and_thieves_nothing_is_a_share() -> None:
    nothing = figures([], answers())
    assert (nothing.precision, nothing.attainable_precision, nothing.named_share) == (None,) * 3
    assert (nothing.staff.share, nothing.staff.loss_share) == (None, None)
    assert nothing.per_store_week == 0


def test_outsiders_are_no_staff() -> None:
    shopper = msgspec.structs.replace(theft(1, "7"), actor=("card", "tok_1", ""))
    both = figures([], answers(theft(2, "8"), shopper))
    assert (both.staff.actors, both.everyone.actors) == (1, 2)
