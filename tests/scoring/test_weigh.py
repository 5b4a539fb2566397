"""Weights against scipy and against hand work."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace
from tests.scoring.conftest import MONDAY, Row, receipts

from shrinkwatch.records.batch import subject_key
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.evidence import Evidence
from shrinkwatch.scoring.weigh import Weighed, Weights, weigh


def seen(rules: Sequence[Rule], *days: list[Row]) -> Evidence:
    evidence = Evidence(rules, 28)
    for number, rows in enumerate(days):
        frame = receipts(number, rows)
        evidence.add(frame, judge(rules, frame))
        evidence.close(MONDAY + timedelta(number), {7: 1})
    return evidence


def cashiers(hits: Sequence[int], exposed: int = 100) -> list[Row]:
    """Return the receipts of cashiers in one store with so many overrides each."""
    return [
        {"operator_id": f"{person}", "override_minor": 500 if number < many else 0}
        for person, many in enumerate(hits)
        for number in range(exposed)
    ]


def key_of(person: int) -> int:
    return subject_key("operator", "S1", f"{person}")


def weighed(evidence: Evidence, weights: Weights | None = None, *, learn: bool = False) -> Weighed:
    everybody = evidence.chances.ledgers["operator_key"].subjects()
    shapes = Weights({0: 4.0}) if weights is None else weights
    return weigh(evidence, "operator_key", (0,), everybody, shapes, learn=learn)


def test_with_too_few_peers_a_rule_does_not_speak(overrides: Rule) -> None:
    assert weighed(seen([overrides], cashiers([3] * 5))).keys.size == 0
    assert weighed(seen([overrides], cashiers([3] * 6))).keys.size == 6


def test_who_does_more_than_all_others_weighs_most(overrides: Rule) -> None:
    found = weighed(seen([overrides], cashiers([3] * 39 + [30]))).rows
    most = found.row(int(found["log_factor"].arg_max()), named=True)  # type: ignore[arg-type]
    assert most["key"] == key_of(39)
    assert (most["exposed"], most["hits"], most["loss_minor"]) == (100, 30, 15_000)
    assert most["typical"] == pytest.approx(3.0, rel=0.3)
    assert most["tail"] < 1e-4


def test_those_without_hits_are_known_and_have_no_rows(overrides: Rule) -> None:
    found = weighed(seen([overrides], cashiers([0] * 10 + [2])))
    assert found.known.tolist() == [[True]] * 11
    assert found.rows["key"].to_list() == [key_of(10)]


def test_only_the_subjects_asked_about_are_weighed_and_no_differently(overrides: Rule) -> None:
    evidence = seen([overrides], cashiers([1] * 30))
    asked = np.array([key_of(3)], dtype=np.uint64)
    one = weigh(evidence, "operator_key", (0,), asked, Weights({0: 4.0}))
    assert one.keys.tolist() == [key_of(3)]
    assert one.rows.equals(weighed(evidence).of(asked).rows)


def test_how_much_people_differ_is_learned_when_asked(overrides: Rule) -> None:
    weights, dice = Weights(), np.random.default_rng(1)
    habits = dice.poisson(10.0 * dice.gamma(1.0, 1.0, 60)).clip(max=100)
    evidence = seen([overrides], cashiers(habits.tolist()))
    weighed(evidence, weights)
    assert weights.shapes == {}
    weighed(evidence, weights, learn=True)
    # the tendency was drawn with shape 1
    assert weights.shapes[0] == pytest.approx(1.0, rel=0.6)


def test_chances_make_an_enormous_amount_less_unusual(returns: Rule) -> None:
    def tail(ordinary: int) -> float:
        others: list[Row] = [
            {"customer_id": f"c{person}", "returned_minor": 2 ** (person % 9)}
            for person in range(200)
            for _ in range(10)
        ]
        mine: list[Row] = [{"customer_id": "me", "returned_minor": 2**20}]
        mine += [{"customer_id": "me", "returned_minor": 2}] * ordinary
        evidence = seen([returns], others + mine)
        me = np.array([subject_key("customer", "me")], dtype=np.uint64)
        found = weigh(evidence, "customer_key", (0,), me, Weights())
        return float(found.rows["tail"][0])

    # by hand: 1 - (1 - p) ** n is n p for small p; 2 and 100 receipts
    assert tail(99) / tail(1) == pytest.approx(50.0, rel=0.05)


def test_two_rules_about_the_same_receipts_weigh_as_each_alone(overrides: Rule) -> None:
    dear = replace(overrides, id="dear", fires="override_minor > 600")
    rows = cashiers([2] * 20)
    rows[0] = rows[0] | {"override_minor": 900}
    both = seen([overrides, dear], rows)
    everybody = both.chances.ledgers["operator_key"].subjects()
    together = weigh(both, "operator_key", (0, 1), everybody, Weights()).rows
    for place, rule in enumerate((overrides, dear)):
        alone = weigh(seen([rule], rows), "operator_key", (0,), everybody, Weights()).rows
        mine = together.filter(rule=place).drop("rule")
        assert mine.equals(alone.drop("rule"))


def test_what_is_known_of_somebody_is_weighed_alone(disputed: Rule) -> None:
    back = {"card_key": 7, "card_minor": 8990, "card_answered_28d": 1, "card_confirmed_28d": 1}
    rows: list[Row] = [back, back, back | {"card_key": 8, "card_confirmed_28d": 0}]
    evidence = seen([disputed], rows)
    found = weigh(evidence, "card_key", [0], np.array([7, 8, 9], dtype=np.uint64), Weights())
    assert found.keys.tolist() == [7]
    (row,) = found.rows.to_dicts()
    assert (row["hits"], row["exposed"], row["expected"], row["loss_minor"]) == (2, 2, 0.0, 17_980)
    # by hand: the one in five hundred of the prior becomes an even bet
    assert row["log_factor"] == pytest.approx(np.log(500.0))
