"""What the learner's flags earn on small labelled tables, beside three usual ways.

    python bench/learn.py [--data FOLDER] [--only NAME ...] [--repeats 1] [--out FILE.json]

Every table is cut into the same five folds for all ways; each way learns from four and flags the
fifth, where a flag pays by the probability that the way itself gives: above p with
p·tp + (1-p)·fp = p·fn + (1-p)·tn. Ours makes its whole choice anew inside each four. Ways: plain
logistic (scikit-learn, standardised, missing numbers by the median, categories as indicators),
LightGBM and HistGradientBoosting as they come, with native categories.

Tables: `--data` holds fraud_oracle.csv.gz, labelled_downsize_1_scale.csv.gz and
labelled_downsize_3_scale.csv.gz (vehicle insurance claims, purchasing cards; not ours to
distribute); without it they are left out, which is said. From scikit-learn: breast cancer, digits
(is it an eight?), wine (is it of the third grower?), diabetes (is it among the worst tenth?). Made
here by `baskets`, by a formula to be read there: baskets at a self-checkout.

Printed: profit per 1,000 left-out rows with its standard error; the best other way; the mean
difference to it with its own standard error, over the same folds; processor seconds of a fold of
ours. The errors are corrected for folds that learn from the same rows (`spread_of`). What ours
tries is planned as `shrinkwatch learn fit` plans it for its two minutes. On a busy machine, set
OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1: threads that wait for each other are no speed.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit
from sklearn import datasets
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from shrinkwatch.models.tables.columns import Schema, Table, encode, learn_schema
from shrinkwatch.models.tables.estimate import LeftOut, spread_of
from shrinkwatch.models.tables.folds import fold_of
from shrinkwatch.models.tables.labels import read_labels
from shrinkwatch.models.tables.plan import effort_for, size_of
from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.run.learn import learn_and_predict, read_table

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Way = Callable[[Table, Schema, Mask, Rows, Rows, int], Floats]

FOLDS, SEED, LIMIT_S = 5, 11, 120.0
PROFIT = Profit()
"""Of a self-checkout: tp=5, fp=-25, fn=-5, tn=0."""
CLAIMS = Profit(tp=5.0, fp=-1.0, fn=-5.0, tn=0.0)
"""Of claims that are looked into: a look costs 1."""

GIVEN = {
    "claims": ("fraud_oracle.csv.gz", "FraudFound_P", CLAIMS),
    "cards 1:1": ("labelled_downsize_1_scale.csv.gz", "label", PROFIT),
    "cards 1:3": ("labelled_downsize_3_scale.csv.gz", "label", PROFIT),
}


def baskets(rows: int, seed: int) -> tuple[pl.DataFrame, Floats]:
    """Return baskets with their label, and the true probability of each.

    What decides is the number of items, which is written nowhere: only items per second and
    seconds are; and only two of six kinds of shopper take anything.
    """
    drawn = np.random.default_rng(seed)
    trust, seconds = drawn.integers(1, 7, rows), drawn.integers(1, 1830, rows)
    items, total = drawn.integers(1, 31, rows), np.round(drawn.uniform(0.01, 100, rows), 2)
    voids, scans = drawn.integers(0, 12, rows), drawn.integers(0, 11, rows)
    taking = np.select([trust == 1, trust == 2], [1.0, -0.5], -9.0)
    odds = 2 * (taking + 0.45 * (items - 20) + 0.35 * (scans - 5) + 0.3 * (voids - 6) - 2.2)
    probability = expit(odds)
    made = {
        "trust": trust, "seconds": seconds, "total": total, "voids": voids, "scans": scans,
        "changes": drawn.integers(0, 6, rows), "items_per_s": items / seconds,
        "value_per_s": total / seconds, "voids_per_item": voids / items,
        "label": (drawn.random(rows) < probability).astype(int),
    }  # fmt: skip
    return pl.DataFrame(made).select(pl.all().cast(pl.String)), probability


def bundled() -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield scikit-learn's tables with a label of two values."""
    cancer, wine = datasets.load_breast_cancer(), datasets.load_wine()
    yield "breast cancer", _frame(cancer.data, cancer.target == 0)
    digits, diabetes = datasets.load_digits(), datasets.load_diabetes()
    yield "digits: 8", _frame(digits.data, digits.target == 8)
    yield "wine: 3", _frame(wine.data, wine.target == 2)
    worst = diabetes.target > np.quantile(diabetes.target, 0.9)
    yield "diabetes: 10 %", _frame(diabetes.data, worst)


def _frame(data: Floats, positive: Mask) -> pl.DataFrame:
    columns = {f"x{place}": data[:, place] for place in range(data.shape[1])}
    made = pl.DataFrame(columns | {"label": positive.astype(int)})
    return made.select(pl.all().cast(pl.String))


def tables(folder: Path | None) -> Iterator[tuple[str, pl.DataFrame, str, Profit]]:
    """Yield name, texts, label and profit of every table there is."""
    yield "baskets", baskets(2_000, 1)[0], "label", PROFIT
    for name, frame in bundled():
        yield name, frame, "label", PROFIT
    for name, (file, label, profit) in GIVEN.items():
        if folder is None or not (folder / file).is_file():
            print(f"{name}: left out, --data names no folder with {file}")
            continue
        yield name, read_table(folder / file), label, profit


def ours(profit: Profit) -> Way:
    """Return our way for this profit."""

    def way(
        table: Table, schema: Schema, positive: Mask, learn: Rows, test: Rows, seed: int
    ) -> Floats:
        effort = effort_for(size_of(table, schema), LIMIT_S)
        return learn_and_predict(table, schema, positive, learn, test, profit, effort, seed)

    return way


def logistic(
    table: Table, schema: Schema, positive: Mask, learn: Rows, test: Rows, seed: int
) -> Floats:
    """Plain logistic regression with its defaults."""
    matrix = np.hstack([table.numbers, table.codes])
    numbers = table.numbers.shape[1]
    model = make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
             list(range(numbers))),
            (OneHotEncoder(handle_unknown="ignore"), list(range(numbers, matrix.shape[1]))),
        ),
        LogisticRegression(max_iter=2000),
    )  # fmt: skip
    model.fit(matrix[learn], positive[learn])
    return np.asarray(model.predict_proba(matrix[test])[:, 1])


def light(
    table: Table, schema: Schema, positive: Mask, learn: Rows, test: Rows, seed: int
) -> Floats:
    """LightGBM's classifier with its defaults."""
    matrix, categories = _native(table)
    model = lightgbm.LGBMClassifier(verbosity=-1, n_jobs=1, deterministic=True, random_state=seed)
    model.fit(matrix[learn], positive[learn], categorical_feature=categories)
    return np.asarray(model.predict_proba(matrix[test])[:, 1])


def histogram(
    table: Table, schema: Schema, positive: Mask, learn: Rows, test: Rows, seed: int
) -> Floats:
    """scikit-learn's HistGradientBoostingClassifier with its defaults."""
    matrix, categories = _native(table)
    model = HistGradientBoostingClassifier(categorical_features=categories, random_state=seed)
    model.fit(matrix[learn], positive[learn])
    return np.asarray(model.predict_proba(matrix[test])[:, 1])


def _native(table: Table) -> tuple[Floats, list[int]]:
    codes = np.where(table.codes < 0, np.nan, table.codes)
    return np.hstack([codes, table.numbers]), list(range(codes.shape[1]))


def measure(frame: pl.DataFrame, label: str, profit: Profit, repeats: int) -> dict[str, Any]:
    """Return the estimate of every way, and ours against the best other, row by row."""
    labels = read_labels(frame, label)
    rest = frame[labels.known].drop(label)
    schema, positive = learn_schema(rest), labels.positive
    table, _ = encode(rest, schema)
    ways = {
        "ours": ours(profit), "logistic": logistic, "LightGBM": light, "HistGB": histogram
    }  # fmt: skip
    tested = {name: LeftOut.none(profit) for name in ways}
    seconds = []
    for repeat in range(repeats):
        fold = fold_of(positive, FOLDS, SEED + repeat)
        for one in range(FOLDS):
            learn, test = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
            for name, way in ways.items():
                began = time.process_time()
                found = way(table, schema, positive, learn, test, SEED + repeat)
                seconds += [time.process_time() - began] if name == "ours" else []
                tested[name].add(repeat, test, found)
    told = {name: one.estimate(positive) for name, one in tested.items()}
    others = [name for name in ways if name != "ours"]
    best = max(others, key=lambda name: told[name].per_thousand)
    pairs = zip(tested["ours"].earned(positive), tested[best].earned(positive), strict=True)
    gaps = [mine - other for mine, other in pairs]
    return {
        "rows": len(table), "positive": int(positive.sum()), "columns": len(schema.names),
        "best_other": best, "gap": 1000 * float(np.concatenate(gaps).mean()),
        "gap_spread": 1000 * spread_of(gaps, len(table)),
        "seconds_per_fold": float(np.mean(seconds)),
        **{name: [one.per_thousand, one.spread] for name, one in told.items()},
        "none": told["ours"].none,
    }  # fmt: skip


def main() -> None:
    """Measure every table and print a line for each."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--data", type=Path)
    asked.add_argument("--only", nargs="*")
    asked.add_argument("--repeats", type=int, default=1)
    asked.add_argument("--out", type=Path)
    wanted = asked.parse_args()
    print(
        f"{'table':15} {'rows':>6} {'pos.':>5}  {'ours':>16} {'logistic':>16} {'LightGBM':>16} "
        f"{'HistGB':>16} {'nobody':>8}  {'ours - best other':>24} {'s/fold':>6}"
    )
    found = {}
    for name, frame, label, profit in tables(wanted.data):
        if wanted.only and name not in wanted.only:
            continue
        told = found[name] = measure(frame, label, profit, wanted.repeats)
        cells = [
            f"{told[way][0]:8,.0f} ± {told[way][1]:5,.0f}"
            for way in ("ours", "logistic", "LightGBM", "HistGB")
        ]
        gap = f"{told['gap']:+,.0f} ± {told['gap_spread']:,.0f} {told['best_other']}"
        print(
            f"{name:15} {told['rows']:6,} {told['positive']:5,}  {' '.join(cells)} "
            f"{told['none']:8,.0f}  {gap:>24} {told['seconds_per_fold']:6.1f}",
            flush=True,
        )
    if wanted.out is not None:
        wanted.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
