"""The gate: a challenger becomes champion only when every question about it has a good answer."""

import numpy as np
import polars as pl

from shrinkwatch.models.gate.comparison import (
    by_number,
    comparison,
    reliability,
    stores,
)
from shrinkwatch.models.gate.fitness import fitness, foresight
from shrinkwatch.models.gate.groups import MODELS, NEEDED, Groups, groups
from shrinkwatch.models.gate.report import Candidate, Check, GateReport, Limits
from shrinkwatch.models.promotions import Verdict
from shrinkwatch.records.trouble import Refused


def judge(
    rows: pl.DataFrame, served: pl.DataFrame, candidate: Candidate, limits: Limits
) -> GateReport:
    """Return the gate's answer.

    rows: dossiers of later days that neither model has learned from, with their features and the
    columns `groups.NEEDED`: what is known of the answers, and both models' probabilities. served:
    dossiers of the newest closed day as scoring wrote them, features only. The same input gives
    the same report. Raises: Refused when a needed column is lacking or there is no row.
    """
    lacking = [name for name in NEEDED if name not in rows.columns]
    if lacking or rows.is_empty():
        raise Refused(
            f"the gate lacks {', '.join(lacking) or 'test days'}; score more days, then train again"
        )
    checks = list(fitness(rows, served, candidate, limits))
    sane = next(check for check in checks if check.name == "numbers").passed
    found = groups(rows if sane else _sane(rows))
    checks += foresight(rows, candidate, limits)
    checks += comparison(found, limits)
    answered = found.answered
    return GateReport(
        challenger=candidate.model_id,
        champion=candidate.champion,
        verdict=_verdict(rows, checks),
        first=rows["day"].min(),  # type: ignore[arg-type]
        last=rows["day"].max(),  # type: ignore[arg-type]
        subjects=rows["key"].n_unique(),
        answers=len(answered.frame),
        positive=int(answered.frame["outcome"].sum()),
        checks=tuple(checks),
        reliability={model: _bins(answered, model) for model in MODELS},
        precision=by_number(found),
        stores=stores(found, limits),
    )


def _bins(answered: Groups, model: str) -> tuple:  # type: ignore[type-arg]
    return reliability(answered, model) if len(answered.frame) else ()


def _sane(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with 0 in place of what is no probability, so that the rest can be told."""
    challenger = pl.col("challenger").cast(pl.Float64)
    good = challenger.is_between(0.0, 1.0) & challenger.is_not_nan()
    return rows.with_columns(pl.when(good).then(challenger).otherwise(0.0).alias("challenger"))


def _verdict(rows: pl.DataFrame, checks: list[Check]) -> Verdict:
    passed = {check.passed for check in checks}
    if False in passed:
        return "refused"
    if np.array_equal(rows["champion"].to_numpy(), rows["challenger"].to_numpy()):
        return "same"
    return "unknown" if None in passed else "passed"
