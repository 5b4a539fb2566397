"""Sums of columns hold only what they need."""

import numpy as np
import pytest

from shrinkwatch.models.tables.columns import Number, Schema, Table
from shrinkwatch.models.tables.design import plain
from shrinkwatch.models.tables.lasso import Weights, lasso
from shrinkwatch.models.tables.logistic import relaxed, ridge, sparse

ROWS = 300
DRAWN = np.random.default_rng(2)
TABLE = Table(DRAWN.normal(size=(ROWS, 6)), np.empty((ROWS, 0), dtype=np.int32))
POSITIVE = DRAWN.random(ROWS) < 1 / (1 + np.exp(-2 * TABLE.numbers[:, 2]))
FITTED = plain(TABLE, Schema(tuple(Number(name) for name in "abcdef"), ()))
WEIGHTS = lasso(FITTED.matrix, POSITIVE, 0.03, Weights.none(6, POSITIVE))


def test_a_sparse_sum_keeps_the_column_that_tells() -> None:
    found = sparse(FITTED, WEIGHTS)
    assert [recipe.a for recipe in found.design.recipes] == [2]
    expected = FITTED.matrix @ WEIGHTS.each + WEIGHTS.start
    assert found.log_odds(TABLE) == pytest.approx(expected)


def test_a_relaxed_sum_weighs_the_same_column_more() -> None:
    found = relaxed(FITTED, WEIGHTS, POSITIVE)
    assert [recipe.a for recipe in found.design.recipes] == [2]
    assert found.weights[0] > 1.2 * sparse(FITTED, WEIGHTS).weights[0]


def test_without_a_telling_column_the_sum_is_its_start() -> None:
    nothing = Weights.none(6, POSITIVE)
    assert relaxed(FITTED, nothing, POSITIVE).log_odds(TABLE) == pytest.approx(nothing.start)


def test_a_wide_table_is_fitted_as_a_narrow_one() -> None:
    # 501 columns go another way; the columns beyond the first six are copies that change nothing
    # but how the weight is shared, so the ridge is that of fewer, weaker held columns.
    wide = Table(np.hstack([TABLE.numbers] + [TABLE.numbers[:, :5]] * 99), TABLE.codes)
    schema = Schema(tuple(Number(f"x{place}") for place in range(501)), ())
    found = ridge(plain(wide, schema), POSITIVE, 0.01).log_odds(wide)
    assert np.corrcoef(found, ridge(FITTED, POSITIVE, 1.0).log_odds(TABLE))[0, 1] > 0.98
