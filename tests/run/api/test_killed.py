"""A server that is killed has lost nothing that it answered for, and repeats nothing."""

import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.adapters.stores.doors import StoredKeys
from shrinkwatch.records.access import SendingKey
from shrinkwatch.run.api.keyring import new_id, secret_of
from shrinkwatch.run.workspace import Workspace

from .conftest import a_sale

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")

KILLS = int(os.environ.get("SHRINKWATCH_TEST_KILLS", "2"))

DIES = """
import os, signal, sys
from pathlib import Path
from shrinkwatch.run.api import writer

async def dying(self, group, size, answers=writer.Writer._answers):
    done = await answers(self, group, size)
    os.kill(os.getpid(), signal.SIGKILL)  # the disk has it, nobody was told
    return done

writer.Writer._answers = dying
from shrinkwatch.run.serve import serve
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))
"""


class Till:
    """Sends receipts and remembers what was acknowledged."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        workspace = Workspace.open(folder)
        self.key = SendingKey(
            new_id(), "till", None, None, ("transactions",), 10_000, datetime.now(UTC)
        )
        StoredKeys(workspace.database).add(self.key)
        self.secret = secret_of(self.key.key_id, workspace.key)
        workspace.close()
        self.acked: set[int] = set()

    def post(self, numbers: Sequence[int], target: str = "/v1/transactions") -> Any:
        """Return what was answered to these receipts, None where there was no answer."""
        raw = json.dumps([a_sale(number) for number in numbers]).encode()
        at, nonce = str(int(time.time())), os.urandom(8).hex()
        said = f"POST\n{target}\n{at}\n{nonce}\n".encode() + raw
        headers = {
            "x-shrinkwatch-key": self.key.key_id,
            "x-shrinkwatch-time": at,
            "x-shrinkwatch-nonce": nonce,
            "x-shrinkwatch-signature": hmac.new(
                self.secret.encode(), said, hashlib.sha256
            ).hexdigest(),
        }
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("POST", target, raw, headers)
            answer = line.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            line.close()
        assert answer.status == 202, told
        self.acked.update(numbers)
        return told

    def send(self, *numbers: int) -> list[str] | None:
        """Return the outcomes, None where there was no answer."""
        told = self.post(numbers)
        return None if told is None else [one["outcome"] for one in told["records"]]


@contextmanager
def served(*words: str) -> "Iterator[subprocess.Popen[bytes]]":
    port = int(words[-1])
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def normal(folder: Path, port: int) -> tuple[str, ...]:
    return ("-m", "shrinkwatch", "serve", "--workspace", str(folder), "--port", str(port))


def stored(folder: Path) -> list[int]:
    workspace = Workspace.open(folder)
    journal = workspace.journal
    found = [n for day in journal.days() for n in journal.arrivals(day).transactions["sequence"]]
    workspace.close()
    return sorted(found)


def test_killed_between_the_disk_and_the_answer_it_says_duplicate_next_time(folder, port):
    till = Till(folder, port)
    with served("-c", DIES, str(folder), str(port)) as process:
        assert till.send(1, 2) is None
        assert process.wait(20) == -signal.SIGKILL
    assert stored(folder) == [1, 2]
    with served(*normal(folder, port)):
        assert till.send(1, 2, 3) == ["duplicate", "duplicate", "accepted"]
    assert stored(folder) == [1, 2, 3]


def test_killed_at_any_moment_it_keeps_what_it_answered_for(folder, port):
    # SHRINKWATCH_TEST_KILLS=500 is the long version
    chance = random.Random(20261121)
    till, number = Till(folder, port), 0
    for _ in range(KILLS):
        with served(*normal(folder, port)) as process:
            until = time.monotonic() + chance.uniform(0.05, 0.6)
            killer = subprocess.Popen(
                ["sh", "-c", f"sleep {until - time.monotonic():.3f}; kill -9 {process.pid}"]
            )
            while till.send(*range(number, number + 7)) is not None:
                number += 7
            killer.wait()
        assert till.acked <= set(stored(folder)), "acknowledged and lost"
    with served(*normal(folder, port)):
        assert till.send(*range(number + 7))
    assert stored(folder) == list(range(number + 7)), "each once"
    assert till.acked


def test_told_to_end_it_answers_first(folder, port):
    till = Till(folder, port)
    with served(*normal(folder, port)) as process:
        assert till.send(1) == ["accepted"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert stored(folder) == [1]
