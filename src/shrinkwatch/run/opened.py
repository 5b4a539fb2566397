"""A workspace opened to look at: journal, alerts, settings, and what people are called."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shrinkwatch.cases.names import Names
from shrinkwatch.console.material import Store
from shrinkwatch.ports import AlertStore, Journal
from shrinkwatch.run.settings import Settings, read
from shrinkwatch.run.workspace import Workspace


@dataclass
class Opened:
    """What the commands that look need; made by `opened`."""

    workspace: Workspace
    settings: Settings
    names: Names

    @property
    def folder(self) -> Path:
        """The workspace's folder."""
        return self.workspace.folder

    @property
    def journal(self) -> Journal:
        """All that ever arrived."""
        return self.workspace.journal

    @property
    def alerts(self) -> AlertStore:
        """The alerts that were raised."""
        return self.workspace.alerts

    @cached_property
    def stores(self) -> dict[str, Store]:
        """The stores of the stores table by id; without one, none."""
        rows = self.journal.tables()["stores"].select("store_id", "name", "time_zone")
        zone = self.settings.defaults.time_zone or "UTC"
        return {id_: Store(name, own or zone) for id_, name, own in rows.iter_rows()}

    def store(self, store_id: str) -> Store:
        """Return what is known of a store; an unknown one has the zone of the settings."""
        return self.stores.get(store_id, Store(None, self.settings.defaults.time_zone or "UTC"))

    def store_name(self, store_id: str) -> str:
        """Return what to call a store."""
        return self.store(store_id).name or f"store {store_id}"


def opened(folder: Path) -> Opened:
    """Return the workspace in this folder.

    Raises: Misconfigured when there is none, or its settings are wrong.
    """
    workspace = Workspace.open(folder)
    settings = read(folder)
    return Opened(workspace, settings, Names(workspace.key.secret, settings.privacy.show_ids))
