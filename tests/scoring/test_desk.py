"""A thief among twenty-three honest cashiers: whom the desk names, when, and what it says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace as struct_replace
from tests.scoring.conftest import MONDAY, receipts

from shrinkwatch.records.alert import Alert
from shrinkwatch.records.mute import Mute
from shrinkwatch.records.tables import Tables
from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.judge import judge
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.settings import ScoringSettings

THIEF = ("S3", "4")
Day = Callable[..., pl.DataFrame]


def work(desk: Desk, frames: list[pl.DataFrame], first: int = 0, parts: int = 1) -> list[Alert]:
    """Show the desk a day after day, each in so many parts, and return all alerts it gave out."""
    given = []
    for number, frame in enumerate(frames, first):
        step = -(-frame.height // parts)
        for start in range(0, frame.height, step):
            part = frame[start : start + step]
            desk.see(part, judge(desk.rules, part))
        given.extend(desk.close_day(MONDAY + timedelta(number), Tables()))
    return given


@pytest.fixture
def fortnight(chain_day: Day) -> list[pl.DataFrame]:
    return [chain_day(n, THIEF, 12 if n >= 8 else 0) for n in range(14)]


def test_the_thief_is_named_and_nobody_else(overrides: Rule, fortnight: list[pl.DataFrame]) -> None:
    alerts = work(Desk.new([overrides]), fortnight)
    assert {(one.subject.store_id, one.subject.id) for one in alerts} == {THIEF}
    last = alerts[-1]
    # by hand: twelve receipts of 12.00 on each of six days, less what peers would show
    assert 60 * 12.0 < last.expected_loss <= 72 * 12.0 + 10
    assert last.probability > 0.85
    assert len(last.transactions) >= 72
    assert [one.id for one in last.schemes] == ["price_override"]
    assert "receipts had an override; peers:" in last.reasons[0].sentence
    assert last.reasons[0].peers is not None
    assert last.reasons[0].peers.tail_probability < 1e-6


def test_new_evidence_in_the_week_updates_the_alert(
    overrides: Rule, fortnight: list[pl.DataFrame]
) -> None:
    alerts = work(Desk.new([overrides]), fortnight)
    assert len({one.alert_id for one in alerts}) == 1
    assert len({one.opened_at for one in alerts}) == 1
    assert [one.updated_at for one in alerts] == sorted({one.updated_at for one in alerts})


def test_a_dossier_bears_the_id_of_its_alert_when_its_subject_moves_on(
    overrides: Rule, fortnight: list[pl.DataFrame]
) -> None:
    thief = (pl.col("store_id") == THIEF[0]) & (pl.col("operator_id") == THIEF[1])
    store = pl.when(thief).then(pl.lit("S9")).otherwise("store_id").alias("store_id")
    moved = [*fortnight[:10], *(frame.with_columns(store) for frame in fortnight[10:])]
    desk = Desk.new([overrides])
    alerts = work(desk, moved)
    assert len({one.alert_id for one in alerts}) == 1
    assert desk.dossiers["store_id"].to_list() == [None]
    assert desk.dossiers["alert_id"].to_list() == [alerts[0].alert_id]


def test_another_week_opens_another_alert_only_on_new_evidence(
    overrides: Rule, fortnight: list[pl.DataFrame], chain_day: Day
) -> None:
    quiet = [
        chain_day(n).with_columns(override_minor=pl.lit(0, dtype=pl.Int64)) for n in range(14, 21)
    ]
    again = [chain_day(21, THIEF, 12)]
    alerts = work(Desk.new([overrides]), [*fortnight, *quiet, *again])
    assert len({one.alert_id for one in alerts}) == 2
    assert max(one.opened_at.date() for one in alerts) == MONDAY + timedelta(21)


def test_any_split_of_the_days_gives_the_same_alerts(
    overrides: Rule, returns: Rule, fortnight: list[pl.DataFrame]
) -> None:
    customers = [
        frame.with_columns(
            returned_minor=pl.int_range(pl.len()) ** 2 * (1 + number),
            customer_key=pl.int_range(1, pl.len() + 1).cast(pl.UInt64) % 97 + 1,
            customer_id=(pl.int_range(1, pl.len() + 1) % 97).cast(pl.String),
        )
        for number, frame in enumerate(fortnight)
    ]
    keen = replace(ScoringSettings(), probability_floor=0.0001, review_cost=0.0)
    whole = work(Desk.new([overrides, returns], keen), customers)
    assert {one.subject.type for one in whole} == {"operator", "customer"}
    assert whole == work(Desk.new([overrides, returns], keen), customers, parts=7)


def test_saved_and_loaded_in_mid_day_it_continues_identically(
    overrides: Rule, fortnight: list[pl.DataFrame], tmp_path: Path
) -> None:
    straight = Desk.new([overrides])
    work(straight, fortnight[:10])
    half = fortnight[10][:300]
    straight.see(half, judge(straight.rules, half))
    straight.save(tmp_path)
    loaded = Desk.load(tmp_path, [overrides])
    rest = [fortnight[10][300:], *fortnight[11:]]
    assert work(loaded, rest, first=10) == work(straight, rest, first=10)


def test_evidence_kept_under_other_rules_is_refused(
    overrides: Rule, returns: Rule, chain_day: Day, tmp_path: Path
) -> None:
    desk = Desk.new([overrides])
    work(desk, [chain_day(0)])
    desk.save(tmp_path)
    with pytest.raises(Refused, match="other rules"):
        Desk.load(tmp_path, [overrides, returns])
    (tmp_path / "desk.json").write_text('{"rules": "of an older version"}')
    with pytest.raises(Refused, match="another version"):
        Desk.load(tmp_path, [overrides])
    with pytest.raises(Refused, match="no saved evidence"):
        Desk.load(tmp_path / "nowhere", [overrides])


def test_evidence_of_rules_that_a_mute_has_parted_is_refused(
    overrides: Rule, chain_day: Day, tmp_path: Path
) -> None:
    rules = [overrides, struct_replace(overrides, id="again")]
    desk = Desk.new(rules)
    work(desk, [chain_day(0)])
    desk.save(tmp_path)
    both = ScoringSettings(mutes=(Mute(until=MONDAY, because="training", store="S1"),))
    assert Desk.load(tmp_path, rules, both).closed_days == 1
    one = ScoringSettings(mutes=(Mute(until=MONDAY, because="training", rule="again"),))
    with pytest.raises(Refused, match="other rules or mutes"):
        Desk.load(tmp_path, rules, one)


def test_an_honest_chain_gives_no_alert(overrides: Rule, chain_day: Day) -> None:
    assert work(Desk.new([overrides]), [chain_day(n) for n in range(14)]) == []


def test_what_was_passed_over_is_drawn_by_lot_beside_the_same_alerts(
    overrides: Rule, chain_day: Day, tmp_path: Path
) -> None:
    ring = (pl.col("store_id") == "S3") & pl.col("operator_id").is_in(["3", "4", "5"])
    steals = pl.when(ring & (pl.int_range(pl.len()) % 3 == 0)).then(1200)
    honest = [chain_day(n) for n in range(14)]
    frames = [
        frame.with_columns(override_minor=steals.otherwise("override_minor")) if n >= 4 else frame
        for n, frame in enumerate(honest)
    ]
    usual = ScoringSettings(per_store_week=1, probability_floor=0.01, audit_share=0.0)
    alone = work(Desk([overrides], usual), frames)
    keen = replace(usual, audit_share=8.0)
    both = work(Desk([overrides], keen), frames)
    drawn = [one for one in both if one.chosen_by == "audit"]
    assert [one for one in both if one.chosen_by == "score"] == alone
    assert alone
    assert all(one.propensity == 1.0 for one in alone)
    assert drawn
    assert all(0.0 < one.propensity <= 1.0 for one in drawn)
    # new evidence changes neither how one was chosen nor its chance
    assert len({(one.alert_id, one.propensity) for one in drawn}) == len(
        {one.alert_id for one in drawn}
    )
    # and a desk that was put away in between goes on drawing as if it had not been
    stopped = Desk([overrides], keen)
    before = work(stopped, frames[:9])
    stopped.save(tmp_path)
    assert before + work(Desk.load(tmp_path, [overrides], keen), frames[9:], first=9) == both


def test_nobody_is_never_ranked(overrides: Rule, fortnight: list[pl.DataFrame]) -> None:
    virtual = [
        frame.with_columns(
            operator_key=pl.when(pl.col("operator_id") == "4")
            .then(pl.lit(0, dtype=pl.UInt64))
            .otherwise("operator_key")
        )
        for frame in fortnight
    ]
    assert work(Desk.new([overrides]), virtual) == []


@pytest.mark.parametrize(
    "mute",
    [{"rule": "overrides"}, {"scheme": "price_override"}, {"store": "S3"}, {"subject": "4"}],
)
def test_a_known_cause_is_silent_until_its_date(
    overrides: Rule, fortnight: list[pl.DataFrame], mute: dict[str, str]
) -> None:
    hushed = ScoringSettings(mutes=(Mute(until=MONDAY + timedelta(13), because="known", **mute),))
    assert work(Desk.new([overrides], hushed), fortnight) == []
    past = ScoringSettings(mutes=(Mute(until=MONDAY - timedelta(1), because="known", **mute),))
    assert work(Desk.new([overrides], past), fortnight) != []


def test_a_lead_that_is_not_worth_its_review_is_not_shown(
    overrides: Rule, fortnight: list[pl.DataFrame]
) -> None:
    dear = replace(ScoringSettings(), review_cost=2000.0)
    assert work(Desk.new([overrides], dear), fortnight) == []


def test_an_enormous_return_ranks_its_customer(returns: Rule) -> None:
    rows = [
        {"customer_id": f"c{n}", "store_id": "S1", "returned_minor": 500 + 37 * n}
        for n in range(300)
    ]
    giant = {"customer_id": "giant", "store_id": "S1", "returned_minor": 90_000_000}
    alerts = work(Desk.new([returns]), [receipts(0, [*rows, giant])])
    assert [one.subject.id for one in alerts] == ["giant"]
    assert "900,000.00 USD taken back" in alerts[0].reasons[0].sentence


def test_an_enormous_return_is_asked_about_again_when_others_have_returned_more(
    returns: Rule,
) -> None:
    amounts = np.random.default_rng(1).lognormal(7.0, 1.0, 400).astype(int).tolist()

    def others(first: int, many: int) -> list[dict[str, object]]:
        numbers = range(first, first + many)
        return [{"customer_id": f"c{n}", "returned_minor": amounts[n]} for n in numbers]

    giant = {"customer_id": "giant", "returned_minor": 90_000_000}
    days = [receipts(0, [*others(0, 60), giant])]
    days += [receipts(n, others(60 + 20 * n, 20)) for n in range(1, 17)]
    (alert,) = work(Desk.new([returns]), days)
    # by hand: 60 others the first day, 20 more each day; a tail rests on 200 amounts or more, and
    # the desk learns on each of the first seven days and then on the fourteenth
    assert (alert.subject.id, alert.opened_at.date()) == ("giant", MONDAY + timedelta(13))
    assert [one.transaction_id for one in alert.transactions] == ["0-60"]


def test_what_else_a_customer_does_does_not_hide_an_enormous_return(returns: Rule) -> None:
    amounts = np.random.default_rng(1).lognormal(7.0, 1.0, 600).astype(int).tolist()
    often = struct_replace(returns, id="often", kind="count", measure=None, fires="net_minor > 0")
    days = []
    for day in range(14):
        rows: list[dict[str, object]] = [
            {"customer_id": f"c{n}", "returned_minor": amounts[n], "net_minor": 0}
            for n in range(day * 40, day * 40 + 40)
        ]
        if day == 0:
            rows.append({"customer_id": "giant", "returned_minor": 90_000_000, "net_minor": 0})
        if day in {2, 5}:  # what others do as well accuses nobody
            rows = [row | {"net_minor": 100} for row in rows]
            rows.append({"customer_id": "giant", "returned_minor": 900, "net_minor": 100})
        days.append(receipts(day, rows))
    alerts = work(Desk.new([returns, often]), days)
    assert ("giant", "0-40") in {
        (one.subject.id, one.transactions[0].transaction_id) for one in alerts
    }


def test_a_card_known_from_a_dispute_needs_nobody_to_compare_with(disputed: Rule) -> None:
    back = {"card_key": 7, "card_minor": 8990, "card_answered_28d": 1, "card_confirmed_28d": 1}
    cleared = back | {"card_key": 8, "card_confirmed_28d": 0}
    (alert,) = work(Desk.new([disputed]), [receipts(0, [back, cleared, {}])])
    assert (alert.subject.type, alert.subject.id) == ("card", f"{7:016x}")
    assert alert.probability == pytest.approx(0.5, abs=0.01)
    assert alert.expected_loss == 89.90
    assert [one.sentence for one in alert.reasons] == ["Came back 1 times."]
    assert alert.reasons[0].peers is None
    assert alert.exonerating == ()


def test_what_is_known_of_a_card_makes_no_other_likelier(
    disputed: Rule, overrides: Rule, fortnight: list[pl.DataFrame]
) -> None:
    known = {"card_answered_28d": 1, "card_confirmed_28d": 1, "card_minor": 8990}
    nothing = [pl.lit(None, pl.Int32).alias(name) for name in known]
    alone = [day.with_columns(nothing) for day in fortnight]
    fired = [
        day.with_columns(
            pl.when(pl.int_range(pl.len()) == 9).then(value).cast(pl.Int32).alias(name)
            for name, value in known.items()
        ).with_columns(card_key=pl.int_range(pl.len(), dtype=pl.UInt64) + 1)
        for day in fortnight
    ]
    rules = [disputed, overrides]
    with_cards, without = work(Desk.new(rules), fired), work(Desk.new(rules), alone)
    assert {one.subject.type for one in with_cards} == {"card", "operator"}
    people = [one for one in with_cards if one.subject.type == "operator"]
    assert [(one.alert_id, one.probability) for one in people] == [
        (one.alert_id, one.probability) for one in without
    ]


def test_why_a_rule_is_silent_does_not_depend_on_how_a_day_was_split(
    overrides: Rule, chain_day: Day
) -> None:
    asks = struct_replace(overrides, needs=("approver_id",))
    day = chain_day(0, THIEF, 12)
    approved = day.with_columns(
        approver_id=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("boss"))
    )
    desks = [Desk.new([asks]) for _ in range(2)]
    for desk, parts in zip(desks, (1, 50), strict=True):
        work(desk, [approved], parts=parts)
    assert [desk.silent for desk in desks] == [{}, {}]
    never = Desk.new([asks])
    work(never, [day.with_columns(approver_id=pl.lit(None, pl.String))], parts=50)
    assert never.silent["overrides"].startswith("the feed does not carry approver_id")
