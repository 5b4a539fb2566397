"""Chooses how complex a model a table bears, by rows that the model has not seen."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.models.tables.calibration import Calibration, calibrate
from shrinkwatch.models.tables.candidates import CANDIDATES, Bench, Candidate, Member, Sum
from shrinkwatch.models.tables.columns import Schema, Table
from shrinkwatch.models.tables.folds import fold_of
from shrinkwatch.models.tables.profit import Profit, loss_near

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Effort(msgspec.Struct, frozen=True):
    """How many folds and repeats: inner ones choose, outer ones measure. rows: the most used."""

    inner_folds: int
    inner_repeats: int
    outer_folds: int
    outer_repeats: int
    rows: int = 60_000


def effort_for(rows: int) -> Effort:
    """Return the effort that so many rows need: small tables are noisy, big ones slow."""
    if rows <= 5_000:
        return Effort(5, 2, 5, 2)
    if rows <= 25_000:
        return Effort(4, 1, 5, 1)
    return Effort(3, 1, 3, 1)


class Chosen(msgspec.Struct, frozen=True):
    """Which candidates together, and how their mean log odds become a probability.

    loss: what a row lost on average near the threshold, of every candidate tried; by name.
    """

    candidates: tuple[Candidate, ...]
    calibration: Calibration
    losses: dict[str, float]

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


def choose(
    table: Table,
    schema: Schema,
    positive: Mask,
    profit: Profit,
    effort: Effort,
    seed: int,
    step: Callable[[], None] | None = None,
) -> Chosen:
    """Return the candidate, or the blend, that loses least on rows that it had not seen.

    positive: shape (rows,). seed: of the folds. step: called after each fold.
    """
    shape = (effort.inner_repeats, len(CANDIDATES), len(table))
    scores = np.zeros(shape)
    for repeat in range(effort.inner_repeats):
        fold = fold_of(positive, effort.inner_folds, seed * 1000 + repeat)
        for one in range(effort.inner_folds):
            learn, test = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
            bench, unseen = Bench(table.rows(learn), schema, positive[learn]), table.rows(test)
            for place, candidate in enumerate(CANDIDATES):
                scores[repeat, place, test] = bench.fit(candidate).log_odds(unseen)
            if step is not None:
                step()
    return _best(np.clip(scores, -30.0, 30.0), positive, profit)


def fit(table: Table, schema: Schema, positive: Mask, chosen: Chosen) -> Learned:
    """Return what was chosen, fitted on all these rows."""
    bench = Bench(table, schema, positive)
    return Learned(tuple(map(bench.fit, chosen.candidates)), chosen.calibration)


def _best(scores: Floats, positive: Mask, profit: Profit) -> Chosen:
    """Return the best of the candidates and of the blends. scores: (repeats, candidates, rows)."""

    def judged(places: tuple[int, ...]) -> tuple[float, Calibration]:
        blended = scores[:, list(places)].mean(axis=1)
        calibration = calibrate(blended, positive)
        lost = [loss_near(profit, positive, calibration.probability(one)) for one in blended]
        return float(np.mean(lost)), calibration

    singles = [judged((place,)) for place in range(len(CANDIDATES))]
    blends = _blends([lost for lost, _ in singles])
    tried = [(*judged(places), places) for places in blends]
    tried += [(*one, (place,)) for place, one in enumerate(singles)]
    _, calibration, places = min(tried, key=lambda one: one[0])
    losses = {_name(places): lost for lost, _, places in tried}
    return Chosen(tuple(CANDIDATES[place] for place in places), calibration, losses)


def _blends(lost: list[float]) -> list[tuple[int, ...]]:
    """Return the best of sums with the best of trees, and the best of every family."""
    by_kind: dict[bool, int] = {}
    by_family: dict[str, int] = {}
    for place in sorted(range(len(lost)), key=lost.__getitem__):
        candidate = CANDIDATES[place]
        by_kind.setdefault(isinstance(candidate, Sum), place)
        by_family.setdefault(candidate.family, place)
    return [tuple(by_kind.values()), tuple(by_family.values())]


def _name(places: tuple[int, ...]) -> str:
    return " + ".join(_title(CANDIDATES[place]) for place in places)


def _title(candidate: Candidate) -> str:
    if isinstance(candidate, Sum):
        return f"{candidate.family} (C {candidate.strength:g})"
    return f"{candidate.family} ({candidate.rounds} × {candidate.shape.leaves} leaves)"
