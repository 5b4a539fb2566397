"""The models that are tried on a table, from the plainest to the most able."""

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import Schema, Table
from shrinkwatch.models.tables.design import MOST_BUILT, Design, Fitted, built, plain, residual_of
from shrinkwatch.models.tables.logistic import Logistic, Penalty, fit_logistic
from shrinkwatch.models.tables.trees import Shape, Trees, grow, seen

Floats = NDArray[np.float64]
Member = Logistic | Trees


class Sum(msgspec.Struct, frozen=True, tag=True):
    """A weighted sum of columns. built: with built ones. strength: little is sparse."""

    built: bool
    penalty: Penalty
    strength: float

    @property
    def family(self) -> str:
        """Return what a person calls it."""
        return f"{self.penalty} logistic" + (" on built columns" if self.built else "")


class Forest(msgspec.Struct, frozen=True, tag=True):
    """Boosted trees of a shape. built: with built columns. rounds: how many trees."""

    built: bool
    shape: Shape
    rounds: int

    @property
    def family(self) -> str:
        """Return what a person calls it."""
        return "boosted trees" + (" on built columns" if self.built else "")


Candidate = Sum | Forest

_RIDGE = tuple(
    Sum(built=False, penalty="ridge", strength=strength) for strength in (0.01, 0.1, 1.0)
)
_SPARSE = tuple(
    Sum(built=True, penalty="sparse", strength=strength) for strength in (0.03, 0.1, 0.3, 1.0)
)
_RELAXED = tuple(
    Sum(built=True, penalty="relaxed", strength=strength) for strength in (0.03, 0.06, 0.1, 0.2)
)
_STUMPY = Shape(leaves=4, rate=0.05, fewest=10, part=0.7)
_MIDDLE = Shape(leaves=8, rate=0.05, fewest=10, part=0.7)
_RANDOM = Shape(leaves=16, rate=0.05, fewest=5, part=0.7, random=True)
_USUAL = Shape(leaves=31, rate=0.1)

CANDIDATES: tuple[Candidate, ...] = (
    *_RIDGE,
    *_SPARSE,
    *_RELAXED,
    *(Forest(built=False, shape=_STUMPY, rounds=rounds) for rounds in (50, 100, 200, 400)),
    *(Forest(built=False, shape=_MIDDLE, rounds=rounds) for rounds in (50, 100, 200)),
    *(Forest(built=False, shape=_RANDOM, rounds=rounds) for rounds in (100, 300)),
    Forest(built=False, shape=_USUAL, rounds=100),
    *(Forest(built=True, shape=_STUMPY, rounds=rounds) for rounds in (100, 200, 400)),
)
"""What is tried. The last shape of plain trees is LightGBM's default."""


@dataclass(slots=True)
class Bench:
    """Fits candidates on the same rows, doing once what they share.

    positive: shape (rows,). tried: all that may be asked for; a shape grows once, as far as needed.
    """

    table: Table
    schema: Schema
    positive: NDArray[np.bool_]
    tried: tuple[Candidate, ...] = CANDIDATES
    _designs: dict[bool, Fitted] = field(default_factory=dict)
    _grown: dict[tuple[bool, Shape], object] = field(default_factory=dict)

    def fit(self, candidate: Candidate) -> Member:
        """Return the candidate fitted on these rows."""
        if isinstance(candidate, Sum):
            design = self._design(built_too=candidate.built)
            return fit_logistic(design, self.positive, candidate.penalty, candidate.strength)
        booster = self._booster(candidate)
        text = booster.model_to_string(num_iteration=candidate.rounds)  # type: ignore[attr-defined]
        return Trees(text, self._built_only() if candidate.built else None)

    def _design(self, *, built_too: bool) -> Fitted:
        if built_too not in self._designs:
            if built_too:
                base = self._design(built_too=False)
                first = fit_logistic(base, self.positive, "ridge", 0.1)
                left = residual_of(self.positive, first.log_odds(self.table))
                found = built(self.table, self.schema, base, left, self._most())
            else:
                found = plain(self.table, self.schema)
            self._designs[built_too] = found
        return self._designs[built_too]

    def _most(self) -> int:
        """Return how many built columns the positive rows can bear."""
        rarer = min(int(self.positive.sum()), int((~self.positive).sum()))
        return int(np.clip(rarer // 2, 10, MOST_BUILT))

    def _built_only(self) -> Design:
        base, both = self._design(built_too=False), self._design(built_too=True)
        plain_ones = len(base.design.recipes)
        return both.design.only(np.arange(plain_ones, len(both.design.recipes)))

    def _booster(self, candidate: Forest) -> object:
        key = (candidate.built, candidate.shape)
        if key not in self._grown:
            forests = [one for one in self.tried if isinstance(one, Forest)]
            same = [one.rounds for one in forests if (one.built, one.shape) == key]
            matrix = seen(self.table, self._built_only() if candidate.built else None)
            categories = len(self.schema.categories)
            rounds = max([candidate.rounds, *same])
            self._grown[key] = grow(matrix, categories, self.positive, candidate.shape, rounds)
        return self._grown[key]
