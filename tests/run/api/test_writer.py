"""One group is written at a time; nobody is told that something is safe that is not."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api import writer
from shrinkwatch.run.api.body import Cut
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.settling import Takers
from shrinkwatch.run.api.submission import Answer, Outcome, Submission
from shrinkwatch.run.api.writer import Writer

pytestmark = pytest.mark.anyio

KEY = SendingKey("k-1", "a", None, None, ("transactions",), 1, datetime(2026, 3, 2, tzinfo=UTC))
TAKEN = [Outcome("accepted", 1)]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Desk:
    """What takes submissions here: holds until it is let go, and fails where it is told to."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.may_go = threading.Event()
        self.groups: list[int] = []
        self.threads: set[int] = set()
        self._at_once = at_once
        self.writer = Writer(Takers({"transactions": self._take}, self._take_at_once))

    def _take_at_once(self, group: Sequence[Submission]) -> list[Answer] | None:
        return self._take(group) if self._at_once else None

    def _take(self, group: Sequence[Submission]) -> list[Answer]:
        assert self.may_go.wait(10)
        self.groups.append(len(group))
        self.threads.add(threading.get_ident())
        if any(b"full" in line for one in group for line in one.cut.lines):
            raise Unreachable("the disk is full; make room")
        if any(b"poison" in line for one in group for line in one.cut.lines):
            raise ZeroDivisionError
        return [[Outcome("accepted", 1)] * len(one.cut) for one in group]

    def offer(self, *lines: bytes) -> "asyncio.Task[list[Outcome]]":
        submission = Submission("transactions", KEY, Cut(list(lines)))
        return asyncio.get_running_loop().create_task(self.writer.written(submission))


async def answers(*offered: "asyncio.Task[list[Outcome]]") -> list[list[Outcome] | BaseException]:
    return await asyncio.gather(*offered, return_exceptions=True)


async def test_what_waits_is_written_together() -> None:
    desk = Desk()
    first = desk.offer(b"0")
    await asyncio.sleep(0.1)
    others = [desk.offer(b"%d" % number) for number in range(1, 50)]
    await asyncio.sleep(0)
    assert desk.writer.waiting == 50
    desk.may_go.set()
    assert await answers(first, *others) == [TAKEN] * 50
    assert sum(desk.groups) == 50
    assert max(desk.groups) >= 49, "nothing waits for the disk alone that can wait with others"
    assert desk.writer.waiting == 0


@pytest.mark.parametrize(("records", "is_here"), [(1, True), (1_000, False)])
async def test_only_few_records_are_taken_on_the_event_loop(records: int, is_here: bool) -> None:
    desk = Desk(at_once=True)
    desk.may_go.set()
    assert await desk.offer(*[b"x"] * records) == TAKEN * records
    assert (desk.threads == {threading.get_ident()}) is is_here


@pytest.mark.parametrize("at_once", [False, True])
async def test_one_poisoned_request_costs_the_others_nothing(at_once: bool) -> None:
    desk = Desk(at_once=at_once)
    desk.may_go.set()
    good, poisoned, also = await answers(*map(desk.offer, (b"a", b"poison", b"b")))
    assert good == also == TAKEN
    assert isinstance(poisoned, Problem)
    assert poisoned.status == 500


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_is_not_on_disk_is_not_promised(at_once: bool) -> None:
    desk = Desk(at_once=at_once)
    desk.may_go.set()
    with pytest.raises(Problem) as refused:
        await desk.offer(b"full")
    assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "2"})


async def test_a_full_queue_sends_away_until_there_is_room() -> None:
    desk = Desk()
    half = [b"x"] * (writer.MOST_WAITING // 2)
    waiting = [desk.offer(*half), desk.offer(*half)]
    await asyncio.sleep(0)
    with pytest.raises(Problem) as refused:
        await desk.offer(b"one more")
    assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "2"})
    desk.may_go.set()
    await answers(*waiting)
    assert await desk.offer(b"one more") == TAKEN


async def test_who_went_away_meanwhile_harms_nobody() -> None:
    desk = Desk()
    gone, there = desk.offer(b"a"), desk.offer(b"b")
    await asyncio.sleep(0.1)
    gone.cancel()
    desk.may_go.set()
    assert await there == TAKEN
