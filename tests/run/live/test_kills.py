"""Live scoring is killed at every stage and at random, and nothing is lost, doubled or different.

`make test-faults` runs this; SHRINKWATCH_KILLS sets how many random kills follow the named ones,
and SHRINKWATCH_SEED when and where they are.
"""

import os
import signal
import subprocess
import sys
import time as clock_time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from tests.run.live.conftest import Chain, parts, replayed, state_of

from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.adapters.stores.schema import outbox
from shrinkwatch.journal.days import moment_of
from shrinkwatch.records.batch import Batch
from shrinkwatch.run.live.line import ScoringAt

NAMED = ("read", "judged", "snapshot", "closing", "committed", "kept")
KILLS = int(os.environ.get("SHRINKWATCH_KILLS", "8"))
SEED = int(os.environ.get("SHRINKWATCH_SEED", "20261121"))
REPOSITORY = Path(__file__).resolve().parents[3]
PATIENCE_S = 120.0
RECORDS_AT_ONCE = 9 if KILLS < 100 else 1  # there are about a thousand records
ROUTE = '[[notify]]\nname = "desk"\nurl_file = "keys/desk.url"\n'


@dataclass
class Scorer:
    """The process that scores, and dies, and is started again."""

    chain: Chain
    clock_file: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ready_s: list[float] = field(default_factory=list)

    def start(self, *killed: str) -> None:
        """Start it; killed: where it kills itself, and at which time that it is there."""
        folder, began = str(self.chain.workspace.folder), clock_time.monotonic()
        words = ("-m", "tests.run.live.scorer", folder, str(self.clock_file), *killed)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words], cwd=REPOSITORY, stderr=log, start_new_session=True
            )
        line = ScoringAt(self.chain.workspace.state / "live")
        while self.is_alive() and not line.is_on():
            assert clock_time.monotonic() - began < PATIENCE_S, self.log.read_text()
            clock_time.sleep(0.02)
        self.ready_s.append(clock_time.monotonic() - began)

    def is_alive(self) -> bool:
        assert self.process is not None
        return self.process.poll() is None

    def kill(self, *, with_copies: bool) -> None:
        """Kill it as a power cut of the machine would, or as the system does (its copies live)."""
        assert self.process is not None
        (os.killpg if with_copies else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def died(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE_S)

    def end(self) -> None:
        """Let it close the last day, and end it as an operator does."""
        assert self.process is not None
        store, began = StoredLive(self.chain.workspace.database), clock_time.monotonic()
        while (at := store.position()) is None or at.closed_day < self.chain.days[-1]:
            assert clock_time.monotonic() - began < PATIENCE_S, self.log.read_text()
            clock_time.sleep(0.02)
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) == 0, self.log.read_text()


@dataclass
class Tills:
    """Sends the chain's records day by day, and lets the clock go with them."""

    chain: Chain
    clock_file: Path
    coming: Iterator[Batch]
    sent: list[int] = field(default_factory=list)

    def send(self) -> bool:
        """Send a few records; what the journal took is acknowledged. False: there are no more."""
        batch = next(self.coming, None)
        if batch is None:
            return False
        came = batch.transactions["arrived_at"].to_physical().to_numpy()
        now = moment_of(int(came.max()))
        day = datetime.combine(now.date(), time(0, 0, 3), UTC)
        self.tell(max(now, day))
        self.chain.workspace.journal.append(batch)
        self.sent += batch.transactions["tx_key"].to_list()
        return True

    def tell(self, now: datetime) -> None:
        draft = self.clock_file.with_suffix(".draft")
        draft.write_text(now.isoformat())
        draft.replace(self.clock_file)


@pytest.mark.faults
def test_killed_anywhere_nothing_is_lost_doubled_or_different(chain: Chain, tmp_path: Path) -> None:
    settings = chain.workspace.folder / "shrinkwatch.toml"
    settings.write_text(settings.read_text() + ROUTE)
    clock_file, rng = tmp_path / "clock", np.random.default_rng(SEED)
    days = [parts(batch, iter(lambda: RECORDS_AT_ONCE, 0)) for batch in chain.arrivals.values()]
    tills = Tills(chain, clock_file, (some for day in days for some in day))
    tills.tell(chain.watch.now)
    scorer, hit = Scorer(chain, clock_file, tmp_path / "log"), Counter[str]()
    goes_on = True
    for where in NAMED:
        scorer.start(where, str(1 + int(rng.integers(2)) * (where in {"read", "judged"})))
        while scorer.is_alive() and goes_on:
            goes_on = tills.send()
            clock_time.sleep(0.05)
        if where not in {"read", "judged", "snapshot"} and scorer.is_alive():
            tills.tell(tills.chain.watch.now + timedelta(days=9))
        assert scorer.died() == -signal.SIGKILL, scorer.log.read_text()
        hit[where] += 1
    for _ in range(KILLS):
        scorer.start()
        for _ in range(int(rng.integers(1, 5))):
            goes_on = tills.send()
            clock_time.sleep(float(rng.random()) * 0.2)
        scorer.kill(with_copies=bool(rng.random() < 0.5))
        hit["at random"] += 1
    while goes_on:
        goes_on = tills.send()
    tills.tell(datetime.combine(chain.days[-1], time(0, 0, 5), UTC) + timedelta(days=1))
    scorer.start()
    scorer.end()

    expected = replayed(chain, chain.days, tmp_path)
    stored = [key for day in chain.days for key in _keys(chain.workspace.journal.arrivals(day))]
    lost, doubled = set(tills.sent) - set(stored), len(stored) - len(set(stored))
    told = _told(chain)
    print(
        f"kills: {dict(hit)}; sent and acknowledged {len(tills.sent)}, lost {len(lost)}, stored "
        f"twice {doubled}; messages {len(told)}, twice {len(told) - len(set(told))}; ready after "
        f"{min(scorer.ready_s):.1f} to {max(scorer.ready_s):.1f} s"
    )
    assert set(hit) >= set(NAMED)
    assert (lost, doubled) == (set(), 0)
    assert chain.alerts() == expected.alerts
    assert state_of(chain.begin().replay, tmp_path / "is") == expected.state
    known = {alert.alert_id for alert in chain.history.alerts.all()}
    new = [a for a in chain.workspace.alerts.all() if a.alert_id not in known]
    assert sorted(told) == sorted(a.alert_id for a in new if a.chosen_by == "score")


def _keys(batch: Batch) -> list[int]:
    return batch.transactions["tx_key"].to_list()


def _told(chain: Chain) -> list[str]:
    with chain.workspace.database.read() as connection:
        return list(connection.scalars(sa.select(outbox.c.alert_id)))
