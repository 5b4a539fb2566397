"""Whole files are taken in once, half ones wait, bad ones are put aside with the reason."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.run.test_load import a_record

from shrinkwatch.records.trouble import Misconfigured, Refused
from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.watch import FolderWatch, Taken, watch_on
from shrinkwatch.run.workspace import Workspace

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path / "workspace")
    opened = Workspace.open(tmp_path / "workspace")
    yield opened
    opened.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def receipts(*numbers: int) -> str:
    return "".join(json.dumps(a_record(number)) + "\n" for number in numbers)


def watching(inbox: Path, workspace: Workspace, **options: Any) -> FolderWatch:
    return FolderWatch(inbox, workspace, clock=lambda: NOW, **options)


def twice(watch: FolderWatch) -> list[Taken]:
    assert watch.look() == []
    return watch.look()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_whole_file_is_loaded_and_moved(inbox: Path, workspace: Workspace) -> None:
    (inbox / "a.ndjson").write_text(receipts(1, 2))
    watch = watching(inbox, workspace)
    assert twice(watch) == [Taken("a.ndjson", "loaded", accepted=2)]
    assert (names(inbox), names(inbox / "done")) == (["done"], ["a.ndjson"])
    assert watch.look() == []
    row = next(audit_log(workspace).rows(last=1))
    assert (row.what, row.who) == ("files_loaded", "program watch")


def test_a_file_that_still_grows_waits(inbox: Path, workspace: Workspace) -> None:
    path = inbox / "a.ndjson"
    path.write_text(receipts(1))
    watch = watching(inbox, workspace)
    assert watch.look() == []
    with path.open("a") as file:
        file.write(receipts(2))
    assert watch.look() == []
    assert watch.look() == [Taken("a.ndjson", "loaded", accepted=2)]


def test_another_file_of_the_same_size_and_time_waits_too(
    inbox: Path, workspace: Workspace
) -> None:
    path = inbox / "a.ndjson"
    path.write_text(receipts(1))
    about = path.stat()
    watch = watching(inbox, workspace)
    watch.look()
    (inbox / "b.tmp").write_text(receipts(2))
    (inbox / "b.tmp").rename(path)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert watch.look() == []
    assert watch.look() == [Taken("a.ndjson", "loaded", accepted=1)]


def test_a_file_that_is_written_to_while_it_is_read_is_read_again(
    inbox: Path, workspace: Workspace
) -> None:
    path = inbox / "a.ndjson"
    path.write_text(receipts(1))

    def late_writer() -> datetime:
        if path.exists() and "more" not in path.read_text():
            path.write_text(receipts(1, 2).replace('"tea"', '"more"'))
        return NOW

    watch = watching(inbox, workspace)
    watch.clock = late_writer
    (waiting,) = twice(watch)
    assert (waiting.became, waiting.says) == ("waiting", "it was written to while it was read")
    assert watch.look() == []
    assert [one.became for one in watch.look()] == ["loaded"]


@pytest.mark.parametrize(
    "name", [".a.ndjson", "a.ndjson.part", "a.ndjson.TMP", "a.filepart", "a.ndjson~", "a.swp"]
)
def test_what_is_unfinished_by_its_name_is_left_alone(
    inbox: Path, workspace: Workspace, name: str
) -> None:
    (inbox / name).write_text(receipts(1))
    assert twice(watching(inbox, workspace)) == []
    assert names(inbox) == [name]


def test_links_folders_and_empty_files_are_left_alone(
    inbox: Path, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text(receipts(1))
    (inbox / "link.ndjson").symlink_to(tmp_path / "elsewhere")
    (inbox / "folder").mkdir()
    (inbox / "empty.ndjson").touch()
    assert twice(watching(inbox, workspace)) == []


BAD = {
    "no text": (b"\x00\x01\x02" * 100, "no file that Shrinkwatch reads"),
    "unknown table": (b"a,b\n1,2\n", "shrinkwatch map FILE"),
    "half a Parquet file": (b"PAR1" + bytes(200), "its columns cannot be read"),
    "a broken gzip": (b"\x1f\x8b\x08\x00" + b"x" * 200, "ask for it again"),
    "nothing right": (b'{"source": "till"}\n', "1 rejected"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_is_set_aside_with_the_reason_and_stops_no_other(
    inbox: Path, workspace: Workspace, bad: str
) -> None:
    content, why = BAD[bad]
    (inbox / "a.dat").write_bytes(content)
    (inbox / "b.ndjson").write_text(receipts(1))
    became = {one.file: one for one in twice(watching(inbox, workspace))}
    assert became["b.ndjson"].became == "loaded"
    assert became["a.dat"].became == "set_aside"
    assert why in became["a.dat"].says
    assert names(inbox / "set-aside") == ["a.dat", "a.dat.why.txt"]
    assert why in (inbox / "set-aside" / "a.dat.why.txt").read_text()


def test_a_file_with_some_bad_records_is_loaded_and_says_so(
    inbox: Path, workspace: Workspace
) -> None:
    (inbox / "a.ndjson").write_text(receipts(1) + "{half\n")
    (taken,) = twice(watching(inbox, workspace))
    assert (taken.became, taken.accepted) == ("loaded", 1)
    assert "1 rejected" in taken.says


def test_tables_come_before_receipts_however_they_are_named(
    inbox: Path, workspace: Workspace
) -> None:
    (inbox / "a.ndjson").write_text(json.dumps(a_record(1, ended_at="2026-03-02T09:00:00")) + "\n")
    (inbox / "z.csv").write_text("store_id,time_zone\n7,Europe/Berlin\n")
    taken = twice(watching(inbox, workspace))
    assert [(one.file, one.became) for one in taken] == [
        ("z.csv", "loaded"),
        ("a.ndjson", "loaded"),
    ]
    (arrived,) = workspace.journal.days()
    batch = workspace.journal.arrivals(arrived)
    assert batch.transactions["ended_at"][0] == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_killed_between_loading_and_moving_it_begins_again_and_counts_nothing_twice(
    inbox: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox / "a.ndjson"
    path.write_text(receipts(1, 2))
    twice(watching(inbox, workspace))
    (inbox / "done" / "a.ndjson").rename(path)  # as if it had never been moved
    assert twice(watching(inbox, workspace)) == [Taken("a.ndjson", "loaded", accepted=0)]


def test_a_name_that_comes_again_loses_no_file(inbox: Path, workspace: Workspace) -> None:
    watch = watching(inbox, workspace)
    for number in (1, 2):
        (inbox / "a.ndjson").write_text(receipts(number))
        twice(watch)
    assert names(inbox / "done") == ["a.ndjson", "a.ndjson.2"]


def test_files_may_stay_and_are_remembered_by_the_workspace(
    inbox: Path, workspace: Workspace
) -> None:
    (inbox / "a.ndjson").write_text(receipts(1))
    (inbox / "b.dat").write_bytes(b"\x00" * 100)
    became = {one.became for one in twice(watching(inbox, workspace, keep=True))}
    assert became == {"loaded", "set_aside"}
    assert names(inbox) == ["a.ndjson", "b.dat"]
    assert twice(watching(inbox, workspace, keep=True)) == []
    (inbox / "a.ndjson").write_text(receipts(1, 2))
    assert twice(watching(inbox, workspace, keep=True)) == [Taken("a.ndjson", "loaded", accepted=1)]


def test_while_the_disk_is_full_files_wait(inbox: Path, workspace: Workspace) -> None:
    (inbox / "a.ndjson").write_text(receipts(*range(500)))
    (inbox / "b.ndjson").write_text(receipts(501))
    watch = watching(inbox, workspace)
    watch.look()
    most_pages(workspace, 1)
    (waiting,) = watch.look()
    most_pages(workspace, 2**30)
    assert waiting.became == "waiting"
    assert "full" in waiting.says
    assert names(inbox) == ["a.ndjson", "b.ndjson"]
    assert [one.became for one in watch.look()] == ["loaded", "loaded"]


def most_pages(workspace: Workspace, pages: int) -> None:
    """Let the database grow to so many pages, or stay as it is; the pool's connection keeps it."""
    with workspace.database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def test_a_wrong_mapping_stops_it_and_blames_no_file(inbox: Path, workspace: Workspace) -> None:
    (inbox / "a.csv").write_text("a,b\n1,2\n")
    wrong = inbox.parent / "map.toml"
    wrong.write_text("receipt = 7")
    with pytest.raises((Misconfigured, Refused)):
        twice(watching(inbox, workspace, mapping=wrong))
    assert names(inbox) == ["a.csv"]


def test_a_folder_that_is_gone_is_named(inbox: Path, workspace: Workspace) -> None:
    inbox.rmdir()
    with pytest.raises(Refused, match="name a folder that can be read"):
        watching(inbox, workspace).look()


def test_it_goes_on_until_it_is_stopped(inbox: Path, workspace: Workspace) -> None:
    stop, told = threading.Event(), []

    def tell(done: Sequence[Taken]) -> None:
        told.append([one.file for one in done])
        (inbox / f"{len(told)}.ndjson").write_text(receipts(len(told)))
        if len(told) == 4:
            stop.set()

    watch_on(watching(inbox, workspace), stop, tell, pause_s=0.001)
    assert told == [[], [], ["1.ndjson"], ["2.ndjson"]]
