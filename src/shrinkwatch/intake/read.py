"""The reader's door: a file of till transactions in, transactions and rejects out.

`blocks` cuts a file into pieces, in the main process; `read_columns`, or `read` where that cannot,
reads one piece, in any process. What kind of file it is, its content says, never its name.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from shrinkwatch.intake.block import Block, ReadBlock
from shrinkwatch.intake.contract_lines import read, read_columns
from shrinkwatch.intake.mapping import Mapping
from shrinkwatch.intake.opening import open_plain
from shrinkwatch.intake.recognise import BOM, recognise
from shrinkwatch.records.trouble import Refused

__all__ = ["Block", "NotReceipts", "ReadBlock", "blocks", "read", "read_columns"]


class NotReceipts(Refused):
    """The file holds no till transactions as it is; the message says what to do."""


class Format(Protocol):
    """What every module of `intake/formats` offers."""

    def blocks(self, stream: BinaryIO, file: str, mapping: Mapping | None) -> Iterator[Block]:
        """Yield the file's records as blocks of lines in the contract's form."""
        ...


def blocks(path: Path, *, mapping: Mapping | None = None) -> Iterator[Block]:
    """Yield a file of till transactions in blocks, in the order of the file.

    mapping: how a CSV or Parquet file is to be read; other formats do not need it.
    A packed file that breaks off ends with a block that becomes one reject.
    Raises: NotReceipts (before the first block) when the content is something else.
    """
    seen = recognise(path)
    if seen.format is None or (seen.needs_mapping and mapping is None):
        raise NotReceipts(seen.sentence)
    reader = cast("Format", import_module(f"shrinkwatch.intake.formats.{seen.format}"))
    place = 0
    with open_plain(path) as stream:
        if stream.peek(len(BOM)).startswith(BOM):
            stream.read(len(BOM))  # a mark of editors and spreadsheets, no part of the first record
        for block in reader.blocks(stream, path.name, mapping):
            place = block.place
            yield block
        if stream.damage is not None:
            yield Block(b"", path.name, place + 1, damage=("damaged_file", _broken(stream.damage)))


def _broken(damage: str) -> str:
    return f"the file breaks off ({damage}); what came before is kept: ask for it again"
