"""A simulated chain in a folder: whole or not at all, and nobody's files are touched."""

import json
from pathlib import Path

import polars as pl
import pytest

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.world import MANIFEST, README, make_chain
from shrinkwatch.world.settings import WorldSettings

SMALL = WorldSettings(stores=1, weeks=1, transactions_per_store_day=40.0)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_manifest_tells_settings_and_the_rows_of_every_file(tmp_path: Path) -> None:
    made = make_chain(tmp_path / "chain", SMALL)
    told = json.loads((tmp_path / "chain" / MANIFEST).read_bytes())
    assert told["profile"] == "full"
    assert told["settings"]["seed"] == SMALL.seed
    assert names(tmp_path / "chain") == {*told["rows"], MANIFEST, README}
    for name in ("stock_moves.csv", "incidents.csv", "stores.csv"):
        assert pl.read_csv(tmp_path / "chain" / name).height == made.rows[name]


def test_the_readme_names_every_file_and_loads_no_answers(tmp_path: Path) -> None:
    made = make_chain(tmp_path / "chain", SMALL, profile="last_four")
    text = (tmp_path / "chain" / README).read_text("utf-8")
    assert all(name in text for name in made.rows)
    assert "ten thousand cards share each four" in text
    (load,) = (line for line in text.splitlines() if "shrinkwatch load" in line)
    assert "stock_counts.csv" in load
    assert "incidents" not in load


def test_a_folder_that_it_made_is_replaced_and_keeps_nothing_of_before(tmp_path: Path) -> None:
    make_chain(tmp_path, SMALL)
    assert "items.csv" in names(tmp_path)
    make_chain(tmp_path, SMALL, profile="no_tables")
    assert "items.csv" not in names(tmp_path)
    assert "stores.csv" in names(tmp_path)


def test_somebodys_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Refused, match=r"thesis\.txt.*--out"):
        make_chain(tmp_path, SMALL)
    assert names(tmp_path) == {"thesis.txt"}


def test_nor_is_one_that_was_put_beside_what_it_made(tmp_path: Path) -> None:
    make_chain(tmp_path, SMALL)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Refused, match=r"notes\.txt"):
        make_chain(tmp_path, SMALL)


def test_a_file_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "chain").write_text("")
    with pytest.raises(Refused, match="is a file"):
        make_chain(tmp_path / "chain", SMALL)


def test_who_stops_it_finds_no_half_folder(tmp_path: Path) -> None:
    def stop(what: str, done: float, total: float | None) -> None:
        if what == "Writing the feed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_chain(tmp_path / "new", SMALL, progress=stop)
    assert not (tmp_path / "new").exists()
    make_chain(tmp_path / "old", SMALL)
    before = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()}
    with pytest.raises(KeyboardInterrupt):
        make_chain(tmp_path / "old", WorldSettings.tiny(), progress=stop)
    assert {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()} == before


def test_what_a_kill_left_behind_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-abc").mkdir()
    (tmp_path / ".unfinished-abc" / "stores.csv").write_text("half")
    made = make_chain(tmp_path, SMALL)
    assert names(tmp_path) == {*made.rows, MANIFEST, README}
