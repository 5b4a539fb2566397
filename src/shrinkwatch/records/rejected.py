"""What could not be read, kept with its bytes and the reason, so that it can be found again."""

from msgspec import Struct


class Rejected(Struct, frozen=True):
    """A record that no reader could make a transaction of.

    reason: a short code (`bad_json`, `missing_field`, `wrong_type`, `impossible_value`, …).
    sentence: what is wrong and what to do, for a person.
    raw: the record's bytes after card numbers were taken out.
    raw_key: keyed hash (hex) of the bytes as they came (of file and place where there were none);
        None where there is no key.
    file, place: where it stood (file name; line, row or element number from 1), where known.
    tx_key: key of the transaction that it says it is, where that much could be read.
    settled: whether a journal accepted this transaction after it had rejected it.
    """

    reason: str
    sentence: str
    raw: bytes
    raw_key: str | None = None
    file: str | None = None
    place: int | None = None
    tx_key: int | None = None
    settled: bool = False
