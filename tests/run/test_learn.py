"""The time given is kept, and the same table gives the same model."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.run.learn import Fit, learn

LIMIT_S = 12.0


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = np.random.default_rng(1)
    a, b = drawn.normal(size=(2, 120))
    path = tmp_path_factory.mktemp("learn") / "known.csv"
    pl.DataFrame({"a": a, "b": b, "fraud": (a + drawn.normal(size=120) > 1).astype(int)}).write_csv(
        path
    )
    return path


def fit(known: Path, out: Path, ticks: Iterator[float]) -> Fit:
    """Return what is learned by a clock that ticks whenever it is looked at."""
    return learn(known, "fraud", out, profit=Profit(), clock=lambda: next(ticks), limit_s=LIMIT_S)


def test_a_clock_that_stands_still_lets_all_be_done(known: Path, tmp_path: Path) -> None:
    found = fit(known, tmp_path / "model", iter(lambda: 0.0, None))
    assert found.left_out == 1.0
    assert not any("busy" in note for note in found.notes)


def test_the_same_table_gives_the_same_model_at_whatever_speed(known: Path, tmp_path: Path) -> None:
    fit(known, tmp_path / "fast", count(0, 0.001))
    fit(known, tmp_path / "slow", count(0, 0.07))
    for part in sorted(tmp_path.glob("fast/*")):
        if part.name != "manifest.json":
            assert part.read_bytes() == (tmp_path / "slow" / part.name).read_bytes()


def test_a_machine_far_too_slow_stops_in_time_and_says_so(known: Path, tmp_path: Path) -> None:
    found = fit(known, tmp_path / "model", count(0, 1.0))
    assert found.seconds <= 1.25 * LIMIT_S
    assert found.left_out < 1.0
    assert found.estimate.rows < 120
    assert any("this machine was too busy for the choice" in note for note in found.notes)


def test_rows_without_a_label_are_told(known: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(known, infer_schema=False)
    more = pl.concat([frame, frame.head(7).with_columns(fraud=pl.lit(""))])
    more.write_csv(tmp_path / "more.csv")
    found = fit(tmp_path / "more.csv", tmp_path / "model", count(0, 1.0))
    assert "7 rows without a label were left out" in found.notes
    assert found.rows == 120
