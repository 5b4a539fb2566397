"""How fast records come in over HTTP, signed and durable, beside the same server that only echoes.

    python bench/live.py [--seconds 15] [--connections 64] [--rates 2000,4000] [--raw FILE.json]

Makes a workspace and a key for every connection, starts `shrinkwatch serve` on it, and sends
receipts of about 500 bytes from another process on the same machine. The peer is the same server
(Litestar on granian) with the same check of the signature and the same decoding, that answers with
the receipt it decoded and writes nothing.

Two ways, each for one receipt a request and for batches:

- closed loop: every connection sends its next request when it has its answer; the most there is.
- open loop: requests are due at a fixed rate whatever the answers do; the time to the answer counts
  from when a request was due, so that a pause is felt by all who waited in it.

Then the same once more, in a new workspace, with `shrinkwatch live` beside the server, which judges
what comes: how long it takes until the newest record is judged, asked again and again.

Prints requests and records a second, p50, p99 and p99.9 and the ratio to the peer; --raw keeps the
histogram of every run (log2 of microseconds in eighths -> count).

Goals (DESIGN): 8,000 single receipts a second on 64 connections with p99 <= 50 ms, the generator
on the same two cores, at least 0.6 of the peer; 40,000 a second in batches of 100 to 500; both
judged within a second.
"""

import argparse
import asyncio
import gc
import hashlib
import hmac
import json
import math
import multiprocessing
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast
from urllib.request import urlopen

TARGET = "/v1/transactions"
PORT = 8479


class Key(NamedTuple):
    """A key and its secret."""

    key_id: str
    secret: str


class Run(NamedTuple):
    """What one run came to: seconds, requests and records answered with 202, other answers."""

    seconds: float
    requests: int
    records: int
    others: int
    histogram: dict[int, int]

    def at(self, share: float) -> float:
        """Return the latency in milliseconds that this share of requests stayed within."""
        left = share * sum(self.histogram.values())
        for bucket in sorted(self.histogram):
            left -= self.histogram[bucket]
            if left <= 0:
                return float(2 ** ((bucket + 1) / 8) / 1e3)
        return math.inf


def receipt(number: int) -> bytes:
    """Return a receipt of two lines, about 500 bytes."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    cents = 100 + number * 7919 % 5_000
    lines = [
        {
            "line": 1,
            "kind": "item",
            "sku": str(10_000 + number % 20_000),
            "quantity": 1,
            "list_price": cents / 100,
            "extended": cents / 100,
            "entry": "scan",
        },
        {
            "line": 2,
            "kind": "item",
            "sku": "4711",
            "quantity": 2,
            "list_price": 1.5,
            "extended": 3.0,
            "entry": "scan",
        },
    ]
    return json.dumps(
        {
            "source": "bench",
            "store_id": f"S{number % 500}",
            "register_id": f"R{number % 3_000}",
            "business_date": at[:10],
            "sequence": number,
            "type": "sale",
            "operator_id": str(100 + number % 24),
            "currency": "EUR",
            "ended_at": at,
            "net": (cents + 300) / 100,
            "lines": lines,
            "tenders": [{"type": "credit", "amount": (cents + 300) / 100, "card_token": "card"}],
        },
        separators=(",", ":"),
    ).encode()


def request(key: Key, body: bytes) -> bytes:
    """Return a signed request as bytes."""
    at, nonce = str(int(time.time())), secrets.token_urlsafe(9)
    said = f"POST\n{TARGET}\n{at}\n{nonce}\n".encode() + body
    signature = hmac.digest(key.secret.encode(), said, hashlib.sha256).hex()
    head = (
        f"POST {TARGET} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n"
        f"x-shrinkwatch-key: {key.key_id}\r\nx-shrinkwatch-time: {at}\r\n"
        f"x-shrinkwatch-nonce: {nonce}\r\nx-shrinkwatch-signature: {signature}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Line(asyncio.Protocol):
    """One connection: sends what it is given, one request at a time, and times the answers."""

    def __init__(self, generator: "Generator") -> None:
        self._generator = generator
        self._due: deque[tuple[float, bytes]] = deque()
        self._since = 0.0
        self._is_free = True
        self._answer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, due: float, raw: bytes) -> None:
        """Send now, or when the answers to what was given before are there."""
        self._due.append((due, raw))
        if self._is_free:
            self._next()

    def _next(self) -> None:
        assert self._transport is not None
        self._is_free = not self._due
        if self._due:
            self._since, raw = self._due.popleft()
            self._transport.write(raw)

    def data_received(self, data: bytes) -> None:
        """Take an answer, whole or in pieces."""
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._answer = b""
        self._generator.answered(self, head[9:12] == b"202", self._since)
        self._next()


class Generator:
    """Sends the requests of one run and counts what comes back."""

    def __init__(self, requests: Sequence[bytes], batch: int, rate: float | None) -> None:
        self._requests = requests
        self._batch = batch
        self._rate = rate
        self._sent = 0
        self._taken = 0
        self._others = 0
        self._histogram: Counter[int] = Counter()
        self._last = 0.0
        self._done = asyncio.Event()

    async def run(self, connections: int) -> Run:
        """Send everything; returns when the last answer is there."""
        loop = asyncio.get_running_loop()
        lines = [
            (await loop.create_connection(lambda: Line(self), "127.0.0.1", PORT))[1]
            for _ in range(connections)
        ]
        began = time.perf_counter()
        if self._rate is None:
            for line in lines:
                self._send_next(line)
        else:
            await self._send_in_time(lines, self._rate, began)
        await self._done.wait()
        seconds = self._last - began
        return Run(
            seconds, self._taken, self._taken * self._batch, self._others, dict(self._histogram)
        )

    def answered(self, line: Line, is_taken: bool, since: float) -> None:
        """Count an answer; in a closed loop it makes room for the next request."""
        self._last = time.perf_counter()
        self._taken += is_taken
        self._others += not is_taken
        self._histogram[int(8 * math.log2(max((self._last - since) * 1e6, 1)))] += 1
        if self._taken + self._others == len(self._requests):
            self._done.set()
        elif self._rate is None:
            self._send_next(line)

    def _send_next(self, line: Line) -> None:
        if self._sent < len(self._requests):
            self._sent += 1
            line.send(time.perf_counter(), self._requests[self._sent - 1])

    async def _send_in_time(self, lines: Sequence[Line], rate: float, began: float) -> None:
        while self._sent < len(self._requests):
            due = min(int((time.perf_counter() - began) * rate) + 1, len(self._requests))
            for number in range(self._sent, due):
                lines[number % len(lines)].send(began + number / rate, self._requests[number])
            self._sent = due
            await asyncio.sleep(0.001)


def generate(keys: Sequence[Key], first: int, requests: int, batch: int, rate: float | None) -> Run:
    """Make, sign and send requests from a process of its own; returns what they came to."""
    import uvloop

    signed = [
        request(
            keys[number % len(keys)],
            b"\n".join(receipt(first + number * batch + row) for row in range(batch)),
        )
        for number in range(requests)
    ]

    async def all_of_it() -> Run:
        return await Generator(signed, batch, rate).run(len(keys))

    return uvloop.run(all_of_it())


def echo(folder: Path) -> None:
    """Be the peer: check the signature, decode, and answer with what was decoded."""
    import msgspec
    import uvloop
    from granian.constants import Interfaces
    from granian.server.embed import Server
    from litestar import Litestar, asgi
    from litestar.types import Receive, Scope, Send

    from shrinkwatch.adapters.stores.doors import StoredKeys
    from shrinkwatch.intake.plain_numbers import plain_decoder
    from shrinkwatch.run.api.keyring import Keyring
    from shrinkwatch.run.api.signature import Signatures
    from shrinkwatch.run.serve import GARBAGE_AFTER
    from shrinkwatch.run.workspace import Workspace

    workspace = Workspace.open(folder)
    signatures = Signatures(Keyring(StoredKeys(workspace.database), workspace.key))

    @asgi(TARGET, copy_scope=False)
    async def knock(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")  # type: ignore[operator]
            more = message.get("more_body", False)  # type: ignore[assignment]
        headers = {name.lower(): value for name, value in scope["headers"]}
        signatures.verify(b"POST", TARGET.encode(), headers, body)
        raw = msgspec.json.encode(plain_decoder().decode_lines(body))
        said = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(raw))]
        await send({"type": "http.response.start", "status": 202, "headers": said})
        await send({"type": "http.response.body", "body": raw, "more_body": False})

    app = Litestar([knock], openapi_config=None)
    server = Server(app, "127.0.0.1", PORT, interface=Interfaces.ASGI, backlog=1024)
    gc.freeze()
    gc.set_threshold(*GARBAGE_AFTER)
    uvloop.run(server.serve())


class Served:
    """A server in a process of its own, for the length of a `with`."""

    def __init__(self, *words: str | Path) -> None:
        self._words = [sys.executable, *map(str, words)]

    def __enter__(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen(self._words, stderr=subprocess.DEVNULL)
        for _ in range(200):
            time.sleep(0.1)
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", PORT)) == 0:
                    return self._process
        raise SystemExit("the server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()


def cpu_s(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_workspace(folder: Path, connections: int) -> list[Key]:
    """Make a workspace with a key for each connection."""
    from shrinkwatch.adapters.stores.doors import StoredKeys
    from shrinkwatch.records.access import SendingKey
    from shrinkwatch.run.api.keyring import new_id, secret_of
    from shrinkwatch.run.settings import FILE_NAME, template
    from shrinkwatch.run.workspace import Workspace

    folder.mkdir()
    (folder / FILE_NAME).write_text(template(), "utf-8")
    workspace = Workspace.open(folder)
    keys = []
    for number in range(connections):
        key = SendingKey(
            new_id(), f"till {number}", None, None, ("transactions",), 10_000, datetime.now(UTC)
        )
        StoredKeys(workspace.database).add(key)
        keys.append(Key(key.key_id, secret_of(key.key_id, workspace.key)))
    workspace.close()
    return keys


class Lag:
    """How long after they were durable records are judged by live scoring, asked all the while."""

    def __init__(self, folder: Path) -> None:
        from shrinkwatch.run.live.line import ScoringAt
        from shrinkwatch.run.workspace import Workspace

        workspace = Workspace.open(folder)
        self._journal = workspace.journal
        self._line = ScoringAt(workspace.state / "live")
        self._seconds: list[float] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shrinkwatch", "live", "-w", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not self._line.is_on():
            if self._process.poll() is not None:
                raise SystemExit("live scoring did not start")
            time.sleep(0.1)
        threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        asked = 0
        while True:
            time.sleep(0.02)
            end, began = self._journal.end(), time.perf_counter()
            if end > asked:
                self._line.wait(end - 1, 60.0)
                self._seconds.append(time.perf_counter() - began)
                asked = end

    def taken(self) -> str:
        """Return what it was since it was last asked for, once all is judged."""
        self._line.wait(self._journal.end() - 1, 60.0)
        time.sleep(0.1)
        seconds, self._seconds = sorted(self._seconds), []
        return f"  judged after {seconds[len(seconds) // 2]:.2f}, at most {seconds[-1]:.2f} s"

    def end(self) -> None:
        """End scoring."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


def measure(
    options: argparse.Namespace,
    keys: Sequence[Key],
    process: int,
    first: int,
    lag: Lag | None = None,
) -> tuple[list[tuple[str, Run]], int]:
    """Run everything against the server that listens; returns the runs, and the next number."""
    runs = []
    context = multiprocessing.get_context("spawn")
    plans: list[tuple[str, int, float | None, int]] = [
        ("warm-up", 1, None, 2_000),
        ("single, closed loop", 1, None, int(options.seconds * 5_000)),
        *(
            (f"single, {rate:g}/s due", 1, rate, int(rate * options.seconds))
            for rate in options.rates
        ),
        ("batches of 100, closed loop", 100, None, int(options.seconds * 150)),
        ("batches of 500, closed loop", 500, None, int(options.seconds * 40)),
    ]
    with context.Pool(1) as pool:
        for name, batch, rate, requests in plans:
            before = cpu_s(process)
            run = pool.apply(generate, (keys, first, requests, batch, rate))
            first += requests * batch
            spent = (cpu_s(process) - before) / max(run.records, 1) * 1e6
            behind = "" if lag is None else lag.taken()
            if name != "warm-up":
                runs.append((name, run))
                print(
                    f"  {name:<28} {run.requests / run.seconds:>8,.0f} requests/s "
                    f"{run.records / run.seconds:>8,.0f} records/s  p50 {run.at(0.5):>7.1f} ms  "
                    f"p99 {run.at(0.99):>7.1f}  p99.9 {run.at(0.999):>7.1f}  "
                    f"{spent:>6.0f} us CPU a record  {run.others} others{behind}",
                    flush=True,
                )
    return runs, first


def main() -> None:
    """Measure the server and its peer, one after the other, and print both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rates", default="2000,4000")
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--echo", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.echo is not None:
        echo(options.echo)
        return
    options.rates = [float(rate) for rate in options.rates.split(",") if rate]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "workspace"
        keys = make_workspace(folder, options.connections)
        print("the peer (same server, signature and decoding; writes nothing):")
        with Served(__file__, "--echo", folder) as process:
            peer, first = measure(options, keys, process.pid, 0)
        print("shrinkwatch serve (durable when answered):")
        with Served("-m", "shrinkwatch", "serve", "-w", folder, "--port", str(PORT)) as process:
            with urlopen(f"http://127.0.0.1:{PORT}/readyz") as ready:
                assert ready.status == 200
            ours, sent = measure(options, keys, process.pid, first)
        check(folder, sent - first)
        print("shrinkwatch serve, with shrinkwatch live beside it:")
        folder = Path(made) / "scored"
        keys = make_workspace(folder, options.connections)
        with Served("-m", "shrinkwatch", "serve", "-w", folder, "--port", str(PORT)) as process:
            lag = Lag(folder)
            _, sent = measure(options, keys, process.pid, 0, lag)
            lag.end()
        check(folder, sent)
    for (name, one), (_, other) in zip(ours, peer, strict=True):
        if "closed" in name:
            ratio = one.records / one.seconds * other.seconds / other.records
            print(f"{name}: {ratio:.2f} of the peer")
    if options.raw is not None:
        told = {
            who: {n: r._asdict() for n, r in of} for who, of in (("peer", peer), ("ours", ours))
        }
        options.raw.write_text(json.dumps(told, indent=1), "utf-8")


def check(folder: Path, sent: int) -> None:
    """Count what is in the journal: all that was sent, once."""
    from shrinkwatch.run.workspace import Workspace

    workspace = Workspace.open(folder)
    held = sum(
        len(batch)
        for day in workspace.journal.days()
        for batch in workspace.journal.pieces(day, 50_000, {"transactions": ("tx_key",)})
    )
    size = sum(file.stat().st_size for file in folder.glob("journal.sqlite*"))
    print(f"in the journal: {held:,} of {sent:,} sent; {size / max(held, 1):,.0f} bytes each")
    workspace.close()


if __name__ == "__main__":
    main()
