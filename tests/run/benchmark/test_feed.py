"""Other systems get the feed and the tables, and not the answers."""

from pathlib import Path

import pytest

from shrinkwatch.run.benchmark.feed import write_feeds
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.workspace import Workspace


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    assert write_feeds("tiny", folder, profile="no_customers").made == 2
    return folder


def test_each_chain_has_its_files_and_no_answers(feeds: Path) -> None:
    assert sorted(path.name for path in feeds.iterdir()) == ["7", "8"]
    names = {path.name for path in (feeds / "7").iterdir()}
    assert {"transactions.ndjson.zst", "stores.csv", "operators.csv", "made.json"} <= names
    assert not names & {"incidents.csv", "lookalikes.csv", "stock_causes.csv"}


def test_the_feed_loads_as_anybodys_would(feeds: Path, tmp_path: Path) -> None:
    make_workspace(tmp_path)
    workspace = Workspace.open(tmp_path)
    files = [path for path in (feeds / "8").iterdir() if path.name != "made.json"]
    done = load(files, workspace, workers=0)
    workspace.close()
    assert done.accepted > 1000
    assert done.rejected == {}


def test_what_stands_there_already_is_left_alone(feeds: Path) -> None:
    again = write_feeds("tiny", feeds, profile="no_customers")
    assert (again.made, len(again.folders)) == (0, 2)
