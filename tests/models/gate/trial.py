"""A made-up chain whose answers follow a known law, and real models that learn from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import lightgbm
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

from shrinkwatch.models.gate.judge import judge
from shrinkwatch.models.gate.report import Candidate, GateReport, Limits
from shrinkwatch.models.manifest import DataWindow

Floats = NDArray[np.float64]

COLUMNS = ("refunds", "overrides", "tenure", "noise")
START = date(2026, 1, 5)
LEARN_WEEKS, GAP_WEEKS, TEST_WEEKS = 8, 2, 6
STORES, SUBJECTS = 12, 300
LAST_LEARNED = START + timedelta(days=7 * LEARN_WEEKS - 3)
TEST = START + timedelta(days=7 * (LEARN_WEEKS + GAP_WEEKS))


def rows(seed: int) -> pl.DataFrame:
    """Return dossiers of all weeks: two rows a subject and week, of which one in two is answered.

    The true log odds are -2.6 + 1.5 refunds + 1.2 overrides - 0.8 tenure; the champion sees the
    refunds alone, as well as anybody can who sees those alone.
    """
    drawn = np.random.default_rng(seed)
    weeks = LEARN_WEEKS + GAP_WEEKS + TEST_WEEKS
    week, subject = (part.ravel() for part in np.mgrid[:weeks, :SUBJECTS])
    facts = drawn.normal(size=(week.size, len(COLUMNS)))
    true = -2.6 + facts @ [1.5, 1.2, -0.8, 0.0]
    outcome = (drawn.random(week.size) < expit(true)).astype(np.int8)
    # a normal mixture of logits: sqrt(1 + pi/8 s2) shrinks them (MacKay 1992)
    champion = expit((-2.6 + 1.5 * facts[:, 0]) / np.sqrt(1 + np.pi / 8 * (1.2**2 + 0.8**2)))
    frame = pl.DataFrame(
        {
            "monday": [START + timedelta(days=7 * int(one)) for one in week],
            "key": subject.astype(np.uint64) + 1,
            "store_id": [f"S{one % STORES}" for one in subject],
            "alert_id": [
                f"{one:03d}-{other:04d}" for one, other in zip(week, subject, strict=True)
            ],
            "outcome": np.where(drawn.random(week.size) < 0.5, outcome, -1),
            "weight": 1.0,
            "loss_minor": 20_000,
            "currency": "EUR",
            "champion": champion,
            **{name: facts[:, place] for place, name in enumerate(COLUMNS)},
        }
    ).with_columns(pl.col("outcome").replace(-1, None))
    days = [frame.with_columns(day=pl.col("monday") + pl.duration(days=day)) for day in (1, 4)]
    return pl.concat(days).drop("monday").sort("day", "key")


@dataclass
class Trial:
    """A challenger about to be judged: what it learns from, how, and what is told of it."""

    frame: pl.DataFrame
    columns: tuple[str, ...] = COLUMNS
    leaves: int = 4
    rounds: int = 40
    fewest: int = 30
    flipped: bool = False
    verifies: bool = True
    learned_until: date = LAST_LEARNED
    said: Callable[[Floats], Floats] = field(default=np.asarray)
    limits: Limits = field(default_factory=Limits)

    @property
    def test(self) -> pl.DataFrame:
        return self.frame.filter(pl.col("day") >= TEST)

    def booster(self, shuffle: int | None = None) -> lightgbm.Booster:
        learn = self.frame.filter(
            (pl.col("day") <= self.learned_until) & pl.col("outcome").is_not_null()
        )
        answer = learn["outcome"].to_numpy().astype(float)
        if self.flipped:
            answer = 1.0 - answer
        if shuffle is not None:
            answer = np.random.default_rng(shuffle).permutation(answer)
        told = {
            "objective": "binary", "num_leaves": self.leaves, "learning_rate": 0.1,
            "min_data_in_leaf": self.fewest, "num_threads": 1, "deterministic": True,
            "force_row_wise": True, "seed": 1, "verbosity": -1, "min_sum_hessian_in_leaf": 1e-6,
        }  # fmt: skip
        data = lightgbm.Dataset(
            learn.select(self.columns).to_numpy(), answer, params={"verbosity": -1}
        )
        return lightgbm.train(told, data, self.rounds)

    def score(self, booster: lightgbm.Booster, frame: pl.DataFrame) -> Floats:
        matrix = frame.select(self.columns).cast(pl.Float64).to_numpy()
        return np.asarray(booster.predict(matrix, num_threads=1))

    def candidate(
        self, booster: lightgbm.Booster, random_areas: tuple[float, ...] = (0.5,) * 5
    ) -> Candidate:
        gain = booster.feature_importance("gain")
        return Candidate(
            model_id="challenger",
            champion="champion",
            verifies=self.verifies,
            columns=self.columns,
            data=DataWindow(START, self.learned_until, 100),
            importance=dict(zip(self.columns, gain / max(gain.sum(), 1e-9), strict=True)),
            row_s=1e-6,
            random_areas=random_areas,
        )

    def judged(self) -> GateReport:
        booster = self.booster()
        test = self.test.with_columns(challenger=self.said(self.score(booster, self.test)))
        return judge(test, served(self.frame), self.candidate(booster), self.limits)


def served(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the newest day as scoring wrote it: what is noted with the answer is not there yet."""
    newest = frame.filter(pl.col("day") == pl.col("day").max())
    noted = [name for name in ("noted",) if name in newest.columns]
    return newest.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in noted)


def sharper(times: float) -> Callable[[Floats], Floats]:
    """Return what makes probabilities surer than they may be."""
    return lambda probability: expit(times * logit(np.clip(probability, 1e-9, 1 - 1e-9)))
