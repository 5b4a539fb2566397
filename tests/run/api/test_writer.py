"""One thread writes; nobody is told that something is safe that is not."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api import writer
from shrinkwatch.run.api.body import Cut
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.submission import Answer, Outcome, Submission
from shrinkwatch.run.api.writer import Take, Writer

KEY = SendingKey("k-1", "a", None, None, ("transactions",), 1, datetime(2026, 3, 2, tzinfo=UTC))


class Desk:
    """What takes submissions here: holds until it is let go, and fails where it is told to."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.groups: list[int] = []
        self.answers: dict[bytes, Answer] = {}

    def take(self, group: Sequence[Submission]) -> list[Answer]:
        assert self.may_go.wait(10)
        self.groups.append(len(group))
        if any(b"full" in line for one in group for line in one.cut.lines):
            raise Unreachable("the disk is full; make room")
        if any(b"poison" in line for one in group for line in one.cut.lines):
            raise ZeroDivisionError
        return [[Outcome("accepted", 1)] * len(one.cut) for one in group]

    def submission(self, *lines: bytes) -> Submission:
        def answered(answer: Answer) -> None:
            self.answers[lines[0]] = answer

        return Submission("transactions", KEY, Cut(list(lines)), answered)


def writing(take: Take) -> Writer:
    made = Writer({"transactions": take})
    made.start()
    return made


def test_what_waits_is_written_together_and_at_the_end_all_of_it() -> None:
    desk = Desk()
    written = writing(desk.take)
    written.offer(desk.submission(b"0"))
    for number in range(1, 50):
        written.offer(desk.submission(b"%d" % number))
    desk.may_go.set()
    written.stop()
    assert len(desk.answers) == 50
    assert sum(desk.groups) == 50
    assert max(desk.groups) >= 49, "nothing waits for the disk alone that can wait with others"
    assert written.waiting == 0


def test_one_poisoned_request_costs_the_others_nothing() -> None:
    desk = Desk()
    written = writing(desk.take)
    for line in (b"a", b"poison", b"b"):
        written.offer(desk.submission(line))
    desk.may_go.set()
    written.stop()
    assert desk.answers[b"a"] == desk.answers[b"b"] == [Outcome("accepted", 1)]
    poisoned = desk.answers[b"poison"]
    assert isinstance(poisoned, Problem)
    assert poisoned.status == 500


def test_what_is_not_on_disk_is_not_promised() -> None:
    desk = Desk()
    written = writing(desk.take)
    written.offer(desk.submission(b"full"))
    desk.may_go.set()
    written.stop()
    problem = desk.answers[b"full"]
    assert isinstance(problem, Problem)
    assert (problem.status, problem.headers) == (503, {"retry-after": "2"})


def test_a_full_queue_sends_away_until_there_is_room() -> None:
    desk = Desk()
    written = writing(desk.take)
    half = [b"x"] * (writer.MOST_WAITING // 2)
    written.offer(desk.submission(*half))
    written.offer(desk.submission(*half))
    with pytest.raises(Problem) as refused:
        written.offer(desk.submission(b"one more"))
    assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "2"})
    desk.may_go.set()
    while written.waiting:
        pass
    written.offer(desk.submission(b"one more"))
    written.stop()
    assert desk.answers[b"one more"] == [Outcome("accepted", 1)]
