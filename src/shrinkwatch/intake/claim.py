"""Says which transaction a record claims to be, however little else of it can be read."""

from datetime import date, datetime
from typing import Any, Self

import msgspec

from shrinkwatch.records.transaction import Transaction


class Claim(msgspec.Struct, frozen=True):
    """The fields of a transaction that make its key; None where they cannot be read."""

    source: str | None = None
    store_id: str | None = None
    transaction_id: str | None = None
    register_id: str | None = None
    business_date: date | None = None
    sequence: int | None = None
    ended_at: datetime | None = None
    began_at: datetime | None = None

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        """Return what this transaction says it is."""
        return cls(**{name: getattr(transaction, name) for name in cls.__struct_fields__})

    @classmethod
    def read(cls, line: bytes) -> Self | None:
        """Return what the JSON object on this line says it is; None where it is no whole object.

        >>> Claim.read(b'{"source": "till", "sequence": "12", "net": "abc"}').sequence
        12
        >>> Claim.read(b'{"source": "till", ')
        """
        try:
            raw = _MEMBERS.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        kinds = {field.name: field.type for field in msgspec.structs.fields(cls)}
        return cls(**{name: _value(raw[name], kind) for name, kind in kinds.items() if name in raw})


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _value(raw: msgspec.Raw, kind: Any) -> Any:
    """Return the member in its type, also where a number stands as text; None where it is not."""
    try:
        return msgspec.json.decode(raw, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
