"""Plays the whole way on a simulated chain: its files, the journal, the leads and the report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

import shrinkwatch
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.report import write as write_report
from shrinkwatch.run.score import score
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.files import ANSWERS, TRANSACTIONS_FILE, write
from shrinkwatch.world.settings import WorldSettings

Progress = Callable[[str, float, float | None], None]

FEED = "feed"
"""The demo workspace's folder for the simulated chain's files, answer sheets included."""

_MADE = "made.json"


class DemoReport(Struct, frozen=True):
    """What the demo did; `seconds` by step, in the order in which they were taken."""

    report: str
    stores: int
    weeks: int
    seed: int
    transactions: int
    alerts: int
    seconds: dict[str, float]


class _Chain(Struct, frozen=True):
    """Which chain a feed folder holds."""

    stores: int
    weeks: int
    seed: int
    version: str = shrinkwatch.__version__


def demo(
    folder: Path,
    *,
    stores: int = 20,
    weeks: int = 8,
    seed: int = 1,
    progress: Progress | None = None,
) -> DemoReport:
    """Simulate a chain in this folder, load it, score it, report it and return what happened.

    A folder that already holds the same chain is not simulated again.
    Raises: Refused when the folder holds another chain, or somebody's data.
    """
    seconds: dict[str, float] = {}
    chain = _Chain(stores, weeks, seed)
    feed = folder / FEED
    _refuse_other_data(folder, chain)
    make_workspace(folder)
    with _step("Simulating a chain of shops", seconds, progress):
        _simulate(feed, chain)
    workspace = Workspace.open(folder)
    try:
        with _step("Loading", seconds, None):
            loaded = load(_feed_files(feed), workspace, progress=progress)
        with _step("Scoring", seconds, None):
            scored = score(workspace, progress=progress)
    finally:
        workspace.close()
    with _step("Writing the report", seconds, progress):
        report = write_report(folder, note=_NOTE)
    transactions = loaded.accepted + loaded.duplicate
    return DemoReport(str(report.path), stores, weeks, seed, transactions, scored.raised, seconds)


_NOTE = "A simulated chain: nobody here exists."


def _simulate(feed: Path, chain: _Chain) -> None:
    made = feed / _MADE
    if made.exists():
        return
    settings = WorldSettings(stores=chain.stores, weeks=chain.weeks, seed=chain.seed)
    write(simulate(settings), feed)
    made.write_bytes(msgspec.json.encode(chain))


def _feed_files(feed: Path) -> list[Path]:
    """Return the receipts and every table; the answers stay out."""
    tables = sorted(path for path in feed.glob("*.csv") if path.stem not in ANSWERS)
    return [feed / TRANSACTIONS_FILE, *tables]


def _refuse_other_data(folder: Path, chain: _Chain) -> None:
    made = folder / FEED / _MADE
    if made.exists():
        if msgspec.json.decode(made.read_bytes(), type=_Chain) != chain:
            raise Refused(
                f"{folder} holds the demo of another chain; name another folder with --workspace, "
                "or remove it"
            )
    elif (folder / "journal.sqlite").exists() and not (folder / FEED).exists():
        raise Refused(f"{folder} holds data already; name another folder with --workspace")


@contextmanager
def _step(name: str, seconds: dict[str, float], progress: Progress | None) -> Iterator[None]:
    began = time.monotonic()
    if progress is not None:
        progress(name, 0, None)
    yield
    seconds[name] = time.monotonic() - began
    if progress is not None:
        progress(name, 1, 1)
