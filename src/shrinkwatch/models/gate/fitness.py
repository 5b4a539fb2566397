"""Asks of the challenger itself: is it whole, sane, quick, timely, and free of foresight?"""

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t as student

from shrinkwatch.models.gate.report import Candidate, Check, Limits, answer
from shrinkwatch.models.tables.leaks import area

Clock = Callable[[], float]

_FEWER = 0.1
"""A feature known on less than this part of the rows that it was known on before is not there."""
_TIMES = 3


def fitness(
    rows: pl.DataFrame, served: pl.DataFrame, candidate: Candidate, limits: Limits
) -> Iterator[Check]:
    """Yield the checks of the challenger itself.

    rows: the test rows with their features. served: rows as scoring wrote them on the newest day,
    before anybody answered.
    """
    yield _signature(candidate)
    yield _schema(candidate, served)
    yield _numbers(rows["challenger"])
    yield _future(candidate, rows["day"].min(), limits)  # type: ignore[arg-type]
    yield _stale(candidate, rows["day"].min(), limits)  # type: ignore[arg-type]
    yield _latency(candidate, limits)
    yield _unavailable(rows, served, candidate, limits)


def foresight(rows: pl.DataFrame, candidate: Candidate, limits: Limits) -> Iterator[Check]:
    """Yield the checks for answers that leaked into the features, by answered test rows."""
    answered = rows.filter(pl.col("outcome").is_not_null())
    positive = answered["outcome"].to_numpy() == 1
    if positive.all() or not positive.any():
        unsure = "there are not both kinds of answers to look for leaks with"
        for name in ("leak", "implausible", "random_labels"):
            yield answer(name, None, None, limits.knows, unsure)
        return
    yield _leak(answered, positive, candidate, limits)
    yield _implausible(answered, positive, limits)
    yield _random_labels(candidate, limits)


def seconds_per_row(
    score: Callable[[pl.DataFrame], object], rows: pl.DataFrame, clock: Clock
) -> float:
    """Return how long a row takes when these are scored together, the best of three times.

    clock: tells seconds, like `time.perf_counter`.
    """
    took = []
    for _ in range(_TIMES):
        began = clock()
        score(rows)
        took.append(clock() - began)
    return min(took) / max(rows.height, 1)


def _signature(candidate: Candidate) -> Check:
    said = "signed, and unchanged since" if candidate.verifies else "unsigned, or changed since"
    return answer("signature", candidate.verifies, float(candidate.verifies), 1.0, said)


def _schema(candidate: Candidate, served: pl.DataFrame) -> Check:
    lacking = [name for name in candidate.columns if name not in served.columns]
    said = "reads only features that scoring computes"
    if lacking:
        said = f"reads {', '.join(lacking[:5])}, which scoring does not compute"
    return answer("schema", not lacking, float(len(lacking)), 0.0, said)


def _numbers(probability: pl.Series) -> Check:
    values = probability.cast(pl.Float64).to_numpy()
    with np.errstate(invalid="ignore"):
        wrong = int((~((values >= 0.0) & (values <= 1.0))).sum())
    said = f"{wrong:,} of {values.size:,} rows have no probability between 0 and 1"
    return answer("numbers", wrong == 0, float(wrong), 0.0, said)


def _future(candidate: Candidate, first: date, limits: Limits) -> Check:
    gap = (first - candidate.data.last).days
    said = (
        f"learned from days up to {candidate.data.last}, the test begins on {first} and answers "
        f"come {limits.label_delay_days} days later"
    )
    return answer(
        "future_data", gap > limits.label_delay_days, float(gap), limits.label_delay_days, said
    )


def _stale(candidate: Candidate, first: date, limits: Limits) -> Check:
    gap = (first - candidate.data.last).days
    most = limits.label_delay_days + limits.stale_days
    said = f"what it learned ends {gap} days before the test begins"
    return answer("stale", gap <= most, float(gap), float(most), said)


def _latency(candidate: Candidate, limits: Limits) -> Check:
    said = f"takes {candidate.row_s * 1e6:,.1f} microseconds a row"
    return answer("latency", candidate.row_s <= limits.row_s, candidate.row_s, limits.row_s, said)


def _unavailable(
    rows: pl.DataFrame, served: pl.DataFrame, candidate: Candidate, limits: Limits
) -> Check:
    if served.is_empty():
        said = "no day was scored since, so that nobody knows what is unknown then"
        return answer("unavailable", None, None, limits.weight_of_unknown, said)
    absent = [
        name
        for name in candidate.columns
        if name in rows.columns
        and _known(served, name) < _FEWER * _known(rows, name)
        and candidate.importance.get(name, 0.0) > 0.0
    ]
    share = sum(candidate.importance[name] for name in absent)
    said = "rests on nothing that is unknown when a day is scored"
    if absent:
        said = f"{share:.0%} of what it learned rests on {', '.join(absent[:5])}, unknown when a "
        said += "day is scored"
    return answer(
        "unavailable", share <= limits.weight_of_unknown, share, limits.weight_of_unknown, said
    )


def _known(rows: pl.DataFrame, name: str) -> float:
    """Return on what share of these rows the feature is known."""
    if name not in rows.columns:
        return 0.0
    return 1.0 - rows[name].null_count() / rows.height


def _leak(
    answered: pl.DataFrame, positive: NDArray[np.bool_], candidate: Candidate, limits: Limits
) -> Check:
    alone = {
        name: _alone(answered[name], positive)
        for name in candidate.columns
        if name in answered.columns and candidate.importance.get(name, 0.0) > 0.0
    }
    best, name = max(((found, name) for name, found in alone.items()), default=(0.5, "none"))
    said = f"the best single feature, {name}, alone has an area of {best:.3f}"
    return answer("leak", best < limits.knows, best, limits.knows, said)


def _alone(feature: pl.Series, positive: NDArray[np.bool_]) -> float:
    """Return the area under the curve of one feature, upwards or downwards; null is lowest."""
    found = area(positive, feature.cast(pl.Float64).fill_null(-np.inf).fill_nan(-np.inf).to_numpy())
    return max(found, 1.0 - found)


def _implausible(answered: pl.DataFrame, positive: NDArray[np.bool_], limits: Limits) -> Check:
    before, after = (
        area(positive, answered[model].cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy())
        for model in ("champion", "challenger")
    )
    sudden = after >= limits.implausible_area and after - before >= limits.implausible_gain
    said = f"area under the curve {after:.3f}, the champion's is {before:.3f}"
    return answer("implausible", not sudden, after, limits.implausible_area, said)


def _random_labels(candidate: Candidate, limits: Limits) -> Check:
    """Return whether the learner finds nothing where there is nothing, on average.

    One shuffle proves little: what it teaches may by chance point the way of the true answers.
    """
    found = np.asarray(candidate.random_areas)
    if found.size < limits.shuffles:
        said = (
            f"the learner was tried on {found.size} shuffles of the answers, not {limits.shuffles}"
        )
        return answer("random_labels", None, None, limits.random_area, said)
    error = float(found.std(ddof=1)) / np.sqrt(found.size)
    limit = max(limits.random_area, float(student.isf(0.005, found.size - 1)) * error)
    away = abs(float(found.mean()) - 0.5)
    said = f"taught shuffled answers it has an area of {found.mean():.3f}; 0.5 is chance"
    return answer("random_labels", away <= limit, away, limit, said)
