"""Sets both models side by side: on the same answers, and at the same number of alerts."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import binom, norm

from shrinkwatch.models.gate import figures
from shrinkwatch.models.gate.groups import MODELS, Groups, admitted
from shrinkwatch.models.gate.report import AtNumber, Bin, Check, Limits, StoreRow, answer

Floats = NDArray[np.float64]

SEED = 1
_LEAST_ALERTS = 2
"""So many alerts more or fewer are within the limit however few there are."""


def enough(answered: Groups, limits: Limits) -> Check:
    """Return whether there are answers enough to compare with."""
    told = answered.frame["outcome"]
    yes = int(told.sum())
    no = len(told) - yes
    passed = len(told) >= limits.answers and min(yes, no) >= limits.of_a_kind
    said = (
        f"{len(told):,} alerts of the test days were answered, {yes:,} of them yes; it takes "
        f"{limits.answers} with {limits.of_a_kind} of each kind"
    )
    return answer("answers", True if passed else None, float(len(told)), limits.answers, said)


def comparison(found: Groups, limits: Limits) -> Iterator[Check]:
    """Yield the checks of both models on the same answers; unknown where those are too few."""
    answered = found.answered
    check = enough(answered, limits)
    yield check
    yield volume(found, limits)
    if check.passed:
        yield precision(found, limits)
        yield from ranking(answered, limits)
        yield from calibration(answered, limits)
        yield worst_store(answered, limits)
        yield store_recall(found, limits)
        return
    for name in (
        "precision",
        "ranking",
        "paired",
        "brier",
        "calibration",
        "worst_store",
        "store_recall",
    ):
        yield answer(name, None, None, 0.0, "too few answers to know")


def volume(found: Groups, limits: Limits) -> Check:
    """Return whether people get about as many alerts as before."""
    before, after = (len(admitted(found, model, limits.ceiling).frame) for model in MODELS)
    passed = abs(after - before) <= max(limits.volume * before, _LEAST_ALERTS)
    said = f"{after:,} alerts in the test days, the champion {before:,}"
    change = (after - before) / before if before else float(after > 0)
    return answer("volume", passed, change, limits.volume, said)


def precision(found: Groups, limits: Limits) -> Check:
    """Return whether as many alerts of the challenger are right as of the champion's."""
    shown = [admitted(found, model, limits.ceiling) for model in MODELS]
    number = min(len(one.frame) for one in shown)
    top = [Groups(one.frame.head(number)).answered for one in shown]
    least = min((len(one.frame) for one in top), default=0)
    if least < limits.of_a_kind:
        said = f"of the first {number:,} alerts of one of them only {least} were answered"
        return answer("precision", None, None, -limits.precision_margin, said)
    before, after = (float(np.average(one.outcome, weights=one.weight)) for one in top)
    low, high = figures.interval(_precision_changes(top))
    passed = after - before >= -limits.precision_margin and high >= 0.0
    said = (
        f"of the first {number:,} alerts {after:.0%} of the answered are right, the champion's "
        f"{before:.0%}; difference {after - before:+.3f} ({low:+.3f} to {high:+.3f})"
    )
    return answer("precision", passed, after - before, -limits.precision_margin, said)


def _precision_changes(top: list[Groups]) -> Floats:
    """Return how the precision changes when the subjects of both are drawn anew together."""
    both = Groups(pl.concat([one.frame for one in top]).unique("alert_id").sort("alert_id"))
    weights = figures.resampled(_clusters(both), both.weight, SEED)
    ids = both.frame["alert_id"]
    shares = []
    for one in top:
        mine = weights * ids.is_in(one.frame["alert_id"].implode()).to_numpy()
        with np.errstate(invalid="ignore"):
            shares.append(mine @ both.outcome / mine.sum(axis=1))
    return np.asarray(shares[1] - shares[0])


def ranking(answered: Groups, limits: Limits) -> Iterator[Check]:
    """Yield whether the challenger orders the answers no worse: as measured, and for certain."""
    outcome, weight = answered.outcome, answered.weight
    before, after = (
        float(figures.average_precision(answered.peak(model), outcome, weight[None, :])[0])
        for model in MODELS
    )
    said = f"average precision {after:.3f}, the champion's {before:.3f}"
    yield answer("ranking", after >= before - limits.margin, after - before, -limits.margin, said)
    weights = figures.resampled(_clusters(answered), weight, SEED)
    draws = [figures.average_precision(answered.peak(model), outcome, weights) for model in MODELS]
    low, high = figures.interval(draws[1] - draws[0])
    said = (
        f"drawing subjects anew, the difference lies between {low:+.3f} and {high:+.3f} in 95 % "
        "of the draws"
    )
    yield answer("paired", low >= -limits.margin, low, -limits.margin, said)


def calibration(answered: Groups, limits: Limits) -> Iterator[Check]:
    """Yield whether the probabilities can be taken at their word, as far as the answers tell."""
    outcome, weight = answered.outcome, answered.weight
    said_by = [answered.last(model) for model in MODELS]
    before, after = (figures.brier(said, outcome, weight) for said in said_by)
    told = f"Brier score {after:.4f}, the champion's {before:.4f}; 0 is perfect"
    passed = after - before <= limits.brier_margin
    yield answer("brier", passed, after - before, limits.brier_margin, told)
    was, now = (figures.calibration_error(said, outcome, weight) for said in said_by)
    chance = figures.chance_calibration_error(said_by[1], weight, SEED)
    limit = max(chance, was) + limits.ece_margin
    told = f"calibration error {now:.3f}, the champion's {was:.3f}; chance explains {chance:.3f}"
    yield answer("calibration", now <= limit, now, limit, told)


def worst_store(answered: Groups, limits: Limits) -> Check:
    """Return whether no store is judged clearly worse than before.

    A store counts as worse when its Brier score rose by more than the margin and chance does not
    explain it: a one-sided t at 5 % over all stores together. Source: Bonferroni 1936.
    """
    rows = _store_changes(answered, limits.store_answers)
    z = float(norm.isf(0.05 / max(rows.height, 1)))
    worse = rows.filter(
        (pl.col("change") > limits.store_margin) & (pl.col("change") > z * pl.col("error"))
    )
    worst = (worse if worse.height else rows).row(0, named=True)
    name = worst["place"] or "the stores with few answers"
    said = f"{name} changed most: Brier score {worst['change']:+.3f}, {worst['answers']} answers"
    return answer("worst_store", not worse.height, worst["change"], limits.store_margin, said)


def store_recall(found: Groups, limits: Limits) -> Check:
    """Return whether no store loses clearly more right alerts than it gains.

    Of the alerts that were answered yes and only one of the two raises, half should be either's:
    exact one-sided sign test at 5 % over all stores. Source: McNemar 1947, Psychometrika 12.
    """
    yes = [
        admitted(found, model, limits.ceiling)
        .frame.filter(outcome=1)
        .select("alert_id", "store_id")
        for model in MODELS
    ]
    lost = yes[0].join(yes[1], on="alert_id", how="anti").group_by("store_id").agg(lost=pl.len())
    won = yes[1].join(yes[0], on="alert_id", how="anti").group_by("store_id").agg(won=pl.len())
    both = lost.join(won, on="store_id", how="left", nulls_equal=True).fill_null(0)
    rows = both.filter(pl.col("lost") > 0).sort("store_id").rows()
    level = 0.05 / max(found.frame["store_id"].n_unique(), 1)
    tails = [(float(binom.sf(gone - 1, gone + new, 0.5)), store, gone) for store, gone, new in rows]
    tail, store, gone = min(tails, key=lambda one: one[0], default=(1.0, "no store", 0))
    said = f"{store or 'the chain'} loses most: {gone} alerts that were right"
    return answer("store_recall", tail >= level, tail, level, said)


def _store_changes(answered: Groups, least: int) -> pl.DataFrame:
    """Return place, answers, change and its standard error, the worst first."""
    frame = answered.frame.with_columns(change=_brier_change(), place=pl.col("store_id"))
    many = pl.len().over("store_id") >= least
    frame = frame.with_columns(pl.when(many).then(pl.col("place")).alias("place"))
    mean = (pl.col("change") * pl.col("weight")).sum() / pl.col("weight").sum()
    # of one answer alone the spread is that of an answer between 0 and 1
    error = pl.col("change").std().fill_null(0.5) / pl.len().sqrt()
    grouped = frame.group_by("place").agg(mean, answers=pl.len(), error=error)
    return grouped.sort("change", "place", descending=[True, False])


def _brier_change() -> pl.Expr:
    champion, challenger = (pl.col(model) - pl.col("outcome") for model in MODELS)
    return challenger**2 - champion**2


def stores(found: Groups, limits: Limits) -> tuple[StoreRow, ...]:
    """Return every store's alerts under both and what its answers say, by id."""
    shown = [
        admitted(found, model, limits.ceiling).frame.group_by("store_id").agg(pl.len().alias(model))
        for model in MODELS
    ]
    answers = found.answered.frame.group_by("store_id").agg(
        answers=pl.len(), brier_change=_brier_change().mean()
    )
    joined = found.frame.select("store_id").unique()
    for part in (*shown, answers):
        joined = joined.join(part, on="store_id", how="left", nulls_equal=True)
    filled = joined.with_columns(pl.col(*MODELS, "answers").fill_null(0)).sort("store_id")
    return tuple(
        StoreRow(**row) for row in filled.select(*StoreRow.__struct_fields__).iter_rows(named=True)
    )


def reliability(answered: Groups, model: str) -> tuple[Bin, ...]:
    """Return what was said and what came true, in bins of about equally many answers."""
    said, outcome, weight = answered.last(model), answered.outcome, answered.weight
    place = figures.bins_of(said)
    made = []
    for one in range(int(place.max()) + 1 if place.size else 0):
        inside = place == one
        of = int(inside.sum())
        true = float(np.average(outcome[inside], weights=weight[inside]))
        low, high = figures.wilson(true * of, of)
        mean = float(np.average(said[inside], weights=weight[inside]))
        made.append(Bin(mean, true, low, high, of))
    return tuple(made)


def by_number(found: Groups, most: int = 200) -> tuple[AtNumber, ...]:
    """Return the precision of both among the first so many groups, about thirty numbers."""
    numbers = np.unique(np.linspace(1, min(most, len(found.frame)), 30).astype(int))
    shares = [_precisions(found, model) for model in MODELS]
    return tuple(
        AtNumber(int(number), *(share[number - 1] for share in shares)) for number in numbers
    )


def _precisions(found: Groups, model: str) -> list[float | None]:
    """Return by number of groups the weighted share of right ones among the answered."""
    ordered = found.frame.sort(pl.Series(-found.peak(model)), pl.col("alert_id"))
    known = pl.col("outcome").is_not_null() * pl.col("weight")
    right = (pl.col("outcome").fill_null(0) * known).cum_sum()
    of = known.cum_sum()
    return ordered.select(pl.when(of > 0).then(right / of).alias("share"))["share"].to_list()


def _clusters(answered: Groups) -> NDArray[np.int64]:
    return answered.frame["key"].rank("dense").to_numpy().astype(np.int64) - 1
