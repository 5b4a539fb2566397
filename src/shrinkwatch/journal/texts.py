"""Columns of texts as they come: a text a row, or each different text once and its number a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal.content import Words

Kind = pl.DataType | type[pl.DataType]

_FEW = 256
"""So many texts are put in their rows one by one: to gather a column has a fixed price."""


class Texts(Protocol):
    """The texts of a column, None where the feed said nothing."""

    def __len__(self) -> int: ...

    def coded(self) -> "Coded":
        """Return the same as numbers of different texts."""
        ...

    def present(self) -> NDArray[np.bool_]:
        """Return True where there is a text."""
        ...

    def series(self, kind: Kind) -> pl.Series:
        """Return them as a series, String or Enum."""
        ...

    def hashes(self, words: Words) -> NDArray[np.int64]:
        """Return the hash of each row's text."""
        ...


@dataclass(frozen=True, slots=True)
class Coded:
    """Some texts, None among them, and int64 which of them each row has."""

    texts: Sequence[str | None]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Self:
        """Return these texts, each kept once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(values))}
        codes = np.fromiter(map(places.__getitem__, values), np.int64, len(values))
        return cls(list(places), codes)

    def __len__(self) -> int:
        return self.codes.size

    def coded(self) -> "Coded":
        """Return the same."""
        return self

    def present(self) -> NDArray[np.bool_]:
        """Return True where there is a text."""
        return np.array([text is not None for text in self.texts], dtype=np.bool_)[self.codes]

    def series(self, kind: Kind) -> pl.Series:
        """Return them as a series, String or Enum."""
        if len(self) <= _FEW:
            return pl.Series([self.texts[code] for code in self.codes.tolist()], dtype=kind)
        return pl.Series(self.texts, dtype=kind).gather(pl.Series(self.codes.astype(np.uint32)))

    def hashes(self, words: Words) -> NDArray[np.int64]:
        """Return the hash of each row's text."""
        return words.of(self.texts)[self.codes]


class Listed(list[str | None]):
    """A text a row."""

    def coded(self) -> Coded:
        """Return the same as numbers of different texts."""
        return Coded.of(self)

    def present(self) -> NDArray[np.bool_]:
        """Return True where there is a text."""
        return np.array([text is not None for text in self], dtype=np.bool_)

    def series(self, kind: Kind) -> pl.Series:
        """Return them as a series, String or Enum."""
        return pl.Series(self, dtype=kind)

    def hashes(self, words: Words) -> NDArray[np.int64]:
        """Return the hash of each row's text."""
        return words.of(self)
