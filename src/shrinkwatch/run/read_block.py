"""Reads one block of a till file into a packed batch, in any process."""

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np
import polars as pl

from shrinkwatch.intake.block import Block, ReadBlock
from shrinkwatch.intake.claim import Claim
from shrinkwatch.intake.read import read, read_columns
from shrinkwatch.intake.refusal import Refuser
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.claims import claimed_key
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.journal.draft import Refusals
from shrinkwatch.journal.payload import Packed
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.post_voids import voids_of
from shrinkwatch.journal.sequences import runs_of
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.finding import Finding
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.rules.profile import FieldProfile, profile_batch


@dataclass(slots=True)
class Found:
    """What a block held, ready for the journal and the report.

    file: the name of the file that the block is of.
    findings: how many transactions have each finding, by its name. runs: `journal.sequences`.
    voids: `journal.post_voids`.
    """

    file: str
    packed: Packed | None = None
    rejects: list[Rejected] = field(default_factory=list)
    unknown_fields: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    profiles: tuple[FieldProfile, ...] = ()
    runs: pl.DataFrame | None = None
    voids: pl.DataFrame | None = None


class BlockReader:
    """Reads blocks under one key and with one knowledge of the stores."""

    def __init__(self, key: TokenKey, places: Places) -> None:
        self._key = key
        self._maker = ColumnMaker(places)

    def read(self, block: Block) -> Found:
        """Return what the block holds; every record of it is in the batch or among the rejects."""
        lines = read_columns(block, self._key)
        batch = None if lines is None else self._maker.batch_of_lines(lines)
        if lines is None or batch is None:
            return self._read_records(block)
        found = Found(block.file, None, [], lines.unknown_fields, dict(block.skipped))
        return _described(found, batch)

    def _read_records(self, block: Block) -> Found:
        seen = read(block, self._key, for_columns=True)
        batch, refused = self._maker.batch(seen.transactions, seen.given)
        rejects = [*self._claimed(seen), *self._unplaced(block, seen, refused)]
        found = Found(block.file, None, rejects, seen.unknown_fields, seen.skipped)
        return _described(found, batch)

    def _claimed(self, seen: ReadBlock) -> Iterator[Rejected]:
        for reject, claim in zip(seen.rejects, seen.claims, strict=True):
            yield reject if claim is None else self._keyed(reject, claim)

    def _unplaced(self, block: Block, seen: ReadBlock, refused: Refusals) -> Iterator[Rejected]:
        """Yield the rejects of the transactions that could be read and not be made columns."""
        refuser = Refuser(block, self._key)
        for row, (reason, sentence) in refused.items():
            reject = refuser.refuse(seen.lines[row], reason, sentence)
            yield self._keyed(reject, Claim.of(seen.transactions[row]))

    def _keyed(self, reject: Rejected, claim: Claim) -> Rejected:
        return msgspec.structs.replace(reject, tx_key=claimed_key(claim, self._maker.places))


def _described(found: Found, batch: Batch) -> Found:
    """Return what was found with all that is to be known of its batch."""
    if len(batch):
        found.packed = Packed.of(batch)
        found.findings = dict(_count_findings(batch))
        found.profiles = profile_batch(batch)
        found.runs = runs_of(batch.transactions)
        found.voids = voids_of(batch.transactions)
    return found


def _count_findings(batch: Batch) -> Iterator[tuple[str, int]]:
    bits = batch.transactions["findings"].to_numpy()
    if not bits.any():
        return
    for finding in Finding:
        count = int(np.count_nonzero(bits & np.uint32(finding)))
        if count:
            yield str(finding.name), count


def added(totals: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    """Return the sums of two counts by name."""
    return dict(Counter(totals) + Counter(more))


# A worker process keeps one reader for all the blocks it is given.
_reader: list[BlockReader] = []


def begin_worker(key: TokenKey, places: Places) -> None:
    """Prepare a worker process: one thread for columns, and Ctrl-C left to the main process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["POLARS_MAX_THREADS"] = "1"
    gc.freeze()
    gc.set_threshold(500_000)  # records hold no cycles; looking for them took a tenth of the time
    _reader[:] = [BlockReader(key, places)]


def read_in_worker(block: Block) -> Found:
    """Return what the block holds, in a process that `begin_worker` has prepared."""
    return _reader[0].read(block)
