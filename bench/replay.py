"""How fast a day of the largest chains is replayed from archived columns, with a warm state.

    python bench/replay.py [--transactions 2000000] [--warm-transactions 250000] [--keep FOLDER]

Makes seeded traffic (bench/traffic.py): 500 stores, 3,000 tills, 12,000 operators, 5 million cards.
A first process warms the state with 30 days of `--warm-transactions` each, in which every card is
seen, saves it, and archives the day to be replayed, a file of each part for every 150,000
transactions as a live journal does. A second process loads the state and replays the day as
`shrinkwatch score` does: read columns, features, rules, evidence, and at the end alerts. It prints
transactions a second by the wall clock and by CPU time (other programs on the machine slow the
first and hardly the second) and its peak memory. A third does the same one step after the other,
which is slower and shows where the time goes. A fourth compares window features with pandas,
DuckDB, Polars and river on a sample (bench/windows.py), and checks them against SQL over
hop-truncated time.

Goal (DESIGN): 200,000 transactions a second on two cores within 2 GB.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

SEED = 20261121
DAY = date(2026, 3, 31)
WARM_DAYS = 30
PART = 25_000
"""Transactions of traffic that are made at once."""
SEGMENT = 6 * PART


class Stages:
    """Wall and CPU seconds of each stage, and the process's peak memory by its end."""

    def __init__(self) -> None:
        self.wall_s: dict[str, float] = defaultdict(float)
        self.cpu_s: dict[str, float] = defaultdict(float)
        self.peak_mib: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent within to the stage."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall_s[name] += time.perf_counter() - wall
        self.cpu_s[name] += time.process_time() - cpu
        self.peak_mib[name] = peak_mib()


def peak_mib() -> float:
    """Return the peak resident memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def warm_up(folder: Path, warm: int) -> None:
    """Warm the state and save it."""
    from shrinkwatch.features.stream import FeatureStream
    from traffic import Chain, Part, part_of_day, tables_of

    chain, started, card = Chain(), time.perf_counter(), 0
    stream = FeatureStream.new(tables_of(chain), folder / "receipts")
    for back in range(WARM_DAYS, 0, -1):
        day, of = DAY - timedelta(days=back), max(1, warm // PART)
        for number in range(of):
            batch = part_of_day(chain, Part(day, warm // of, number, of, card), SEED)
            card += (batch.transactions["card_key"] != 0).sum()
            stream.advance(batch)
        stream.close_day(day)
    stream.save(folder / "state")
    print(
        f"warm: {WARM_DAYS} days of {warm:,} transactions, {min(card, chain.cards):,} cards seen, "
        f"in {time.perf_counter() - started:.0f} s"
    )


def archive(folder: Path, transactions: int) -> None:
    """Write the day as the journal's archive keeps it."""
    import numpy as np

    from shrinkwatch.journal.archive import Archive
    from shrinkwatch.journal.pieces import Piece
    from shrinkwatch.records.batch import Batch
    from traffic import Chain, Part, part_of_day

    chain, kept, of, first = Chain(), Archive(folder), max(1, transactions // PART), 0
    for start in range(0, of, SEGMENT // PART):
        numbers = range(start, min(of, start + SEGMENT // PART))
        batch = Batch.concat(
            part_of_day(chain, Part(DAY, transactions // of, number, of), SEED)
            for number in numbers
        )
        arrived = batch.transactions["arrived_at"].to_physical().to_numpy()
        piece = Piece(batch, np.arange(first, first + len(batch)), arrived)
        kept.add({DAY: piece}, {DAY: [first]})
        first += len(batch)


def arrivals(folder: Path) -> Iterator[Any]:
    """Yield the archived day in the batches that `shrinkwatch score` judges at once."""
    from shrinkwatch.journal.archive import Archive
    from shrinkwatch.journal.pieces import in_arrival_order
    from shrinkwatch.run.score import CHUNK, COLUMNS

    yield from in_arrival_order(Archive(folder).pieces(DAY, COLUMNS), frozenset(), CHUNK)


def compile_loops(folder: Path) -> None:
    """Have every loop compiled, so that nothing of it is in the time."""
    from shrinkwatch.features.stream import FeatureStream
    from shrinkwatch.rules.book import load_rules
    from shrinkwatch.rules.judge import judge
    from shrinkwatch.scoring.desk import Desk
    from traffic import Chain, tables_of

    rules, tables = load_rules(), tables_of(Chain())
    few = next(arrivals(folder)).take(range(3_000))
    frame = FeatureStream.new(tables).advance(few)
    desk = Desk.new(rules)
    desk.see(frame, judge(rules, frame))
    desk.close_day(DAY, tables)


def replay(state: Path, day: Path) -> None:
    """Load the state and replay the day as `score` does; print what it took."""
    from shrinkwatch.features.catalogue import FOLD, RING_COLUMNS
    from shrinkwatch.features.stream import FeatureStream
    from shrinkwatch.rules.book import load_rules
    from shrinkwatch.run.memory import share_arenas
    from shrinkwatch.run.score import Replay
    from shrinkwatch.scoring.desk import Desk
    from traffic import Chain, tables_of

    share_arenas()  # as the program does when it starts
    compile_loops(day)
    tables, rules = tables_of(Chain()), load_rules()
    began = time.perf_counter()
    stream = FeatureStream.load(state, tables)
    print(f"state: {stream.nbytes() / 2**20:,.0f} MiB, ready {time.perf_counter() - began:.1f} s")
    whole = Replay(rules, stream, Desk.new(rules), tables)
    began, cpu = time.perf_counter(), time.process_time()
    rows = whole.see(arrivals(day))
    alerts = whole.close(DAY)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"{len(FOLD)} features of the fold, of them {len(RING_COLUMNS)} windows; "
        f"{len(rules)} rules; {len(alerts)} alerts"
    )
    print(
        f"replay: {rows:,} transactions in {wall:.2f} s: {rows / wall:,.0f} tx/s by the clock, "
        f"{2 * rows / cpu:,.0f} tx/s on two free cores by CPU time; goal 200,000"
    )
    print(f"peak memory of the replay: {peak_mib():,.0f} MiB; goal 2,048")


def step_by_step(state: Path, day: Path) -> None:
    """Replay the day one step after the other; print what each takes."""
    from shrinkwatch.features.stream import FeatureStream
    from shrinkwatch.rules.book import load_rules
    from shrinkwatch.rules.judge import judge
    from shrinkwatch.scoring.desk import Desk
    from traffic import Chain, tables_of

    compile_loops(day)
    tables, rules, stages = tables_of(Chain()), load_rules(), Stages()
    with stages.stage("load state"):
        stream = FeatureStream.load(state, tables)
    desk, rows, coming = Desk.new(rules), 0, arrivals(day)
    while True:
        with stages.stage("read columns"):
            batch = next(coming, None)
        if batch is None:
            break
        with stages.stage("features"):
            frame = stream.advance(batch)
        with stages.stage("rules"):
            judgement = judge(rules, frame)
        with stages.stage("evidence"):
            desk.see(frame, judgement, batch.tenders)
        rows += len(batch)
    with stages.stage("alerts"):
        desk.close_day(DAY, tables)
    with stages.stage("close day"):
        stream.close_day(DAY)
    report(stages, rows)


def report(stages: Stages, rows: int) -> None:
    """Print the stages."""
    print("one step after the other:")
    for name, wall in stages.wall_s.items():
        per = "" if name == "load state" else f"{wall / rows * 1e6:8.2f} us/tx"
        print(
            f"  {name:14s} {wall:8.2f} s wall {stages.cpu_s[name]:8.2f} s cpu "
            f"{stages.peak_mib[name]:7,.0f} MiB{per}"
        )


def compare(folder: Path) -> None:
    """Print the comparison with other programs on a sample."""
    from windows import compare_all

    compare_all(folder)


def apart(target: Any, *given: Any) -> None:
    """Run it in a process of its own, so that memory is its own."""
    process = get_context("spawn").Process(target=target, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def main() -> None:
    """Run the whole benchmark."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--transactions", type=int, default=2_000_000, help="of the day")
    asked.add_argument("--warm-transactions", type=int, default=250_000, help="of each warm day")
    asked.add_argument("--keep", type=Path, help="folder to use again, with its warm state")
    given = asked.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="replay-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        state, day = folder / "state", folder / f"day-{given.transactions}"
        if not (state / "features.json").exists():
            apart(warm_up, folder, given.warm_transactions)
        if not day.exists():
            apart(archive, day, given.transactions)
        apart(replay, state, day)
        apart(step_by_step, state, day)
        apart(compare, day)
    finally:
        if given.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
