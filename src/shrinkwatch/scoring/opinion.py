"""Lets a learned model have its say on the day's cases, on which rules and peers spoke first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

import polars as pl

from shrinkwatch.models.leaning import START
from shrinkwatch.models.learned import LearnedModel
from shrinkwatch.records.alert import Exonerating, Reason
from shrinkwatch.scoring.document import Case
from shrinkwatch.scoring.dossier import FEATURES

MOST_HEARD = 3
LEAST_HEARD = 0.1
"""What moves the log odds by less than this is not worth a sentence: the odds by a tenth."""

_SAID = {
    **FEATURES,
    "of_its_kind": "what was said of alerts of the same kind",
    "of_the_person": "what was said of the same person",
    "of_the_store": "what was said of alerts in the same store",
}
"""What each number of a model says in words; the last three are `models.leaning.GROUPS`."""

_SOURCE = (
    "answers to earlier alerts; Gelman & Hill 2007 (multilevel regression); Lundberg et al. 2020, "
    "Nature Machine Intelligence 2 (TreeSHAP)"
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """A learned model that is trusted, and its id."""

    model_id: str
    model: LearnedModel

    def revised(self, cases: Sequence[Case], dossiers: pl.DataFrame) -> list[Case]:
        """Return the cases with the model's probability; what was lost and why stays.

        dossiers: a row per case (`scoring.dossier.dossiers`). The schemes keep their shares.
        """
        if not cases:
            return []
        probable = self.model.probability(dossiers).tolist()
        return [
            _believed(case, p, dossiers[row])
            for row, (case, p) in enumerate(zip(cases, probable, strict=True))
        ]

    def heard(self, case: Case) -> tuple[tuple[Reason, ...], tuple[Exonerating, ...]]:
        """Return what earlier answers make of a revised case: what accuses, and what excuses.

        Only what moves the odds most; what rules and peers say has its own reasons.
        """
        if case.dossier is None:
            return (), ()
        moved = self.model.contributions(case.dossier).row(0, named=True)
        told = [(by, name) for name, by in moved.items() if name in _SAID and name != START]
        most = sorted(told, key=lambda one: -abs(one[0]))[:MOST_HEARD]
        worth = [(name, by) for by, name in most if abs(by) >= LEAST_HEARD]
        return (
            tuple(_reason(name, by) for name, by in worth if by > 0),
            tuple(Exonerating(_sentence(name, by)) for name, by in worth if by < 0),
        )


def _reason(name: str, by: float) -> Reason:
    return Reason(_sentence(name, by), f"learned_{name}", exp(by), "times the odds", None, _SOURCE)


def _sentence(name: str, by: float) -> str:
    side, factor = ("likelier", exp(by)) if by > 0 else ("less likely", exp(-by))
    return f"By earlier answers, {_SAID[name]} makes it {side} ({factor:.1f} times the odds)."


def _believed(case: Case, probability: float, dossier: pl.DataFrame) -> Case:
    said = case.verdict
    part = probability / said.probability
    schemes = {scheme: part * p for scheme, p in said.schemes.items()}
    verdict = replace(said, probability=probability, schemes=schemes)
    return replace(case, verdict=verdict, dossier=dossier)
