"""Makes columns of transactions: every row gets its UTC times, minor units, keys and findings.

This is where defaults are filled in: the zone and currency of the store, `business_date` from the
local date of `ended_at`, `arrived_at` from `ended_at`. What cannot be placed in time or money is
refused, alone; whoever has its bytes makes a reject of it.
"""

from collections.abc import Collection, Sequence

from shrinkwatch.intake.plain_lines import PlainLines
from shrinkwatch.journal.content import Words
from shrinkwatch.journal.draft import Draft, Refusals
from shrinkwatch.journal.frames import Assembly
from shrinkwatch.journal.keys import Keys
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.raw import RawParts
from shrinkwatch.records.batch import Batch
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
    ) -> tuple[Batch, Refusals]:
        """Return the transactions as columns, in their order, and by row why one cannot be.

        Reasons: `missing_currency`, `missing_zone` (naive times, and no zone is known),
        `missing_field` (no time or no key), `impossible_value` (not finite, too large, a time
        outside 1970 to 2199, or a currency that ISO 4217 does not know).
        given: the names of the fields that any record has (None: look at all); of plainly written
        numbers a float or text does as well as a Decimal (`intake.plain_numbers`).
        """
        if not transactions:
            return Batch.empty(), {}
        draft = Draft(RawParts.of_records(transactions, given), self.places)
        refused = draft.refusals()
        if not refused:
            return Assembly(draft, self.keys, self.words).batch(), {}
        kept = [tx for row, tx in enumerate(transactions) if row not in refused]
        return self.batch(kept, given)[0], dict(sorted(refused.items()))

    def batch_of_lines(self, lines: PlainLines) -> Batch | None:
        """Return the batch of plainly written lines; None where any of them is refused.

        It equals the batch of the transactions on these lines.
        """
        raw = RawParts.of_lines(lines)
        if not raw.tx["transactions"].size:
            return Batch.empty()
        draft = Draft(raw, self.places)
        return None if draft.refusals() else Assembly(draft, self.keys, self.words).batch()


def to_batch(
    transactions: Sequence[Transaction], places: Places = NOWHERE
) -> tuple[Batch, Refusals]:
    """Return the transactions as a batch, in their order, and by row why one cannot be placed.

    places: zones and currencies of the stores, for what the feed does not say itself.
    See `ColumnMaker.batch` for the reasons.
    """
    return ColumnMaker(places).batch(transactions)
