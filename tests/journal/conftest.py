"""What the tests of the journal share: small receipts and a journal of each kind."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.journal.archive import Archive
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.memory import MemoryJournal
from shrinkwatch.ports import Journal
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.transaction import Line, Tender, Transaction

# the same examples on every machine, however slow it is just then
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


def a_sale(number: int = 1, net: str = "12.50", **fields: Any) -> Transaction:
    """A cash sale of one item, paid with the exact amount."""
    amount = Decimal(net)
    given: dict[str, Any] = {
        "source": "till",
        "store_id": "7",
        "type": "sale",
        "currency": "EUR",
        "transaction_id": f"T{number}",
        "ended_at": datetime(2026, 3, 2, 9, number % 60, tzinfo=UTC),
        "net": amount,
        "lines": (
            Line(
                line=1,
                kind="item",
                sku="tea",
                quantity=Decimal(1),
                list_price=amount,
                extended=amount,
            ),
        ),
        "tenders": (Tender(type="cash", amount=amount),),
    }
    return Transaction(**(given | fields))


@pytest.fixture
def sale() -> Callable[..., Transaction]:
    return a_sale


@pytest.fixture
def batch_of() -> Callable[..., Batch]:
    def made(*transactions: Transaction) -> Batch:
        batch, rejects = to_batch(transactions)
        assert not rejects
        return batch

    return made


@pytest.fixture(params=["memory", "sqlite", "sqlite, archived", "postgres"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param == "memory":
        yield MemoryJournal()
        return
    if request.param == "postgres":
        database = Database.connect(request.getfixturevalue("postgres"))
    else:
        database = Database.open(tmp_path / "journal.sqlite")
    store = StoredJournal(database, Archive(tmp_path / "archive"))
    if request.param == "sqlite, archived":
        yield _Archiving(store)
    else:
        yield store
    store.close()


class _Archiving:
    """The real journal, with every day archived as soon as it is told something."""

    def __init__(self, store: StoredJournal) -> None:
        self._store = store

    def append(self, batch: Batch) -> object:
        appended = self._store.append(batch)
        self._store.archive_closed_days(datetime(2100, 1, 1, tzinfo=UTC).date())
        return appended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
