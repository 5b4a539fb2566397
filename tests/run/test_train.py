"""A night of learning: from kept dossiers and answers to a model that the gate judged."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace
from scipy.special import expit
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.models.learned import LearnedModel
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.dossier_files import DossierFiles
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.opened import Opened, opened
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.snapshot import judge_of
from shrinkwatch.run.train import DATASET, train, with_answers
from shrinkwatch.run.trusted import trusted
from shrinkwatch.scoring.dossier import WHO, columns

START, DAYS, NIGHT = date(2026, 3, 2), 70, datetime(2026, 5, 20, 1, tzinfo=UTC)


def chain(rng: np.random.Generator, a_day: int = 12) -> pl.DataFrame:
    """Return dossiers of a chain in which new starters are honest, though rules accuse them."""
    many = DAYS * a_day
    said, new = rng.normal(0.8, 1.2, many), rng.random(many) < 0.4
    rows = pl.DataFrame(
        {
            "day": [START + timedelta(n // a_day) for n in range(many)],
            "key": np.arange(many, dtype=np.uint64) + 1,
            "alert_id": [f"{n:020d}" for n in range(many)],
            "log_odds": said,
            "probability": expit(said),
            "new": new.astype(float),
            "store_id": [f"S{n % 5}" for n in range(many)],
            "theft": rng.random(many) < expit(said - 4.0 * new),
        }
    )
    return rows.with_columns(
        week=pl.col("day").dt.truncate("1w"),
        subject=pl.lit("operator"),
        scheme=pl.lit("price_override"),
        loss_minor=pl.lit(20_000),
        currency=pl.lit("EUR"),
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A workspace with ten weeks of dossiers; everybody who was accused was answered about."""
    folder = tmp_path_factory.mktemp("learning") / "workspace"
    make_workspace(folder)
    desk = opened(folder)
    rules = rules_on(folder, desk.settings)
    kinds = {**WHO, **dict.fromkeys(columns([rule.scheme for rule in rules]), pl.Float32)}
    rows = chain(np.random.default_rng(5))
    files = DossierFiles(desk.workspace.dossiers, judge_of(rules, desk.settings.scoring()))
    for (day,), part in rows.group_by("day", maintain_order=True):
        whole = [pl.lit(None).alias(name) for name in kinds if name not in part.columns]
        files.keep(day, part.with_columns(whole).select(*kinds).cast(kinds))  # type: ignore[arg-type]
    accused = rows.filter(pl.col("probability") >= 0.3)
    desk.workspace.alerts.replace(
        [
            replace(ALERT, alert_id=row["alert_id"], probability=row["probability"])
            for row in accused.iter_rows(named=True)
        ]
    )
    labels = accused.select(
        row_id="alert_id",
        at=pl.lit(NIGHT - timedelta(1)),
        by=pl.lit("kim"),
        outcome=pl.when("theft").then(pl.lit("theft")).otherwise(pl.lit("legitimate")),
        alert_id="alert_id",
    )
    desk.journal.append_table("labels", labels, NIGHT - timedelta(1))
    return desk


def test_what_the_answers_prove_is_promoted_and_acts_from_the_next_day_on(desk: Opened) -> None:
    first = train(desk, clock=lambda: NIGHT)
    assert [check.name for check in first.report.checks if not check.passed] == []
    assert first.promoted
    again = train(desk, clock=lambda: NIGHT + timedelta(hours=1))
    assert (again.model, again.report.verdict, again.promoted) == (first.model, "same", False)
    kept = desk.workspace.models.read(first.model)
    assert set(msgspec.json.decode(kept.parts[DATASET])) == {"answers", "dossiers"}
    page = (desk.folder / first.page).read_text()
    assert first.model in page
    names = [*WHO, *LearnedModel.of(kept.parts).columns]
    assert trusted(desk.workspace.models, names, NIGHT.date() - timedelta(1)) is None
    opinion = trusted(desk.workspace.models, names, NIGHT.date())
    assert opinion is not None
    assert opinion.model_id == first.model


def test_a_champion_that_was_tampered_with_does_not_judge(desk: Opened) -> None:
    (model,) = desk.workspace.models.listed()
    file = desk.workspace.models.root / model.model_id / "trees.txt"
    kept = file.read_bytes()
    file.write_bytes(kept + b"\n")
    assert trusted(desk.workspace.models, ["log_odds"], NIGHT.date()) is None
    file.write_bytes(kept)


def test_an_answer_weighs_by_trust_or_by_what_its_alert_stands_for() -> None:
    rows = pl.DataFrame({"alert_id": ["a", "a", "b"]})
    said = pl.DataFrame({"alert_id": ["a"], "outcome": [1], "trust": [0.8], "propensity": [0.5]})
    taught, tested = (with_answers(rows, said, drawn=drawn) for drawn in (False, True))
    for found, weight in ((taught, 0.8), (tested, 2.0)):
        assert found["outcome"].to_list() == [1, 1, None]
        assert found["weight"].to_list() == [weight, weight, 0.0]


def test_without_scored_weeks_there_is_nothing_to_learn_from(
    tmp_path: Path, command: Callable[..., Any]
) -> None:
    make_workspace(tmp_path / "new")
    with pytest.raises(Refused, match="shrinkwatch score"):
        train(opened(tmp_path / "new"))
    said = command("train", "--workspace", tmp_path / "new")
    assert said.exit_code == 1
    assert "no dossiers" in said.output
