"""Probabilities and losses worked out by hand."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.verdict import Priors, hunts, learn_priors, verdicts
from shrinkwatch.scoring.weigh import WEIGHED_COLUMNS

LOSSES = pl.DataFrame(
    {"rule": [0, 0], "key": [7, 8], "loss_minor": [10_000, 500]},
    schema={"rule": pl.UInt16, "key": pl.UInt64, "loss_minor": pl.Int64},
)


def weighed(*rows: tuple[int, int, float]) -> pl.DataFrame:
    """Rows of (key, hits, Bayes factor) under rule 0, with 2 hits expected of 100."""
    full = [(0, key, 100, hits, 2.0, 2.0, hits, 0.01, np.log(bf)) for key, hits, bf in rows]
    return pl.DataFrame(full, schema=WEIGHED_COLUMNS, orient="row")


def test_a_subject_above_the_floor_is_named_with_its_excess_loss(overrides: Rule) -> None:
    priors = Priors({"operator": [0.01]})
    found = verdicts(
        hunts([overrides]), [overrides], weighed((7, 10, 891.0), (8, 2, 1.0)), priors, LOSSES, 0.5
    )
    assert [one.key for one in found] == [7]
    # by hand: 0.01 × 891 / (0.99 + 8.91) = 0.9; of 100.00, peers would have had 2 of 10 hits
    assert found[0].probability == pytest.approx(0.9)
    assert found[0].loss_minor == pytest.approx(8_000)
    assert found[0].schemes == pytest.approx({"price_override": 0.9})


def test_rules_are_hunted_by_the_type_of_their_subject(overrides: Rule, returns: Rule) -> None:
    found = hunts([overrides, returns])
    assert [(one.subject, one.places, one.schemes) for one in found] == [
        ("customer", (1,), ("refund_without_receipt",)),
        ("operator", (0,), ("price_override",)),
    ]


def test_thieves_found_raise_the_prior_and_none_lowers_it(overrides: Rule) -> None:
    hunted = hunts([overrides])
    many = weighed(*[(key, 50, 1e9) for key in range(1, 60)])
    exposed = {"operator": 1000}
    crowd = learn_priors(hunted, many, exposed, 10, 28).shares["operator"][0]
    none = learn_priors(hunted, weighed((1, 0, 0.1)), exposed, 10, 28).shares["operator"][0]
    # by hand: 3.4 × 10 × 70 / 365 = 6.5 cases of 1,000 people
    assert none < 0.0065 < crowd
