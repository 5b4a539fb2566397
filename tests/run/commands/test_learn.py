"""From a labelled file to flags on another, by the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.run.cli import app
from shrinkwatch.run.learn import learn

ROWS = 240


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["learn", *map(str, words)])


def baskets(rows: int, seed: int) -> pl.DataFrame:
    drawn = np.random.default_rng(seed)
    seconds, rate = drawn.uniform(10, 900, rows), drawn.uniform(0.01, 0.5, rows)
    return pl.DataFrame(
        {
            "receipt": np.arange(rows),
            "seconds": seconds,
            "rate": rate,
            "pay": drawn.choice(["cash", "card"], rows),
            "fraud": (seconds * rate > 150).astype(int),
        }
    )


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    folder = tmp_path_factory.mktemp("learn")
    baskets(ROWS, 1).write_csv(folder / "known.csv", separator=";")
    done = run(
        "fit", folder / "known.csv", "--label", "fraud", "--sep", ";", "--minutes", "0.2",
        "--out", folder / "in-time", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    # The model for the tests below: by a clock that stands still, however busy this machine is.
    steady = learn(
        folder / "known.csv", "fraud", folder / "model", profit=Profit(), clock=lambda: 0.0,
        limit_s=12.0,
    )  # fmt: skip
    assert steady.estimate.per_thousand > steady.estimate.none
    return folder, json.loads(done.stdout)


def test_it_says_what_was_learned_and_what_that_earns(
    learned: tuple[Path, dict[str, object]],
) -> None:
    said = learned[1]
    assert said["rows"] == ROWS
    assert said["columns"] == 3
    assert said["ignored"] == [{"name": "receipt", "why": "every row has its own number"}]
    assert said["threshold"] == pytest.approx(25 / 35)
    assert said["estimate"]["rows"] >= ROWS / 5
    assert said["estimate"]["none"] < 0
    assert 0.1 <= said["left_out"] <= 1.0


def test_flags_are_written_row_by_row_from_0(learned: tuple[Path, dict[str, object]]) -> None:
    folder = learned[0]
    new = baskets(500, 2)
    new.drop("fraud", "receipt").write_parquet(folder / "new.parquet")
    done = run("predict", folder / "model", folder / "new.parquet", "--out", folder / "flags.csv")
    assert done.exit_code == 0, done.output
    with (folder / "flags.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "probability", "flag"]
    assert [int(row["row"]) for row in rows] == list(range(500))
    flag = np.array([row["flag"] == "1" for row in rows])
    assert (flag == (np.array([float(row["probability"]) for row in rows]) > 25 / 35)).all()
    assert (flag == (new["fraud"] == 1).to_numpy()).mean() > 0.93


def test_the_same_table_gives_the_same_flags_twice(
    learned: tuple[Path, dict[str, object]],
) -> None:
    folder = learned[0]
    baskets(50, 3).write_csv(folder / "again.csv")
    for name in ("one.csv", "two.csv"):
        run("predict", folder / "model", folder / "again.csv", "--out", folder / name)
    assert (folder / "one.csv").read_bytes() == (folder / "two.csv").read_bytes()


def test_a_lacking_column_is_refused(learned: tuple[Path, dict[str, object]]) -> None:
    folder = learned[0]
    baskets(20, 3).drop("rate").write_csv(folder / "poor.csv")
    done = run("predict", folder / "model", folder / "poor.csv", "--out", folder / "no.csv")
    assert done.exit_code == 1
    assert "lacks rate" in done.stderr
    assert not (folder / "no.csv").exists()


def test_unseen_categories_are_said(learned: tuple[Path, dict[str, object]]) -> None:
    folder = learned[0]
    strange = baskets(20, 3).with_columns(pay=pl.lit("voucher"))
    strange.write_csv(folder / "strange.csv")
    done = run(
        "predict", folder / "model", folder / "strange.csv", "--out", folder / "s.csv", "--json"
    )
    assert json.loads(done.stdout)["notes"] == ["pay: 1 categories not learned from: voucher"]


def test_a_leak_is_refused_by_name(tmp_path: Path) -> None:
    leaking = baskets(ROWS, 1).with_columns(recovered=pl.col("fraud") * 12.5)
    leaking = leaking.with_columns(rate=pl.lit(0.1) + 0.001 * pl.col("seconds").shuffle(seed=1))
    leaking.write_csv(tmp_path / "leaking.csv")
    done = run("fit", tmp_path / "leaking.csv", "--label", "fraud", "--out", tmp_path / "model")
    assert done.exit_code == 1
    assert "recovered alone tells the label" in " ".join(done.stderr.split())
    assert not (tmp_path / "model").exists()


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,fraud\n1,0\n")
    asked = ("fit", table, "--label", "fraud", "--out", tmp_path / "m")
    assert run(*asked, "--profit", "tp=1,fp=1").exit_code == 2
    assert run(*asked, "--profit", "tp").exit_code == 2
    assert run(*asked, "--sep", ";;").exit_code == 2
    assert run("fit", tmp_path / "none.csv", "--label", "a", "--out", tmp_path).exit_code == 2
