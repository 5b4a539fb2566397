"""Chooses how complex a model a table bears, by rows that the model has not seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.calibration import Calibration, calibrate
from shrinkwatch.models.tables.candidates import Bench, Candidate, Member, Sum
from shrinkwatch.models.tables.columns import Schema, Table
from shrinkwatch.models.tables.folds import fold_of
from shrinkwatch.models.tables.plan import Effort
from shrinkwatch.models.tables.profit import Profit, loss_near

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Chosen(msgspec.Struct, frozen=True):
    """Which candidates together, and how their mean log odds become a probability.

    losses: what a row lost on average near the threshold, of every candidate tried; by name.
    folds: by how many inner folds; fewer than planned if the time ran out.
    """

    candidates: tuple[Candidate, ...]
    calibration: Calibration
    losses: dict[str, float]
    folds: int

    @property
    def name(self) -> str:
        """Return what a person calls it."""
        return " + ".join(dict.fromkeys(one.family for one in self.candidates))


@dataclass(frozen=True, slots=True)
class Learned:
    """A model of a table: the mean log odds of its members, calibrated."""

    members: tuple[Member, ...]
    calibration: Calibration

    def probability(self, table: Table) -> Floats:
        """Return the probability of each row that it is positive, shape (rows,)."""
        log_odds = [member.log_odds(table) for member in self.members]
        return self.calibration.probability(np.mean(log_odds, axis=0))


@dataclass(frozen=True, slots=True)
class _Tried:
    """Inner folds with the log odds of every candidate.

    rows: shape (tested,). scores: shape (candidates, tested). A row that was tested in
    several repeats stands there as often.
    """

    candidates: tuple[Candidate, ...]
    rows: NDArray[np.int64]
    scores: Floats
    folds: int


def choose(
    table: Table,
    schema: Schema,
    positive: Mask,
    profit: Profit,
    effort: Effort,
    seed: int,
    goes_on: Callable[[], bool] = lambda: True,
    step: Callable[[], None] = lambda: None,
) -> Chosen:
    """Return the candidate, or the blend, that loses least on rows that it had not seen.

    positive: shape (rows,). seed: of the folds. goes_on: False once the time is out; then what has
    been tried decides, at least one candidate on one fold. step: called after each fold.
    """
    tried = _try(table, schema, positive, effort, seed, goes_on, step)
    return _best(tried, positive[tried.rows], profit)


def _try(
    table: Table,
    schema: Schema,
    positive: Mask,
    effort: Effort,
    seed: int,
    goes_on: Callable[[], bool],
    step: Callable[[], None],
) -> _Tried:
    candidates = effort.candidates
    found: list[tuple[NDArray[np.int64], list[Floats]]] = []
    for learn, test in _inner_folds(positive, effort, seed):
        if found and not goes_on():
            break
        bench = Bench(table.rows(learn), schema, positive[learn], candidates)
        scores = []
        for score in bench.scores(table.rows(test)):
            scores.append(score)
            if not goes_on():
                break
        if not found:
            candidates = candidates[: len(scores)]
        if len(scores) == len(candidates):
            found.append((test, scores))
        step()
    joined = np.hstack([np.array(scores) for _, scores in found])
    rows = np.concatenate([test for test, _ in found])
    return _Tried(candidates, rows, np.clip(joined, -30.0, 30.0), len(found))


def _inner_folds(
    positive: Mask, effort: Effort, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the rows to learn from and those to test, of every fold of every repeat."""
    for repeat in range(effort.inner_repeats):
        fold = fold_of(positive, effort.inner_folds, seed * 1000 + repeat)
        for one in range(effort.inner_folds):
            yield np.flatnonzero(fold != one), np.flatnonzero(fold == one)


def fit(table: Table, schema: Schema, positive: Mask, chosen: Chosen) -> Learned:
    """Return what was chosen, fitted on all these rows."""
    bench = Bench(table, schema, positive, chosen.candidates)
    return Learned(tuple(map(bench.fit, chosen.candidates)), chosen.calibration)


def _best(tried: _Tried, positive: Mask, profit: Profit) -> Chosen:
    """Return the best of the candidates and of the blends. positive: shape (tested,)."""
    often = float(np.bincount(tried.rows).max())

    def judged(places: tuple[int, ...]) -> tuple[float, Calibration]:
        blended = tried.scores[list(places)].mean(axis=0)
        calibration = calibrate(blended, positive, often)
        lost = loss_near(profit, positive, calibration.probability(blended))
        return float(lost.mean()), calibration

    singles = [judged((place,)) for place in range(len(tried.candidates))]
    blends = _blends(tried.candidates, [lost for lost, _ in singles])
    found = [(*judged(places), places) for places in blends]
    found += [(*one, (place,)) for place, one in enumerate(singles)]
    _, calibration, best = min(found, key=lambda one: one[0])
    losses = {_name(tried.candidates, places): lost for lost, _, places in found}
    chosen = tuple(tried.candidates[place] for place in best)
    return Chosen(chosen, calibration, losses, tried.folds)


def _blends(candidates: tuple[Candidate, ...], lost: list[float]) -> list[tuple[int, ...]]:
    """Return the best of sums with the best of trees, and the best of every family."""
    by_kind: dict[bool, int] = {}
    by_family: dict[str, int] = {}
    for place in sorted(range(len(lost)), key=lost.__getitem__):
        candidate = candidates[place]
        by_kind.setdefault(isinstance(candidate, Sum), place)
        by_family.setdefault(candidate.family, place)
    return [tuple(by_kind.values()), tuple(by_family.values())]


def _name(candidates: tuple[Candidate, ...], places: tuple[int, ...]) -> str:
    return " + ".join(_title(candidates[place]) for place in places)


def _title(candidate: Candidate) -> str:
    if isinstance(candidate, Sum):
        return f"{candidate.family} (C {candidate.strength:g})"
    return f"{candidate.family} ({candidate.rounds} × {candidate.shape.leaves} leaves)"
