"""Till transactions as ARTS POSLog, the trade's XML, in the dialects that tills write.

Source: ARTS POSLog 2.2 and 6.0 (now OMG Retail); elements are matched by local name.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.mapping import Mapping
from shrinkwatch.intake.poslog.fragments import Fragment, fragments
from shrinkwatch.intake.poslog.nodes import NotANumber, NotXml, parse
from shrinkwatch.intake.poslog.record import record

RECORDS_PER_BLOCK: Final = 1000


def blocks(stream: BinaryIO, file: str, _: Mapping | None = None) -> Iterator[Block]:
    """Yield the document's transactions as the contract's lines, in blocks.

    A transaction that is no well-formed XML, or has an amount that is none, costs only itself.
    Entities are never resolved and nothing is fetched.
    """
    lines: list[bytes] = []
    originals: list[bytes] = []
    places: list[int] = []
    place = 0
    for place, fragment in enumerate(fragments(stream), 1):
        line = _line(fragment)
        if isinstance(line, bytes):
            lines.append(line)
            originals.append(fragment.text.encode("utf-8", "replace"))
            places.append(place)
        else:
            raw = fragment.text.encode("utf-8", "replace")
            yield Block(raw, file, place, damage=line)
        if len(lines) == RECORDS_PER_BLOCK:
            yield Block(b"\n".join(lines), file, places=tuple(places), originals=tuple(originals))
            lines, originals, places = [], [], []
    if lines:
        yield Block(b"\n".join(lines), file, places=tuple(places), originals=tuple(originals))
    if place == 0:
        yield Block(b"", file, damage=("bad_xml", "there is no Transaction element in this file"))


def _line(fragment: Fragment) -> bytes | tuple[str, str]:
    """Return the transaction as one line of the contract, or reason code and sentence."""
    if fragment.wrong is not None:
        return "bad_xml", f"this is no whole transaction: {fragment.wrong}"
    try:
        return msgspec.json.encode(record(parse(fragment.text, fragment.prefixes)))
    except NotXml as error:
        return "bad_xml", f"this transaction is no well-formed XML: {error}"
    except NotANumber as error:
        return "impossible_value", str(error)
