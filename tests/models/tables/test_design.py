"""Columns are built from columns as written down, and never run off."""

import numpy as np

from shrinkwatch.models.tables.columns import Category, Number, Schema, Table
from shrinkwatch.models.tables.design import Design, Recipe, built, plain

SCHEMA = Schema(
    (Number("rate"), Number("seconds"), Number("trust", values=(1.0, 2.0, 3.0))),
    (Category("pay", ("cash", "card")),),
)


def table(rows: int = 300, seed: int = 4) -> Table:
    drawn = np.random.default_rng(seed)
    numbers = np.column_stack(
        [drawn.normal(size=rows), drawn.normal(size=rows), drawn.integers(1, 4, rows)]
    )
    return Table(numbers, drawn.integers(-1, 2, (rows, 1)).astype(np.int32))


def design(*recipes: Recipe) -> Design:
    ones, zeros = (1.0,) * len(recipes), (0.0,) * len(recipes)
    low, high = (-100.0,) * len(recipes), (100.0,) * len(recipes)
    return Design(recipes, (2.0, 3.0), zeros, ones, low, high)


def test_a_row_by_hand() -> None:
    row = Table(np.array([[4.0, 8.0]]), np.array([[1]], dtype=np.int32))
    kinds = design(
        Recipe("product", 0, 1),
        Recipe("ratio", 1, 0),
        Recipe("square", 0),
        Recipe("level", 0, value=1.0),
        Recipe("value", 1, value=8.0),
        Recipe("value_number", 1, 0, value=8.0),
        Recipe("level_number", 0, 1, value=0.0),
        Recipe("missing", 0),
        Recipe("zero", 0),
        Recipe("log", 1),
    )
    assert kinds.matrix(row)[0].tolist() == [32, 2, 16, 1, 1, 4, 0, 0, 0, np.log(9)]


def test_a_missing_number_is_the_median_and_a_division_by_zero_the_middle() -> None:
    row = Table(np.array([[np.nan, 0.0]]), np.empty((1, 0), dtype=np.int32))
    kinds = design(Recipe("number", 0), Recipe("missing", 0), Recipe("ratio", 0, 1))
    assert kinds.matrix(row)[0].tolist() == [2, 1, 0]


def test_values_beyond_the_learned_are_drawn_back() -> None:
    fitted = plain(table(), SCHEMA)
    far = Table(np.array([[1e9, -1e9, 2.0]]), np.array([[5]], dtype=np.int32))
    assert np.abs(fitted.design.matrix(far)).max() <= np.abs(fitted.matrix).max()


def test_the_matrix_of_the_rows_learned_is_the_one_that_prediction_makes() -> None:
    rows = table()
    base = plain(rows, SCHEMA)
    both = built(rows, SCHEMA, base, rows.numbers[:, 0] * rows.numbers[:, 1], 10)
    np.testing.assert_allclose(both.design.matrix(rows), both.matrix, atol=1e-12)


def test_the_product_that_explains_what_is_left_comes_first() -> None:
    rows = table()
    base = plain(rows, SCHEMA)
    both = built(rows, SCHEMA, base, rows.numbers[:, 0] * rows.numbers[:, 1], 10)
    assert both.design.recipes[len(base.design.recipes)] == Recipe("product", 0, 1)
    assert len(both.design.recipes) <= len(base.design.recipes) + 10
