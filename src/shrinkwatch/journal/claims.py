"""The key of the transaction that a reject says it is, so that it is known when it is mended."""

from datetime import date
from zoneinfo import ZoneInfo

from shrinkwatch.intake.claim import Claim
from shrinkwatch.journal.keys import tx_key
from shrinkwatch.journal.places import Places
from shrinkwatch.records.batch import NOBODY


def claimed_key(claim: Claim, places: Places) -> int | None:
    """Return the key under which the journal would hold this transaction; None if it cannot tell.

    places: for the local date of `ended_at`, where the key needs a business date and has none.
    """
    if not claim.source or not claim.store_id:
        return None
    key = tx_key(
        claim.source,
        claim.store_id,
        claim.transaction_id or None,
        claim.register_id,
        claim.business_date or _local_date(claim, claim.store_id, places),
        claim.sequence,
    )
    return None if key == NOBODY else key


def _local_date(claim: Claim, store_id: str, places: Places) -> date | None:
    at = claim.ended_at or claim.began_at
    if at is None:
        return None
    zone = places.zone_of(store_id)
    if at.tzinfo is None or zone is None:
        return at.date()
    try:
        return at.astimezone(ZoneInfo(zone)).date()
    except OverflowError:  # the first or last day that there is
        return None
