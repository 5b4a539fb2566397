"""Writes to the disk beside the work: a forked copy of this process writes what it held just then.

What the copy holds never changes, so that a gigabyte is written while scoring goes on. It may use
numpy and files, but no library with threads of its own (polars): those threads are not copied.
"""

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_log = logging.getLogger(__name__)


class Aside:
    """At most one copy of this process at a time, which does one thing and ends."""

    def __init__(self) -> None:
        self._pid: int | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Have a copy do this; the one before must be done."""
        if self._pid is not None:
            raise RuntimeError("the last thing is not done; call `wait` before")
        original = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _end_with(original)
            _do_and_end(work)

    def is_busy(self) -> bool:
        """Return whether a copy is still at work; never waits."""
        return self._pid is not None and not self._ended(os.WNOHANG)

    def wait(self) -> None:
        """Return when no copy is at work."""
        if self._pid is not None:
            self._ended(0)

    def _ended(self, options: int) -> bool:
        assert self._pid is not None
        ended, status = os.waitpid(self._pid, options)
        if ended == 0:
            return False
        self._pid = None
        if status != 0:
            _log.error("what was to be kept was not written; it is tried again later")
        return True


def _end_with(original: int) -> None:
    """Have the system kill this copy when the original dies: the next one writes the same files."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != original:
        os._exit(1)


def _do_and_end(work: Callable[[], None]) -> None:
    """Do the work in the copy; it ends here, so that nothing of the original is tidied up."""
    try:
        work()
    except BaseException:  # noqa: BLE001 - the copy must never go on as if it were the original
        _log.exception("a snapshot could not be written")
        os._exit(1)
    os._exit(0)
