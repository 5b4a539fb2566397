"""Draws by lot a few of the leads that were not worth an alert, so that what is missed is counted.

People answer only what they are shown. Without a look at what was not chosen, nobody knows how much
is missed, and a model that learns from the answers learns its own habits (Dal Pozzolo et al. 2018,
"Credit card fraud detection: a realistic modeling and a novel learning strategy", IEEE TNNLS 29).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import xxhash
from msgspec import Struct, field

from shrinkwatch.models.sampling import allot

BANDS = (0.03, 0.1, 0.3)
"""Where one band of risk ends and the next begins; the last reaches to 1."""

SPENT_OVER_DAYS = 7
"""A day spends a seventh of the draws earned, so that every day has some: a lead that shows on a
day without any could never be drawn, and nothing would be known of its like."""

LOG_WEEKS = 26
_MET_WEEKS = 5


class Passed(Struct, frozen=True):
    """A lead that was passed over: its name, the Monday of its week, and how probable it is."""

    name: str
    week: date
    probability: float


class Stratum(Struct):
    """The leads of a week and a band of risk that were passed over.

    leads: how many. probable: the sum of their probabilities. expected: how many were to be drawn
    (the sum of their chances). drawn: how many were.
    """

    leads: int = 0
    probable: float = 0.0
    expected: float = 0.0
    drawn: int = 0


class Audit(Struct):
    """The lot: what it may yet draw, which leads have had their chance, and what it did.

    share: draws per alert chosen. purse: draws earned and not spent. met: Monday -> names of leads
    that had their one chance in that week. log: Monday -> a stratum per band of risk.
    """

    share: float
    purse: float = 0.0
    met: dict[date, set[str]] = field(default_factory=dict)
    log: dict[date, list[Stratum]] = field(default_factory=dict)

    def draw(self, passed: Sequence[Passed], chosen: int) -> dict[str, float]:
        """Return which of the leads are drawn, with the probability that each had of that.

        passed: the leads of a day that were not chosen. chosen: how many were. A lead has one
        chance in a week, on the first day on which it is passed over. Each is drawn for itself
        (Poisson sampling), by a number that follows from its name: a replay draws the same.
        """
        self.purse += self.share * chosen
        if self.share * self.purse <= 0:
            return {}
        fresh = [lead for lead in passed if lead.name not in self.met.get(lead.week, ())]
        band = np.searchsorted(BANDS, [lead.probability for lead in fresh], side="right")
        probable = np.array([lead.probability for lead in fresh])
        chances = allot(probable, band, self.purse / SPENT_OVER_DAYS)
        self.purse -= float(chances.sum())
        drawn = {}
        for lead, stratum, chance in zip(fresh, band.tolist(), chances.tolist(), strict=True):
            self._note(lead, stratum, chance, drawn=_lot(lead.name) < chance)
            if _lot(lead.name) < chance:
                drawn[lead.name] = chance
        self._forget()
        return drawn

    def _note(self, lead: Passed, band: int, chance: float, *, drawn: bool) -> None:
        self.met.setdefault(lead.week, set()).add(lead.name)
        week = self.log.setdefault(lead.week, [Stratum() for _ in range(len(BANDS) + 1)])
        week[band].leads += 1
        week[band].probable += lead.probability
        week[band].expected += chance
        week[band].drawn += drawn

    def _forget(self) -> None:
        for book, weeks in ((self.met, _MET_WEEKS), (self.log, LOG_WEEKS)):
            newest = max(book, default=date.min)
            for old in [one for one in book if newest - one > timedelta(7 * weeks)]:
                del book[old]


def kept_log(desk: Path) -> dict[date, list[Stratum]]:
    """Return what the lot did, week by week, from a desk's saved state; nothing where none is."""
    path = desk / "desk.json"
    return msgspec.json.decode(path.read_bytes(), type=_Kept).audit.log if path.is_file() else {}


class _Kept(Struct):
    """The part of a desk's state that is read here."""

    audit: Audit


def _lot(name: str) -> float:
    """Return a number in [0, 1) that is as good as random, and always the same for this name."""
    return float(xxhash.xxh3_64_intdigest(f"lot\x1f{name}".encode()) / 2.0**64)
