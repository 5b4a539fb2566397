"""The loops that are compiled to machine code, so that a day of a large chain takes seconds."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np

Loop = TypeVar("Loop", bound=Callable[..., object])

UNKNOWN_8 = np.int8(-(2**7))
"""In a column of small numbers: not known. It becomes null in the frame."""
UNKNOWN_32 = np.int32(-(2**31))
"""The same in a column of counts or days."""
UNKNOWN_64 = np.int64(-(2**63))
"""The same in a column of amounts or times; in a column of reals it is NaN."""
UNKNOWN_FLAG = np.int8(2)
"""The same in a column of yes (1) and no (0)."""


def kernel(loop: Loop) -> Loop:
    """Return the loop compiled on first use, cached on disk, free of the interpreter's lock.

    Arithmetic stays IEEE in the written order (no fast-math): that is what makes any split of a
    batch give the same bits.
    """
    return cast(Loop, numba.njit(cache=True, nogil=True)(loop))


def step(loop: Loop) -> Loop:
    """Return a part of loops, compiled into each of them: a call would cost more than its work."""
    return cast(Loop, numba.njit(cache=True, nogil=True, forceinline=True)(loop))
