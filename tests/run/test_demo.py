"""The demo goes the whole way, once, and refuses to mix chains."""

from pathlib import Path

import pytest
from tests.run.conftest import Played

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.demo import FEED, demo
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.workspace import Workspace


def test_ends_with_a_report_on_every_transaction_that_was_simulated(played: Played) -> None:
    workspace = Workspace.open(played.folder)
    loaded = sum(len(workspace.journal.arrivals(day)) for day in workspace.journal.days())
    workspace.close()
    again = demo(played.folder, stores=2, weeks=1)
    assert again.transactions == loaded > 0
    assert "simulated chain" in Path(again.report).read_text("utf-8")


def test_another_chain_in_the_same_folder_is_refused(played: Played) -> None:
    with pytest.raises(Refused, match="another chain"):
        demo(played.folder, stores=2, weeks=1, seed=4)


def test_a_workspace_with_somebodys_data_is_refused(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    (tmp_path / "journal.sqlite").touch()
    with pytest.raises(Refused, match="holds data already"):
        demo(tmp_path, stores=2, weeks=1)
    assert not (tmp_path / FEED).exists()
