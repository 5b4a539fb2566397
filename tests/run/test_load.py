"""Files into a workspace: what is counted, what is kept, what twice changes."""

import json
import os
from datetime import UTC, date, datetime

import pytest

from shrinkwatch.records.trouble import Refused, Unreachable
from shrinkwatch.run import readers
from shrinkwatch.run.load import LoadReport, load
from shrinkwatch.run.workspace import Workspace

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "shrinkwatch.toml").touch()
    opened = Workspace.open(folder)
    yield opened
    opened.close()


def a_record(number, **fields):
    return {
        "source": "till",
        "store_id": "7",
        "register_id": "1",
        "sequence": number,
        "business_date": "2026-03-02",
        "type": "sale",
        "currency": "EUR",
        "ended_at": f"2026-03-02T09:{number % 60:02d}:00Z",
        "net": "2.00",
        "lines": [
            {
                "line": 1,
                "kind": "item",
                "sku": "tea",
                "quantity": 1,
                "list_price": "2.00",
                "extended": "2.00",
            }
        ],
        "tenders": [{"type": "cash", "amount": "2.00"}],
    } | fields


@pytest.fixture
def feed(tmp_path):
    def made(*records, name="feed.ndjson"):
        path = tmp_path / name
        texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
        path.write_text("".join(text + "\n" for text in texts))
        return path

    return made


def taken(workspace, *paths, **options):
    return load(paths, workspace, clock=lambda: NOW, **options)


def test_everything_in_a_file_is_counted_once(workspace, feed):
    path = feed(
        a_record(1),
        a_record(1),
        a_record(2),
        a_record(2, net="3.00"),
        a_record(3, revision=1),
        a_record(3, revision=2, net="1.00"),
        a_record(6, colour="red"),
        "{not json",
        a_record(7, store_id=None),
    )
    report = taken(workspace, path)
    assert (report.accepted, report.duplicate) == (4, 1)
    assert (report.revised, report.conflicting) == (1, 1)
    assert report.rejected == {"bad_json": 1, "missing_field": 1}
    assert report.unknown_fields == {"colour": 1}
    assert report.findings["NET_SUM"] == 2
    assert (report.missing_numbers, report.gap_days) == (2, 1)
    assert report.gaps[0].after == 3
    assert [one.source for one in report.profiles] == ["till"]
    assert not report.interrupted


def test_a_post_void_of_another_amount_is_found_wherever_its_original_is(workspace, feed):
    taken(workspace, feed(a_record(1), a_record(2), name="before.ndjson"))
    back = {"type": "void", "net": "-2.00", "lines": [], "original": {"sequence": 1}}
    back["tenders"] = [{"type": "cash", "amount": "-2.00"}]
    wrong = back | {"original": {"sequence": 2}, "net": "-1.00"}
    wrong["tenders"] = [{"type": "cash", "amount": "-1.00"}]
    lost = back | {"original": {"sequence": 99}}
    report = taken(workspace, feed(a_record(3, **back), a_record(4, **wrong), a_record(5, **lost)))
    assert report.findings == {"VOID_NOT_NEGATIVE": 1}


def test_loading_twice_changes_nothing(workspace, feed):
    path = feed(a_record(1), a_record(2), "{")
    taken(workspace, path)
    before = workspace.journal.arrivals(date(2026, 3, 2)).transactions
    report = taken(workspace, path)
    assert (report.accepted, report.duplicate, report.rejects_new) == (0, 2, 0)
    assert report.rejected == {"bad_json": 1}
    assert workspace.journal.arrivals(date(2026, 3, 2)).transactions.equals(before)


def test_a_file_of_which_nothing_is_taken_has_failed_and_no_other(workspace, feed, tmp_path):
    naive = a_record(1, ended_at="2026-07-01T00:30:00")
    lost = feed(naive, "{", name="lost.ndjson")
    half = feed(a_record(2), "{not json", name="half.ndjson")
    table = tmp_path / "stores.csv"
    table.write_text("store_id,time_zone\n7,Nowhere\n")
    report = taken(workspace, lost, half, table)
    assert report.failed == {"stores.csv": 1, "lost.ndjson": 2}
    assert report.accepted == 1
    assert "time_zone" in report.examples["missing_zone"]
    assert taken(workspace, lost).failed == {"lost.ndjson": 2}


def test_what_was_rejected_is_settled_once_its_transaction_is_taken(workspace, feed, tmp_path):
    naive = feed(a_record(1, ended_at="2026-07-01T00:30:00"), a_record(2, net="two"))
    taken(workspace, naive)
    assert [one.settled for one in workspace.journal.rejects()] == [False, False]
    stores = tmp_path / "stores.csv"
    stores.write_text(STORES)
    taken(workspace, stores, naive)
    kept = {one.reason: one.settled for one in workspace.journal.rejects()}
    assert kept == {"missing_zone": True, "impossible_value": False}
    taken(workspace, feed(a_record(2), name="mended.ndjson"))
    assert [one.settled for one in workspace.journal.rejects()] == [True, True]


def test_days_that_are_over_are_archived_and_today_is_not(workspace, feed):
    today = a_record(9, ended_at="2026-04-01T08:00:00Z")
    report = taken(workspace, feed(a_record(1), today))
    assert report.archived == 1
    assert workspace.journal.days() == [date(2026, 3, 2), date(2026, 4, 1)]
    assert len(workspace.journal.arrivals(date(2026, 4, 1))) == 1


STORES = "store_id,time_zone,currency\n7,Europe/Berlin,EUR\n"


def test_the_stores_table_is_read_first_whatever_the_order(workspace, feed, tmp_path):
    stores = tmp_path / "stores.csv"
    stores.write_text(STORES)
    naive = feed(a_record(1, ended_at="2026-07-01T00:30:00", currency=None))
    report = taken(workspace, naive, stores)
    assert report.tables["stores.csv"].changed == 1
    top = workspace.journal.receipts(_keys(workspace)).transactions
    assert top["ended_at"][0] == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert top["currency"][0] == "EUR"


def _keys(workspace):
    return [
        key
        for day in workspace.journal.days()
        for key in workspace.journal.arrivals(day).transactions["tx_key"]
    ]


def test_a_store_table_that_comes_later_makes_no_conflicts_of_aware_records(
    workspace, feed, tmp_path
):
    path = feed(a_record(1, business_date=None, transaction_id="T1"))
    taken(workspace, path)
    stores = tmp_path / "stores.csv"
    stores.write_text(STORES.replace("Berlin", "London"))
    taken(workspace, stores)
    assert taken(workspace, path).duplicate == 1


def test_the_first_table_of_a_kind_is_what_history_always_knew(workspace, tmp_path):
    stores = tmp_path / "stores.csv"
    stores.write_text(STORES)
    taken(workspace, stores)
    assert workspace.journal.tables(datetime(2010, 1, 1, tzinfo=UTC))["stores"].height == 1
    stores.write_text(STORES.replace("Berlin", "Vienna"))
    assert taken(workspace, stores).tables["stores.csv"].changed == 1
    then = workspace.journal.tables(datetime(2026, 3, 1, tzinfo=UTC))["stores"]
    assert then["time_zone"].to_list() == ["Europe/Berlin"]
    assert workspace.journal.tables(NOW)["stores"]["time_zone"].to_list() == ["Europe/Vienna"]


def test_a_file_that_nobody_can_read_is_refused_before_anything_is_loaded(
    workspace, feed, tmp_path
):
    odd = tmp_path / "odd.bin"
    odd.write_bytes(bytes(range(256)) * 9)
    with pytest.raises(Refused, match="nothing was loaded"):
        taken(workspace, feed(a_record(1)), odd)
    assert workspace.journal.days() == []


def test_a_pipe_or_a_folder_is_refused_and_not_waited_for(workspace, feed, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for odd in (pipe, tmp_path):
        with pytest.raises(Refused, match="write it to a file first"):
            taken(workspace, feed(a_record(1)), odd)
    assert workspace.journal.days() == []


def test_receipts_without_an_id_are_told_apart_by_their_number(workspace, feed):
    empty = {"transaction_id": ""}
    report = taken(workspace, feed(a_record(1, **empty), a_record(2, **empty)))
    assert (report.accepted, report.conflicting) == (2, 0)


def test_two_processes_and_one_say_the_same(tmp_path, feed, monkeypatch):
    path = feed(*(a_record(number) for number in range(500)), "{", a_record(3))
    reports = []
    for name, small in (("one", 1 << 30), ("two", 0)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "shrinkwatch.toml").touch()
        workspace = Workspace.open(folder)
        monkeypatch.setattr(readers, "SMALL_BYTES", small)
        report = taken(workspace, path)
        reports.append({**{f: getattr(report, f) for f in LoadReport.__struct_fields__}})
        reports[-1].pop("seconds")
        workspace.close()
    assert reports[0] == reports[1]
    assert reports[0]["accepted"] == 500


def test_an_archive_that_cannot_be_written_is_said_and_made_later(workspace, feed):
    path, archive = feed(a_record(1)), workspace.folder / "archive"
    archive.write_text("in the way")
    with pytest.raises(Unreachable, match="everything is kept in the journal"):
        taken(workspace, path)
    archive.unlink()
    report = taken(workspace, path)
    assert (report.duplicate, report.archived) == (1, 1)


def test_ctrl_c_keeps_what_was_told_and_says_so(workspace, feed):
    def stop(what, done, total):
        if what == "Loading":
            raise KeyboardInterrupt

    report = taken(workspace, feed(a_record(1), a_record(2)), progress=stop)
    assert report.interrupted
    assert report.accepted == 2
    assert len(workspace.journal.arrivals(date(2026, 3, 2))) == 2
    assert taken(workspace, feed(a_record(1), a_record(2))).duplicate == 2


def test_progress_ends_with_everything_done(workspace, feed):
    told = []
    path = feed(a_record(1), a_record(2))
    taken(workspace, path, progress=lambda *one: told.append(one))
    loading_steps = [(done, total) for what, done, total in told if what == "Loading"]
    assert loading_steps[-1][1] in {path.stat().st_size, None}
    assert told[-1][0] == "Archiving"
