"""Boosted trees (LightGBM): few short ones for a small table, more for a big one."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import Table
from shrinkwatch.models.tables.design import Design

Floats = NDArray[np.float64]


class Shape(msgspec.Struct, frozen=True):
    """How trees grow. rate: of learning. fewest: rows in a leaf. part: of the columns per tree.

    random: cuts are drawn, not searched (Geurts et al. 2006, "Extremely randomized trees").
    """

    leaves: int
    rate: float
    fewest: int = 20
    part: float = 1.0
    random: bool = False


class Trees(msgspec.Struct, frozen=True):
    """LightGBM's text of the trees, and the built columns that they read beside the table's."""

    text: str
    built: Design | None

    def log_odds(self, table: Table) -> Floats:
        """Return the natural log odds, shape (rows,)."""
        import lightgbm

        booster = lightgbm.Booster(model_str=self.text)
        return raw_scores(booster, seen(table, self.built))


def seen(table: Table, built: Design | None) -> Floats:
    """Return the columns as trees see them: categories' codes, numbers, built; NaN is missing."""
    codes = np.where(table.codes < 0, np.nan, table.codes)
    parts = [codes, table.numbers]
    if built is not None:
        parts.append(built.matrix(table))
    return np.hstack(parts)


def grow(
    matrix: Floats, categories: int, positive: NDArray[np.bool_], shape: Shape, rounds: int
) -> "lightgbm.Booster":  # type: ignore[name-defined] # noqa: F821 - imported when first used
    """Return the trees. matrix: as `seen`, its first `categories` columns are codes.

    rounds: how many trees. The same rows give the same trees, whatever the machine does besides.
    """
    import lightgbm

    told = {
        "objective": "binary",
        "num_leaves": shape.leaves,
        "learning_rate": shape.rate,
        "min_data_in_leaf": min(shape.fewest, max(2, len(positive) // 20)),
        "feature_fraction": shape.part,
        "extra_trees": shape.random,
        "lambda_l2": 1.0 if shape.part < 1.0 else 0.0,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": 1,
        "verbosity": -1,
    }
    rows = lightgbm.Dataset(
        matrix,
        positive.astype(np.float64),
        categorical_feature=list(range(categories)),
        params={"verbosity": -1},
    )
    return lightgbm.train(told, rows, rounds)


def raw_scores(booster: object, matrix: Floats, first: int = 0, last: int | None = None) -> Floats:
    """Return what the trees from `first` to before `last` add to the natural log odds.

    matrix: as `seen`. last: None for all. Shape (rows,).
    """
    scores = booster.predict(  # type: ignore[attr-defined]
        matrix, raw_score=True, start_iteration=first, num_threads=1,
        num_iteration=None if last is None else last - first,
    )  # fmt: skip
    return np.asarray(scores, dtype=np.float64)
