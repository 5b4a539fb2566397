"""Every night: learns from the answers, and lets the gate decide whether the new model may act.

What a model is taught and what it is judged by lie apart in time, with the delay of answers between
them. The same dossiers and answers give the same model.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct
from sklearn.metrics import roc_auc_score

import shrinkwatch
from shrinkwatch.journal.archive import sha256_of
from shrinkwatch.models.gate.fitness import seconds_per_row
from shrinkwatch.models.gate.judge import judge
from shrinkwatch.models.gate.report import Candidate, Ceiling, GateReport, Limits
from shrinkwatch.models.learned import fit, grown
from shrinkwatch.models.manifest import DataWindow
from shrinkwatch.ports import Clock
from shrinkwatch.records.deed import Actor
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.audit import note
from shrinkwatch.run.dossier_files import DossierFiles
from shrinkwatch.run.gate_report import write_gate_report
from shrinkwatch.run.labels import Said, said
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.snapshot import judge_of
from shrinkwatch.run.trusted import trusted
from shrinkwatch.scoring.dossier import RISING, WHO
from shrinkwatch.scoring.settings import ScoringSettings

Progress = Callable[[str, float, float | None], None]

TEST_DAYS = 28
"""The newest days are for the gate, as many as evidence lasts; of a short history its half."""

MOST_UNANSWERED = 50_000
"""Of more dossiers without an answer an even sample is taught: they only say what is ordinary."""

SERVED_DAYS = 7
"""What scoring knows is seen in the newest week: a single day may have few leads, or none."""

DATASET = "dataset.json"

GATE = Actor("program", "gate")


class Trained(Struct, frozen=True):
    """What a night brought.

    model: the challenger's id; promoted: whether it is champion now. dossiers, answers: taught.
    page: the gate's report, where a person reads it.
    """

    model: str
    promoted: bool
    dossiers: int
    answers: int
    report: GateReport
    page: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Windows:
    """Which days are taught and which are for the gate."""

    taught: tuple[date, ...]
    test: tuple[date, ...]


def _now() -> datetime:
    return datetime.now(UTC)


def train(
    desk: Opened,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    clock: Clock = _now,
) -> Trained:
    """Learn from the workspace's answers, and promote what the gate lets through.

    limits: of the gate; None: the usual ones within the workspace's ceiling. Nothing about the
    champion changes where this is stopped or refused.
    Raises: Refused where there are no dossiers or no answers to learn from, saying what to do.
    """
    began = perf_counter()
    rules, scoring = rules_on(desk.folder, desk.settings), desk.settings.scoring()
    limits = _limits(scoring) if limits is None else limits
    files = DossierFiles(desk.workspace.dossiers, judge_of(rules, scoring))
    windows = _windows(files.days(), limits)
    _tell(progress, 0)
    answers = answers_of(said(desk, clock()))
    taught = _taught(files, windows.taught, answers)
    columns = [name for name in taught.columns if name not in {*WHO, "outcome", "weight"}]
    model = fit(taught, columns, RISING)
    _tell(progress, 1)
    test = with_answers(files.read(windows.test), answers, drawn=True)
    champion = trusted(desk.workspace.models, test.columns, clock().date())
    said_before = test["probability"] if champion is None else champion.model.probability(test)
    rows = test.with_columns(
        champion=pl.Series(said_before), challenger=pl.Series(model.probability(test))
    )
    _tell(progress, 2)
    count = int(taught["outcome"].is_not_null().sum())
    window = DataWindow(windows.taught[0], windows.taught[-1], count)
    parts = model.parts() | {DATASET: _dataset(files, windows.taught, taught)}
    manifest = desk.workspace.models.add(
        parts,
        columns=model.columns,
        data=window,
        code=shrinkwatch.__version__,
        made_at=clock(),
        metrics={"taught": float(taught.height)},
    )
    candidate = Candidate(
        model_id=manifest.model_id,
        champion=None if champion is None else champion.model_id,
        verifies=_verifies(desk, manifest.model_id),
        columns=model.columns,
        data=window,
        importance=model.importance(),
        row_s=seconds_per_row(model.probability, test, perf_counter),
        random_areas=tuple(_random_areas(taught, test, columns, limits)),
    )
    served = files.read(files.days()[-SERVED_DAYS:]).drop(list(WHO))
    report = judge(rows, served, candidate, limits)
    _tell(progress, 3)
    promoted = _decide(desk, report, clock())
    page = write_gate_report(desk.folder, report)
    _tell(progress, 4)
    return Trained(
        model=manifest.model_id,
        promoted=promoted,
        dossiers=taught.height,
        answers=count,
        report=report,
        page=str(page.relative_to(desk.folder)),
        seconds=perf_counter() - began,
    )


def answers_of(told: Said) -> pl.DataFrame:
    """Return a row per settled alert: alert_id, outcome (Int8), trust (0 … 1) and propensity."""
    weights = dict(told.answers.settled.filter(kind="alert").select("about", "weight").iter_rows())
    rows = [
        (
            one.alert_id,
            int(told.right[one.alert_id]),
            min(1.0, float(weights.get(one.alert_id, 1.0))),
            one.propensity,
        )
        for one in told.alerts
        if one.alert_id in told.right
    ]
    kinds = {"outcome": pl.Int8, "trust": pl.Float64, "propensity": pl.Float64}
    return pl.DataFrame(rows, schema={"alert_id": pl.String, **kinds}, orient="row")


def with_answers(rows: pl.DataFrame, answers: pl.DataFrame, *, drawn: bool) -> pl.DataFrame:
    """Return the dossiers with `outcome` (null: nobody answered) and `weight`.

    answers: of `answers_of`. drawn: whether an answer weighs as much as its alert stands for
    (1 / propensity), and not as much as its author is trusted.
    """
    weight = 1.0 / pl.col("propensity") if drawn else pl.col("trust")
    own = rows.join(answers, on="alert_id", how="left", maintain_order="left")
    return own.with_columns(weight=weight.fill_null(0.0)).drop("trust", "propensity")


def _limits(scoring: ScoringSettings) -> Limits:
    return Limits(
        ceiling=Ceiling(
            per_store_week=scoring.per_store_week,
            chain_per_week=scoring.chain_per_week,
            floor=scoring.probability_floor,
            review_cost=scoring.review_cost,
        )
    )


def _windows(days: Sequence[date], limits: Limits) -> _Windows:
    """Return the days to be taught and those of the gate, the delay of answers between them."""
    if not days:
        raise Refused("there are no dossiers of closed days; run `shrinkwatch score` first")
    length = (days[-1] - days[0]).days + 1
    first = days[-1] - timedelta(min(TEST_DAYS, length // 2) - 1)
    last = first - timedelta(limits.label_delay_days + 1)
    taught = tuple(day for day in days if day <= last)
    if not taught:
        raise Refused(
            f"{length} days are scored; training needs some weeks, half of them to learn from and "
            "half to prove it on: go on scoring and answering"
        )
    return _Windows(taught, tuple(day for day in days if day >= first))


def _taught(files: DossierFiles, days: Sequence[date], answers: pl.DataFrame) -> pl.DataFrame:
    """Return the dossiers to learn from: all of those who were answered about, and a sample."""
    rows = with_answers(files.read(days), answers, drawn=False)
    unanswered = rows["outcome"].is_null().sum()
    if unanswered <= MOST_UNANSWERED:
        return rows
    every = -(-unanswered // MOST_UNANSWERED)
    lot = pl.int_range(pl.len()) % every == 0
    return rows.filter(pl.col("outcome").is_not_null() | lot)


def _dataset(files: DossierFiles, days: Sequence[date], taught: pl.DataFrame) -> bytes:
    """Return what the model was taught, by hash: its dossiers' files and the answers."""
    known = taught.drop_nulls("outcome").select("alert_id", "day", "outcome", "weight")
    answers = hashlib.sha256(known.sort("alert_id", "day").write_csv().encode()).hexdigest()
    marks = {
        str(day): sha256_of(path)
        for day, path in zip(files.days(), files.paths(), strict=True)
        if day in set(days)
    }
    return msgspec.json.format(msgspec.json.encode({"answers": answers, "dossiers": marks})) + b"\n"


def _random_areas(
    taught: pl.DataFrame, test: pl.DataFrame, columns: Sequence[str], limits: Limits
) -> list[float]:
    """Return the areas under the curve of the same learner taught shuffled answers."""
    answered = test.drop_nulls("outcome")
    if answered["outcome"].n_unique() < 2:
        return []
    areas = []
    for seed in range(limits.shuffles):
        shuffled = _shuffled(taught, np.random.default_rng(seed))
        moved = grown(shuffled, columns, RISING).beside(answered)
        areas.append(float(roc_auc_score(answered["outcome"].to_numpy(), moved)))
    return areas


def _shuffled(taught: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the rows with the answers dealt out anew among those that have one."""
    rows = np.flatnonzero(taught["outcome"].is_not_null().to_numpy())
    outcome = taught["outcome"].to_numpy().copy()
    outcome[rows] = rng.permutation(outcome[rows])
    kept = pl.Series("outcome", outcome).fill_nan(None).cast(pl.Int8)
    return taught.with_columns(kept)


def _verifies(desk: Opened, model_id: str) -> bool:
    try:
        desk.workspace.models.read(model_id)
    except Refused:
        return False
    return True


def _decide(desk: Opened, report: GateReport, at: datetime) -> bool:
    """Write down what the gate said, and promote what passed."""
    registry, model_id = desk.workspace.models, report.challenger
    registry.judged(model_id, report.verdict, at=at, by="gate", why=report_in_words(report))
    note(desk.workspace, "model_judged", f"model {model_id}", {"verdict": report.verdict}, by=GATE)
    if report.verdict != "passed":
        return False
    registry.promote(model_id, at=at, by="gate", why="every check of the gate is passed")
    note(desk.workspace, "model_promoted", f"model {model_id}", by=GATE)
    return True


def report_in_words(report: GateReport) -> str:
    """Return in a sentence why the gate decided as it did."""
    bad = [check.name for check in report.checks if check.passed is False]
    unknown = [check.name for check in report.checks if check.passed is None]
    if bad:
        return f"not passed: {', '.join(bad)}"
    return f"not known: {', '.join(unknown)}" if unknown else "every check is passed"


def _tell(progress: Progress | None, done: int) -> None:
    if progress is not None:
        progress("Training", done, 4)
