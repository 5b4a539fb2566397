"""Every candidate that may be chosen can be fitted, and scores as its fit does."""

import numpy as np
import pytest

from shrinkwatch.models.tables.candidates import CANDIDATES, FEW, LEAST, Bench, Forest
from shrinkwatch.models.tables.columns import Category, Number, Schema, Table

ROWS = 150
DRAWN = np.random.default_rng(4)
TABLE = Table(DRAWN.normal(size=(ROWS, 3)), DRAWN.integers(-1, 3, (ROWS, 1)).astype(np.int32))
SCHEMA = Schema((Number("a"), Number("b"), Number("c")), (Category("d", ("x", "y", "z")),))
POSITIVE = TABLE.numbers[:, 0] * TABLE.numbers[:, 1] + TABLE.codes[:, 0] > 0.7
LEARN, TEST = TABLE.rows(np.arange(100)), TABLE.rows(np.arange(100, ROWS))


def test_what_is_scored_while_choosing_is_what_the_fit_says() -> None:
    bench = Bench(LEARN, SCHEMA, POSITIVE[:100])
    for candidate, scores in zip(CANDIDATES, bench.scores(TEST), strict=True):
        assert bench.fit(candidate).log_odds(TEST) == pytest.approx(scores), candidate


def test_a_candidate_fitted_alone_is_the_same_trees() -> None:
    forest = next(one for one in CANDIDATES if isinstance(one, Forest) and one.built)
    among = Bench(LEARN, SCHEMA, POSITIVE[:100]).fit(forest).log_odds(TEST)
    alone = Bench(LEARN, SCHEMA, POSITIVE[:100], (forest,)).fit(forest).log_odds(TEST)
    assert among == pytest.approx(alone)


@pytest.mark.parametrize("tried", [CANDIDATES, FEW, LEAST])
def test_a_shape_stands_with_its_fewest_trees_first(tried: tuple[object, ...]) -> None:
    rounds: dict[object, list[int]] = {}
    for one in tried:
        if isinstance(one, Forest):
            rounds.setdefault((one.built, one.shape), []).append(one.rounds)
    assert rounds
    assert all(found == sorted(set(found)) for found in rounds.values())


def test_the_shorter_lists_are_parts_of_the_longer() -> None:
    assert set(LEAST) < set(FEW) < set(CANDIDATES)
