"""Writes what arrives, group after group; answers when the disk has it.

Requests wait in a bounded queue. What comes while one group is written, is the next group: alone
a request waits for nobody, and under load groups grow by themselves. Few receipts are written at
once, on the event loop: to hand them to a thread costs more than that takes. Whatever may take
longer, or has to wait for another program that writes, is done by a thread meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from shrinkwatch.run.api.problem import Problem, later
from shrinkwatch.run.api.settling import RETRY_AFTER_S, Takers, settled, settled_at_once
from shrinkwatch.run.api.submission import Answer, Outcome, Submission

_PAUSE_S = 0.001
_MOST_PAUSES = 8
"""Under load a group waits up to so many pauses, as long as others still come."""
_FEW = 256
"""Records that are written on the event loop: some milliseconds."""
MOST_GATHERED = 4_000
"""Records that are written together at most, or one request's."""
MOST_WAITING = 40_000
"""Records that may wait; more are sent away until there is room."""

_Waiting = tuple[Submission, "asyncio.Future[Answer]"]


class Writer:
    """A queue before those who write; for one event loop."""

    def __init__(self, takers: Takers) -> None:
        self._takers = takers
        self._queue: deque[_Waiting] = deque()
        self._working: asyncio.Task[None] | None = None
        self._enough = 1  # who makes it so many ends the pause
        self._pause: asyncio.Future[None] | None = None
        self.waiting = 0
        """How many records wait."""
        self.groups = 0

    async def written(self, submission: Submission) -> list[Outcome]:
        """Return the outcomes of a submission once they are on disk.

        Raises: Problem: 503 when the queue is full or the disk refuses; or why it was not taken.
        """
        size = len(submission.cut)
        if self.waiting and self.waiting + size > MOST_WAITING:
            raise later("busy", "more arrives than can be written; send again", RETRY_AFTER_S)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self.waiting += size
        self._queue.append((submission, future))
        if self._working is None or self._working.done():
            self._working = loop.create_task(self._work())
        elif len(self._queue) >= self._enough:
            self._end_pause()
        answer = await future
        if isinstance(answer, Problem):
            raise answer
        return answer

    async def _work(self) -> None:
        """Write until nothing waits."""
        while self._queue:
            await self._let_come()
            group, size = self._gathered()
            self.groups += 1
            answers = await self._answers([one for one, _ in group], size)
            self._enough = len(group) + len(self._queue)
            self.waiting -= size
            for (_, future), answer in zip(group, answers, strict=True):
                if not future.done():  # its sender may have gone away
                    future.set_result(answer)
            await asyncio.sleep(0)  # who is answered may send again before the next group

    async def _let_come(self) -> None:
        """Wait for as many as knocked last time, as long as others still come.

        A group costs nearly as much as one alone; once all are here, nobody need wait for more.
        """
        loop = asyncio.get_running_loop()
        for _ in range(_MOST_PAUSES):
            before = len(self._queue)
            if before >= self._enough:
                return
            self._pause = loop.create_future()
            timer = loop.call_later(_PAUSE_S, self._end_pause)
            await self._pause
            timer.cancel()
            if len(self._queue) == before:
                return

    def _end_pause(self) -> None:
        if self._pause is not None and not self._pause.done():
            self._pause.set_result(None)

    def _gathered(self) -> tuple[list[_Waiting], int]:
        """Return what is written next, and how many records it has."""
        group, size = list[_Waiting](), 0
        while self._queue and size < MOST_GATHERED:
            group.append(self._queue.popleft())
            size += len(group[-1][0].cut)
        return group, size

    async def _answers(self, group: Sequence[Submission], size: int) -> Sequence[Answer]:
        answers = settled_at_once(self._takers, group) if size <= _FEW else None
        if answers is None:
            return await asyncio.to_thread(settled, self._takers, group)
        return answers
