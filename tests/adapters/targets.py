"""A server on this machine that answers as it is told to, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Target:
    """connections: how many were opened, whatever came of them.

    answer: what a request gets: status, headers and body, or a function that writes it itself.

    over: set when the test is over, so that whoever hangs may end.
    """

    port: int = 0
    connections: int = 0
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    answer: Callable[[Asked], tuple[int, dict[str, str], bytes]] = lambda _: (200, {}, b"{}")
    instead: Callable[["Target", Any], None] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def serving() -> Iterator[Target]:
    target = Target()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            target.asked.append(asked)
            if target.instead is not None:
                target.instead(target, self.connection)
                return
            status, more, body = target.answer(asked)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def verify_request(self, *_: Any) -> bool:
            target.connections += 1
            return True

    server = Server((HOST, 0), Handler)
    server.daemon_threads = True
    target.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield target
    finally:
        target.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def hang(target: Target, _connection: Any) -> None:
    """Answer nothing."""
    target.over.wait(20)


def drip_head(target: Target, connection: Any) -> None:
    """Answer a byte of a header every 50 ms, for ever."""
    _drip(target, connection, b"HTTP/1.1 200 OK\r\nX-Slow: ")


def drip_body(target: Target, connection: Any) -> None:
    """Answer a byte of the body every 50 ms, for ever."""
    _drip(target, connection, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")


def _drip(target: Target, connection: Any, start: bytes) -> None:
    try:
        connection.sendall(start)
        while not target.over.wait(0.05):
            connection.sendall(b"a")
    except OSError:
        pass
