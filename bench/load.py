"""How fast receipts become durable and archived, beside what decoding their JSON alone costs.

    python bench/load.py [--transactions 400000] [--line-times]

Makes a seeded NDJSON file of receipts of eight lines, then, each in processes of its own:
msgspec alone decodes the file into `Transaction` structs on one core (the peer); `run.load` reads
it with two workers into a new workspace, every block synced, every day archived. Prints
transactions a second by the wall clock and by CPU time (other programs on the machine slow the
first and hardly the second), the ratio to the peer and the peak memory of all processes together.

Goal (DESIGN): 40,000 transactions a second on two cores within 2 GB.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

LINES = 8
SEED = 20261121
PART = 50_000


class Spent(NamedTuple):
    """Wall seconds, CPU seconds of all processes, and their peak memory together in MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def write_feed(path: Path, transactions: int, *, line_times: bool) -> None:
    """Write a feed of 3,000 tills over some days, in the order of time."""
    with path.open("wb") as file:
        for start in range(0, transactions, PART):
            count = min(PART, transactions - start)
            file.write(_part(start, count, transactions, line_times=line_times))


def _part(start: int, count: int, of: int, *, line_times: bool) -> bytes:
    import numpy as np
    import polars as pl

    rng = np.random.default_rng((SEED, start))
    number = np.arange(start, start + count)
    till = rng.integers(0, 3000, count)
    second = number * (3 * 86_400) // of
    began = np.datetime64("2026-03-02T06:00:00", "ms") + second.astype("m8[s]")
    line = np.tile(np.arange(1, LINES + 1), count)
    cents = rng.integers(49, 4_999, count * LINES)
    quantity = rng.choice([1, 1, 1, 1, 2, 3], count * LINES)
    lines = pl.DataFrame(
        {
            "tx": np.repeat(number, LINES),
            "line": line,
            "kind": pl.repeat("item", count * LINES, eager=True),
            "sku": pl.Series(rng.integers(10_000, 40_000, count * LINES)).cast(pl.String),
            "quantity": quantity,
            "list_price": cents / 100,
            "extended": np.round(cents * quantity / 100, 2),
            "entry": pl.repeat("scan", count * LINES, eager=True),
        }
    )
    if line_times:
        at = np.repeat(began, LINES) + (line * 4).astype("m8[s]")
        lines = lines.with_columns(at=pl.Series(at).dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    basket = (
        lines.group_by("tx", maintain_order=True)
        .agg(lines=pl.struct(pl.exclude("tx")), net=pl.col("extended").sum().round(2))
        .drop("tx")
    )
    tender = pl.struct(type=pl.lit("credit"), amount="net", card_token="card")
    frame = pl.DataFrame(
        {
            "source": pl.repeat("bench", count, eager=True),
            "store_id": pl.Series(till // 10).cast(pl.String),
            "register_id": pl.Series(till % 10).cast(pl.String),
            "transaction_id": pl.Series(number).cast(pl.String),
            "operator_id": pl.Series(rng.integers(100, 140, count)).cast(pl.String),
            "type": pl.repeat("sale", count, eager=True),
            "currency": pl.repeat("EUR", count, eager=True),
            "began_at": pl.Series(began).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ended_at": pl.Series(began + np.timedelta64(75, "s")).dt.strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            "card": "tok_" + pl.Series(rng.integers(0, 5_000_000, count)).cast(pl.String),
        }
    )
    whole = pl.concat([frame, basket], how="horizontal")
    whole = whole.with_columns(tenders=pl.concat_list(tender)).drop("card")
    return whole.write_ndjson().encode()


def decode_alone(path: Path) -> Spent:
    """Decode the file with msgspec on one core, a piece at a time, and keep nothing."""
    import msgspec

    from shrinkwatch.records.transaction import Transaction

    decoder = msgspec.json.Decoder(Transaction)
    return _measured(lambda: _decode(decoder.decode_lines, path))


def _decode(decode_lines: Callable[[bytes], object], path: Path) -> None:
    with path.open("rb") as file:
        while lines := file.readlines(4 << 20):
            decode_lines(b"".join(lines))


def load_whole(path: Path, folder: Path, transactions: int) -> Spent:
    """Load the file into a new workspace; everything is durable and archived when it ends."""
    from multiprocessing.forkserver import _forkserver

    from shrinkwatch.run.load import WORKERS, load
    from shrinkwatch.run.workspace import Workspace

    folder.mkdir()
    (folder / "shrinkwatch.toml").touch()
    workspace = Workspace.open(folder)

    def run() -> None:
        report = load([path], workspace)
        _forkserver._stop()  # else nobody waits for the readers, and their time is not counted
        assert report.accepted == report.archived == transactions, report
        assert not report.rejected

    return _measured(run, children=WORKERS + 1)


def _measured(run: Callable[[], object], children: int = 0) -> Spent:
    began, before = time.perf_counter(), _cpu()
    run()
    own, theirs = (resource.getrusage(who).ru_maxrss / 1024 for who in _WHO)
    return Spent(time.perf_counter() - began, _cpu() - before, own + children * theirs)


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in _WHO]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _alone(run: Callable[..., Spent | None], *given: object, **named: object) -> Spent | None:
    """Return what `run` returns in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run, *given, **named).result()


def main() -> None:
    """Run the bench and print its figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--transactions", type=int, default=1_000_000)
    options.add_argument("--line-times", action="store_true", help="give every line its time")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        feed = Path(scratch) / "feed.ndjson"
        _alone(write_feed, feed, asked.transactions, line_times=asked.line_times)
        size = feed.stat().st_size
        print(f"{asked.transactions:,} receipts of {LINES} lines, {size / 1e6:,.0f} MB of NDJSON")
        peer = _alone(decode_alone, feed)
        ours = _alone(load_whole, feed, Path(scratch) / "workspace", asked.transactions)
        assert peer is not None
        assert ours is not None
        _say("msgspec decode, one core", peer, asked.transactions)
        _say("load, two workers", ours, asked.transactions)
        print(f"ratio, load : decode   {peer.wall_s / ours.wall_s:.2f} by wall clock")
        print(f"                       {peer.cpu_s / ours.cpu_s * 2:.2f} by CPU time, two cores")


def _say(name: str, spent: Spent, transactions: int) -> None:
    print(
        f"{name:26} {transactions / spent.wall_s:10,.0f} tx/s  {spent.wall_s:6.1f} s wall  "
        f"{spent.cpu_s:6.1f} s CPU ({spent.cpu_s / transactions * 1e6:5.1f} µs each)  "
        f"{spent.peak_mib:6,.0f} MiB"
    )


if __name__ == "__main__":
    main()
