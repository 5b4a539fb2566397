"""Weights against scipy and against hand work."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.features.peers import CELL_COLUMNS
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.weigh import (
    WEIGHED_COLUMNS,
    Weights,
    matrix,
    standing,
    weigh_counts,
    weigh_extremes,
)

PARENTS = pl.DataFrame(schema={"group": pl.UInt32, "parent": pl.UInt32})


def views(people: int, hits: int = 3, of_last: int = 3) -> pl.DataFrame:
    rows = [(0, key, 1, 1, 100, hits, 100 * 1024) for key in range(1, people)]
    rows.append((0, people, 1, 1, 100, of_last, 100 * 1024))
    whole = pl.DataFrame(rows, schema=CELL_COLUMNS, orient="row")
    return whole.with_columns(
        pl.col(name).alias(f"{name}{view}")
        for view in ("_week", "_dear")
        for name in ("exposed", "hits", "weighted")
    )


def test_with_too_few_peers_a_rule_does_not_speak(overrides: Rule) -> None:
    assert standing(views(4), [overrides], PARENTS).is_empty()
    assert standing(views(6), [overrides], PARENTS).height == 6


def test_who_does_more_than_all_others_weighs_most(overrides: Rule) -> None:
    found = weigh_counts(standing(views(40, of_last=30), [overrides], PARENTS), Weights({0: 4.0}))
    assert found["log_factor"].arg_max() == 39
    last = found.row(39, named=True)
    assert last["typical"] == pytest.approx(3.0, rel=0.3)
    assert last["tail"] < 1e-4


def test_rules_weighed_one_by_one_stand_as_they_do_together(overrides: Rule) -> None:
    second = views(30, of_last=9).with_columns(pl.lit(1, dtype=pl.UInt16).alias("rule"))
    both, rules = pl.concat([second, views(20)]), [overrides, overrides]
    together = standing(both, rules, PARENTS)
    assert together["rule"].unique().to_list() == [0, 1]
    assert standing(both, rules, PARENTS, together=1).equals(together)


def test_chances_make_an_enormous_amount_less_unusual(returns: Rule) -> None:
    def tail(receipts: int) -> float:
        others = [(0, key, 8 * (key % 9), 1, 10, 0, 0) for key in range(1, 200)]
        mine = [(0, 999, 160, 1, 1, 0, 0), (0, 999, 8, 1, receipts, 0, 0)]
        cells = pl.DataFrame([*others, *mine], schema=CELL_COLUMNS, orient="row")
        fired = pl.DataFrame(
            {"rule": [0], "key": [999], "measure": [2.0**20]},
            schema={"rule": pl.UInt16, "key": pl.UInt64, "measure": pl.Float64},
        )
        return float(weigh_extremes(cells, fired, [returns], fired["key"])["tail"][0])

    once, often = tail(1), tail(99)
    # by hand: 1 - (1 - p) ** n is n p for small p; 2 and 100 receipts
    assert often / once == pytest.approx(50.0, rel=0.05)


def test_the_matrix_says_what_is_not_known() -> None:
    rows = [(3, 7, 1, 1, 1.0, 1.0, 1.0, 0.5, 2.0), (5, 8, 1, 1, 1.0, 1.0, 1.0, 0.5, -1.0)]
    keys, factors, known = matrix(pl.DataFrame(rows, schema=WEIGHED_COLUMNS, orient="row"), [3, 5])
    assert keys.tolist() == [7, 8]
    assert known.tolist() == [[True, False], [False, True]]
    assert np.array_equal(factors, [[2.0, 0.0], [0.0, -1.0]])
