"""How long a night takes: yesterday's transactions, then a model learned, judged and reported on.

    python bench/nightly.py [--transactions 2000000] [--leads 20000] [--keep FOLDER]

Before the clock runs: a state is warmed with 30 days and the day is archived, as bench/replay.py
does, and a workspace is given 60 stored days of dossiers, `--leads` a day (some twenty times as
many as the simulated chains have per store), with 3,000 answered alerts. Their numbers follow a
known law, in which new starters are honest though rules accuse them: there is something to learn.

Then, in one process, what `shrinkwatch score` and `shrinkwatch train` do: the day is replayed and
its dossiers are kept; the model learns from every answered dossier and a sample of the others; the
gate judges it by 28 days that it has not seen; the report is written. Prints what each step took,
and the peak memory.

Goal (DESIGN): 10 minutes on two cores.
"""

import argparse
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from replay import DAY, SEED, apart, archive, arrivals, compile_loops, peak_mib, warm_up

STORED_DAYS = 60
ANSWERED = 3_000
NIGHT = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=1)


def store_days(folder: Path, leads: int) -> None:
    """Make a workspace with sixty days of dossiers, and answers to some of them."""
    from shrinkwatch.run.dossier_files import DossierFiles
    from shrinkwatch.run.new_workspace import make_workspace
    from shrinkwatch.run.opened import opened

    make_workspace(folder)
    desk = opened(folder)
    files = DossierFiles(desk.workspace.dossiers, judged_by(desk))
    rng, accused = np.random.default_rng(SEED), []
    for back in range(STORED_DAYS, 0, -1):
        rows, theft = dossiers_of_a_day(desk, rng, back, leads)
        files.keep(DAY - timedelta(days=back), rows)
        likely = rows.with_columns(theft=pl.Series(theft)).filter(pl.col("probability") > 0.3)
        accused.append(likely.head(ANSWERED // STORED_DAYS).select("alert_id", "day", "theft"))
    answer(desk, pl.concat(accused))


def judged_by(desk: "Opened") -> str:  # type: ignore[name-defined] # noqa: F821
    """Return under which name the workspace's dossiers are kept."""
    from shrinkwatch.run.rulebook import rules_on
    from shrinkwatch.run.snapshot import judge_of

    return judge_of(rules_on(desk.folder, desk.settings), desk.settings.scoring())


def dossiers_of_a_day(
    desk: "Opened",  # type: ignore[name-defined] # noqa: F821
    rng: np.random.Generator,
    back: int,
    leads: int,
) -> tuple[pl.DataFrame, np.ndarray]:
    """Return a day's dossiers, and which of them were theft."""
    from scipy.special import expit

    from shrinkwatch.run.rulebook import rules_on
    from shrinkwatch.scoring.dossier import WHO, columns

    names = columns([rule.scheme for rule in rules_on(desk.folder, desk.settings)])
    facts = {name: rng.normal(size=leads).astype(np.float32) for name in names}
    facts["log_odds"] = rng.normal(-3.0, 1.5, leads).astype(np.float32)
    facts["new"] = (rng.random(leads) < 0.15).astype(np.float32)
    day = DAY - timedelta(days=back)
    who = {
        "day": [day] * leads,
        "subject": ["operator"] * leads,
        "key": np.arange(leads, dtype=np.uint64) + back * leads + 1,
        "week": [day - timedelta(days=day.weekday())] * leads,
        "alert_id": [f"{back:04d}{n:016d}" for n in range(leads)],
        "store_id": [f"S{n % 500}" for n in range(leads)],
        "scheme": ["price_override"] * leads,
        "probability": expit(facts["log_odds"].astype(np.float64)),
        "loss_minor": np.full(leads, 20_000),
        "currency": ["EUR"] * leads,
    }
    theft = rng.random(leads) < expit(facts["log_odds"] + 0.3 - 4.0 * facts["new"])
    return pl.DataFrame(who | facts).select(*WHO, *names), theft


def answer(desk: "Opened", accused: pl.DataFrame) -> None:  # type: ignore[name-defined] # noqa: F821
    """Raise an alert on each of these, and answer it a week later."""
    from shrinkwatch.records.alert import Alert, Subject, Versions, Window

    noon = pl.col("day").cast(pl.Datetime("us", "UTC")) + timedelta(hours=12)
    rows = accused.with_columns(opened=noon)
    desk.workspace.alerts.replace(
        [
            Alert(
                alert_id=row["alert_id"],
                opened_at=row["opened"],
                updated_at=row["opened"],
                subject=Subject("operator", row["alert_id"], "S1"),
                schemes=(),
                probability=0.5,
                expected_loss=200.0,
                currency="EUR",
                window=Window(row["opened"], row["opened"]),
                transactions=(),
                reasons=(),
                versions=Versions("", "", "", ""),
            )
            for row in rows.iter_rows(named=True)
        ]
    )
    said = pl.when("theft").then(pl.lit("theft")).otherwise(pl.lit("legitimate"))
    labels = rows.select(
        row_id="alert_id",
        at=pl.min_horizontal(pl.col("opened") + timedelta(days=7), pl.lit(NIGHT)),
        by=pl.lit("investigator"),
        outcome=said,
        alert_id="alert_id",
    )
    desk.journal.append_table("labels", labels, NIGHT)


def night(state: Path, day: Path, workspace: Path) -> None:
    """Do a night's work; print what it took."""
    from shrinkwatch.features.stream import FeatureStream
    from shrinkwatch.rules.book import load_rules
    from shrinkwatch.run.dossier_files import DossierFiles
    from shrinkwatch.run.opened import opened
    from shrinkwatch.run.score import Replay
    from shrinkwatch.run.train import report_in_words, train
    from shrinkwatch.scoring.desk import Desk
    from traffic import Chain, tables_of

    compile_loops(day)
    began = time.perf_counter()
    desk, tables, rules = opened(workspace), tables_of(Chain()), load_rules()
    stream = FeatureStream.load(state, tables)
    whole = Replay(rules, stream, Desk.new(rules), tables)
    loaded = time.perf_counter()
    rows = whole.see(arrivals(day))
    whole.close(DAY)
    DossierFiles(desk.workspace.dossiers, judged_by(desk)).keep(DAY, whole.desk.dossiers)
    replayed = time.perf_counter()
    found = train(desk, clock=lambda: NIGHT)
    trained = time.perf_counter()
    print(f"state loaded         {loaded - began:7.1f} s")
    print(f"replay, dossiers     {replayed - loaded:7.1f} s   {rows:,} transactions")
    print(
        f"train, gate, report  {trained - replayed:7.1f} s   taught {found.dossiers:,} dossiers, "
        f"{found.answers:,} of them answered"
    )
    why = "promoted" if found.promoted else report_in_words(found.report)
    print(f"the gate             {why}; {found.report.answers:,} answers in the test days")
    print(f"the whole night      {trained - began:7.1f} s   goal 600 s")
    print(f"peak memory          {peak_mib():7,.0f} MiB")


def main() -> None:
    """Run the bench and print its figures."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--transactions", type=int, default=2_000_000, help="of the day")
    asked.add_argument("--leads", type=int, default=20_000, help="dossiers of each stored day")
    asked.add_argument("--keep", type=Path, help="folder of bench/replay.py to use again")
    given = asked.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="nightly-"))
    folder.mkdir(parents=True, exist_ok=True)
    state, day = folder / "state", folder / f"day-{given.transactions}"
    workspace = Path(tempfile.mkdtemp(prefix="nightly-chain-"))
    try:
        if not (state / "features.json").exists():
            apart(warm_up, folder, 250_000)
        if not day.exists():
            apart(archive, day, given.transactions)
        apart(store_days, workspace / "workspace", given.leads)
        apart(night, state, day, workspace / "workspace")
    finally:
        shutil.rmtree(workspace)
        if given.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
