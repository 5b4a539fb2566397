"""A new workspace is a folder that explains itself, and is never made twice."""

from pathlib import Path

import pytest

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run import settings
from shrinkwatch.run.new_workspace import make_workspace


def test_a_workspace_has_settings_that_are_understood(tmp_path: Path) -> None:
    assert make_workspace(tmp_path / "deep" / "chain")
    assert settings.read(tmp_path / "deep" / "chain") == settings.Settings()


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    (tmp_path / settings.FILE_NAME).write_text("# mine\n")
    assert not make_workspace(tmp_path)
    assert (tmp_path / settings.FILE_NAME).read_text() == "# mine\n"


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "chain").write_text("")
    with pytest.raises(Refused, match="chain"):
        make_workspace(tmp_path / "chain")
