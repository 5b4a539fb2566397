"""Sees to it that only one program scores a workspace at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shrinkwatch.records.trouble import Unreachable


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold the state's lock; the system lets go of it when this process ends, however it ends.

    Raises: Unreachable when another program holds it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unreachable(
                f"another program scores this workspace (it holds {state / 'lock'}); end it, or "
                "wait until it is done"
            ) from error
        yield
