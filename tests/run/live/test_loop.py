"""What arrives live is judged as a replay of the same journal judges it, bit for bit."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.models.test_registry import crown, keep
from tests.run.live.conftest import Chain, Replayed, at_random, replayed, state_of

from shrinkwatch.journal.days import moment_of
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.batch import Batch
from shrinkwatch.run.live.loop import Live
from shrinkwatch.run.score import score
from shrinkwatch.run.settled import Difference


def assert_same(chain: Chain, live: Live, expected: Replayed, folder: Path) -> None:
    assert chain.alerts() == expected.alerts
    assert state_of(live.replay, folder / "is") == expected.state


def changed(batch: Batch, **columns: object) -> Batch:
    return replace(batch, transactions=batch.transactions.with_columns(**columns))


def revised(batch: Batch, row: int, at: pl.Series) -> Batch:
    """Return a correction of a record: its operator was somebody else. at: when it arrives."""
    return changed(
        batch.take([row]),
        operator_id=pl.lit("corrected"),
        operator_key=pl.lit(77, pl.UInt64),
        content=pl.lit(b"another sixteen."),
        revision=pl.lit(9, pl.Int64),
        arrived_at=at,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_live_equals_replay_whatever_batches_the_records_come_in(
    chain: Chain, tmp_path: Path, seed: int
) -> None:
    live, sizes = chain.begin(), at_random(seed)
    for day in chain.days:
        chain.send_day(day, live, sizes)
        assert live.place.day == day
        assert live.place.unsettled == set()
    chain.end_of(chain.days[-1], live)
    expected = replayed(chain, chain.days, tmp_path)
    assert expected.alerts.count(b'"alert_id"') >= 3
    assert_frame_equal(chain.seen.rows(), expected.rows)
    assert_same(chain, live, expected, tmp_path)
    before = chain.alerts()
    assert score(chain.workspace).days == 0, "the next score goes on from there"
    assert chain.alerts() == before


def test_a_day_with_corrections_is_replayed_when_it_closes(chain: Chain, tmp_path: Path) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    batch = chain.arrivals[day]
    half = len(batch) // 2
    chain.send(batch.take(np.arange(half)), live)
    chain.send(revised(batch, 5, batch.transactions["arrived_at"][[half - 1]]), live)
    chain.send(batch.take(np.arange(half, len(batch))), live)
    live._note_revisions(day, live.place.position)
    assert live.place.unsettled == {"revised"}
    chain.send_day(then, live, at_random(3))
    chain.end_of(then, live)
    assert_same(chain, live, replayed(chain, [day, then], tmp_path), tmp_path)


def test_a_correction_read_with_its_original_needs_no_replay(chain: Chain, tmp_path: Path) -> None:
    live, day = chain.begin(), chain.days[0]
    batch = chain.arrivals[day]
    chain.send(batch)
    chain.send(revised(batch, 5, batch.transactions["arrived_at"][[-1]]))
    live.step()
    live._note_revisions(day, live.place.position)
    assert live.place.unsettled == set()
    chain.end_of(day, live)
    assert_same(chain, live, replayed(chain, [day], tmp_path), tmp_path)


def test_a_correction_on_the_next_day_changes_nothing(chain: Chain, tmp_path: Path) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    chain.send_day(day, live, at_random(4))
    chain.send_day(then, live, at_random(5))
    at = chain.arrivals[then].transactions["arrived_at"][[-1]]
    chain.send(revised(chain.arrivals[day], 5, at), live)
    live._note_revisions(then, live.place.position)
    assert live.place.unsettled == set()
    chain.end_of(then, live)
    assert_same(chain, live, replayed(chain, [day, then], tmp_path), tmp_path)


def test_a_clock_that_goes_back_costs_a_replay_and_no_difference(
    chain: Chain, tmp_path: Path
) -> None:
    live, day = chain.begin(), chain.days[0]
    batch = chain.arrivals[day]
    shuffled = batch.take(np.random.default_rng(6).permutation(len(batch)))
    for start in range(0, len(batch), 40):
        chain.send(shuffled.take(np.arange(start, min(len(batch), start + 40))), live)
    assert live.place.unsettled == {"out of order"}
    chain.end_of(day, live)
    assert_same(chain, live, replayed(chain, [day], tmp_path), tmp_path)


def test_duplicates_change_nothing(chain: Chain, tmp_path: Path) -> None:
    live, day = chain.begin(), chain.days[0]
    batch = chain.arrivals[day]
    for _ in range(3):
        chain.send(batch.take(np.arange(50)), live)
    chain.send(batch, live)
    assert live.place.unsettled == set()
    chain.end_of(day, live)
    assert_same(chain, live, replayed(chain, [day], tmp_path), tmp_path)


@pytest.mark.parametrize("heard_late", [False, True])
def test_an_answer_counts_from_its_arrival_on(
    chain: Chain, tmp_path: Path, heard_late: bool
) -> None:
    live, day = chain.begin(), chain.days[0]
    batch = chain.arrivals[day]
    stolen, came = batch.transactions[0], batch.transactions["arrived_at"]
    half = next(n for n in range(len(batch) // 2, len(batch)) if came[n] > came[n - 1])
    moment = came[half - 3] if heard_late else came[half]
    label = stolen.select(
        *("source", "register_id", "business_date", "sequence", "transaction_id"),
        row_id=pl.lit("1"),
        at=pl.lit(moment),
        outcome=pl.lit("theft"),
        transaction_store_id=pl.col("store_id"),
    )
    beginning = moment_of(0)
    chain.workspace.journal.append_table("labels", label.clear(), beginning)
    chain.send(batch.take(np.arange(half)), live)
    chain.workspace.journal.append_table("labels", label, moment)
    chain.send(batch.take(np.arange(half, len(batch))), live)
    assert live.place.unsettled == ({"answered late"} if heard_late else set())
    rows = chain.seen.rows()
    till = rows["register_key"] == stolen["register_key"][0]
    known = rows.filter(till & (rows["arrived_at"] >= came[half]))["register_confirmed_28d"]
    assert (known.len() > 0, set(known)) == (True, {1})
    chain.end_of(day, live)
    expected = replayed(chain, [day], tmp_path)
    if not heard_late:
        assert_frame_equal(chain.seen.rows(), expected.rows)
    assert_same(chain, live, expected, tmp_path)


def test_what_comes_for_a_closed_day_waits_for_the_next_score(chain: Chain, tmp_path: Path) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    batch = chain.arrivals[day]
    chain.send(batch.take(np.arange(len(batch) - 5)), live)
    chain.send_day(then, live, at_random(7))
    assert live.place.closed == day
    chain.send(batch.take(np.arange(len(batch) - 5, len(batch))), live)
    assert live.place.late == 5
    chain.end_of(then, live)
    told = score(chain.workspace)
    assert told.days == len(chain.workspace.journal.days())
    written = [body for _, body in chain.workspace.journal.notes("settled")]
    assert told.differs
    assert [msgspec.convert(body, Difference) for body in written] == [told.differs]
    expected = replayed(chain, [day, then], tmp_path)
    assert chain.alerts() == expected.alerts


def test_what_comes_before_its_day_is_judged_when_that_closes(chain: Chain, tmp_path: Path) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    chain.send_day(day, live, at_random(8))
    now = chain.watch.now
    early = chain.arrivals[then].take([0, 1, 2])
    chain.send(early)
    chain.watch.now = now
    live.step()
    assert (live.place.day, live.place.ahead[then]) == (day, 3)
    chain.send_day(then, live, at_random(9))
    assert live.place.unsettled >= {"came before its day"}
    chain.end_of(then, live)
    assert_same(chain, live, replayed(chain, [day, then], tmp_path), tmp_path)


def test_nothing_is_read_just_after_midnight(chain: Chain) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    chain.send_day(day, live, at_random(10))
    chain.workspace.journal.append(chain.arrivals[then])
    chain.watch.now = chain.watch.now.replace(hour=0, minute=0, second=1) + timedelta(days=1)
    assert (live.step(), live.place.day) == (0, day)
    chain.watch.now += timedelta(seconds=2)
    assert live.step() > 0


def test_nothing_is_scored_from_damaged_records(chain: Chain) -> None:
    live, (day, then, *_) = chain.begin(), chain.days
    batch = chain.arrivals[day]
    chain.send(batch.take(np.arange(40)), live)
    chain.workspace.journal.append(batch.take(np.arange(40, 60)))
    file = chain.workspace.folder / "journal.sqlite"
    with sqlite3.connect(file) as damaging:
        query = "SELECT first_position, payload FROM block ORDER BY first_position DESC LIMIT 1"
        first, raw = damaging.execute(query).fetchone()
        flipped = raw[:900] + bytes([raw[900] ^ 16]) + raw[901:]
        change = "UPDATE block SET payload = ? WHERE first_position = ?"
        damaging.execute(change, (flipped, first))
    chain.send(batch.take(np.arange(60, len(batch))), live)
    assert chain.seen.rows()["tx_key"].to_list() == [
        *batch.transactions["tx_key"][:40],
        *batch.transactions["tx_key"][60:],
    ]
    assert "restore the journal from a backup" in live.alarms[f"damaged {first}"]
    assert live.answers.wait(first, 0) is None
    chain.send_day(then, live, at_random(11))
    assert live.place.closed == day


def test_the_answer_for_a_transaction_is_there_when_it_was_judged(chain: Chain) -> None:
    live, day = chain.begin(), chain.days[0]
    start = chain.workspace.journal.end()
    assert live.answers.wait(start, 0.01) is None
    chain.send_day(day, live, at_random(12))
    fired = np.concatenate([one.fired for one in chain.seen.judgements])
    row = int(np.flatnonzero(fired.any(axis=1))[0])
    told = live.answers.wait(start + row, 0)
    assert told is not None
    rules = [rule.id for rule, hit in zip(live.rules, fired[row], strict=True) if hit]
    assert (told.position, list(told.rules)) == (start + row, rules)
    assert [reason.feature for reason in told.reasons] == rules
    assert told.reasons[0].sentence.startswith(
        next(rule.title for rule in live.rules if rule.id == rules[0])
    )
    assert told.probability is None
    assert live.answers.lag() == (0, 0.0)


def test_history_tells_nobody_and_a_live_day_does(chain: Chain) -> None:
    told: list[Alert] = []
    live = chain.begin()
    live.store = replace(live.store, along=(lambda _connection, new, _changed: told.extend(new),))
    history = {alert.alert_id for alert in chain.workspace.alerts.all()}
    for day in chain.days:
        chain.send_day(day, live, at_random(13))
    chain.end_of(chain.days[-1], live)
    now = {alert.alert_id for alert in chain.workspace.alerts.all()}
    assert history
    assert {alert.alert_id for alert in told} == now - history


def test_a_damaged_champion_raises_the_alarm_and_the_rules_still_judge(
    chain: Chain, tmp_path: Path
) -> None:
    registry = chain.workspace.models
    made = keep(registry, 1)
    crown(registry, made.model_id, 1)
    (registry.root / made.model_id / "model.txt").write_bytes(b"broken")
    live, day = chain.begin(), chain.days[0]
    chain.send_day(day, live, at_random(14))
    chain.end_of(day, live)
    assert made.model_id in live.alarms["model"]
    assert chain.alerts() == replayed(chain, [day], tmp_path).alerts
