"""Learns from people's answers which leads were right, starting from what rules and peers say.

First a sum with priors (`models.leaning`), for which few answers are enough; boosted trees start
from it. Where nobody has answered yet, the trees take the unlabelled system's own probability as a
weak label, so that few answers move little. Trees are kept as LightGBM writes them, in text.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models.leaning import START, Leaning, lean
from shrinkwatch.models.tables.calibration import Calibration, calibrate
from shrinkwatch.records.trouble import Refused

Floats = NDArray[np.float64]
Seen = NDArray[np.float32]

TREES, PAPER = "trees.txt", "model.json"

WEAK_ANSWERS = 30.0
"""All weak labels together weigh as much as so many answers: our choice, of the order of a month's
answers of a small chain, so that a handful of answers moves little."""

_FOLDS = 5
_ROUNDS = 100
_SHAPE: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 6,
    "learning_rate": 0.05,
    "min_data_in_leaf": 8,
    "min_sum_hessian_in_leaf": 0.5,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "verbosity": -1,
}
"""Short, slow and damped: answers are few."""


class Paper(msgspec.Struct, frozen=True):
    """What a model is beside its trees.

    columns: what it reads, in order. leaning: the sum. calibration: of the log odds.
    """

    columns: tuple[str, ...]
    leaning: Leaning = Leaning()
    calibration: Calibration = Calibration()


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """A sum of what is known of a dossier, and trees that move it."""

    trees: str
    paper: Paper

    @property
    def columns(self) -> tuple[str, ...]:
        """The features that it reads, in order."""
        return self.paper.columns

    def parts(self) -> dict[str, bytes]:
        """Return the files that hold the model, by name."""
        return {TREES: self.trees.encode(), PAPER: msgspec.json.encode(self.paper) + b"\n"}

    @classmethod
    def of(cls, parts: Mapping[str, bytes]) -> Self:
        """Return the model that these files hold; raises Refused where they hold none."""
        try:
            return cls(parts[TREES].decode(), msgspec.json.decode(parts[PAPER], type=Paper))
        except (KeyError, UnicodeDecodeError, msgspec.MsgspecError) as error:
            raise Refused(f"these files hold no learned model: {error}") from None

    def probability(self, frame: pl.DataFrame) -> Floats:
        """Return the probability of each dossier, shape (rows,).

        Raises: Refused when a column that the model reads is lacking.
        """
        return self.paper.calibration.probability(self.log_odds(frame))

    def log_odds(self, frame: pl.DataFrame) -> Floats:
        """Return the natural log odds of each dossier before they are calibrated, (rows,)."""
        lacking = [name for name in self.columns if name not in frame.columns]
        if lacking:
            raise Refused(f"the model reads {', '.join(lacking[:5])}, which the dossiers lack")
        seen = matrix(frame, self.columns)
        trees = self._trees().predict(seen, raw_score=True, num_threads=1)
        return np.asarray(self.paper.leaning.log_odds(frame) + trees)

    def beside(self, frame: pl.DataFrame) -> Floats:
        """Return what all but rules and peers add to the log odds, shape (rows,)."""
        leaning = self.paper.leaning
        return self.log_odds(frame) - leaning.shift - leaning.terms(frame)[START]

    def importance(self) -> dict[str, float]:
        """Return the share of what moves the log odds that rests on each feature, 0 … 1.

        Of the sum its weight per standard deviation, of the trees their gain, half each.
        """
        leaning = self.paper.leaning
        weights = leaning.weights | {START: leaning.slope}
        by_sum = np.array([abs(weights.get(name, 0.0)) for name in self.columns])
        gain = np.asarray(self._trees().feature_importance("gain"), dtype=np.float64)
        shares = np.mean([one / max(float(one.sum()), 1e-12) for one in (by_sum, gain)], axis=0)
        return dict(zip(self.columns, (shares / max(shares.sum(), 1e-12)).tolist(), strict=True))

    def contributions(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return by how much each feature and group moves the log odds of each dossier.

        A column each. What the trees start from counts as the contribution of START. The row's sum
        is `log_odds` less what is the same for all. Source for trees: Lundberg et al. 2020, "From
        local explanations to global understanding with explainable AI for trees", Nature Machine
        Intelligence 2 (TreeSHAP, as LightGBM has it).
        """
        found = self.paper.leaning.terms(frame)
        seen = matrix(frame, self.columns)
        values = self._trees().predict(seen, pred_contrib=True, num_threads=1)
        for name, by in zip(self.columns, np.asarray(values)[:, :-1].T, strict=True):
            found[name] = found.get(name, 0.0) + by
        return pl.DataFrame(found)

    def _trees(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.trees)


def fit(
    rows: pl.DataFrame, columns: Collection[str], rising: Collection[str] = frozenset()
) -> LearnedModel:
    """Return a model of these dossiers. The same rows give the same model.

    rows: dossiers with `probability`, `alert_id`, `outcome` (1, 0 or null: nobody answered) and
    `weight` (of the answer). columns: features to read, START among them. rising: those of which
    more must never be better.
    Raises: Refused where there are not both kinds of answers.
    """
    if rows["outcome"].drop_nulls().n_unique() < 2:
        raise Refused("there are no answers of both kinds yet; nothing can be learned from one")
    read = tuple(name for name in columns if name in rows.columns)
    model, reads = grown(rows, read, rising), _calibration(rows, read, rising)
    return LearnedModel(model.trees, msgspec.structs.replace(model.paper, calibration=reads))


def grown(rows: pl.DataFrame, columns: Sequence[str], rising: Collection[str]) -> LearnedModel:
    """Return the sum with its trees, before the log odds are calibrated. Arguments as `fit`."""
    leaning = lean(rows, [name for name in columns if not name.startswith("of_")], rising)
    return LearnedModel(_grow(rows, columns, rising, leaning), Paper(tuple(columns), leaning))


def _calibration(
    rows: pl.DataFrame, columns: Sequence[str], rising: Collection[str]
) -> Calibration:
    """Return how to read the log odds, from subjects whom the model had not learned from."""
    fold = rows["key"].to_numpy() % _FOLDS
    found, said = [], []
    for one in range(_FOLDS):
        rest, own = rows.filter(fold != one), rows.filter(fold == one).drop_nulls("outcome")
        if rest["outcome"].drop_nulls().n_unique() < 2 or own.is_empty():
            continue
        once = own.unique("alert_id", keep="last", maintain_order=True)
        found.append(grown(rest, columns, rising).log_odds(once))
        said.append(once["outcome"].to_numpy() == 1)
    return calibrate(np.concatenate(found), np.concatenate(said)) if found else Calibration()


def matrix(frame: pl.DataFrame, columns: Collection[str]) -> Seen:
    """Return the features as (rows, columns) float32, NaN where unknown."""
    return frame.select(pl.col(list(columns)).cast(pl.Float32)).to_numpy()


def _grow(
    rows: pl.DataFrame, columns: Sequence[str], rising: Collection[str], leaning: Leaning
) -> str:
    """Return LightGBM's text of the trees that start from the sum. Arguments as `fit`.

    An answered alert's rows share its weight; an unanswered row counts for both outcomes, by its
    own probability.
    """
    import lightgbm

    same = pl.col("weight") / pl.len().over("alert_id")
    told = rows.filter(pl.col("outcome").is_not_null()).with_columns(mass=same)
    weak = rows.filter(pl.col("outcome").is_null())
    each = WEAK_ANSWERS / max(weak.height, 1)
    p = pl.col("probability")
    table = pl.concat(
        [
            told.with_columns(y=pl.col("outcome").cast(pl.Float64)),
            weak.with_columns(y=pl.lit(1.0), mass=each * p),
            weak.with_columns(y=pl.lit(0.0), mass=each * (1.0 - p)),
        ],
        how="diagonal_relaxed",
    )
    data = lightgbm.Dataset(
        matrix(table, columns),
        table["y"].to_numpy(),
        weight=table["mass"].to_numpy(),
        init_score=leaning.log_odds(table),
        feature_name=list(columns),
        params={"verbosity": -1},
    )
    shape = _SHAPE | {"monotone_constraints": [int(name in rising) for name in columns]}
    return str(lightgbm.train(shape, data, _ROUNDS).model_to_string())
