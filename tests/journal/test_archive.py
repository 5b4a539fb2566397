"""The Parquet copy of closed days: its manifest, its damage, its projection."""

import json
from datetime import date

import numpy as np
import pytest

from shrinkwatch.journal.archive import Archive, by_day
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.pieces import Piece
from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.trouble import Misconfigured

DAY = date(2026, 3, 2)


@pytest.fixture
def archived(tmp_path, sale):
    batch, _ = to_batch([sale(2), sale(1)])
    arrived = batch.transactions["arrived_at"].to_physical().to_numpy()
    pieces = by_day(Piece(batch, np.array([0, 1]), arrived), np.array([True, True]))
    archive = Archive(tmp_path / "archive")
    archive.add(pieces, {DAY: [0]})
    return archive


def test_a_day_is_in_arrival_order_with_its_positions(archived):
    (piece,) = archived.pieces(DAY, None)
    assert piece.rows(0, 2).transactions["transaction_id"].to_list() == ["T1", "T2"]
    assert piece.places()[0].tolist() == [1, 0]
    assert archived.blocks(DAY) == {0}


def test_the_manifest_names_every_file_with_rows_and_hash(archived, tmp_path):
    manifest = json.loads((tmp_path / "archive" / "manifest.json").read_text())
    (segment,) = manifest["segments"]
    named = {file["path"] for file in segment["files"].values()}
    present = {
        path.relative_to(tmp_path / "archive").as_posix()
        for path in (tmp_path / "archive").rglob("*.parquet")
    }
    assert named == present
    assert segment["files"]["transactions"]["rows"] == 2
    assert len(segment["files"]["lines"]["sha256"]) == 64
    assert list(archived.damage()) == []


def test_a_changed_and_a_missing_file_are_named_with_what_to_do(archived, tmp_path):
    lines = next((tmp_path / "archive").rglob("*-lines.parquet"))
    raw = bytearray(lines.read_bytes())
    raw[len(raw) // 2] ^= 1
    lines.write_bytes(raw)
    next((tmp_path / "archive").rglob("*-tenders.parquet")).unlink()
    found = list(Archive(tmp_path / "archive").damage())
    assert len(found) == 2
    assert "lines.parquet has changed" in found[0]
    assert "tenders.parquet is missing" in found[1]


def test_a_file_that_the_manifest_does_not_name_does_not_exist(archived, tmp_path):
    stray = tmp_path / "archive" / "arrived=2026-03-02" / "stray-transactions.parquet"
    stray.write_bytes(b"left by a kill")
    assert len(Archive(tmp_path / "archive").pieces(DAY, None)) == 1


def test_a_manifest_that_is_broken_or_newer_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(Misconfigured, match="delete the archive folder"):
        Archive(tmp_path)
    (tmp_path / "manifest.json").write_text('{"version": 9, "segments": []}')
    with pytest.raises(Misconfigured, match="version 9"):
        Archive(tmp_path)


def test_only_the_wanted_columns_are_read(archived):
    (piece,) = archived.pieces(DAY, {"transactions": ["net_minor"], "tenders": ["type"]})
    batch = piece.rows(0, 2)
    assert batch.transactions.columns == ["net_minor"]
    assert batch.tenders.columns == ["tx", "type"]
    assert batch.lines.height == 0


def test_some_rows_come_with_their_own_parts(archived):
    (piece,) = archived.pieces(DAY, None)
    whole, second = piece.rows(0, 2), piece.rows(1, 2)
    assert second.transactions["transaction_id"].to_list() == ["T2"]
    for part in ("lines", "tenders"):
        theirs = getattr(whole, part).filter(tx=1).drop("tx")
        assert theirs.height > 0
        assert getattr(second, part)["tx"].unique().to_list() == [0]
        assert getattr(second, part).drop("tx").equals(theirs)


def test_rows_are_the_same_whether_read_on_or_anew(tmp_path, sale):
    batch, _ = to_batch([sale(1), sale(2)])
    many = batch.take(np.arange(70_000) % 2)  # three row groups, and more of the lines
    arrived = many.transactions["arrived_at"].to_physical().to_numpy()
    whole, archive = Piece(many, np.arange(len(many)), arrived), Archive(tmp_path)
    archive.add({DAY: whole}, {DAY: [0]})
    (piece,) = archive.pieces(DAY, None)
    for start, end in ((0, 20_000), (20_000, 33_000), (40_000, 69_999), (33_000, 70_000), (5, 9)):
        found, wanted = piece.rows(start, end), whole.rows(start, end)
        assert all(getattr(found, part).equals(getattr(wanted, part)) for part in PARTS)
        assert found.transactions.schema == wanted.transactions.schema
