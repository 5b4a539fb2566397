"""Copies the days that are over to the archive, so that later replays read columns."""

import polars as pl

from shrinkwatch.ports import Clock
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.workspace import Workspace


def archive(workspace: Workspace, clock: Clock) -> int:
    """Archive every day before today (UTC) and note it; returns how many transactions.

    Raises: Unreachable when the disk is full or refuses.
    """
    today = clock().date()
    try:
        archived = workspace.journal.archive_closed_days(today)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise Unreachable(
            f"the archive of closed days cannot be written: {error}; everything is kept in the "
            "journal: make room on the disk and do the same again"
        ) from error
    if archived:
        note = {"before": today.isoformat(), "transactions": archived}
        workspace.journal.note("days_closed", note, clock())
    return archived
