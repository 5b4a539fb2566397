"""The promises of `ports.Journal`; every journal we have keeps the same ones."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from msgspec.structs import replace

from shrinkwatch.ports import Appended
from shrinkwatch.records.rejected import Rejected

DAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def nets(journal, day=DAY):
    return journal.arrivals(day).transactions["net_minor"].to_list()


def test_what_is_appended_arrives_on_its_day_with_all_that_belongs_to_it(journal, sale, batch_of):
    assert journal.append(batch_of(sale(1), sale(2, "3.00"))) == Appended(accepted=2)
    batch = journal.arrivals(DAY)
    assert journal.days() == [DAY]
    assert batch.transactions["net_minor"].to_list() == [1250, 300]
    assert batch.lines["extended_minor"].to_list() == [1250, 300]
    assert batch.lines["tx"].to_list() == [0, 1]
    assert batch.tenders["amount_minor"].to_list() == [1250, 300]


def test_the_same_record_twice_is_a_duplicate_and_changes_nothing(journal, sale, batch_of):
    journal.append(batch_of(sale(1)))
    again = sale(1, arrived_at=MORNING + timedelta(days=3))
    assert journal.append(batch_of(again)) == Appended(duplicate=1)
    assert journal.days() == [DAY]
    assert nets(journal) == [1250]


def test_the_same_record_twice_in_one_batch_is_a_duplicate(journal, sale, batch_of):
    assert journal.append(batch_of(sale(1), sale(1))) == Appended(accepted=1, duplicate=1)


def test_a_higher_revision_takes_the_place_of_the_first(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "12.50", revision=1), sale(2, "1.00")))
    assert journal.append(batch_of(sale(1, "13.50", revision=2))) == Appended(revised=1)
    assert sorted(nets(journal)) == [100, 1350]


def test_a_revision_may_come_in_the_same_batch(journal, sale, batch_of):
    batch = batch_of(sale(1, "1.00"), sale(1, "2.00", revision=1), sale(1, "3.00", revision=2))
    assert journal.append(batch) == Appended(accepted=1, revised=2)
    assert nets(journal) == [300]


def test_a_later_update_is_a_revision_too(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "1.00", updated_at=MORNING)))
    later = sale(1, "2.00", updated_at=MORNING + timedelta(hours=1))
    assert journal.append(batch_of(later)) == Appended(revised=1)
    assert nets(journal) == [200]


def test_a_revision_of_a_later_day_changes_the_receipt_and_not_history(journal, sale, batch_of):
    first = batch_of(sale(1, "1.00", revision=1, arrived_at=MORNING))
    journal.append(first)
    mark = journal.fingerprint(MORNING.date(), ())
    for days, net in ((1, "2.00"), (2, "3.00")):
        later = sale(1, net, revision=days + 1, arrived_at=MORNING + timedelta(days))
        assert journal.append(batch_of(later)) == Appended(revised=1)
    assert nets(journal) == [100], "replayed once, as it was known on its day"
    key = first.transactions["tx_key"].to_list()
    assert journal.receipts(key).transactions["net_minor"].to_list() == [300]
    assert journal.fingerprint(MORNING.date(), ()) == mark


def test_the_fingerprint_of_a_day_changes_when_something_of_it_comes_later(journal, sale, batch_of):
    journal.append(batch_of(sale(1, arrived_at=MORNING)))
    mark = journal.fingerprint(MORNING.date(), ())
    journal.append(batch_of(sale(2, arrived_at=MORNING)))
    assert journal.fingerprint(MORNING.date(), ()) != mark


def test_an_older_revision_that_comes_late_changes_nothing(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "2.00", revision=2)))
    assert journal.append(batch_of(sale(1, "1.00", revision=1))) == Appended(revised=1)
    assert nets(journal) == [200]


def test_a_revision_seen_before_is_a_duplicate_even_after_a_later_one(journal, sale, batch_of):
    first, second = sale(1, "1.00", revision=1), sale(1, "2.00", revision=2)
    journal.append(batch_of(first, second))
    assert journal.append(batch_of(first)) == Appended(duplicate=1)
    assert nets(journal) == [200]


def test_other_content_without_a_revision_is_a_conflict_and_the_first_stays(
    journal, sale, batch_of
):
    journal.append(batch_of(sale(1, "1.00")))
    assert journal.append(batch_of(sale(1, "9.00"))) == Appended(conflicting=1)
    assert journal.append(batch_of(sale(1, "9.00"))) == Appended(duplicate=1)
    assert nets(journal) == [100]


def test_arrivals_come_in_the_order_of_arrival_not_of_loading(journal, sale, batch_of):
    journal.append(batch_of(sale(30, "30.00"), sale(10, "10.00")))
    journal.append(batch_of(sale(20, "20.00")))
    assert nets(journal) == [1000, 2000, 3000]
    assert journal.arrivals(DAY).lines["extended_minor"].to_list() == [1000, 2000, 3000]


def test_equal_arrival_times_keep_the_order_of_loading(journal, sale, batch_of):
    for number, net in ((1, "5.00"), (2, "4.00"), (3, "6.00")):
        journal.append(batch_of(sale(number, net, ended_at=MORNING)))
    assert nets(journal) == [500, 400, 600]


def test_a_record_belongs_to_the_utc_day_on_which_it_arrived(journal, sale, batch_of):
    late = sale(1, arrived_at=MORNING + timedelta(days=1))
    journal.append(batch_of(late, sale(2, "2.00")))
    assert journal.days() == [DAY, DAY + timedelta(days=1)]
    assert nets(journal) == [200]
    assert nets(journal, DAY + timedelta(days=1)) == [1250]


def test_a_day_without_arrivals_is_empty_with_every_column(journal, sale, batch_of):
    journal.append(batch_of(sale(1)))
    empty = journal.arrivals(date(2020, 1, 1))
    assert len(empty) == 0
    assert "net_minor" in empty.transactions.columns


def test_only_the_columns_asked_for_come_back(journal, sale, batch_of):
    journal.append(batch_of(sale(2, "2.00"), sale(1)))
    wanted = {"transactions": ["net_minor", "tx_key"], "lines": ["sku_key"]}
    batch = journal.arrivals(DAY, wanted)
    assert batch.transactions.columns == ["net_minor", "tx_key"]
    assert batch.lines.columns == ["tx", "sku_key"]
    assert batch.lines.height == 2
    assert batch.tenders.height == 0


def test_a_column_that_does_not_exist_is_refused(journal, sale, batch_of):
    journal.append(batch_of(sale(1)))
    with pytest.raises(KeyError, match="colour"):
        journal.arrivals(DAY, {"lines": ["colour"]})


def test_receipts_come_in_the_order_asked_for_in_their_latest_revision(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "1.00"), sale(2, "2.00"), sale(3, "3.00")))
    journal.append(batch_of(sale(2, "2.20", revision=1)))
    one, two, three = (batch_of(sale(number)).transactions["tx_key"][0] for number in (1, 2, 3))
    found = journal.receipts([three, 12345, two, one])
    assert found.transactions["net_minor"].to_list() == [300, 220, 100]
    assert found.lines["extended_minor"].to_list() == [300, 220, 100]


def test_the_same_reject_is_kept_once_and_comes_back_whole(journal):
    reject = Rejected("bad_json", "not JSON", b"{", "abc", "a.ndjson", 3)
    assert journal.reject([reject, reject]) == 1
    assert journal.reject([reject]) == 0
    assert list(journal.rejects()) == [reject]


def test_a_reject_is_settled_when_its_transaction_is_accepted_after_it(journal, sale, batch_of):
    key = int(batch_of(sale(1)).transactions["tx_key"][0])
    other = int(batch_of(sale(2)).transactions["tx_key"][0])
    reject = Rejected("missing_zone", "no zone", b"{}", "abc", "a.ndjson", 3, key)
    nobody = Rejected("bad_json", "not JSON", b"{", "def")
    journal.append(batch_of(sale(2)))
    journal.reject([reject, nobody, replace(reject, raw_key="ghi", tx_key=other)])
    assert [one.settled for one in journal.rejects()] == [False, False, False]
    journal.append(batch_of(sale(1)))
    first, *others = journal.rejects()
    assert first == replace(reject, settled=True)
    assert [one.settled for one in others] == [False, False]
    journal.reject([reject])
    assert next(iter(journal.rejects())).settled


def stores(**columns):
    return pl.DataFrame({"store_id": ["7"], "time_zone": ["Europe/Berlin"], **columns})


def test_a_table_loaded_twice_changes_nothing(journal):
    assert journal.append_table("stores", stores(), MORNING) == 1
    assert journal.append_table("stores", stores(), MORNING + timedelta(days=1)) == 0
    assert journal.tables()["stores"]["time_zone"].to_list() == ["Europe/Berlin"]


def test_a_changed_row_is_known_from_its_arrival_on(journal):
    journal.append_table("stores", stores(region=["north"]), MORNING)
    journal.append_table("stores", stores(region=["south"]), MORNING + timedelta(days=1))
    assert journal.tables()["stores"]["region"].to_list() == ["south"]
    assert journal.tables(MORNING)["stores"]["region"].to_list() == ["north"]
    assert journal.tables(MORNING - timedelta(seconds=1))["stores"].height == 0


def test_further_numbers_of_a_store_are_kept(journal):
    journal.append_table("stores", stores(income=[41000.5]), MORNING)
    assert journal.append_table("stores", stores(income=[41000.5]), MORNING) == 0
    assert journal.tables()["stores"]["income"].to_list() == [41000.5]


def test_a_label_is_not_known_before_it_was_given(journal):
    labels = pl.DataFrame(
        {"row_id": ["a", "b"], "at": [MORNING, MORNING + timedelta(days=9)]},
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    journal.append_table("labels", labels, datetime(1970, 1, 1, tzinfo=UTC))
    assert journal.tables(MORNING)["labels"]["row_id"].to_list() == ["a"]
    assert journal.tables()["labels"].height == 2


def test_a_shift_that_has_not_ended_has_no_end_yet(journal):
    shifts = pl.DataFrame(
        {
            "store_id": ["7"],
            "operator_id": ["101"],
            "clock_in": [MORNING],
            "clock_out": [MORNING + timedelta(hours=8)],
        }
    )
    journal.append_table("shifts", shifts, datetime(1970, 1, 1, tzinfo=UTC))
    known = journal.tables(MORNING + timedelta(hours=1))["shifts"]
    assert known["clock_out"].to_list() == [None]


def test_a_tail_is_what_was_appended_since(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "1.00"), sale(2, "2.00")))
    first = journal.tail(0, 100)
    assert first.batch.transactions["net_minor"].to_list() == [100, 200]
    assert (first.positions.tolist(), first.until) == ([0, 1], 2)
    assert journal.tail(first.until, 100).until == 2
    journal.append(batch_of(sale(3, "3.00")))
    then = journal.tail(first.until, 100)
    assert then.batch.transactions["net_minor"].to_list() == [300]
    assert (then.positions.tolist(), then.until, then.damaged) == ([2], 3, ())


def test_a_tail_leaves_out_what_a_replay_would(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "1.00", revision=1), sale(2, "2.00")))
    journal.append(batch_of(sale(1, "3.00", revision=2), sale(2, "4.00")))
    tail = journal.tail(0, 100)
    assert tail.batch.transactions["net_minor"].to_list() == [300, 200]
    assert (tail.positions.tolist(), tail.left_out.tolist()) == ([2, 1], [0, 3])


def test_a_tail_is_in_order_of_arrival(journal, sale, batch_of):
    late, early = MORNING + timedelta(hours=1), MORNING
    journal.append(batch_of(sale(1, "1.00", arrived_at=late), sale(2, "2.00", arrived_at=early)))
    tail = journal.tail(0, 100, {"transactions": ["net_minor"]})
    assert tail.batch.transactions["net_minor"].to_list() == [200, 100]
    assert tail.batch.transactions.columns == ["net_minor"]
    assert tail.positions.tolist() == [1, 0]


def test_a_long_tail_is_read_in_parts(journal, sale, batch_of):
    for number in range(5):
        journal.append(batch_of(sale(number)))
    position, seen = 0, []
    while (tail := journal.tail(position, 2)).until > position:
        seen.append(len(tail.batch))
        position = tail.until
    assert seen == [2, 2, 1]


def test_when_a_table_arrived_is_told_by_day(journal):
    labels = pl.DataFrame({"row_id": ["1"], "at": [MORNING], "outcome": ["theft"]})
    other = labels.with_columns(row_id=pl.lit("2"))
    journal.append_table("labels", labels, MORNING)
    journal.append_table("labels", other, MORNING + timedelta(hours=2))
    journal.append_table("labels", other.with_columns(row_id=pl.lit("3")), MORNING - timedelta(1))
    assert journal.table_arrivals("labels", DAY) == [MORNING, MORNING + timedelta(hours=2)]
    assert journal.table_arrivals("stores", DAY) == []


def test_where_a_later_day_begins_and_all_ends(journal, sale, batch_of):
    assert (journal.end(), journal.position_after(DAY)) == (0, 0)
    journal.append(batch_of(sale(1), sale(2)))
    journal.append(batch_of(sale(3, arrived_at=MORNING + timedelta(days=1))))
    assert journal.end() == 3
    assert journal.position_after(DAY) == 2
    assert journal.position_after(DAY - timedelta(1)) == 0
    assert journal.position_after(DAY + timedelta(1)) == 3
    assert journal.arrives_after(DAY, 0)
    assert not journal.arrives_after(DAY, 2)
    assert journal.arrives_after(DAY + timedelta(1), 2)


def test_what_a_replay_does_not_take_is_known_by_position(journal, sale, batch_of):
    journal.append(batch_of(sale(1, "1.00", revision=1), sale(2, "2.00")))
    assert journal.left_out(0) == frozenset()
    journal.append(batch_of(sale(1, "3.00", revision=2), sale(2, "4.00")))
    assert journal.left_out(0) == {0, 3}
    assert journal.left_out(1) == {3}
