"""Columns that know the answer because they were written after it."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from shrinkwatch.models.tables.columns import Schema, Table
from shrinkwatch.models.tables.folds import fold_of
from shrinkwatch.models.tables.trees import Shape, grow, raw_scores, seen
from shrinkwatch.records.trouble import Refused

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

KNOWS = 0.999
"""Area under the curve from which on one column alone is too good. Our assumption."""

HONEST = 0.99
"""If the other columns together reach this without it, the question is easy, not leaked."""

NEARLY = 0.9
"""From such an area on, a column is told of if the others together stay below FAINT."""

FAINT = 0.8
"""Both our assumption: a column that tells so much more than all others may be right, so it is not
refused; but what was filled in afterwards for most of the positive rows looks like that."""

FOLDS = 3
BINS = 64
MOST_ROWS = 20_000


def refuse_leaks(
    table: Table, schema: Schema, positive: Mask, allowed: Collection[str], seed: int
) -> tuple[str, ...]:
    """Return sentences on the columns that tell suspiciously much.

    allowed: columns that the user vouches for. seed: of the folds and the sample. Raises: Refused,
    naming the columns that tell the label alone while the others do not. The order of the rows is
    no column, and the folds are dealt by lot: a table sorted by its label is none the worse for it,
    but a column that goes with that order is found.
    """
    if len(table) > MOST_ROWS:
        some = np.random.default_rng(seed).permutation(len(table))[:MOST_ROWS]
        table, positive = table.rows(np.sort(some)), positive[np.sort(some)]
    fold = fold_of(positive, FOLDS, seed)
    numbers = [table.numbers[:, place] for place in range(table.numbers.shape[1])]
    codes = [table.codes[:, place].astype(np.int64) + 1 for place in range(table.codes.shape[1])]
    areas = [max(_in_order(one, positive), _in_bins(_bins(one), positive, fold)) for one in numbers]
    areas += [_in_bins(one, positive, fold) for one in codes]
    names = schema.names
    open_to_doubt = [place for place, name in enumerate(names) if name not in allowed]
    know = [place for place in open_to_doubt if areas[place] >= KNOWS]
    nearly = [place for place in open_to_doubt if areas[place] >= NEARLY]
    if not nearly:
        return ()
    vouched = [place for place, name in enumerate(names) if name in allowed]
    told = [place for place in vouched if areas[place] >= KNOWS]
    if know and _others(table, positive, fold, know + told) < HONEST:
        raise Refused(_refusal([names[place] for place in know]))
    if (rest := _others(table, positive, fold, nearly + told)) >= FAINT:
        return ()
    return tuple(
        f"{names[place]} alone tells nearly all (area {areas[place]:.3f}, the other columns "
        f"together {rest:.3f}); make sure that it is known before a row is to be flagged"
        for place in nearly
    )


def _refusal(names: list[str]) -> str:
    told = ", ".join(names)
    return (
        f"{told} alone {'tells' if len(names) == 1 else 'tell'} the label, and the other columns "
        "do not: probably written after the outcome was known, so absent when it is needed. "
        f"Remove it, or insist with {' '.join(f'--allow {name}' for name in names)}"
    )


def area(positive: Mask, score: Floats) -> float:
    """Return the area under the ROC curve: how often a positive row scores above another.

    positive, score: shape (rows,). Ties count half (Mann & Whitney 1947).
    """
    many, few = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(score)[positive].sum()
    return float((ranks - many * (many + 1) / 2) / max(many * few, 1))


def _bins(numbers: Floats) -> NDArray[np.int64]:
    """Return the bin of each number, 0 where missing; values of their own if there are few."""
    known = numbers[~np.isnan(numbers)]
    values = np.unique(known)
    cuts = values if values.size <= BINS else np.unique(np.quantile(known, np.linspace(0, 1, BINS)))
    return np.where(np.isnan(numbers), 0, 1 + np.searchsorted(cuts, numbers, side="left"))


def _in_order(numbers: Floats, positive: Mask) -> float:
    """Return the area of the number as it is, upwards or downwards; missing ones are lowest."""
    found = area(positive, np.where(np.isnan(numbers), -np.inf, numbers))
    return max(found, 1.0 - found)


def _in_bins(column: NDArray[np.int64], positive: Mask, fold: NDArray[np.int64]) -> float:
    """Return the cross-validated area of the share of positive rows in each row's bin."""
    return area(positive, _left_out_shares(column, positive, fold))


def _left_out_shares(column: NDArray[np.int64], positive: Mask, fold: NDArray[np.int64]) -> Floats:
    """Return of each row the share of positive rows in its bin, of the other folds."""
    shares = np.empty(positive.size)
    for one in range(FOLDS):
        learn, test = fold != one, fold == one
        rows = np.bincount(column[learn], minlength=int(column.max()) + 1)
        found = np.bincount(column[learn], positive[learn], minlength=int(column.max()) + 1)
        share = (found + positive.mean()) / (rows + 1.0)
        shares[test] = share[column[test]]
    return shares


def _others(table: Table, positive: Mask, fold: NDArray[np.int64], know: list[int]) -> float:
    """Return the cross-validated area of trees on the columns that do not know."""
    numbers = table.numbers.shape[1]
    codes = [place - numbers for place in know if place >= numbers]
    rest = Table(
        np.delete(table.numbers, [place for place in know if place < numbers], axis=1),
        np.delete(table.codes, codes, axis=1),
    )
    matrix = seen(rest, None)
    if matrix.shape[1] == 0:
        return 0.0
    score = np.zeros(positive.size)
    for one in range(FOLDS):
        learn, test = fold != one, fold == one
        shape = Shape(leaves=8, rate=0.1)
        booster = grow(matrix[learn], rest.codes.shape[1], positive[learn], shape, 60)
        score[test] = raw_scores(booster, matrix[test])
    return area(positive, score)
