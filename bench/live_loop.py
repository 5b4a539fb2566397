"""How fast live scoring judges what queues up, and how soon it is ready after kill -9.

    python bench/live_loop.py [--block 32] [--warm-transactions 250000] [--keep FOLDER]

Uses the warm state of bench/replay.py (500 stores, 3,000 tills, 12,000 operators, 5 million cards;
`--keep` shares its folder). It prints, each in a process of its own with one thread:

- what reading, features, rules and evidence cost for micro-batches of 1 to 8,192 transactions, read
  from a journal into which they were put in blocks of `--block`: 32 is what 64 connections send
  singly while one group commits, 500 a request of many;
- the transactions a second that follow, and what a fork for a snapshot takes from the loop;
- how long a start from such a snapshot takes, with a tail of 100,000 transactions.

Goals (DESIGN): 8,000 a second sent singly, 40,000 in batches; ready within 5 s after kill -9.
"""

import argparse
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from replay import DAY, SEED, apart, warm_up  # noqa: E402 - after the number of threads is set

SIZES = (1, 32, 128, 512, 2_048, 8_192)
TAIL = 100_000


def journal_with(folder: Path, transactions: int, block: int) -> None:
    """Put a part of the day into a journal, in blocks of this size."""
    import hashlib

    import numpy as np
    import polars as pl

    from shrinkwatch.adapters.stores.journal import StoredJournal
    from shrinkwatch.journal.pieces import Piece
    from traffic import Chain, Part, part_of_day

    batch = part_of_day(Chain(), Part(DAY, transactions), SEED)
    keys = batch.transactions["tx_key"].to_list()
    contents = [hashlib.blake2b(str(key).encode(), digest_size=16).digest() for key in keys]
    whole = batch.transactions.with_columns(content=pl.Series(contents, dtype=pl.Binary))
    piece = Piece(
        type(batch)(whole, batch.lines, batch.price_changes, batch.tenders, batch.events),
        np.arange(transactions),
        np.zeros(transactions, dtype=np.int64),
    )
    journal = StoredJournal.open(folder / "journal.sqlite", folder / "archive")
    for start in range(0, transactions, block):
        journal.append(piece.rows(start, min(start + block, transactions)))
    journal.close()


def _workspace(folder: Path) -> Path:
    home = folder / "live"
    home.mkdir(parents=True, exist_ok=True)
    (home / "shrinkwatch.toml").write_text("")
    return home


def _live(folder: Path):  # type: ignore[no-untyped-def]
    """Return live scoring with the warm state, as a restart finds it, on an empty day."""
    from shrinkwatch.adapters.stores.live import StoredLive
    from shrinkwatch.run.live.loop import Live
    from shrinkwatch.run.workspace import Workspace

    workspace = Workspace.open(_workspace(folder))
    return Live.begin(workspace, StoredLive(workspace.database), _noon)


def _noon() -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, 23, 59, 50, tzinfo=UTC)


def prepare(folder: Path, warm: Path, transactions: int, block: int) -> None:
    """Make a workspace with the warm state as a snapshot, and the day's records in a journal."""
    from datetime import timedelta

    from shrinkwatch.adapters.stores.live import StoredLive
    from shrinkwatch.features.stream import FeatureStream
    from shrinkwatch.records.tables import TABLE_KEYS
    from shrinkwatch.run.live.loop import Live
    from shrinkwatch.run.live.place import Place
    from shrinkwatch.run.live.snapshots import Snapshots
    from shrinkwatch.run.workspace import Workspace
    from shrinkwatch.scoring.desk import Desk
    from traffic import Chain, tables_of

    home = _workspace(folder)
    workspace, tables = Workspace.open(home), tables_of(Chain())
    for kind in TABLE_KEYS:
        if tables[kind].height:
            workspace.journal.append_table(kind, tables[kind], datetime(1970, 1, 1, tzinfo=UTC))
    live = Live(workspace, StoredLive(workspace.database), _noon)
    stream = FeatureStream.load(warm / "state", tables, folder / "receipts")
    desk, place = Desk.new(live.rules, live.scoring), Place(closed=DAY - timedelta(days=1))
    Snapshots(workspace.state / "live").keep(live.judge, place, stream, desk, desk.packed())
    journal_with(home, transactions, block)


def cost(folder: Path, seconds: float) -> None:
    """Print what each stage costs by the size of a micro-batch."""
    from shrinkwatch.rules.judge import judge
    from shrinkwatch.run.live import loop

    began, cpu = time.perf_counter(), time.process_time()
    live = _live(folder)
    print(
        f"state {live.replay.stream.nbytes() / 2**20:,.0f} MiB, loaded and verified in "
        f"{time.perf_counter() - began:.1f} s ({time.process_time() - cpu:.1f} s CPU)"
    )
    live.snapshot_at = 10**12
    loop.MOST = 2_048
    for _ in range(4):
        live.step()
    print("micro-batch      read   features     rules  evidence, ms CPU   tx/s on one core")
    for size in SIZES:
        spent, rows, rounds, until = [0.0] * 4, 0, 0, time.perf_counter() + seconds / len(SIZES)
        while time.perf_counter() < until:
            marks = [time.process_time()]
            tail = live.journal.tail(live.place.position, size, loop.COLUMNS)
            batch = tail.batch
            if len(batch) == 0:
                break
            if len(batch) > size:
                batch = batch.take(range(size))
            marks.append(time.process_time())
            frame = live.replay.stream.advance(batch)
            marks.append(time.process_time())
            judged = judge(live.rules, frame)
            marks.append(time.process_time())
            live.replay.show(frame, judged, batch.tenders)
            marks.append(time.process_time())
            live.place.position = tail.until
            spent = [a + c - b for a, b, c in zip(spent, marks, marks[1:], strict=False)]
            rows, rounds = rows + len(batch), rounds + 1
        each = "".join(f"{1000 * one / rounds:10.2f}" for one in spent)
        print(f"{size:11,}{each}          {rows / sum(spent):12,.0f}")


def whole(folder: Path) -> None:
    """Print how fast the loop itself empties a queue, snapshots included."""
    live = _live(folder)
    for _ in range(2):
        live.step()
    longest, start, began, cpu = 0.0, live.place.position, time.perf_counter(), time.process_time()
    while True:
        before = time.perf_counter()
        if live.step() == 0:
            break
        longest = max(longest, time.perf_counter() - before)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    live.aside.wait()
    rows = live.place.position - start
    print(
        f"the loop: {rows:,} transactions, {rows / cpu:,.0f} tx/s by CPU time of its process, "
        f"{rows / wall:,.0f} by the clock; the longest step {1000 * longest:.0f} ms"
    )
    before, cpu = time.perf_counter(), time.process_time()
    live.keep_snapshot()
    stopped, cpu = time.perf_counter() - before, time.process_time() - cpu
    live.aside.wait()
    print(
        f"a snapshot stops the loop for {1000 * stopped:.0f} ms ({1000 * cpu:.0f} ms CPU); on disk "
        f"after {time.perf_counter() - before:.1f} s"
    )


def ready(folder: Path, began: float) -> None:
    """Print how long a start takes, from nothing to the end of a tail. began: by the clock."""
    live = _live(folder)
    live.snapshot_at, loaded, cpu = 10**12, time.time(), time.process_time()
    end = live.place.position + TAIL
    while live.place.position < end and live.step():
        pass
    print(
        f"ready: {loaded - began:.1f} s from the start of the process to the snapshot ({cpu:.1f} s "
        f"CPU), {time.time() - began:.1f} s with a tail of {TAIL:,} transactions "
        f"({time.process_time():.1f} s CPU); goal 5 s"
    )


def forget_later_snapshots(folder: Path) -> None:
    """Have the next start begin at the first record."""
    for path in sorted((folder / "live" / "state" / "live").glob("[0-9]*"))[1:]:
        shutil.rmtree(path)


def main() -> None:
    """Run the whole benchmark."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--warm-transactions", type=int, default=250_000, help="of each warm day")
    asked.add_argument("--transactions", type=int, default=400_000, help="in the journal")
    asked.add_argument("--block", type=int, default=32, help="transactions in a block")
    asked.add_argument("--seconds", type=float, default=8.0, help="for the table of costs")
    asked.add_argument("--keep", type=Path, help="folder to use again, with its warm state")
    given = asked.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="live-loop-"))
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / f"live-{given.block}"
    try:
        if not (folder / "state" / "features.json").exists():
            apart(warm_up, folder, given.warm_transactions)
        if not (own / "live" / "journal.sqlite").exists():
            own.mkdir()
            apart(prepare, own, folder, given.transactions, given.block)
        print(f"blocks of {given.block}")
        apart(cost, own, given.seconds)
        apart(whole, own)
        forget_later_snapshots(own)
        apart(ready, own, time.time())
    finally:
        if given.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
