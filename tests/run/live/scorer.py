"""Live scoring as a process that kills itself where it is told to; `test_kills` starts it.

    python -m tests.run.live.scorer WORKSPACE CLOCK_FILE [WHERE NTH]

CLOCK_FILE holds the time that it is. WHERE: what `run.live.loop.Notice` is told.
"""

import os
import signal
import sys
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path

from shrinkwatch.run.live import loop
from shrinkwatch.run.live.follow import follow

SNAPSHOT_RECORDS = 90


def main(folder: str, clock_file: str, where: str = "", nth: str = "0") -> None:
    seen: Counter[str] = Counter()

    def clock() -> datetime:
        return datetime.fromisoformat(Path(clock_file).read_text())

    def notice(done: str) -> None:
        seen[done] += 1
        if done == where and seen[done] == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

    loop.SNAPSHOT_RECORDS = SNAPSHOT_RECORDS
    ends = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ends.set())
    follow(Path(folder), ends, clock, notice)


if __name__ == "__main__":
    main(*sys.argv[1:])
