"""Opening the folder in which a chain keeps everything."""

import pytest

from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.run.workspace import Workspace


def test_a_folder_without_settings_is_no_workspace_and_nothing_is_made_in_it(tmp_path):
    with pytest.raises(Misconfigured, match="shrinkwatch init"):
        Workspace.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_journal_and_the_key_are_made_on_first_use_and_kept(tmp_path):
    (tmp_path / "shrinkwatch.toml").touch()
    first = Workspace.open(tmp_path)
    assert first.journal.days() == []
    assert first.alerts.all() == []
    again = Workspace.open(tmp_path)
    assert again.key.export() == first.key.export()
    assert (tmp_path / "keys" / "token.key").stat().st_mode & 0o077 == 0
    first.close()
    again.close()


def test_a_damaged_key_is_named(tmp_path):
    (tmp_path / "shrinkwatch.toml").touch()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "token.key").write_text("no key")
    with pytest.raises(Misconfigured, match="64 hex"):
        Workspace.open(tmp_path)
