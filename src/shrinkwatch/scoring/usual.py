"""How common what a rule saw on a single receipt is among such receipts of the closed days."""

from typing import NamedTuple

import numpy as np

from shrinkwatch.models.extremes import bins
from shrinkwatch.scoring.evidence import EXTREME_SHARE, Evidence
from shrinkwatch.scoring.weigh import LEAST_OTHERS


class Usual(NamedTuple):
    """On how many receipts of the window's closed days the rule fired, of how many at risk.

    Of a rule of kind "extreme" those with as large a measure are counted.
    """

    hits: int
    exposed: int


def usual(evidence: Evidence, place: int, measure: float) -> Usual | None:
    """Return how often this rule saw the like; None: too few receipts are known to compare with.

    place: of the rule. measure: the receipt's, of a rule of kind "extreme"; else it is not read.
    Any thread may ask.
    """
    chances = evidence.chances
    if evidence.rules[place].kind == "extreme":
        counts = chances.histogram(place)
        found = Usual(int(counts[bins(np.array([measure]))[0] :].sum()), int(counts.sum()))
    else:
        mine = chances.totals.filter(rule=place)
        found = Usual(int(mine["hits"].sum()), int(mine["exposed"].sum()))
    return found if found.exposed >= LEAST_OTHERS else None


def is_extreme(found: Usual) -> bool:
    """Return whether one receipt more with such a measure is in the top hundredth of all."""
    return found.hits + 1 <= EXTREME_SHARE * (found.exposed + 1)
