"""Days that came over HTTP and are over are archived beside live scoring."""

import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

from tests.journal.conftest import a_sale

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.run.live.follow import follow
from shrinkwatch.run.workspace import Workspace

LATER = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_a_day_that_live_scoring_closes_is_archived(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "shrinkwatch.toml").touch()
    workspace = Workspace.open(folder)
    batch, _ = to_batch([a_sale(1), a_sale(2)])
    workspace.journal.append(batch)
    (day,) = workspace.journal.days()
    ends = threading.Event()
    scoring = threading.Thread(target=follow, args=(folder, ends, lambda: LATER))
    scoring.start()
    manifest, until = workspace.folder / "archive" / "manifest.json", time.monotonic() + 60
    while not manifest.exists() and time.monotonic() < until:
        time.sleep(0.05)
    ends.set()
    scoring.join()
    assert isinstance(day, date)
    assert [file.parent.name for file in manifest.parent.rglob("*-transactions.parquet")] == [
        f"arrived={day.isoformat()}"
    ]
    (closed,) = workspace.journal.notes("days_closed")
    assert closed[1] == {"before": "2026-03-09", "transactions": 2}
    workspace.close()
