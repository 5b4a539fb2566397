"""Learns from a labelled table, and predicts another with what was learned."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

import shrinkwatch
from shrinkwatch.intake.cells import ROW, read_sheet
from shrinkwatch.intake.opening import open_plain
from shrinkwatch.models.tables.candidates import CANDIDATES
from shrinkwatch.models.tables.choice import Chosen, Learned, choose, fit
from shrinkwatch.models.tables.columns import Ignored, Schema, Table, encode, learn_schema
from shrinkwatch.models.tables.estimate import Estimate, LeftOut
from shrinkwatch.models.tables.folds import fold_of
from shrinkwatch.models.tables.labels import read_labels
from shrinkwatch.models.tables.leaks import refuse_leaks
from shrinkwatch.models.tables.plan import Effort, effort_for, size_of
from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.models.tables.saved import read_back, save
from shrinkwatch.records.trouble import Refused

Progress = Callable[[str, float, float | None], None]
Clock = Callable[[], float]
Mask = NDArray[np.bool_]

_LEARNING = "Learning"

CHOICE = 0.5
"""Share of the time after which the choice must be made, on a machine that is too slow for it."""


class Fit(msgspec.Struct, frozen=True):
    """What was learned from a table, and what it would have earned on rows left out.

    left_out: share of the planned folds that were measured before the time ran out.
    """

    folder: str
    rows: int
    positive: int
    word: str
    columns: int
    ignored: tuple[Ignored, ...]
    model: str
    threshold: float
    estimate: Estimate
    left_out: float
    losses: dict[str, float]
    notes: tuple[str, ...]
    seconds: float


class Prediction(msgspec.Struct, frozen=True):
    """What was predicted of a table, and what in it was strange to the model."""

    file: str
    rows: int
    flagged: int
    threshold: float
    notes: tuple[str, ...]


def read_table(path: Path, separator: str | None = None) -> pl.DataFrame:
    """Return the file's cells as texts; packed or not, CSV or Parquet.

    Raises: Refused if it cannot be read as a table, or rows do not fit the header.
    """
    with open_plain(path) as plain:
        raw = plain.read()
        if plain.damage is not None:
            raise Refused(f"{path} is damaged ({plain.damage}); get it again")
    sheet = read_sheet(raw, separator=separator)
    if sheet.broken:
        row, _, wrong = sheet.broken[0]
        raise Refused(f"{path}: row {row} cannot be read ({wrong}); put the file right first")
    frame = sheet.frame.drop(ROW)
    if frame.height == 0 or frame.width < 1:
        raise Refused(f"{path} holds no rows; a table has a header and a row for each case")
    return frame


def learn(
    path: Path,
    label: str,
    out: Path,
    *,
    profit: Profit,
    clock: Clock,
    separator: str | None = None,
    allowed: Sequence[str] = (),
    seed: int = 1,
    limit_s: float = 120.0,
    progress: Progress | None = None,
) -> Fit:
    """Learn from the table, measure by rows left out, save the model in `out`.

    label: the column that says which rows are positive. allowed: columns to keep though they look
    like an id or a leak. limit_s: what is tried, and how often, is planned to fit into so many
    seconds by the size of the table; what a slower machine does not manage is left undone.

    Raises: Refused if there is nothing to learn, or a column leaks the label.
    """
    began = clock()
    frame = read_table(path, separator)
    labels = read_labels(frame, label)
    schema, table = _known(frame.drop(label)[labels.known], path, allowed)
    doubts = refuse_leaks(table, schema, labels.positive, allowed, seed)
    effort = effort_for(size_of(table, schema), limit_s)
    total, done = effort.choices * effort.inner_folds * effort.inner_repeats, 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(_LEARNING, done, total)

    rows = _sample(len(table), effort.chosen_on, seed)
    chosen = choose(
        table.rows(rows), schema, labels.positive[rows], profit, effort, seed,
        lambda: clock() < began + CHOICE * limit_s, step,
    )  # fmt: skip
    chosen_at = clock()
    learned = _fitted(table, schema, labels.positive, chosen, effort, seed)
    until = began + limit_s - (clock() - chosen_at)
    tested = leave_out(
        table, schema, labels.positive, profit, effort, seed, clock=clock, until=until, step=step
    )
    found = Fit(
        folder=str(out),
        rows=len(table),
        positive=int(labels.positive.sum()),
        word=labels.word,
        columns=len(schema.names),
        ignored=schema.ignored,
        model=chosen.name,
        threshold=profit.threshold,
        estimate=tested.estimate(labels.positive),
        left_out=len(tested.rows) / (effort.outer_folds * effort.outer_repeats),
        losses=dict(sorted(chosen.losses.items(), key=lambda one: one[1])),
        notes=(*doubts, *_notes(frame.height, len(table), effort, chosen)),
        seconds=clock() - began,
    )
    report = msgspec.to_builtins(found)
    for name in ("folder", "seconds"):
        del report[name]
    save(
        out, learned, schema=schema, profit=profit, label=label, positive=labels.word,
        report=report, code=shrinkwatch.__version__,
    )  # fmt: skip
    return found


def leave_out(
    table: Table,
    schema: Schema,
    positive: Mask,
    profit: Profit,
    effort: Effort,
    seed: int,
    *,
    clock: Clock,
    until: float,
    step: Callable[[], None],
) -> LeftOut:
    """Return the outer folds: in each the whole choice is made again without the rows tested.

    until: by the clock; no further fold begins that would not be done by then, if it takes as long
    as the longest so far. One is always measured.
    """
    tested, longest = LeftOut.none(profit), 0.0
    for repeat in range(effort.outer_repeats):
        fold = fold_of(positive, effort.outer_folds, seed + 7919 * (repeat + 1))
        for one in range(effort.outer_folds):
            began = clock()
            if tested.rows and began + longest > until:
                return tested
            learn, test = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
            probability = learn_and_predict(
                table, schema, positive, learn, test, profit, effort, seed + repeat,
                lambda: clock() < until, step,
            )  # fmt: skip
            tested.add(repeat, test, probability)
            longest = max(longest, clock() - began)
    return tested


def learn_and_predict(
    table: Table,
    schema: Schema,
    positive: Mask,
    learn: NDArray[np.int64],
    test: NDArray[np.int64],
    profit: Profit,
    effort: Effort,
    seed: int,
    goes_on: Callable[[], bool] = lambda: True,
    step: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """Return the probabilities of the test rows after choosing and fitting on the others."""
    mine, answers = table.rows(learn), positive[learn]
    some = _sample(learn.size, effort.chosen_on, seed)
    chosen = choose(mine.rows(some), schema, answers[some], profit, effort, seed, goes_on, step)
    return _fitted(mine, schema, answers, chosen, effort, seed).probability(table.rows(test))


def _fitted(
    table: Table, schema: Schema, positive: Mask, chosen: Chosen, effort: Effort, seed: int
) -> Learned:
    rows = _sample(len(table), effort.fitted_on, seed)
    return fit(table.rows(rows), schema, positive[rows], chosen)


def predict(folder: Path, path: Path, out: Path, *, separator: str | None = None) -> Prediction:
    """Write row, probability and flag of each row of the table; rows count from 0.

    Raises: Refused if the model was changed, or the table lacks a column.
    """
    manifest, learned = read_back(folder)
    table, notes = encode(read_table(path, separator), manifest.schema)
    probability = learned.probability(table)
    flag = probability > manifest.threshold
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("row", "probability", "flag"))
        rows = zip(probability.tolist(), flag.astype(int).tolist(), strict=True)
        writer.writerows((row, repr(one), yes) for row, (one, yes) in enumerate(rows))
    return Prediction(str(out), len(table), int(flag.sum()), manifest.threshold, tuple(notes))


def _known(frame: pl.DataFrame, path: Path, allowed: Sequence[str]) -> tuple[Schema, Table]:
    """Return what there is to learn from. frame: the labelled rows, without the label."""
    for name in allowed:
        if name not in frame.columns:
            raise Refused(f"--allow names {name}, which is no column to learn from")
    schema = learn_schema(frame, allowed)
    if not schema.names:
        raise Refused(f"{path} has no column to learn from beside the label; add what was known")
    return schema, encode(frame, schema)[0]


def _sample(rows: int, most: int, seed: int) -> NDArray[np.int64]:
    """Return the rows among which to choose: all, or a sample of so many, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])


def _notes(rows: int, learned: int, effort: Effort, chosen: Chosen) -> tuple[str, ...]:
    """Return what the reader should know. rows: of the file. learned: of them with a label."""
    notes = []
    if learned < rows:
        notes.append(f"{rows - learned:,} rows without a label were left out")
    if learned > effort.chosen_on:
        notes.append(f"the model was chosen on a sample of {effort.chosen_on:,} rows")
    if learned > effort.fitted_on:
        notes.append(f"the model was fitted to a sample of {effort.fitted_on:,} rows")
    if effort.candidates != CANDIDATES:
        notes.append(
            f"{len(effort.candidates)} of {len(CANDIDATES)} kinds of model were tried; more "
            "--minutes try all"
        )
    if chosen.folds < (planned := effort.inner_folds * effort.inner_repeats):
        notes.append(
            f"this machine was too busy for the choice: {chosen.folds} of {planned} folds made it, "
            "and another run may choose otherwise"
        )
    return tuple(notes)
