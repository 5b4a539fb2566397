"""The models that are tried on a table, from the plainest to the most able."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.columns import Schema, Table
from shrinkwatch.models.tables.design import MOST_BUILT, Design, Fitted, built, plain, residual_of
from shrinkwatch.models.tables.lasso import Weights, lasso
from shrinkwatch.models.tables.logistic import Logistic, Penalty, relaxed, ridge, sparse
from shrinkwatch.models.tables.trees import Shape, Trees, grow, raw_scores, seen

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
_DEEP = Shape(leaves=31, rate=0.05, fewest=10, part=0.7)

CANDIDATES: tuple[Candidate, ...] = (
    *_RIDGE,
    *_SPARSE,
    *_RELAXED,
    *(Forest(built=False, shape=_STUMPY, rounds=rounds) for rounds in (50, 100, 200, 400)),
    *(Forest(built=False, shape=_MIDDLE, rounds=rounds) for rounds in (50, 100, 200)),
    *(Forest(built=False, shape=_RANDOM, rounds=rounds) for rounds in (100, 300)),
    *(Forest(built=False, shape=_DEEP, rounds=rounds) for rounds in (100, 200)),
    *(Forest(built=True, shape=_STUMPY, rounds=rounds) for rounds in (100, 200, 400)),
    *(Forest(built=True, shape=_DEEP, rounds=rounds) for rounds in (100, 200)),
)
"""What is tried. The deep trees have as many leaves as LightGBM's by default, and grow at half the
rate."""

FEW: tuple[Candidate, ...] = (
    _RIDGE[1],
    _SPARSE[1],
    _RELAXED[2],
    Forest(built=False, shape=_STUMPY, rounds=200),
    Forest(built=False, shape=_DEEP, rounds=100),
)
"""What is tried where time is short."""

LEAST: tuple[Candidate, ...] = (FEW[0], FEW[1], FEW[3])
"""What is tried where it is shorter still, of a table with thousands of columns for example."""


@dataclass(slots=True)
class Bench:
    """Fits candidates on the same rows, doing once what they share.

    positive: shape (rows,). tried: all that may be asked for; a shape grows once, as far as needed,
    and stands there with its fewest trees first.
    """

    table: Table
    schema: Schema
    positive: NDArray[np.bool_]
    tried: tuple[Candidate, ...] = CANDIDATES
    _designs: dict[bool, Fitted] = field(default_factory=dict)
    _weights: dict[bool, dict[float, Weights]] = field(default_factory=dict)
    _grown: dict[tuple[bool, Shape], Any] = field(default_factory=dict)

    def fit(self, candidate: Candidate) -> Member:
        """Return the candidate fitted on these rows."""
        if isinstance(candidate, Forest):
            text = self._booster(candidate).model_to_string(num_iteration=candidate.rounds)
            return Trees(text, self._read_by(candidate))
        design = self._design(built_too=candidate.built)
        match candidate.penalty:
            case "ridge":
                return ridge(design, self.positive, candidate.strength)
            case "sparse":
                return sparse(design, self._lasso(candidate))
            case "relaxed":
                return relaxed(design, self._lasso(candidate), self.positive)

    def scores(self, unseen: Table) -> Iterator[Floats]:
        """Yield the log odds of other rows by each of the candidates tried, shape (rows,)."""
        matrices: dict[bool, Floats] = {}
        summed: dict[tuple[bool, Shape], tuple[int, Floats]] = {}
        for candidate in self.tried:
            if isinstance(candidate, Sum):
                yield self.fit(candidate).log_odds(unseen)
                continue
            if candidate.built not in matrices:
                matrices[candidate.built] = seen(unseen, self._read_by(candidate))
            key, matrix = (candidate.built, candidate.shape), matrices[candidate.built]
            done, so_far = summed.get(key, (0, np.zeros(len(unseen))))
            booster = self._booster(candidate)
            so_far = so_far + raw_scores(booster, matrix, done, candidate.rounds)
            summed[key] = (candidate.rounds, so_far)
            yield so_far

    def _lasso(self, candidate: Sum) -> Weights:
        """Return the weights, searched from those of the next smaller strength known."""
        matrix = self._design(built_too=candidate.built).matrix
        known = self._weights.setdefault(candidate.built, {})
        if candidate.strength not in known:
            smaller = max((one for one in known if one < candidate.strength), default=None)
            none = Weights.none(matrix.shape[1], self.positive)
            near = none if smaller is None else known[smaller]
            known[candidate.strength] = lasso(matrix, self.positive, candidate.strength, near)
        return known[candidate.strength]

    def _design(self, *, built_too: bool) -> Fitted:
        if built_too not in self._designs:
            if built_too:
                base = self._design(built_too=False)
                first = ridge(base, self.positive, 0.1)
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

    def _read_by(self, candidate: Forest) -> Design | None:
        return self._built_only() if candidate.built else None

    def _booster(self, candidate: Forest) -> Any:
        key = (candidate.built, candidate.shape)
        if key not in self._grown:
            forests = [one for one in self.tried if isinstance(one, Forest)]
            same = [one.rounds for one in forests if (one.built, one.shape) == key]
            matrix = seen(self.table, self._read_by(candidate))
            categories = len(self.schema.categories)
            rounds = max([candidate.rounds, *same])
            self._grown[key] = grow(matrix, categories, self.positive, candidate.shape, rounds)
        return self._grown[key]
