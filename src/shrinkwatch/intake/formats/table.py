"""Receipts written as a table, one row a line: CSV or Parquet, read as a mapping says."""

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, Final

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.cells import ROW
from shrinkwatch.intake.mapped import MappedSheet, mapped_sheet
from shrinkwatch.intake.mapping import BadMapping, Mapping
from shrinkwatch.intake.receipts import ORIGINAL, receipts_of

RECEIPTS_PER_BLOCK: Final = 4000


def blocks(stream: BinaryIO, file: str, mapping: Mapping | None = None) -> Iterator[Block]:
    """Yield the table's receipts as the contract's lines, in blocks, in the order of the file.

    A receipt stands where its first row stands. A row with a value that is none costs its whole
    receipt: half a receipt would be a false one.
    Raises: BadMapping when the mapping does not fit the file; it is needed here.
    """
    if mapping is None:
        raise BadMapping(f"{file} is a table: say with a mapping what its columns mean")
    mapped, sheet = mapped_sheet(stream.read(), mapping)
    for row, raw, sentence in sheet.broken:
        yield Block(raw, file, row, damage=("bad_row", sentence))
    mapped, skipped = without_skipped(mapped)
    receipts = receipts_of(mapped, sheet.separator or ",")
    for start in range(0, max(receipts.height, 1), RECEIPTS_PER_BLOCK):
        part = receipts.slice(start, RECEIPTS_PER_BLOCK)
        yield Block(
            part.drop(ROW, ORIGINAL).write_ndjson().encode(),
            file,
            places=tuple(part[ROW]),
            originals=tuple(text.encode() for text in part[ORIGINAL]),
            skipped=skipped if start == 0 else {},
        )


def without_skipped(mapped: MappedSheet) -> tuple[MappedSheet, dict[str, int]]:
    """Return the rows that are receipt lines, and how many of the others there are, by reason."""
    skipped: Counter[str] = Counter()
    for number, skip in enumerate(mapped.mapping.skip, 1):
        out = mapped.where(skip.when, f"[[skip]] {number}")
        skipped[skip.reason] += int(out.sum())
        mapped = mapped.keep(~out)
    return mapped, dict(skipped)
