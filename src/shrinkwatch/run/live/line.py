"""The line between live scoring and the door: one process asks, the other answers.

A socket in the workspace, which only this user can open. A question is a line of JSON, and so is
its answer; each question has a connection of its own.
"""

import os
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from shrinkwatch.run.live.port import Scored, Scores

_NAME = "scores.sock"
_SPARE_S = 5.0
_LONGEST = 65_536


class Question(Struct, omit_defaults=True):
    """What is asked: about the record at a position, or (None) how far behind scoring is."""

    position: int | None = None
    timeout_s: float = 0.0


class Answer(Struct, omit_defaults=True):
    """What is answered: `lag` always, `scored` where it was asked for and is known."""

    lag: tuple[int, float]
    scored: Scored | None = None


class ScoringAt:
    """`port.Scores` of another process. folder: where that one answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_on(self) -> bool:
        """Return whether somebody answers."""
        return self._ask(Question()) is not None

    def wait(self, position: int, timeout_s: float) -> Scored | None:
        """Return what was said of the record at this position, waiting until it was judged."""
        answer = self._ask(Question(position, timeout_s))
        return None if answer is None else answer.scored

    def lag(self) -> tuple[int, float]:
        """Return how far scoring is behind the journal: records, and seconds since they came.

        (0, 0.0) while nobody answers: `is_on` tells that apart.
        """
        answer = self._ask(Question())
        return (0, 0.0) if answer is None else answer.lag

    def _ask(self, question: Question) -> Answer | None:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(question.timeout_s + _SPARE_S)
                with _short(self._folder) as path:
                    line.connect(path)
                line.sendall(msgspec.json.encode(question) + b"\n")
                raw = line.makefile("rb").read()
                return msgspec.json.decode(raw, type=Answer)
        except (OSError, msgspec.MsgspecError):
            return None


@contextmanager
def answering(folder: Path, scores: Scores) -> Iterator[None]:
    """Answer questions beside the work, until the block ends. folder: exists."""
    with _short(folder) as path:
        Path(path).unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            server = _Server(path, _Handler)
        finally:
            os.umask(before)
    server.scores = scores
    thread = threading.Thread(target=server.serve_forever, name="scores", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        (folder / _NAME).unlink(missing_ok=True)


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Yield a path of the socket of at most 107 bytes, which is as long as one may be."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{_NAME}"
    finally:
        os.close(handle)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    scores: Scores


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = _SPARE_S

    def handle(self) -> None:
        """Answer one question."""
        try:
            asked = msgspec.json.decode(self.rfile.readline(_LONGEST), type=Question)
        except (OSError, msgspec.MsgspecError):
            return
        scores, scored = self.server.scores, None
        if asked.position is not None:
            scored = scores.wait(asked.position, asked.timeout_s)
        self.wfile.write(msgspec.json.encode(Answer(scores.lag(), scored)))
