"""Probabilities and losses worked out by hand."""

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.standing import log_factor_without_hits
from shrinkwatch.scoring.verdict import Hunt, Verdict, hunts, learn_prior, verdicts
from shrinkwatch.scoring.weigh import WEIGHED_COLUMNS, Weighed


def weighed(*rows: tuple[int, int, float, int], quiet: int = 0) -> Weighed:
    """Rows of (key, hits, Bayes factor, loss) under rule 0, with 2 hits expected of 100; then so
    many subjects without hits."""
    full = [
        (0, key, 100, hits, 2.0, 2.0, hits, 0.01, np.log(bf), loss) for key, hits, bf, loss in rows
    ]
    keys = [key for key, *_ in rows] + [1000 + n for n in range(quiet)]
    known = np.ones((len(keys), 1), dtype=np.bool_)
    frame = pl.DataFrame(full, schema=WEIGHED_COLUMNS, orient="row")
    return Weighed(np.array(keys, dtype=np.uint64), known, frame)


def named(rule: Rule, found: Weighed, prior: float) -> list[Verdict]:
    (hunt,) = hunts([rule])
    return verdicts(hunt, [rule], found, [prior], 0.5)


def test_a_subject_above_the_floor_is_named_with_its_excess_loss(overrides: Rule) -> None:
    found = named(overrides, weighed((7, 10, 891.0, 10_000), (8, 2, 1.0, 500)), 0.01)
    assert [one.key for one in found] == [7]
    # by hand: 0.01 × 891 / (0.99 + 8.91) = 0.9; of 100.00, peers would have had 2 of 10 hits
    assert found[0].probability == pytest.approx(0.9)
    assert found[0].loss_minor == pytest.approx(8_000)
    assert found[0].schemes == pytest.approx({"price_override": 0.9})


def test_who_is_known_is_believed_by_half_and_more_where_the_evidence_says_more(
    overrides: Rule,
) -> None:
    rule = replace(overrides, kind="known")
    found = named(rule, weighed((7, 1, 1.0, 8_990), (8, 1, 891.0, 8_990)), 0.01)
    # by hand: 0.01 × 891 / (0.99 + 8.91) = 0.9 is more than a half
    assert [one.probability for one in found] == pytest.approx([0.5, 0.9])


def test_what_is_known_leaves_the_rest_to_others_in_the_old_proportion(overrides: Rule) -> None:
    rules = [
        replace(overrides, kind="known"),
        replace(overrides, id="tax", scheme="tax_exempt_abuse"),
    ]
    (hunt,) = hunts(rules)
    one = weighed((7, 1, 1.0, 8_990))
    both = Weighed(one.keys, np.array([[True, False]]), one.rows)
    (verdict,) = verdicts(hunt, rules, both, [0.1, 0.2], 0.01)
    # by hand: of the 0.9 beside the scheme 0.2 are the other's; of the half that is left as well
    assert verdict.schemes == pytest.approx({"price_override": 0.5, "tax_exempt_abuse": 0.1 / 0.9})


def test_nobody_without_a_hit_is_named(overrides: Rule) -> None:
    assert named(overrides, weighed(quiet=3), 0.1) == []


def test_what_others_are_known_for_changes_no_probability(overrides: Rule) -> None:
    rules = [overrides, replace(overrides, id="again"), replace(overrides, id="thrice")]
    (hunt,) = hunts(rules)
    thief = weighed((7, 10, 891.0, 10_000))
    known = np.array([[True, True, False]])
    alone = Weighed(thief.keys, known, thief.rows)
    # by hand: the second rule saw no hit, the third knows no peers
    factor = (891.0 + np.exp(log_factor_without_hits())) / 2
    (found,) = verdicts(hunt, rules, alone, [0.01], 0.5)
    assert found.probability == pytest.approx(0.01 * factor / (0.99 + 0.01 * factor))
    others = [[True, False, False], [False, True, True], [True, True, True], [True, False, False]]
    keys = np.array([3, 7, 8, 9, 10], dtype=np.uint64)
    mixed = Weighed(keys, np.array([others[0], known[0], *others[1:]]), thief.rows)
    (same,) = verdicts(hunt, rules, mixed, [0.01], 0.5)
    assert same == found


def test_rules_are_hunted_by_the_type_of_their_subject(overrides: Rule, returns: Rule) -> None:
    found = hunts([overrides, returns])
    assert [(one.subject, one.places, one.schemes) for one in found] == [
        ("customer", (1,), ("refund_without_receipt",)),
        ("operator", (0,), ("price_override",)),
    ]


def test_thieves_found_raise_the_prior_and_none_lowers_it(overrides: Rule) -> None:
    def learned(found: Weighed) -> float:
        hunt: Hunt = hunts([overrides])[0]
        return learn_prior(hunt, found, people=1000, stores=10, days=28)[0]

    many = weighed(*[(key, 50, 1e9, 0) for key in range(1, 60)], quiet=900)
    # by hand: 3.4 × 10 × 70 / 365 = 6.5 cases of 1,000 people
    assert learned(weighed((1, 1, 0.1, 0), quiet=900)) < 0.0065 < learned(many)
