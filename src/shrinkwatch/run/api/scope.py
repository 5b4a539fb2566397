"""Which stores an alert speaks of: it is shown only to those who may see all of them."""

from shrinkwatch.records.alert import Alert


def stores_of(alert: Alert) -> frozenset[str]:
    """Return every store that the alert names.

    A subject of no store, such as a card, is of the stores where it was seen.
    """
    seen = {key.store_id for key in alert.transactions}
    if alert.subject.store_id is not None:
        seen.add(alert.subject.store_id)
    if alert.subject.type == "store":
        seen.add(alert.subject.id)
    return frozenset(seen)
