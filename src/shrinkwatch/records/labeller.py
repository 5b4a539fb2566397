"""A person who answers alerts, and whom at the till that person is, if anybody."""

from msgspec import Struct


class Labeller(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who somebody is that answers alerts: the answers on his own conduct do not count.

    name: as written in `by` of a label. employee_id: of the operators table, whose ids in all
    stores are his. store_id, operator_id: his id at the till. register_id: a till of that store
    that is his. store_id alone: the store in which he works. What is None is not known.
    """

    name: str
    employee_id: str | None = None
    store_id: str | None = None
    operator_id: str | None = None
    register_id: str | None = None
