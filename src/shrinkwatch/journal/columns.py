"""Makes columns of transactions: every row gets its UTC times, minor units, keys and findings.

This is where defaults are filled in: the zone and currency of the store, `business_date` from the
local date of `ended_at`, `arrived_at` from `ended_at`. What cannot be placed in time or money is
returned as rejected, alone.
"""

from collections.abc import Collection, Sequence

import msgspec

from shrinkwatch.journal.content import Words
from shrinkwatch.journal.draft import Draft
from shrinkwatch.journal.frames import Assembly
from shrinkwatch.journal.keys import Keys
from shrinkwatch.journal.places import Places
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.transaction import Transaction

NOWHERE = Places()
"""Nothing is known of any store: the feed must say its own offsets and currencies."""


class ColumnMaker:
    """Makes batches; remembers the keys and hashes that it has computed before."""

    def __init__(self, places: Places = NOWHERE) -> None:
        self.places = places
        kinds = ("store", "register", "operator", "card", "loyalty", "customer", "sku")
        self.keys = {kind: Keys(kind) for kind in kinds}
        self.words = Words()

    def batch(
        self, transactions: Sequence[Transaction], given: Collection[str] | None = None
    ) -> tuple[Batch, list[Rejected]]:
        """Return the transactions as columns, in their order, and those that cannot be.

        Reject reasons: `missing_currency`, `missing_zone` (naive times, and no zone is known),
        `missing_field` (no time or no key), `impossible_value` (not finite, too large, or a time
        outside 1970 to 2199).
        given: the names of the fields that any record has (None: look at all); of plainly written
        numbers a float or text does as well as a Decimal (`intake.plain_numbers`).
        """
        if not transactions:
            return Batch.empty(), []
        draft = Draft(transactions, self.places, given)
        refused = draft.refusals()
        if not refused:
            return Assembly(draft, self.keys, self.words).batch(), []
        rejects = [_reject(transactions[row], *why) for row, why in sorted(refused.items())]
        kept = [tx for row, tx in enumerate(transactions) if row not in refused]
        return self.batch(kept, given)[0], rejects


def to_batch(
    transactions: Sequence[Transaction], places: Places = NOWHERE
) -> tuple[Batch, list[Rejected]]:
    """Return the transactions as a batch, in their order, and those that cannot be placed.

    places: zones and currencies of the stores, for what the feed does not say itself.
    See `ColumnMaker.batch` for the reasons of a reject; it carries the record as JSON.
    """
    return ColumnMaker(places).batch(transactions)


def _reject(transaction: Transaction, reason: str, sentence: str) -> Rejected:
    return Rejected(reason=reason, sentence=sentence, raw=msgspec.json.encode(transaction))
