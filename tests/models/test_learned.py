"""What a model learns from answers, and that little moves it little."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from shrinkwatch.models.learned import PAPER, TREES, LearnedModel, fit
from shrinkwatch.records.trouble import Refused

COLUMNS = ("log_odds", "new", "noise")


def dossiers(rows: int, answered: float, seed: int = 1, blame: float = -3.0) -> pl.DataFrame:
    """Return dossiers of a chain in which `blame` is added to the log odds of who is new."""
    rng = np.random.default_rng(seed)
    said = rng.normal(0.5, 1.5, rows)
    new = rng.random(rows) < 0.4
    theft = rng.random(rows) < expit(said + blame * new)
    known = rng.random(rows) < answered
    return pl.DataFrame(
        {
            "key": pl.Series(np.arange(rows), dtype=pl.UInt64),
            "alert_id": [str(n) for n in range(rows)],
            "log_odds": said,
            "probability": expit(said),
            "new": new.astype(float),
            "noise": rng.normal(size=rows),
            "outcome": pl.Series(
                [int(t) if k else None for t, k in zip(theft, known, strict=True)]
            ),
            "weight": 1.0,
            "truth": theft,
        }
    )


def brier(probability: np.ndarray, rows: pl.DataFrame) -> float:
    return float(((probability - rows["truth"].to_numpy()) ** 2).mean())


def test_answers_teach_what_rules_do_not_know() -> None:
    model, later = fit(dossiers(800, 0.5), COLUMNS, {"log_odds"}), dossiers(2000, 0.0, seed=2)
    probable = model.probability(later)
    assert brier(probable, later) < 0.8 * brier(later["probability"].to_numpy(), later)
    new = (later["new"] == 1).to_numpy()
    true, before = (
        later["truth"].to_numpy()[new].mean(),
        later["probability"].to_numpy()[new].mean(),
    )
    assert abs(probable[new].mean() - true) < 0.25 * abs(before - true)


def test_a_handful_of_answers_moves_little() -> None:
    few = dossiers(400, 0.02, blame=0.0)
    moved = fit(few, COLUMNS, {"log_odds"}).probability(few) - few["probability"].to_numpy()
    assert np.abs(moved).mean() < 0.15


def test_more_of_what_is_known_to_be_worse_is_never_better() -> None:
    model = fit(dossiers(600, 0.6), COLUMNS, {"log_odds"})
    ladder = pl.DataFrame({"log_odds": np.linspace(-4, 4, 81), "new": 0.0, "noise": 0.0})
    assert (np.diff(model.probability(ladder)) >= 0).all()


def test_contributions_add_up_to_the_log_odds() -> None:
    model, rows = fit(dossiers(600, 0.6), COLUMNS), dossiers(50, 0.0, seed=3)
    rest = model.log_odds(rows) - model.contributions(rows).sum_horizontal().to_numpy()
    assert np.ptp(rest) < 1e-9


def test_the_same_answers_give_the_same_model_and_its_files_give_it_back() -> None:
    rows = dossiers(300, 0.5)
    first, second = fit(rows, COLUMNS), fit(rows, COLUMNS)
    assert first.parts() == second.parts()
    back = LearnedModel.of(first.parts())
    assert (back.probability(rows) == first.probability(rows)).all()
    assert sum(first.importance().values()) == pytest.approx(1.0)


def test_unknown_features_are_taken_as_unknown() -> None:
    model = fit(dossiers(300, 0.5), COLUMNS)
    unknown = dossiers(20, 0.0).with_columns(new=pl.lit(None, dtype=pl.Float64))
    assert np.isfinite(model.probability(unknown)).all()


def test_what_cannot_be_learned_or_read_is_refused() -> None:
    with pytest.raises(Refused, match="both kinds"):
        fit(dossiers(50, 0.0), COLUMNS)
    model = fit(dossiers(100, 0.5), COLUMNS)
    with pytest.raises(Refused, match="reads new"):
        model.probability(dossiers(5, 0.0).drop("new"))
    with pytest.raises(Refused, match="no learned model"):
        LearnedModel.of({TREES: b"", PAPER: b"[]"})
