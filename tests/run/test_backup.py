"""A backup is everything that cannot be made again, and a restore is the workspace as it was."""

import re
import shlex
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl
import pytest
import zstandard
from tests.run.conftest import invoke

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.backup import backup, restore
from shrinkwatch.run.score import score
from shrinkwatch.run.settings import read
from shrinkwatch.run.workspace import JOURNAL_FILE, Workspace

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "keep-it-safe.md"


@pytest.fixture
def copy(workspace, tmp_path):
    """The small chain that was loaded and scored, to change at will."""
    return Workspace.open(shutil.copytree(workspace, tmp_path / "copy"))


@pytest.fixture
def packed(copy, tmp_path):
    """A backup of it."""
    file = tmp_path / "backup.tar.zst"
    backup(copy, file)
    return file


def store_days(workspace):
    """Receipts and money per store and business date, as the journal replays them."""
    days = (workspace.journal.arrivals(day).transactions for day in workspace.journal.days())
    keys = ("source", "store_id", "business_date", "currency")
    sums = pl.len().alias("receipts"), pl.col("net_minor").sum()
    return pl.concat(days).group_by(keys).agg(sums).sort(keys).rows()


def said(workspace):
    return msgspec.json.encode(workspace.alerts.all())


def test_what_is_restored_is_what_was_there_to_the_cent(copy, packed, tmp_path):
    done = restore(packed, tmp_path / "again")
    again = Workspace.open(tmp_path / "again")
    assert store_days(again) == store_days(copy) != []
    assert said(again) == said(copy)
    assert done.records == sum(row[4] for row in store_days(copy))
    assert again.key == copy.key
    score(again)
    assert said(again) == said(copy), "what was left out is made again"


def test_a_file_becomes_a_server_and_a_server_a_file(copy, packed, postgres, tmp_path):
    restore(packed, tmp_path / "served", postgres)
    served = Workspace.open(tmp_path / "served")
    assert read(served.folder).store.database == postgres
    assert not (served.folder / JOURNAL_FILE).exists()
    assert store_days(served) == store_days(copy)
    served.journal.note("note", "numbers go on", datetime.now(UTC))
    with pytest.raises(Refused, match="holds a journal already"):
        restore(packed, tmp_path / "other", postgres)
    backup(served, tmp_path / "served.tar.zst")
    restore(tmp_path / "served.tar.zst", tmp_path / "file", "file")
    assert read(tmp_path / "file").store.database is None
    back = Workspace.open(tmp_path / "file")
    assert store_days(back) == store_days(copy)
    assert [body for _, body in back.journal.notes("note")] == ["numbers go on"]
    served.close()


def test_nothing_is_put_over_anything(copy, packed, tmp_path):
    with pytest.raises(Refused, match="is there already"):
        backup(copy, packed)
    with pytest.raises(Refused, match="is not empty"):
        restore(packed, copy.folder)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_half_a_backup_is_refused_and_leaves_no_folder(packed, tmp_path, share):
    raw = packed.read_bytes()
    half = tmp_path / "half.tar.zst"
    half.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(Refused, match="not a whole backup"):
        restore(half, tmp_path / "again")
    assert not [path for path in tmp_path.iterdir() if "again" in path.name]


def test_a_changed_backup_is_refused(packed, tmp_path):
    raw = bytearray(packed.read_bytes())
    raw[len(raw) // 2] ^= 1
    packed.write_bytes(raw)
    with pytest.raises(Refused, match=r"not a whole backup|was changed"):
        restore(packed, tmp_path / "again")


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "state/../../outside", "else"])
def test_a_backup_that_somebody_made_up_writes_nothing_outside(tmp_path, name):
    forged = tmp_path / "forged.tar.zst"
    with (
        forged.open("wb") as raw,
        zstandard.ZstdCompressor().stream_writer(raw) as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as tar,
    ):
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(Refused, match="which no backup of ours does"):
        restore(forged, tmp_path / "again")
    assert not list(tmp_path.rglob("outside"))


def test_only_its_owner_may_read_a_backup_and_it_is_written_down(copy, packed):
    assert packed.stat().st_mode & 0o077 == 0
    assert [row.what for row in audit_log(copy).rows()][-1] == "backup_made"


def test_a_damaged_record_is_no_backup(copy, tmp_path):
    with copy.database.write() as connection:
        raw = connection.exec_driver_sql("SELECT payload FROM block LIMIT 1").scalar()
        flipped = raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:]
        connection.exec_driver_sql("UPDATE block SET payload = ?", (flipped,))
    with pytest.raises(Refused, match="of the journal are damaged"):
        backup(copy, tmp_path / "backup.tar.zst")
    assert not list(tmp_path.glob("*backup*"))


def test_the_guide_does_what_it_says(workspace, postgres, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(workspace, tmp_path / "here"))
    text = GUIDE.read_text("utf-8").replace("postgresql://shrinkwatch@db.example/losses", postgres)
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)).splitlines()
    told = [invoke(*shlex.split(line)[1:]) for line in lines]
    assert [done.exit_code for done in told] == [0, 0, 0], [done.output for done in told]
    made = {path.parent.name for path in tmp_path.glob("here/*/shrinkwatch.toml")}
    assert made == {"again", "served"}
