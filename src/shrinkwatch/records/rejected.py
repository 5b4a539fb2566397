"""What could not be read, kept with its bytes and the reason, so that it can be found again."""

from msgspec import Struct


class Rejected(Struct, frozen=True):
    """A record that no reader could make a transaction of.

    reason: a short code (`bad_json`, `missing_field`, `wrong_type`, `impossible_value`, …).
    sentence: what is wrong and what to do, for a person.
    raw: the record's bytes after card numbers were taken out.
    raw_key: keyed hash (hex) of the bytes as they came, or None where there were none.
    file, place: where it stood (file name; line, row or element number from 1), where known.
    """

    reason: str
    sentence: str
    raw: bytes
    raw_key: str | None = None
    file: str | None = None
    place: int | None = None
