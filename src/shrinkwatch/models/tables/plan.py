"""Plans how much can be tried on a table in the time that is given."""

import math
from collections.abc import Iterator
from itertools import product

import msgspec

from shrinkwatch.models.tables.candidates import CANDIDATES, FEW, LEAST, Candidate, Forest
from shrinkwatch.models.tables.columns import Schema, Table
from shrinkwatch.models.tables.design import MOST_BUILT, MOST_MARKED, pooled
from shrinkwatch.models.tables.trees import Shape

SHARE = 0.75
"""Of the time given, how much is planned. The rest is for machines slower than ours."""


class Effort(msgspec.Struct, frozen=True):
    """How many folds and repeats: inner ones choose, outer ones measure.

    candidates: what is tried. chosen_on, fitted_on: the most rows that the choice and the fit use.
    """

    inner_folds: int
    inner_repeats: int
    outer_folds: int
    outer_repeats: int
    candidates: tuple[Candidate, ...] = CANDIDATES
    chosen_on: int = 60_000
    fitted_on: int = 1_000_000

    @property
    def choices(self) -> int:
        """Return how often the whole choice is made: for the model, and in every outer fold."""
        return 1 + self.outer_folds * self.outer_repeats


class Size(msgspec.Struct, frozen=True):
    """What decides how long a fit takes.

    columns: of the table; coarse: those of them with few values, which trees cut sooner. plain:
    columns of a sum; pool: built ones to pick from.
    """

    rows: int
    columns: int
    coarse: int
    plain: int
    pool: int


def size_of(table: Table, schema: Schema) -> Size:
    """Return the size of the table."""
    numbers = len(schema.numbers)
    levels = min(sum(len(one.levels) for one in schema.categories), MOST_MARKED)
    coarse = len(schema.categories) + sum(len(one.values) > 0 for one in schema.numbers)
    return Size(len(table), len(schema.names), coarse, numbers + levels, pooled(numbers, levels))


def effort_for(size: Size, limit_s: float) -> Effort:
    """Return the greatest effort whose expected time fits the limit; the least one if none does.

    limit_s: for all of it, reading and fitting too. The same size and limit give the same effort,
    on whatever machine.
    """
    efforts = list(_efforts(size.rows))
    fitting = (one for one in efforts if seconds_of(one, size) <= SHARE * limit_s)
    return next(fitting, efforts[-1])


def seconds_of(effort: Effort, size: Size) -> float:
    """Return the seconds that the effort should take.

    START_S and the costs below were measured by processor time on two shared cores; no table of
    bench/learn.py took a third more, some took half.
    """
    rest = size.rows * (effort.outer_folds - 1) // effort.outer_folds
    in_choice = min(rest, effort.chosen_on)
    learned = in_choice * (effort.inner_folds - 1) // effort.inner_folds
    fits = effort.inner_folds * effort.inner_repeats
    judging = (JUDGE_S + JUDGED_S * in_choice * effort.inner_repeats) * len(effort.candidates)
    choice = fits * _grid_s(effort.candidates, size, learned) + judging
    final = _grid_s(effort.candidates, size, min(rest, effort.fitted_on))
    return START_S + CELL_S * size.rows * size.columns + effort.choices * (choice + final)


START_S = 3.0
"""To load what fits sums and trees."""
CELL_S = 1e-6
"""To read a cell and to look for leaks."""
BUILT_S = 8e-8
"""To build a column, per row."""
SUM_S, SUM_CELL_S, SUM_PAIR_S = 3e-3, 3e-8, 5e-11
"""To fit a sum: once, per row and column, per row and pair of columns."""
TREE_S, TREE_LEAF_S, TREE_ROW_S, TREE_CELL_S = 4e-5, 7e-7, 4e-8, 1.8e-9
"""To grow a tree: once, per leaf and column, per row, per row and column and level of the tree."""
COARSE = 0.7
"""Share of these costs that a coarse column saves."""
JUDGE_S, JUDGED_S = 3e-3, 1e-6
"""To calibrate and judge a candidate: once, and per row."""


def _grid_s(candidates: tuple[Candidate, ...], size: Size, rows: int) -> float:
    """Return the seconds of one fit of all candidates to so many rows."""
    built = any(one.built for one in candidates)
    total = BUILT_S * rows * size.pool if built else 0.0
    rounds: dict[tuple[bool, Shape], int] = {}
    for one in candidates:
        if isinstance(one, Forest):
            key = (one.built, one.shape)
            rounds[key] = max(one.rounds, rounds.get(key, 0))
        else:
            summed = size.plain + MOST_BUILT * one.built
            total += SUM_S + rows * summed * (SUM_CELL_S + SUM_PAIR_S * summed)
    for (with_built, shape), trees in rounds.items():
        columns = size.columns - COARSE * size.coarse + MOST_BUILT * with_built
        leaves = min(shape.leaves, max(2, rows // (2 * shape.fewest)))
        levels = TREE_CELL_S * rows * columns * math.log2(leaves)
        total += trees * (TREE_S + TREE_LEAF_S * leaves * columns + TREE_ROW_S * rows + levels)
    return total


def _efforts(rows: int) -> Iterator[Effort]:
    """Yield the efforts for so many rows, the greatest first.

    What goes first is repeats, which only sharpen the figures; then folds; then rows that choose;
    then candidates; then rows that are fitted.
    """
    folds = ((5, 2, 5, 2), (5, 2, 5, 1), (5, 1, 5, 1), (5, 1, 4, 1), (4, 1, 3, 1), (3, 1, 3, 1))
    caps = [cap for cap in (60_000, 30_000, 15_000, 8_000) if cap < rows] or [60_000]
    fitted = [1_000_000, *(cap for cap in (300_000, 100_000, 30_000, 10_000) if cap < rows)]
    for most, candidates, cap, deal in product(fitted, (CANDIDATES, FEW, LEAST), caps, folds):
        yield Effort(*deal, candidates=candidates, chosen_on=cap, fitted_on=most)
