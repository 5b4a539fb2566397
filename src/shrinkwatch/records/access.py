"""Who may send records and who may look at leads, and for which stores."""

from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

Role = Literal["analyst", "manager", "investigator", "admin"]
ROLES: tuple[str, ...] = get_args(Role)

SENDS = ("transactions", "shifts", "till_sessions", "stock_moves", "labels")
"""What a key may be allowed to send: the kinds of records that are taken live."""


class SendingKey(Struct, frozen=True):
    """What one terminal or feed may do.

    stores: the only stores that it speaks for; None means every store of the chain. registers: the
    only tills in those; None means all. sends: of SENDS. per_second: requests, on average.
    revoked_at: None while it holds.
    """

    key_id: str
    name: str
    stores: tuple[str, ...] | None
    registers: tuple[str, ...] | None
    sends: tuple[str, ...]
    per_second: int
    created_at: datetime
    revoked_at: datetime | None = None

    def speaks_for(self, store_id: str | None, register_id: str | None = None) -> bool:
        """Tell whether a record of this store (and till, where it names one) is this key's."""
        if self.stores is not None and store_id not in self.stores:
            return False
        return self.registers is None or register_id is None or register_id in self.registers


class Person(Struct, frozen=True):
    """Somebody who may log in.

    stores: the only stores that this person sees; None means every store. password: as stretched
    by whoever checks it. revoked_at: None while this person may log in.
    """

    name: str
    role: Role
    stores: tuple[str, ...] | None
    password: str
    created_at: datetime
    revoked_at: datetime | None = None

    def sees(self, stores: frozenset[str]) -> bool:
        """Tell whether all these stores are this person's to see."""
        return self.stores is None or stores <= set(self.stores)
