"""The one thread that writes what arrives; it answers when the disk has it.

Requests wait in a bounded queue. What comes while one group is written, is the next group: alone
a request waits for nobody, and under load groups grow by themselves.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from queue import Empty, SimpleQueue

from shrinkwatch.records.trouble import Trouble, Unreachable
from shrinkwatch.run.api.problem import Problem, later
from shrinkwatch.run.api.submission import Answer, Submission

_PAUSE_S = 0.001
_MOST_PAUSES = 8
"""Under load a group waits up to so many pauses, as long as others still come."""
MOST_GATHERED = 4_000
"""Records that are written together at most, or one request's."""
MOST_WAITING = 40_000
"""Records that may wait; more are sent away until there is room."""
RETRY_AFTER_S = 2

Take = Callable[[Sequence[Submission]], list[Answer]]
"""Takes submissions of one kind; returns the answer of each, in order."""

_log = logging.getLogger(__name__)


class Writer:
    """A queue before a thread. takes: by kind of record, what writes it."""

    def __init__(self, takes: dict[str, Take]) -> None:
        self._takes = takes
        self._queue: SimpleQueue[Submission | None] = SimpleQueue()
        self._offered = 0  # written by those who offer, under the lock
        self._done = 0  # written by the thread only
        self._offering = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._enough = 0  # who makes it so many wakes the thread
        self._all_here = threading.Event()
        self.groups = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    @property
    def waiting(self) -> int:
        """How many records wait."""
        return self._offered - self._done

    @property
    def is_alive(self) -> bool:
        """Whether it writes."""
        return self._thread.is_alive()

    def offer(self, submission: Submission) -> None:
        """Put a submission into the queue.

        Raises: Problem (503) when the queue is full.
        """
        size = len(submission.cut)
        with self._offering:
            if self.waiting and self.waiting + size > MOST_WAITING:
                raise later("busy", "more arrives than can be written; send again", RETRY_AFTER_S)
            self._offered += size
        self._queue.put(submission)
        if self._queue.qsize() >= self._enough:
            self._all_here.set()

    def _work(self) -> None:
        group: list[Submission] = []
        is_open = True
        while is_open:
            enough = len(group) + self._queue.qsize()
            first = self._queue.get()
            if first is None:
                return
            self._let_come(enough)
            group, is_open = self._gather(first)
            self._write(group)

    def _let_come(self, enough: int) -> None:
        """Wait for as many as knocked last time, as long as others still come.

        A group costs nearly as much as one alone; once all are here, nobody need wait for more.
        """
        self._enough = enough - 1  # the first is taken already
        for _ in range(_MOST_PAUSES):
            before = self._queue.qsize()
            self._all_here.clear()
            if before >= self._enough or self._all_here.wait(_PAUSE_S):
                return
            if self._queue.qsize() == before:
                return

    def _gather(self, first: Submission) -> tuple[list[Submission], bool]:
        """Return what waits with the first, and False when this is the end."""
        group, size = [first], len(first.cut)
        while size < MOST_GATHERED:
            try:
                more = self._queue.get_nowait()
            except Empty:
                break
            if more is None:
                return group, False
            group.append(more)
            size += len(more.cut)
        return group, True

    def _write(self, group: list[Submission]) -> None:
        self.groups += 1
        by_kind = sorted(group, key=lambda one: one.kind)
        for kind, several in groupby(by_kind, key=lambda one: one.kind):
            together = list(several)
            answers = self._answers(kind, together)
            self._done += sum(len(one.cut) for one in together)
            for one, answer in zip(together, answers, strict=True):
                one.answered(answer)

    def _answers(self, kind: str, together: Sequence[Submission]) -> Sequence[Answer]:
        try:
            return self._takes[kind](together)
        except Unreachable as trouble:
            _log.error("nothing could be written: %s", trouble)
            return [not_durable()] * len(together)
        except Exception as error:  # noqa: BLE001 - the outermost loop: it logs, and goes on
            _log.exception("records of %s requests could not be taken", len(together))
            if len(together) > 1:  # one request's fault must not cost the others theirs
                return [answer for one in together for answer in self._answers(kind, [one])]
            return [_fault(error)]


def not_durable() -> Problem:
    """Return the problem of records that could not be made safe; nothing of them was promised."""
    detail = "the records could not be made safe on disk, so they are not taken; send them again"
    return later("not-durable", detail, RETRY_AFTER_S)


def _fault(error: Exception) -> Problem:
    if isinstance(error, Trouble):
        return Problem(422, "refused", str(error))
    return Problem(500, "fault", "these records could not be taken; the server's log says why")
