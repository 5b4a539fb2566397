"""How the feeds of a workspace are: what they carry and hide, and what became of each load."""

from datetime import date

from msgspec import Struct

from shrinkwatch.records.trouble import Trouble
from shrinkwatch.rules.feeds.health import feed_health
from shrinkwatch.rules.feeds.source import SourceHealth
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.load_notes import LoadNote, noted_loads
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.rulebook import rules_on


class Feeds(Struct, frozen=True):
    """Every source's feed by its name, and every load of transactions, oldest first."""

    sources: tuple[SourceHealth, ...]
    loads: tuple[LoadNote, ...]

    @property
    def transactions(self) -> int:
        """All receipts."""
        return sum(one.transactions for one in self.sources)

    @property
    def stores(self) -> tuple[str, ...]:
        """Every store id that sent something, sorted."""
        return tuple(sorted({store for one in self.sources for store in one.stores}))


def feeds(desk: Opened, today: date) -> Feeds:
    """Return how the feeds of this workspace are. today: the date in UTC."""
    return Feeds(feed_health(desk.journal, _rules(desk), today), noted_loads(desk.workspace))


def _rules(desk: Opened) -> tuple[Rule, ...]:
    """Return the rules that are on; none where the settings name one that does not exist."""
    try:
        return rules_on(desk.folder, desk.settings)
    except Trouble:
        return ()
