"""Fetches receipts from the journal and says how to print them."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from shrinkwatch.cases.marks import parts
from shrinkwatch.cases.receipt import Desk
from shrinkwatch.journal.keys import tx_key
from shrinkwatch.journal.transactions import to_transactions
from shrinkwatch.ports import Journal
from shrinkwatch.records.alert import Alert, NaturalKey
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.run.opened import Opened


def fetch(journal: Journal, tx_keys: Sequence[int]) -> list[Transaction]:
    """Return these receipts, in this order; those that the journal does not have are left out."""
    return to_transactions(journal.receipts(tx_keys)) if tx_keys else []


def natural_key(transaction: Transaction) -> NaturalKey:
    """Return the contract's key of a transaction, as alerts name it."""
    if transaction.transaction_id is not None:
        return NaturalKey(transaction.source, transaction.store_id, transaction.transaction_id)
    return NaturalKey(
        transaction.source,
        transaction.store_id,
        register_id=transaction.register_id,
        business_date=transaction.business_date,
        sequence=transaction.sequence,
    )


def key_of(key: NaturalKey) -> int:
    """Return the 64-bit key under which the journal has a transaction."""
    return tx_key(
        key.source,
        key.store_id,
        key.transaction_id,
        key.register_id,
        key.business_date,
        key.sequence,
    )


def fetch_named(journal: Journal, keys: Iterable[NaturalKey]) -> dict[NaturalKey, Transaction]:
    """Return the receipts of these keys; a key that the journal does not have is not there."""
    wanted = {key_of(key): key for key in keys}
    found = fetch(journal, list(wanted))
    return {wanted[key_of(natural_key(each))]: each for each in found}


def suspicion(transaction: Transaction, alerts: Iterable[Alert]) -> tuple[str, ...]:
    """Return the schemes of the alerts that hold this receipt against somebody."""
    key = key_of(natural_key(transaction))
    schemes = (
        scheme.id
        for alert in alerts
        if any(key_of(named) == key for named in alert.transactions)
        for scheme in alert.schemes
    )
    return tuple(dict.fromkeys(schemes))


def paper(transaction: Transaction, desk: Opened, schemes: tuple[str, ...]) -> Desk:
    """Return how this receipt is printed here: zone, decimals, names, and what is marked."""
    store = desk.store(transaction.store_id)
    return Desk(
        names=desk.names,
        zone=ZoneInfo(store.zone),
        decimals=minor_decimals(transaction.currency or desk.settings.defaults.currency or ""),
        store_name=store.name,
        marked=parts(schemes),
    )
