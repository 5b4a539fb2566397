"""Keeps live scoring going: steps while there is something to do, waits a moment while not."""

import gc
import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.ports import Clock
from shrinkwatch.records.trouble import Trouble
from shrinkwatch.run.alone import alone
from shrinkwatch.run.closed_days import archive
from shrinkwatch.run.live.line import answering
from shrinkwatch.run.live.loop import MOST, Live, Notice
from shrinkwatch.run.notify.routes import router
from shrinkwatch.run.rule_changes import note_rules
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.settings import read
from shrinkwatch.run.workspace import Workspace

POLL_S = 0.01
"""How long is waited when nothing is there: who sends one record and waits gets its answer soon."""

GATHER_S = 0.2
"""How long what comes is gathered while more keeps coming. A batch costs some 35 ms however small
it is (bench/live_loop.py), and an answer has a second."""

SNAPSHOT_EVERY = timedelta(minutes=10)
"""A snapshot is made this often at least, if anything came."""

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def follow(
    folder: Path,
    ends: threading.Event,
    clock: Clock = _now,
    notice: Notice = lambda _done: None,
) -> None:
    """Score what arrives in this workspace until `ends` is set; then leave a snapshot.

    Raises: Misconfigured when settings or rules are wrong; Unreachable when another program scores
    this workspace, or the journal does not answer.
    """
    began, workspace = time.monotonic(), Workspace.open(folder)
    home = workspace.state / "live"
    home.mkdir(parents=True, exist_ok=True)
    store = StoredLive(workspace.database, (router(workspace, clock),))
    with alone(workspace.state):
        own = read(folder)
        note_rules(workspace, rules_on(folder, own), own.scoring())
        live = Live.begin(workspace, store, clock, notice)
        gc.freeze()  # what lasts need not be looked through again, nor copied by a fork
        with answering(home, live.answers):
            _log.info(
                "scoring from record %s on, ready in %.1f s",
                live.place.position,
                time.monotonic() - began,
            )
            _step_until(live, folder, ends, clock)
    live.aside.wait()
    if live.place.position > live.snapshot_at:
        live.keep_snapshot()
        live.aside.wait()
    workspace.close()


def _step_until(live: Live, folder: Path, ends: threading.Event, clock: Clock) -> None:
    kept_at, archived = clock(), None
    while not ends.is_set():
        began = time.monotonic()
        read = live.step()
        if live.place.closed != archived:
            archived = live.place.closed
            threading.Thread(target=_archive, args=(folder, clock), daemon=True).start()
        rest = GATHER_S - (time.monotonic() - began) if read else POLL_S
        if rest > 0 and live.answers.lag()[0] < MOST:
            ends.wait(rest)
        if clock() - kept_at >= SNAPSHOT_EVERY and live.place.position > live.snapshot_at:
            live.keep_snapshot()
            kept_at = clock()


def _archive(folder: Path, clock: Clock) -> None:
    """Archive the days that are over, beside the work; ended at any moment, nothing is lost."""
    workspace = Workspace.open(folder)
    try:
        archive(workspace, clock)
    except Trouble as trouble:
        _log.error("days that are over stay in the journal alone: %s", trouble)
    finally:
        workspace.close()
