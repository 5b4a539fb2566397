"""Folds share out both kinds of rows evenly."""

import numpy as np

from shrinkwatch.models.tables.folds import fold_of


def test_every_fold_has_its_share_of_rows_and_of_positive_ones() -> None:
    positive = np.arange(103) < 12
    fold = fold_of(positive, 5, 3)
    assert sorted(np.bincount(fold).tolist()) == [20, 20, 21, 21, 21]
    assert sorted(np.bincount(fold[positive]).tolist()) == [2, 2, 2, 3, 3]


def test_the_seed_decides() -> None:
    positive = np.arange(50) < 20
    assert (fold_of(positive, 5, 1) == fold_of(positive, 5, 1)).all()
    assert (fold_of(positive, 5, 1) != fold_of(positive, 5, 2)).any()
