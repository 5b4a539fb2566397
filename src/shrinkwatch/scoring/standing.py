"""How everybody who had the chance stands under one rule that counts: hits against expected hits.

Three views are taken and their Bayes factors averaged: the whole window, its last week (a burst),
and the dear hits alone (honest people change small prices, thieves large ones). How often peers hit
is learned from the whole window: in a week, or of dear hits, they may have had none by chance.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.peers import expected_hits, follow_stores, of_subjects
from shrinkwatch.models import counts
from shrinkwatch.models.unlabelled import EMPLOYEES
from shrinkwatch.rules.rule import SUBJECT_COLUMNS
from shrinkwatch.scoring.chances import Crowd
from shrinkwatch.scoring.evidence import Evidence, Hits
from shrinkwatch.scoring.ledger import Counts

LEAST_EXPECTED = 1e-9
"""Expected hits below this count as this: the odds of no chance at all are not defined."""

LEAST_OF_EMPLOYEES = 0.05
"""So many hits an employee has in a month by what no peer's record shows: a job done for another,
a customer who comes back with the same trouble. Our assumption; docs/decisions/combination.md."""

_EMPLOYEES = {column for subject, column in SUBJECT_COLUMNS.items() if subject in EMPLOYEES}

Floats = NDArray[np.float64]


class Standing:
    """One rule's crowd: arrays are (subjects,), or (some,) where some are asked for by place."""

    def __init__(self, evidence: Evidence, crowd: Crowd, rule: int) -> None:
        self._evidence, self._crowd, self._rule = evidence, crowd, rule
        self._least = LEAST_OF_EMPLOYEES if crowd.column in _EMPLOYEES else LEAST_EXPECTED

    @property
    def has_hits(self) -> bool:
        """Whether the rule hit anybody in the window."""
        return self._evidence.hits[self._rule].key.size > 0

    @property
    def factors(self) -> bytes:
        """The factors of the window's days: rules without a hit differ in nothing else."""
        return self._evidence.chances.factors(self._crowd.column, self._rule).tobytes()

    @cached_property
    def hits(self) -> Counts:
        """The hits in the window."""
        return self._of_subjects(self._of_rows(self._evidence.hits[self._rule]))

    @cached_property
    def expected(self) -> Floats:
        """The hits that peers would have had in the window."""
        return of_subjects(self._crowd.rows, self._usual)

    @cached_property
    def _own(self) -> Floats:
        """(rows of the crowd,) the chances in the window, times the days' factors."""
        return self._evidence.chances.weighted(self._crowd, self._rule)

    @cached_property
    def _usual(self) -> Floats:
        """(rows of the crowd,) the hits that peers would have had in the window."""
        hits = self._of_rows(self._evidence.hits[self._rule])
        return expected_hits(self._crowd.rows, self._own, hits)

    def likely(self, some: Counts) -> Floats:
        """Return some people's expected hits, and at least those that need no peer's example."""
        return np.maximum(self.expected[some], self._least)

    def doubtful(self, some: Counts, shape: float) -> Floats:
        """Return the shape of some people's hits when the peers' rate is itself known from few.

        shape: of honest people's tendency under this rule.
        """
        return with_doubt(shape, self.hits.sum() - self.hits[some])

    def log_factors(self, some: Counts, shape: float) -> Floats:
        """Return the log of the views' mean Bayes factor of some people, all with hits."""
        return averaged(self.views(some, shape))

    def views(self, some: Counts, shape: float) -> list[Floats]:
        """Return the log Bayes factors of some people: of the window, its last week, dear hits."""
        shapes = self.doubtful(some, shape)
        window = counts.log_bayes_factor(self.hits[some], self.likely(some), shapes)
        hits, eve = self._evidence.hits[self._rule], self._evidence.last_week()
        recent = self._evidence.chances.weighted(self._crowd, self._rule, eve)
        of_week = np.divide(recent, self._own, out=np.zeros(recent.size), where=self._own > 0)
        dear = self._evidence.dear(self._rule)
        of_dear = dear.key.size / max(hits.key.size, 1)
        return [
            window,
            self._view(hits.after(eve), some, shapes, self._usual * of_week),
            self._view(dear, some, shapes, self._usual * of_dear),
        ]

    def _view(self, hits: Hits, some: Counts, shapes: Floats, usual: Floats) -> Floats:
        """Return the log Bayes factors of these hits, of which peers usually have so many.

        usual: (rows of the crowd,); what other people of the store have of these hits corrects it.
        """
        of_rows = self._of_rows(hits)
        k, mean = self._of_subjects(of_rows)[some], np.ones(some.size)
        if k.any():  # nobody without a hit needs what is expected
            expected = follow_stores(self._crowd.rows, of_rows, usual)
            mean = np.maximum(of_subjects(self._crowd.rows, expected)[some], self._least)
        return counts.log_bayes_factor(k, mean, shapes)

    def _of_rows(self, hits: Hits) -> Floats:
        """Return (rows of the crowd,) how many of these hits each has."""
        if not hits.unit.size:
            return np.zeros(self._crowd.unit.size)
        units = np.bincount(hits.unit, minlength=int(self._crowd.unit[-1]) + 1)
        return units[self._crowd.unit].astype(np.float64)

    def _of_subjects(self, of_rows: Floats) -> Counts:
        return of_subjects(self._crowd.rows, of_rows).astype(np.int64)


def averaged(log_factors: Sequence[Floats]) -> Floats:
    """Return the log of the mean of the views' Bayes factors."""
    return np.asarray(np.logaddexp.reduce(log_factors, axis=0) - np.log(len(log_factors)))


def log_factor_without_hits() -> float:
    """Return the log Bayes factor of somebody whose peers are known and who has no hit."""
    none = counts.log_bayes_factor(np.zeros(1, dtype=np.int64), np.ones(1), counts.PRIOR_SHAPE)
    return float(averaged([none] * 3)[0])


def with_doubt(shape: float, other_hits: Counts) -> Floats:
    """Return the shape of a person's hits when the peers' rate is known from so many hits.

    The rate's uncertainty (1 / hits of others) adds to how much people differ, as variances of
    independent factors near 1 do.
    """
    return np.asarray(1.0 / (1.0 / shape + 1.0 / (other_hits + 0.5)))
