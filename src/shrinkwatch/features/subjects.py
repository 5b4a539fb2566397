"""The memory of one kind of subject: a row of numbers for every operator, till, card or product."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.index import Index, index_of

_GROWTH = 1.125


@dataclass(frozen=True, slots=True)
class Part:
    """One array of a subject's memory: per subject `shape` elements of `dtype`, zero when new."""

    name: str
    shape: tuple[int, ...]
    dtype: type[np.generic]


@dataclass(slots=True)
class Subjects:
    """Subjects of one kind, numbered by an index, and their arrays, one row per subject."""

    parts: tuple[Part, ...]
    index: Index = field(default_factory=Index)
    rows: dict[str, NDArray[Any]] = field(default_factory=dict)

    def slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (n,) int64 rows of these keys, −1 for nobody; new subjects get zeroed rows."""
        slots = self.index.slots(keys)
        self._make_room(self.index.used)
        return slots

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self.rows:
            self._make_room(self.index.used)
        return self.rows[name]

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget the subjects that are not kept; the others close ranks in the same order.

        kept: (used,) bool by slot.
        """
        used = self.index.used
        self.index = index_of(self.index.keys()[kept])
        for name, array in self.rows.items():
            self.rows[name] = array[:used][kept].copy()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that must be saved: the keys by slot and every array's rows in use."""
        used = self.index.used
        return {"keys": self.index.keys()} | {p.name: self[p.name][:used] for p in self.parts}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self.index = index_of(arrays["keys"])
        self.rows = {part.name: arrays[part.name] for part in self.parts}

    def nbytes(self) -> int:
        """Return the bytes of all arrays and the index."""
        held = sum(array.nbytes for array in self.rows.values())
        return held + self.index.nbytes()

    def _make_room(self, used: int) -> None:
        for part in self.parts:
            array = self.rows.get(part.name)
            if array is None:
                self.rows[part.name] = np.zeros((max(used, 64), *part.shape), dtype=part.dtype)
            elif array.shape[0] < used:
                room = max(used, 64 + int(array.shape[0] * _GROWTH))
                array.resize((room, *part.shape), refcheck=False)
