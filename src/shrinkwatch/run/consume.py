"""Takes records from a stream of messages into the journal; reports them read when they are safe.

A message that was read twice, because somebody was killed in between, is a duplicate there. One
that cannot be read is kept with the reason, and stops no other.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct

from shrinkwatch.ports import Clock
from shrinkwatch.records.access import SENDS, SendingKey
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api.body import LINES, Cut, cut
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.settling import Take
from shrinkwatch.run.api.submission import Answer, Submission
from shrinkwatch.run.api.takers import takers
from shrinkwatch.run.opened import Opened

MOST_AT_ONCE = 1_000
WAIT_S = 0.2
_AGAIN_S = 5.0


class Messages(Protocol):
    """A stream of messages that remembers how far it was read."""

    def take(self, most: int, wait_s: float) -> list[bytes]:
        """Return the next messages, at most so many."""
        ...

    def done(self) -> None:
        """Report everything that was taken as read."""
        ...


class Consumed(Struct, frozen=True):
    """What became of some messages' records."""

    messages: int = 0
    accepted: int = 0
    duplicate: int = 0
    revised: int = 0
    conflicting: int = 0
    rejected: int = 0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Takes messages of one kind of record; made by `consumer`."""

    messages: Messages
    kind: str
    key: SendingKey
    take: Take

    def once(self, stop: threading.Event, again_s: float = _AGAIN_S) -> Consumed:
        """Take the next messages; what they hold is on disk and reported when this returns.

        While the disk or the database refuses, the same messages are tried again; stopped
        meanwhile, they are not reported as read. Raises: Refused or Unreachable from the stream.
        """
        raws = self.messages.take(MOST_AT_ONCE, WAIT_S)
        if not raws:
            return Consumed()
        group = [Submission(self.kind, self.key, _records(raw)) for raw in raws]
        while not stop.is_set():
            try:
                answers = self.take(group)
            except Unreachable:
                stop.wait(again_s)
            else:
                self.messages.done()
                return _counted(len(raws), answers)
        return Consumed()


def consumer(
    desk: Opened, messages: Messages, kind: str, name: str, clock: Clock = _now
) -> Consumer:
    """Return what takes these messages into the workspace. kind: of SENDS. name: of the feed."""
    key = SendingKey(name, name, None, None, SENDS, 0, clock())
    takes = takers(desk.workspace, desk.settings.defaults, clock).take
    return Consumer(messages, kind, key, takes[kind])


def consume_on(
    consuming: Consumer, stop: threading.Event, tell: Callable[[Consumed], None]
) -> None:
    """Take messages until stopped. tell: called when some came."""
    while not stop.is_set():
        done = consuming.once(stop)
        if done.messages:
            tell(done)


def _records(raw: bytes) -> Cut:
    """Return the records of a message: an object, an array, or an object a line."""
    is_lines = raw.lstrip()[:1] == b"{" and b"\n" in raw.strip()
    try:
        return cut(raw.strip(), LINES if is_lines else b"")
    except Problem as problem:
        return Cut([], (raw, problem.word.replace("-", "_"), problem.detail))


def _counted(messages: int, answers: Sequence[Answer]) -> Consumed:
    counts: Counter[str] = Counter()
    for answer in answers:
        if isinstance(answer, Problem):
            counts["rejected"] += 1
        else:
            counts.update(one.outcome for one in answer)
    return Consumed(messages=messages, **counts)
