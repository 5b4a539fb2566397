"""Parts of a table that take turns at being left out, each with its share of the positive rows."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def fold_of(positive: NDArray[np.bool_], folds: int, seed: int) -> Rows:
    """Return the fold of each row, 0 … folds - 1; every class is dealt out evenly.

    positive: shape (rows,). seed: another one deals otherwise.
    """
    dealt = np.random.default_rng(seed)
    fold = np.empty(positive.size, dtype=np.int64)
    start = 0
    for kind in (True, False):
        mine = dealt.permutation(np.flatnonzero(positive == kind))
        fold[mine] = (start + np.arange(mine.size)) % folds
        start += mine.size
    return fold
