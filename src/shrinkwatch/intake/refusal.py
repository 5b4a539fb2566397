"""Turns what cannot be read into a reject that keeps its bytes, without card numbers."""

from shrinkwatch.intake.scrub import scrub_text
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.rejected import Rejected

KEPT_BYTES = 64 << 10
"""How much of a rejected record is kept; its keyed hash is of the whole."""


def refuse(
    reason: str, sentence: str, raw: bytes, key: TokenKey, *, file: str, place: int
) -> Rejected:
    """Return the reject of a record: `raw` scrubbed and cut to 64 KiB, with its keyed hash.

    sentence: what is wrong; a card number in it is taken out as well.
    """
    return Rejected(
        reason=reason,
        sentence=scrub_text(sentence.encode("utf-8", "replace"), key).decode("utf-8", "replace"),
        raw=scrub_text(raw[: KEPT_BYTES + 64], key)[:KEPT_BYTES],
        raw_key=key.fingerprint(raw),
        file=file,
        place=place,
    )
