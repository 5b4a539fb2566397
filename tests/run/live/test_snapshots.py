"""A restart goes on from the last whole snapshot, as if nothing had happened."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.run.live.conftest import Chain, Seen, at_random, replayed, state_of

from shrinkwatch.run.live.loop import Live


def snapshot(live: Live) -> Path:
    """Have a snapshot made and return its folder."""
    assert live.keep_snapshot()
    live.aside.wait()
    return live.snapshots.folder / f"{live.place.position:012d}"


def test_a_restart_goes_on_to_the_bit(chain: Chain, tmp_path: Path) -> None:
    sizes, frames = at_random(1), []
    live, (day, then, *_) = chain.begin(), chain.days
    chain.send_day(day, live, sizes)
    snapshot(live)
    frames.append(chain.seen.rows())
    chain.seen = Seen()
    again = chain.begin()
    assert again.place == live.place
    chain.send_day(then, again, sizes)
    chain.end_of(then, again)
    frames.append(chain.seen.rows())
    expected = replayed(chain, [day, then], tmp_path)
    assert_frame_equal(frames[0].vstack(frames[1]), expected.rows)
    assert chain.alerts() == expected.alerts
    assert state_of(again.replay, tmp_path / "is") == expected.state


def test_what_came_after_the_snapshot_is_judged_again(chain: Chain, tmp_path: Path) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    chain.send_day(day, live, at_random(2))
    snapshot(live)
    chain.send_day(then, live, at_random(3))
    assert live.place.closed == day
    before, again = chain.alerts(), chain.begin()
    assert again.place.day == day
    again.step()
    assert (again.place.day, chain.alerts()) == (then, before)
    chain.end_of(then, again)
    expected = replayed(chain, [day, then], tmp_path)
    assert chain.alerts() == expected.alerts
    assert state_of(again.replay, tmp_path / "is") == expected.state


@pytest.mark.parametrize("how", ["flipped", "torn", "gone"])
def test_a_damaged_snapshot_is_passed_over_for_the_one_before(chain: Chain, how: str) -> None:
    live, day = chain.begin(), chain.days[0]
    chain.send(chain.arrivals[day].take(range(50)), live)
    first, at = snapshot(live), live.place.position
    chain.send(chain.arrivals[day].take(range(50, 100)), live)
    second = snapshot(live)
    file = second / "features" / "operator" / "rings.npy"
    raw = file.read_bytes()
    damaged = {"flipped": raw[:-1] + bytes([raw[-1] ^ 1]), "torn": raw[:-9]}
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(damaged[how])
    assert first.exists()
    assert chain.begin().place.position == at


def test_a_snapshot_of_another_journal_or_of_other_rules_is_not_used(chain: Chain) -> None:
    live, day = chain.begin(), chain.days[0]
    chain.send(chain.arrivals[day].take(range(50)), live)
    snapshot(live)
    end = chain.workspace.journal.end()
    assert live.snapshots.newest(live.judge, end) is not None
    assert live.snapshots.newest(live.judge, end - 1) is None
    assert live.snapshots.newest("others", end) is None


def test_two_snapshots_are_kept_and_nothing_half_written(chain: Chain) -> None:
    live, day = chain.begin(), chain.days[0]
    for start in range(0, 80, 20):
        chain.send(chain.arrivals[day].take(range(start, start + 20)), live)
        snapshot(live)
    (live.snapshots.folder / "draft-1").mkdir()
    live.snapshots.tidy()
    names = sorted(path.name for path in live.snapshots.folder.iterdir())
    end = chain.workspace.journal.end()
    assert [name for name in names if name.isdecimal()] == [f"{end - 20:012d}", f"{end:012d}"]
    assert not any(name.startswith("draft") for name in names)


def test_answers_heard_before_the_snapshot_count_after_it(chain: Chain) -> None:
    live, day = chain.begin(), chain.days[0]
    chain.send(chain.arrivals[day].take(range(50)), live)
    moment = chain.watch.now + timedelta(seconds=1)
    row = {"row_id": ["1"], "at": [moment], "outcome": ["theft"]}
    chain.workspace.journal.append_table("labels", pl.DataFrame(row), moment)
    chain.watch.now = moment
    chain.send(chain.arrivals[day].take(range(50, 150)), live)
    assert live.hearing is not None
    snapshot(live)
    again = chain.begin()
    assert again.hearing is not None
    assert again.hearing.heard == live.hearing.heard == [moment]
    assert again.hearing.tables["labels"].equals(live.hearing.tables["labels"])
