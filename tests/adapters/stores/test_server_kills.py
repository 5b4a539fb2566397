"""A PostgreSQL server is killed while records come in: what was acknowledged is there, once.

`make test-faults` runs this on a server of its own; SHRINKWATCH_KILLS sets how many kills of live
scoring there are, and of these a fifth as many are of the server.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.adapters.stores.test_sqlite import receipts

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.journal.archive import Archive
from shrinkwatch.records.trouble import Trouble

KILLS = max(3, int(os.environ.get("SHRINKWATCH_KILLS", "8")) // 5)
SEED = int(os.environ.get("SHRINKWATCH_SEED", "20261121"))
AT_ONCE = 5
PATIENCE_S = 60.0


def programs() -> Path:
    """The folder of PostgreSQL's own programs, or a skip that says where it was looked for."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip(
            "no PostgreSQL to start and kill; install its server, or put initdb on the PATH"
        )
    return found[-1]


class Server:
    """A server of its own, in a folder, on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, programs()
        self.user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
        if self.user:
            shutil.chown(folder, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "--auth=trust", "--username=postgres", "--pgdata", folder / "data")
        self.process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, again where it finds remains of the one before, as whatever minds it would."""
        self._begin()
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < until
            time.sleep(0.02)
            if self.process.poll() is not None:
                self._begin()

    def _begin(self) -> None:
        words = ("-D", self.folder / "data", "-p", str(self.port), "-k", self.folder)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", *words, "-h", "127.0.0.1"],
                stderr=log, stdout=log, user=self.user, start_new_session=True, cwd=self.folder,
            )  # fmt: skip

    def _answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)

    def _run(self, program: str, *words: object) -> None:
        subprocess.run(
            [self.programs / program, *map(str, words)], check=True, capture_output=True,
            user=self.user, cwd=self.folder,
        )  # fmt: skip


@pytest.fixture
def server():
    with TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        found = Server(Path(folder))
        found.start()
        yield found
        found.kill()


def opened(server: Server, folder: Path) -> StoredJournal:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return StoredJournal(Database.connect(server.address), Archive(folder / "archive"))
        except Trouble:
            assert time.monotonic() < until
            time.sleep(0.05)


def records_of(journal: StoredJournal) -> list[str]:
    """Return the transaction ids of everything that the journal holds, day by day."""
    days = (journal.arrivals(day).transactions["transaction_id"] for day in journal.days())
    return [one for day in days for one in day.to_list()]


@pytest.mark.faults
def test_a_killed_server_loses_nothing_and_doubles_nothing(server, tmp_path):
    rng = random.Random(SEED)
    journal, ended = opened(server, tmp_path), threading.Event()
    acknowledged, failures = [], 0

    def send() -> None:
        nonlocal failures
        number = 0
        while not ended.is_set():
            numbers = range(number, number + AT_ONCE)
            try:
                done = journal.append(receipts(numbers))
            except Trouble:
                failures += 1  # not acknowledged: the same records are sent again
                time.sleep(0.02)
                continue
            assert done.accepted + done.duplicate == AT_ONCE
            acknowledged.extend(numbers)
            number += AT_ONCE

    sender = threading.Thread(target=send)
    sender.start()
    for _ in range(KILLS):
        before = len(acknowledged)
        while len(acknowledged) < before + AT_ONCE:
            time.sleep(0.01)
        time.sleep(rng.random() * 0.3)
        server.kill()
        server.start()
    before = len(acknowledged)
    while len(acknowledged) < before + AT_ONCE:
        time.sleep(0.01)
    ended.set()
    sender.join()
    journal.close()
    found = records_of(opened(server, tmp_path))
    assert sorted(found) == sorted(f"T{number}" for number in acknowledged)
    print(
        f"\nserver: {KILLS} kills, {len(acknowledged):,} records acknowledged, 0 lost, 0 doubled; "
        f"{failures} appends were told that they failed, and sent again"
    )
    assert failures >= 1


@pytest.mark.faults
def test_a_server_that_was_stopped_is_found_again(server, tmp_path):
    journal = opened(server, tmp_path)
    journal.append(receipts(range(3)))
    server.stop()
    with pytest.raises(Trouble, match="see that the server runs"):
        journal.append(receipts(range(3, 6)))
    server.start()
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            assert journal.append(receipts(range(6))).duplicate == 3
            break
        except Trouble:
            time.sleep(0.05)
    assert len(records_of(journal)) == 6
