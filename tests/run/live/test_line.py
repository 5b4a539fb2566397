"""Another process asks live scoring, and is told when nobody answers."""

import threading
import time
from pathlib import Path

import pytest

from shrinkwatch.run.live.answers import Answers
from shrinkwatch.run.live.line import ScoringAt, answering
from shrinkwatch.run.live.port import Scored


class Ready:
    """Scores that know one record, after a moment."""

    def is_on(self) -> bool:
        return True

    def wait(self, position: int, timeout_s: float) -> Scored | None:
        time.sleep(min(timeout_s, 0.05))
        return Scored(position, rules=("dear_void",)) if position == 7 else None

    def lag(self) -> tuple[int, float]:
        return 3, 0.5


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder whose path is longer than that of a socket may be."""
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    return folder


def test_nobody_answers_before_and_after(home: Path) -> None:
    there = ScoringAt(home)
    assert not there.is_on()
    with answering(home, Ready()):
        assert there.is_on()
    assert not there.is_on()
    assert there.wait(7, 1.0) is None
    assert there.lag() == (0, 0.0)


def test_what_is_asked_is_answered(home: Path) -> None:
    with answering(home, Ready()):
        there = ScoringAt(home)
        assert there.lag() == (3, 0.5)
        assert there.wait(7, 1.0) == Scored(7, rules=("dear_void",))
        assert there.wait(8, 0.1) is None


def test_many_may_wait_at_once(home: Path) -> None:
    found: list[Scored | None] = []
    with answering(home, Ready()):
        there = ScoringAt(home)
        threads = [
            threading.Thread(target=lambda: found.append(there.wait(7, 5.0))) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [Scored(7, rules=("dear_void",))] * 20


def test_a_killed_process_leaves_nothing_in_the_way(home: Path) -> None:
    (home / "scores.sock").write_text("what is left of one")
    with answering(home, Answers()):
        assert ScoringAt(home).is_on()


def test_only_this_user_may_ask(home: Path) -> None:
    with answering(home, Ready()):
        assert (home / "scores.sock").stat().st_mode & 0o077 == 0
