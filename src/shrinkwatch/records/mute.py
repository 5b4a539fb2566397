"""A known cause that nobody wants to hear of for a while: a recall, a training day."""

from datetime import date

from msgspec import Struct


class Mute(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A known cause that is silent until a date: whatever it names must all hold.

    until: the last day (of the store's calendar) on which it is silent. since: the first; None
    means from the beginning. because: the known cause, for whoever reads it later. subject: an id
    of the rule's subject type. What is None holds for everything.
    """

    until: date
    because: str
    since: date | None = None
    rule: str | None = None
    scheme: str | None = None
    store: str | None = None
    sku: str | None = None
    subject: str | None = None
