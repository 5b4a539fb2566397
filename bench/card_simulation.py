"""How well the till's own features find stolen cards, beside a published table.

    python bench/card_simulation.py --data FOLDER [--keep FOLDER]

FOLDER holds transactions_2018-04_2018-08-14.parquet, the simulated card payments of the Fraud
Detection Handbook (Le Borgne et al., ULB): 1.3 million payments of 5,000 customers at 10,000
terminals (not ours to distribute). They are loaded as any foreign file is, by a mapping: a customer
is a card, a terminal is a till, a hundred terminals are a store. What each payment was is a label
of its receipt that arrives seven days later. The journal is replayed day by day through the stream
of features that `shrinkwatch score` uses, and the catalogue's columns are kept as they come: none
knows of this data set, and every one that is a number and not the same everywhere is given to
LightGBM.

How many features to use is chosen on weeks before 2018-07-25 alone: three splits of the same shape,
the last of which tests on 2018-07-18 to 07-24, with one seed; what is measured is the mean of five.
The published split is then measured once: train 2018-07-25 to 07-31, delay 7 days, test 2018-08-08
to 08-14, cards left out that are known to be stolen (bench/card_protocol.py). Printed: AUC, average
precision over payments, card precision at 100 a day with the most that is possible, the published
figures beside them, seconds and memory.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from card_protocol import DELAY, Measured, measure, split

FILE = "transactions_2018-04_2018-08-14.parquet"
TRAIN = date(2018, 7, 25)
CHOSEN_ON = [TRAIN - timedelta(days=days) for days in (21, 28, 35)]
KEPT_FROM = CHOSEN_ON[-1]
SEEDS = range(1, 6)
ROUNDS = 200
LEAVES = (12,)
MOST_FEATURES = (12, 16, 24, 1_000)

PUBLISHED = {
    "logistic regression": (0.871, 0.606, 0.291),
    "random forest": (0.867, 0.658, 0.287),
    "XGBoost": (0.862, 0.639, 0.273),
}
GOAL = (0.88, 0.70, 0.35)

MAPPING = """
receipt = ["TRANSACTION_ID"]
time_zone = "UTC"

[file]
numbers = ["TX_AMOUNT", "TERMINAL_ID"]

[transaction]
source = { value = "cards" }
store_id = { sql = "CAST(FLOOR(TERMINAL_ID / 100) AS INT)" , whole = true }
register_id = { column = "TERMINAL_ID", whole = true }
transaction_id = { column = "TRANSACTION_ID", whole = true }
currency = { value = "EUR" }
ended_at = { column = "TX_DATETIME" }

[line]
sku = { value = "payment" }
quantity = { value = 1 }
list_price = { column = "TX_AMOUNT" }

[tender]
type = { value = "credit" }
amount = { column = "TX_AMOUNT" }
card_token = { sql = "'card ' || CUSTOMER_ID" }
"""


def payments(data: Path) -> pl.DataFrame:
    """Return what the published file says, in the order of time."""
    return pl.read_parquet(data / FILE).sort("TX_DATETIME", maintain_order=True)


def load_all(data: Path, workspace: Path) -> None:
    """Load the payments and what they turned out to be into a new workspace.

    Amounts are rounded to cents: 41 of them stand in the file as 87.27000000000001 and the like,
    whose digits are kept out of every journal where they could be a card number's.
    """
    from shrinkwatch.run.load import load
    from shrinkwatch.run.new_workspace import make_workspace
    from shrinkwatch.run.workspace import Workspace

    make_workspace(workspace)
    mapping, labels = workspace / "mappings" / "cards.toml", workspace / "labels.parquet"
    mapping.write_text(MAPPING, encoding="utf-8")
    paid, feed = payments(data), workspace / "payments.parquet"
    paid.with_columns(pl.col("TX_AMOUNT").round(2)).write_parquet(feed)
    labels_of(paid).write_parquet(labels)
    opened, began = Workspace.open(workspace), time.perf_counter()
    report = load([feed], opened, mapping=mapping)
    print(
        f"loaded: {report.accepted:,} payments in {time.perf_counter() - began:.0f} s, "
        f"{sum(report.rejected.values())} rejected; {peak_mib():,.0f} MiB"
    )
    began = time.perf_counter()
    told = load([labels], opened, as_kind="labels").tables[labels.name]
    print(f"loaded: {told.changed:,} labels in {time.perf_counter() - began:.0f} s")


def labels_of(paid: pl.DataFrame) -> pl.DataFrame:
    """Return a label of every payment, as the contract has them, known after the delay."""
    known = pl.col("TX_DATETIME").dt.offset_by(f"{DELAY}d").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return paid.select(
        row_id=pl.col("TRANSACTION_ID").cast(pl.String),
        at=known,
        by=pl.lit("bank"),
        outcome=pl.when(pl.col("TX_FRAUD") == 1)
        .then(pl.lit("theft"))
        .otherwise(pl.lit("legitimate")),
        source=pl.lit("cards"),
        store_id=(pl.col("TERMINAL_ID") // 100).cast(pl.String),
        transaction_id=pl.col("TRANSACTION_ID").cast(pl.String),
    )


class Keeper:
    """Keeps the features of the days that are wanted."""

    def __init__(self) -> None:
        from shrinkwatch.features.catalogue import COLUMNS

        numbers = (pl.Float64, pl.Int8, pl.Int32, pl.Int64, pl.Boolean)
        self.columns = ["net_minor", *(c.name for c in COLUMNS if c.dtype in numbers)]
        self.kept: list[pl.DataFrame] = []

    def see(self, frame: pl.DataFrame) -> None:
        """Take in a batch."""
        wanted = frame.filter(pl.col("ended_at").dt.date() >= KEPT_FROM)
        self.kept.append(
            wanted.select(
                "transaction_id",
                pl.col("ended_at").dt.date().alias("day"),
                *[pl.col(name).cast(pl.Float32) for name in self.columns],
            )
        )


def replay(workspace: Path, out: Path) -> None:
    """Replay the journal and write the features of the days that are wanted.

    The labels of a day are told with it; the stream counts each from its own moment on.
    """
    from functools import partial

    from shrinkwatch.features import labelled
    from shrinkwatch.features.stream import FeatureStream
    from shrinkwatch.records.tables import Tables
    from shrinkwatch.run.score import CHUNK, COLUMNS
    from shrinkwatch.run.workspace import Workspace

    journal, keeper, rows = Workspace.open(workspace).journal, Keeper(), 0
    look_up = partial(journal.receipts, columns=labelled.COLUMNS_READ)
    stream = FeatureStream.new(Tables(), look_up=look_up)
    began = time.perf_counter()
    for day in journal.days():
        over = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        stream.update_tables(journal.tables(over))
        for batch in journal.pieces(day, CHUNK, COLUMNS):
            keeper.see(stream.advance(batch))
            rows += len(batch)
        stream.close_day(day)
    spent = time.perf_counter() - began
    print(
        f"replayed: {rows:,} payments with their labels in {spent:.0f} s; "
        f"the state holds {stream.nbytes() / 2**20:,.0f} MiB; peak {peak_mib():,.0f} MiB"
    )
    pl.concat(keeper.kept).write_parquet(out)


def known(data: Path, features: Path) -> pl.DataFrame:
    """Return the features with day, card and fraud of each payment."""
    paid = payments(data).select(
        transaction_id=pl.col("TRANSACTION_ID").cast(pl.String),
        card=pl.col("CUSTOMER_ID"),
        fraud=pl.col("TX_FRAUD") == 1,
    )
    return pl.read_parquet(features).join(paid, on="transaction_id", maintain_order="left")


def telling(frame: pl.DataFrame) -> list[str]:
    """Return the features that are not the same everywhere in the first week, nor as another."""
    week = frame.filter(pl.col("day") < KEPT_FROM + timedelta(days=DELAY))
    week = week.drop("transaction_id", "day", "card", "fraud")
    found: dict[int, str] = {}
    for name in week.columns:
        if week[name].n_unique() > 1:
            found.setdefault(int(week[name].hash().sum()), name)
    return list(found.values())


def fitted(train: pl.DataFrame, names: Sequence[str], leaves: int, seed: int) -> Any:
    """Return a LightGBM booster learned from these payments."""
    import lightgbm

    settings = {"objective": "binary", "verbosity": -1, "deterministic": True, "num_threads": 1}
    settings |= {"force_row_wise": True, "bagging_freq": 1, "bagging_fraction": 0.8, "seed": seed}
    settings |= {"num_leaves": leaves, "learning_rate": 0.05, "min_data_in_leaf": 20}
    settings |= {"feature_fraction": 0.5, "lambda_l2": 10.0}
    label = train["fraud"].to_numpy().astype(np.float64)
    return lightgbm.train(settings, lightgbm.Dataset(train.select(names).to_numpy(), label), ROUNDS)


def by_gain(frame: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the names, those first that helped most on the earlier training weeks."""
    gain = np.zeros(len(names))
    for first in CHOSEN_ON:
        found = fitted(split(frame, first)[0], names, LEAVES[0], SEEDS[0])
        gained = found.feature_importance("gain")
        gain += gained / gained.sum()
    return [names[place] for place in np.argsort(-gain, kind="stable")]


def score(
    train: pl.DataFrame, test: pl.DataFrame, names: Sequence[str], leaves: int, seeds: Sequence[int]
) -> NDArray[np.float64]:
    """Return the mean log odds of a LightGBM for each seed, (rows of test,)."""
    asked = test.select(names).to_numpy()
    told = [fitted(train, names, leaves, seed).predict(asked, raw_score=True) for seed in seeds]
    return np.asarray(np.mean(told, axis=0))


def choose(frame: pl.DataFrame, names: Sequence[str]) -> tuple[list[str], int]:
    """Return the features and the leaves with the best average precision on the earlier weeks."""
    ranked, best, best_worth = by_gain(frame, names), (len(names), LEAVES[0]), -1.0
    for most, leaves in [(most, leaves) for most in MOST_FEATURES for leaves in LEAVES]:
        found = [measure_one(frame, first, ranked[:most], leaves, SEEDS[:1]) for first in CHOSEN_ON]
        means = np.mean([one[:4] for one in found], axis=0)
        print(
            f"  {min(most, len(names))} features, {leaves} leaves: AUC {means[0]:.3f}, average "
            f"precision {means[1]:.3f}, card precision {means[2]:.3f} of {means[3]:.3f}",
            flush=True,
        )
        if means[1] > best_worth:
            best, best_worth = (most, leaves), means[1]
    return ranked[: best[0]], best[1]


def measure_one(
    frame: pl.DataFrame, first: date, names: Sequence[str], leaves: int, seeds: Sequence[int]
) -> Measured:
    """Return what is reached on the split whose training week begins on `first`."""
    train, test = split(frame, first)
    return measure(test, score(train, test, names, leaves, seeds))


def learn(data: Path, features: Path) -> None:
    """Choose on the earlier weeks, measure the published split once and print it."""
    began, frame = time.perf_counter(), known(data, features)
    names = telling(frame)
    print(f"{len(names)} features; chosen on training weeks from {', '.join(map(str, CHOSEN_ON))}:")
    best, leaves = choose(frame.filter(pl.col("day") < TRAIN), names)
    print(f"chosen in {time.perf_counter() - began:.0f} s: {leaves} leaves, {', '.join(best)}")
    ours = measure_one(frame, TRAIN, best, leaves, SEEDS)
    print(f"test week: {ours.payments:,} payments, {ours.frauds:,} of them fraud")
    print(f"{'':24} {'AUC':>7} {'AP':>7} {'CP@100':>7}")
    for name, figures in {"ours": ours[:3], **PUBLISHED, "goal": GOAL}.items():
        print(f"{name:24} " + " ".join(f"{figure:7.3f}" for figure in figures))
    print(f"a perfect score would have a card precision of {ours.most:.3f}")
    print(f"in all {time.perf_counter() - began:.0f} s; peak {peak_mib():,.0f} MiB")


def peak_mib() -> float:
    """Return the peak resident memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(target: Any, *given: Any) -> None:
    """Run it in a process of its own, so that memory is its own."""
    process = get_context("spawn").Process(target=target, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def main() -> None:
    """Run the whole benchmark, or what is missing of it."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--keep", type=Path, help="folder to use again, with what it has made")
    wanted = asked.parse_args()
    folder = wanted.keep or Path(tempfile.mkdtemp(prefix="cards-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        features = folder / "features.parquet"
        if not features.exists():
            shutil.rmtree(folder / "workspace", ignore_errors=True)
            apart(load_all, wanted.data, folder / "workspace")
            apart(replay, folder / "workspace", features)
        apart(learn, wanted.data, features)
    finally:
        if wanted.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
