"""A workspace: the folder in which a chain keeps its journal, its alerts and its secret key."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.intake.token_key import BadTokenKey, TokenKey
from shrinkwatch.journal.archive import Archive
from shrinkwatch.models.manifest import Seal
from shrinkwatch.models.registry import Registry
from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.run.settings import FILE_NAME, read

JOURNAL_FILE = "journal.sqlite"
ARCHIVE_FOLDER = "archive"
STATE_FOLDER = "state"
MODELS_FOLDER = "models"
DOSSIERS_FOLDER = "dossiers"
KEY_FILE = "keys/token.key"


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace. `key` makes the tokens that stand for card numbers.

    database: what journal and alerts are in, and whatever else is kept beside them.
    """

    folder: Path
    journal: StoredJournal
    alerts: StoredAlerts
    key: TokenKey
    database: Database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the workspace in this folder; its journal and key are made on first use.

        Raises: Misconfigured when the folder is no workspace or one of its files is damaged;
        Unreachable when the journal is held by another program, or its server does not answer.
        """
        folder = folder.resolve()
        if not (folder / FILE_NAME).is_file():
            raise Misconfigured(
                f"{folder} is no workspace: it has no {FILE_NAME}; run `shrinkwatch init {folder}` "
                "or name another folder with --workspace"
            )
        try:
            key = TokenKey.load_or_create(folder / KEY_FILE)
        except BadTokenKey as error:
            raise Misconfigured(f"{folder / KEY_FILE}: {error}") from error
        address = read(folder).store.database
        database = (
            Database.open(folder / JOURNAL_FILE) if address is None else Database.connect(address)
        )
        journal = StoredJournal(database, Archive(folder / ARCHIVE_FOLDER))
        return cls(folder, journal, StoredAlerts(database), key, database)

    @property
    def state(self) -> Path:
        """The folder in which the features' and the desk's state is kept."""
        return self.folder / STATE_FOLDER

    @property
    def dossiers(self) -> Path:
        """The folder in which the dossiers of closed days are kept."""
        return self.folder / DOSSIERS_FOLDER

    @property
    def models(self) -> Registry:
        """The learned models, signed with this workspace's key."""
        return Registry(self.folder / MODELS_FOLDER, Seal.of(self.key))

    def close(self) -> None:
        """Let go of the files."""
        self.journal.close()


def _database(folder: Path, address: str | None) -> Database:
    return Database.open(folder / JOURNAL_FILE) if address is None else Database.connect(address)
