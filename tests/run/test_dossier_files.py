"""Dossiers of closed days lie in files until something judges otherwise."""

from datetime import date
from pathlib import Path

import polars as pl

from shrinkwatch.run.dossier_files import DossierFiles

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_days_are_read_as_they_were_kept(tmp_path: Path) -> None:
    files = DossierFiles(tmp_path / "dossiers", "judge")
    assert files.days() == []
    files.keep(TUESDAY, pl.DataFrame({"key": [2]}))
    files.keep(MONDAY, pl.DataFrame({"key": [9]}))
    files.keep(MONDAY, pl.DataFrame({"key": [1]}))
    assert files.days() == [MONDAY, TUESDAY]
    assert files.read(files.days())["key"].to_list() == [1, 2]


def test_what_another_judge_saw_is_not_mixed_in(tmp_path: Path) -> None:
    DossierFiles(tmp_path, "old rules").keep(MONDAY, pl.DataFrame({"key": [1]}))
    new = DossierFiles(tmp_path, "new rules")
    assert new.days() == []
    new.keep(TUESDAY, pl.DataFrame({"key": [2]}))
    assert DossierFiles(tmp_path, "old rules").days() == []
