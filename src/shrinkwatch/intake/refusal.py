"""Turns what cannot be read into a reject that keeps its bytes, without card numbers."""

from collections.abc import Sequence
from functools import cached_property

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.scrub import scrub_text, scrub_value
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.rejected import Rejected

KEPT_BYTES = 64 << 10
"""How much of a rejected record is kept; its keyed hash is of the whole."""


def refuse(
    reason: str, sentence: str, raw: bytes, key: TokenKey, *, file: str, place: int
) -> Rejected:
    """Return the reject of a record: `raw` scrubbed and cut to 64 KiB, with its keyed hash.

    sentence: what is wrong; card numbers in it, and in the file's name, are taken out as well.
    raw: empty where a file breaks off; then file and place are hashed, since every such end would
    be the same one.
    """
    return Rejected(
        reason=reason,
        sentence=scrub_text(sentence.encode("utf-8", "replace"), key).decode("utf-8", "replace"),
        raw=scrub_text(raw[: KEPT_BYTES + 64], key)[:KEPT_BYTES],
        raw_key=key.fingerprint(raw or f"{file}\0{place}".encode("utf-8", "surrogatepass")),
        file=scrub_value("file", file, key),
        place=place,
    )


class Refuser:
    """Makes rejects of a block's lines; what they were is looked up when the first one needs it."""

    def __init__(self, block: Block, key: TokenKey) -> None:
        self._block = block
        self._key = key

    def refuse(self, line: int, reason: str, sentence: str) -> Rejected:
        """Return the reject of the record on this line (from 0): its bytes as they came, its place.

        The bytes are those of the file: of a table the rows, of XML the element.
        """
        block = self._block
        place = block.place + line if block.places is None else block.places[line]
        raw = self._originals[line]
        return refuse(reason, sentence, raw, self._key, file=block.file, place=place)

    @cached_property
    def _originals(self) -> Sequence[bytes]:
        made_of = self._block.originals
        return self._block.raw.split(b"\n") if made_of is None else made_of
