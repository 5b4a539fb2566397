"""Columns built from columns: pairs multiplied and divided, small numbers taken as categories.

Items a second times seconds are items, and a price over a list price is a discount: in this trade
what decides is often a product or a ratio of what was written down.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shrinkwatch.models.tables.columns import Schema, Table

Floats = NDArray[np.float64]

FEWEST_ROWS = 8
"""A category with fewer rows has no column of its own. Our assumption."""

MOST_MARKED = 400
"""Levels of all categories together that have a column, the most frequent. Our assumption."""

MOST_PAIRED = 25
"""Numbers that are paired with each other, those that tell most: 25 give 900 columns."""

MOST_BUILT = 40
"""Built columns that go on to the fit. Source: sure independence screening, Fan & Lv 2008,
Journal of the Royal Statistical Society B 70; there n / log n."""

TWINS = 0.98
"""Correlation from which on two built columns say the same."""


class Recipe(msgspec.Struct, frozen=True):
    """How one column is made of the table's: `a`, `b` places of columns, `value` a level."""

    kind: str
    a: int
    b: int = -1
    value: float = 0.0


class Design(msgspec.Struct, frozen=True):
    """Columns as the fit sees them: recipe, middle, spread and range, each of the rows learned.

    medians: of the numbers, for missing ones.
    """

    recipes: tuple[Recipe, ...]
    medians: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    def matrix(self, table: Table) -> Floats:
        """Return the standardised columns, shape (rows, recipes); nothing is missing.

        Values beyond what was learned from are drawn back to its edge; what cannot be worked out
        (a division by zero) stands in the middle.
        """
        made = _raw(table, self.recipes, np.array(self.medians))
        np.clip(made, np.array(self.lows), np.array(self.highs), out=made)
        made -= np.array(self.means)
        made /= np.array(self.scales)
        made[np.isnan(made)] = 0.0
        return made

    def only(self, places: NDArray[np.int64]) -> "Design":
        """Return the design with these columns only."""
        return Design(
            tuple(self.recipes[place] for place in places),
            self.medians,
            *(
                tuple(part[place] for place in places)
                for part in (self.means, self.scales, self.lows, self.highs)
            ),
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """A design with its matrix on the rows that it was made from."""

    design: Design
    matrix: Floats


def plain(table: Table, schema: Schema) -> Fitted:
    """Return the columns as they are: numbers, what is missing, a column for each level."""
    medians = _medians(table)
    recipes = [Recipe("number", a) for a in range(table.numbers.shape[1])]
    missing = np.isnan(table.numbers).sum(axis=0)
    recipes += [Recipe("missing", int(a)) for a in np.flatnonzero(missing)]
    recipes += _levels(table, schema)
    return _fitted(table, recipes, medians)


def built(table: Table, schema: Schema, base: Fitted, residual: Floats, most: int) -> Fitted:
    """Return the plain columns and those built ones that explain most of what the plain leave.

    residual: label minus probability after a fit of the plain columns, shape (rows,). most: built
    columns taken.
    """
    medians = np.array(base.design.medians)
    told = np.abs(base.matrix[:, : table.numbers.shape[1]].T @ (residual + 0.0))
    paired = np.sort(np.argsort(-told, kind="stable")[:MOST_PAIRED])
    pool = _fitted(table, _pool(table, schema, paired), medians)
    taken = _telling(pool.matrix, residual, most)
    chosen = pool.design.only(taken)
    both = Design(
        base.design.recipes + chosen.recipes,
        base.design.medians,
        base.design.means + chosen.means,
        base.design.scales + chosen.scales,
        base.design.lows + chosen.lows,
        base.design.highs + chosen.highs,
    )
    return Fitted(both, np.hstack([base.matrix, pool.matrix[:, taken]]))


def residual_of(positive: NDArray[np.bool_], log_odds: Floats) -> Floats:
    """Return the label minus the probability, shape (rows,)."""
    return np.asarray(positive - expit(log_odds))


def _medians(table: Table) -> Floats:
    missing = np.isnan(table.numbers)
    some = np.where(missing.all(axis=0), 0.0, table.numbers)
    return np.asarray(np.nanmedian(some, axis=0)) if len(table) else np.zeros(missing.shape[1])


def _levels(table: Table, schema: Schema) -> list[Recipe]:
    """Return a recipe for each level, and for a missing one, that enough rows have."""
    often, found = [], []
    for place, category in enumerate(schema.categories):
        counts = np.bincount(table.codes[:, place] + 1, minlength=len(category.levels) + 1)
        enough = np.flatnonzero((counts >= FEWEST_ROWS) & (counts <= len(table) - FEWEST_ROWS))
        often += counts[enough].tolist()
        found += [Recipe("level", place, value=float(code - 1)) for code in enough]
    most = np.argsort(-np.array(often), kind="stable")[:MOST_MARKED]
    return [found[place] for place in np.sort(most)]


def _values(table: Table, schema: Schema) -> list[Recipe]:
    """Return a recipe for each value of the numbers that have few."""
    found = []
    for place, number in enumerate(schema.numbers):
        for value in number.values if len(number.values) > 2 else ():
            count = int((table.numbers[:, place] == value).sum())
            if FEWEST_ROWS <= count <= len(table) - FEWEST_ROWS:
                found.append(Recipe("value", place, value=value))
    return found


def pooled(numbers: int, levels: int) -> int:
    """Return about how many columns are built to pick from. levels: of all categories."""
    paired = min(numbers, MOST_PAIRED)
    return 3 * paired + 3 * math.comb(paired, 2) + min(levels, MOST_BUILT) * paired


def _pool(table: Table, schema: Schema, paired: NDArray[np.int64]) -> list[Recipe]:
    places = [int(place) for place in paired]
    wide = [place for place in places if len(schema.numbers[place].values) != 2]
    found = [Recipe(kind, place) for place in wide for kind in ("square", "log", "zero")]
    for a, b in itertools.combinations(places, 2):
        found += [Recipe("product", a, b), Recipe("ratio", a, b), Recipe("ratio", b, a)]
    marks = _values(table, schema)
    found += marks
    for mark in (marks + _levels(table, schema))[:MOST_BUILT]:
        kind = f"{mark.kind}_number"
        found += [Recipe(kind, mark.a, b, mark.value) for b in places if b != mark.a]
    return found


def _raw(table: Table, recipes: tuple[Recipe, ...], medians: Floats) -> Floats:
    numbers = np.where(np.isnan(table.numbers), medians, table.numbers)
    made = np.empty((len(table), len(recipes)), order="F")
    with np.errstate(all="ignore"):
        for place, recipe in enumerate(recipes):
            made[:, place] = _made(recipe, numbers, table)
    made[~np.isfinite(made)] = np.nan
    return made


def _made(recipe: Recipe, numbers: Floats, table: Table) -> NDArray[Any]:
    """Return one column, numbers or booleans, shape (rows,). numbers: without missing ones."""
    if recipe.kind.endswith("_number"):
        mark = recipe.kind.removesuffix("_number")
        return np.asarray(_mark(mark, recipe, table) * numbers[:, recipe.b])
    if recipe.kind in {"level", "value", "missing"}:
        return _mark(recipe.kind, recipe, table)
    one, other = numbers[:, recipe.a], numbers[:, recipe.b]
    match recipe.kind:
        case "number":
            return np.asarray(one)
        case "square":
            return np.asarray(one**2)
        case "log":
            return np.asarray(np.sign(one) * np.log1p(np.abs(one)))
        case "zero":
            return np.asarray(one == 0.0)
        case "product":
            return np.asarray(one * other)
        case "ratio":
            return np.asarray(one / other)
    raise ValueError(recipe.kind)


def _mark(kind: str, recipe: Recipe, table: Table) -> NDArray[np.bool_]:
    if kind == "missing":
        return np.isnan(table.numbers[:, recipe.a])
    column = table.codes if kind == "level" else table.numbers
    return np.asarray(column[:, recipe.a] == recipe.value)


def _fitted(table: Table, recipes: list[Recipe], medians: Floats) -> Fitted:
    """Return the recipes whose columns vary, with what standardises them."""
    made = _raw(table, tuple(recipes), medians)
    unknown = np.isnan(made)
    known = np.maximum((~unknown).sum(axis=0), 1)
    means = np.where(unknown, 0.0, made).sum(axis=0) / known
    centred = np.where(unknown, 0.0, made - means)
    scales = np.sqrt((centred**2).sum(axis=0) / known)
    kept = np.flatnonzero(scales > 1e-9 * (1.0 + np.abs(means)))
    chosen = made[:, kept]
    design = Design(
        tuple(recipes[place] for place in kept),
        tuple(medians.tolist()),
        tuple(means[kept].tolist()),
        tuple(scales[kept].tolist()),
        tuple(np.nanmin(chosen, axis=0, initial=np.inf).tolist()),
        tuple(np.nanmax(chosen, axis=0, initial=-np.inf).tolist()),
    )
    return Fitted(design, centred[:, kept] / scales[kept])


def _telling(matrix: Floats, residual: Floats, most: int) -> NDArray[np.int64]:
    """Return the places of the columns that go most with the residual, no two of them twins."""
    told = np.abs(matrix.T @ residual)
    best = np.argsort(-told, kind="stable")[: 4 * most]
    alike = np.abs(matrix[:, best].T @ matrix[:, best]) / max(matrix.shape[0], 1)
    taken: list[int] = []
    for place in range(best.size):
        if len(taken) < most and not (alike[place, taken] > TWINS).any():
            taken.append(place)
    return np.asarray(best[taken], dtype=np.int64)
