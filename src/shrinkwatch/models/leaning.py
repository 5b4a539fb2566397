"""Which way people's answers lean: a sum over features, schemes, persons and stores.

    log odds = shift + slope · what rules and peers say + Σ weight · feature
               + lean of the scheme + lean of the person + lean of the store

Every term has a normal prior, with its mean where the unlabelled system stands (slope 1, the others
0); the answers move it to the most probable place. A few dozen answers are enough to learn that
alerts of one scheme, or on one person, are mostly wrong. Source: Gelman & Hill 2007, "Data Analysis
Using Regression and Multilevel Models", chapter 14 (multilevel logistic regression).
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from scipy.special import expit

Floats = NDArray[np.float64]

START = "log_odds"
"""The feature that holds what rules and peers say."""

MOST_ODDS = 8.0
"""Log odds are cut at ± this: evidence that is called a million to one was wrong before."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "of_its_kind": ("scheme",),
    "of_the_person": ("subject", "key"),
    "of_the_store": ("store_id",),
}
"""What a dossier has in common with others, and the columns that name it."""

SPREAD: Mapping[str, float] = {
    "of_its_kind": 1.0,
    "of_the_person": 2.5,
    "of_the_store": 0.5,
}
SPREAD_SHIFT, SPREAD_SLOPE, SPREAD_FEATURE = 1.0, 0.3, 0.1
"""Standard deviations of the priors, in log odds; a feature's by its own standard deviation. Chosen
on two simulated chains of 80 stores (docs/decisions/learning-from-answers.md)."""


class Leaning(msgspec.Struct, frozen=True):
    """The sum. weights: per standard deviation (`scale`) of a feature from its `mean`. groups: the
    lean of each that was answered about, by its name (`names`)."""

    shift: float = 0.0
    slope: float = 1.0
    mean: dict[str, float] = {}
    scale: dict[str, float] = {}
    weights: dict[str, float] = {}
    groups: dict[str, dict[str, float]] = {}

    def terms(self, frame: pl.DataFrame) -> dict[str, Floats]:
        """Return what each term adds to the log odds of each dossier, (rows,) each; START's too.

        What is unknown of a dossier adds nothing.
        """
        found = {START: self.slope * start(frame)}
        for name, weight in self.weights.items():
            seen = frame[name].cast(pl.Float64).to_numpy()
            found[name] = np.nan_to_num(weight * (seen - self.mean[name]) / self.scale[name])
        for group, leans in self.groups.items():
            known = names(frame, group)
            found[group] = np.array([leans.get(name, 0.0) for name in known], dtype=np.float64)
        return found

    def log_odds(self, frame: pl.DataFrame) -> Floats:
        """Return the natural log odds of each dossier, (rows,)."""
        return np.asarray(self.shift + sum(self.terms(frame).values()))


def start(frame: pl.DataFrame) -> Floats:
    """Return what rules and peers say as log odds, shape (rows,)."""
    return np.asarray(np.clip(frame[START].cast(pl.Float64).to_numpy(), -MOST_ODDS, MOST_ODDS))


def names(frame: pl.DataFrame, group: str) -> list[str]:
    """Return the name that each dossier has in this group; "" where it has none."""
    parts = [pl.col(name).cast(pl.String) for name in GROUPS[group]]
    said = frame.select(pl.concat_str(parts, separator=" ").fill_null(""))
    return said.to_series().to_list()


def lean(rows: pl.DataFrame, columns: Sequence[str], rising: Collection[str]) -> Leaning:
    """Return the most probable sum. The same rows give the same sum.

    rows: dossiers with `alert_id`, `outcome` (1, 0 or null: nobody answered) and `weight` (of the
    answer; an alert's dossiers share it). columns: features to read. rising: those of which more
    must never be better.
    """
    told = rows.filter(pl.col("outcome").is_not_null())
    mass = told.select(pl.col("weight") / pl.len().over("alert_id")).to_series().to_numpy()
    scales = _scales(rows, [name for name in columns if name != START])
    blank = Leaning(
        mean={name: mean for name, (mean, _) in scales.items()},
        scale={name: scale for name, (_, scale) in scales.items()},
        weights=dict.fromkeys(scales, 1.0),
    )
    terms = blank.terms(told)
    groups = {one: names(told, one) for one in GROUPS if set(GROUPS[one]) <= set(told.columns)}
    places = [(one, name) for one, said in groups.items() for name in sorted(set(said)) if name]
    design = _design(terms, list(scales), groups, places)
    spread = [SPREAD_SHIFT, SPREAD_SLOPE, *[SPREAD_FEATURE] * len(scales)]
    spread += [SPREAD[one] for one, _ in places]
    bounds = [(None, None), (0.0, None)]
    bounds += [(0.0 if name in rising else None, None) for name in scales]
    bounds += [(None, None)] * len(places)
    outcome = told["outcome"].cast(pl.Float64).to_numpy()
    found = _most_probable(design, outcome, mass, np.array(spread), bounds).tolist()
    leans: dict[str, dict[str, float]] = {one: {} for one in groups}
    for (one, name), by in zip(places, found[2 + len(scales) :], strict=True):
        leans[one][name] = by
    return msgspec.structs.replace(
        blank,
        shift=found[0],
        slope=found[1],
        weights=dict(zip(scales, found[2:], strict=False)),
        groups=leans,
    )


def _scales(rows: pl.DataFrame, columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of the features that are not the same everywhere."""
    seen = rows.select(pl.col(columns).cast(pl.Float64).fill_nan(None))
    found = {name: (seen[name].mean(), seen[name].std()) for name in columns}
    return {
        name: (float(mean), float(scale))  # type: ignore[arg-type]
        for name, (mean, scale) in found.items()
        if mean is not None and scale is not None and float(scale) > 0.0  # type: ignore[arg-type]
    }


def _design(
    terms: Mapping[str, Floats],
    features: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    places: Sequence[tuple[str, str]],
) -> csr_array:
    """Return the terms as a matrix, (rows, 2 + features + names of groups)."""
    rows = terms[START].size
    dense = np.column_stack([np.ones(rows), terms[START], *[terms[name] for name in features]])
    column = {place: number for number, place in enumerate(places)}
    at = [
        (row, column[one, name])
        for one, said in groups.items()
        for row, name in enumerate(said)
        if name
    ]
    row, into = (np.array(part, dtype=np.int64) for part in zip(*at, strict=True)) if at else _NONE
    member = csr_array((np.ones(row.size), (row, into)), shape=(rows, len(places)))
    return hstack([csr_array(dense), member], format="csr")


_NONE = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def _most_probable(
    design: csr_array,
    outcome: Floats,
    mass: Floats,
    spread: Floats,
    bounds: Sequence[tuple[float | None, float | None]],
) -> Floats:
    """Return where the answers and the priors together are most probable, (columns,)."""
    mean = np.zeros(spread.size)
    mean[1] = 1.0

    def loss(at: Floats) -> tuple[float, Floats]:
        odds = design @ at
        away = (at - mean) / spread
        total = mass @ (np.logaddexp(0.0, odds) - outcome * odds) + 0.5 * away @ away
        return float(total), design.T @ (mass * (expit(odds) - outcome)) + away / spread

    from scipy.optimize import minimize  # takes long to load, and live scoring starts without it

    found = minimize(loss, mean, jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x)
