"""Who reads the blocks of the files: processes for large ones, this one for small ones."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.opening import GZIP, ZSTD
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.places import Places
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.read_block import BlockReader, Found, begin_worker, read_in_worker

WORKERS = 2
SMALL_BYTES = 64 << 20
"""Files of less than this together are read in this process; starting others takes longer."""
PACKED_TIMES = 10
"""How many times larger a packed feed is when it is unpacked, about."""
AHEAD = 3
"""Blocks per worker that are read ahead of the one being written: bounds memory."""
_KNOWN_TO_EVERY_WORKER = ["shrinkwatch.run.read_block", "numba.np.arraymath"]
"""Modules imported once for all workers; numba would import its own at the first block."""

Read = Callable[[Iterable[Block]], Iterator[tuple[Found, int]]]
"""Yields what each block held, and its size in bytes, in the order of the blocks."""


class ReaderLost(Unreachable):
    """A process that read the files was ended from outside; the message says what to do."""


@contextmanager
def readers(
    paths: Sequence[Path], key: TokenKey, places: Places, workers: int = WORKERS
) -> Iterator[Read]:
    """Give what reads the blocks of these files; its processes end when the block ends.

    They end as well, within a second or two, when this process is killed.
    Raises: ReaderLost when one of them is.
    """
    if workers == 0 or sum(map(plain_size, paths)) < SMALL_BYTES:
        reader = BlockReader(key, places)
        yield lambda given: ((reader.read(block), len(block.raw)) for block in given)
        return
    pool = ProcessPoolExecutor(workers, _start_method(), _begin, (key, places))
    try:
        yield lambda given: _in_order(pool, given, workers * AHEAD)
    except BrokenExecutor as error:
        raise ReaderLost(
            "a process that was reading the files was ended from outside, perhaps for want of "
            "memory; what was loaded before is kept: load the same files again"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_method() -> BaseContext:
    """Return how workers are started: copied from one process that has imported everything.

    To import it takes three seconds, in each worker where the system cannot copy processes.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(_KNOWN_TO_EVERY_WORKER)
    return context


def plain_size(path: Path) -> int:
    """Return about how many bytes the file holds when it is unpacked (gzip, Zstandard)."""
    with path.open("rb") as file:
        packed = file.read(4).startswith((GZIP, ZSTD))
    return path.stat().st_size * (PACKED_TIMES if packed else 1)


def _in_order(
    pool: ProcessPoolExecutor, given: Iterable[Block], ahead: int
) -> Iterator[tuple[Found, int]]:
    waiting: deque[tuple[Future[Found], int]] = deque()
    for block in given:
        waiting.append((pool.submit(read_in_worker, block), len(block.raw)))
        if len(waiting) > ahead:
            future, size = waiting.popleft()
            yield future.result(), size
    while waiting:
        future, size = waiting.popleft()
        yield future.result(), size


def _begin(key: TokenKey, places: Places) -> None:
    """Prepare a worker process, and have it end when the process that started it is gone."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    begin_worker(key, places)


def _end_after(parent: BaseProcess) -> None:
    """Wait until this process has ended, in whatever way, and end this one on the spot.

    A killed process closes nothing, and a worker waits for its next block for ever: the queue's
    other end is held by the workers themselves.
    """
    parent.join()
    os._exit(1)
