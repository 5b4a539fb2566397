"""What became of each load, written into the journal so that it can be seen over time."""

from datetime import datetime

import msgspec
from msgspec import Struct

from shrinkwatch.run.workspace import Workspace

_KIND = "load"


class LoadNote(Struct, frozen=True):
    """What became of one load's transactions.

    at: when it ended, in UTC. files: their names. rejected: by reason code.
    """

    at: datetime
    files: tuple[str, ...]
    accepted: int = 0
    duplicate: int = 0
    revised: int = 0
    conflicting: int = 0
    rejected: dict[str, int] = {}

    @property
    def read(self) -> int:
        """All records that were transactions or should have been."""
        taken = self.accepted + self.duplicate + self.revised + self.conflicting
        return taken + sum(self.rejected.values())


def note_load(workspace: Workspace, became: LoadNote) -> None:
    """Write into the journal what became of a load."""
    workspace.journal.note(_KIND, became, became.at)


def noted_loads(workspace: Workspace) -> tuple[LoadNote, ...]:
    """Return what became of every load of transactions, oldest first."""
    return tuple(msgspec.convert(body, LoadNote) for _, body in workspace.journal.notes(_KIND))
