"""What a right or wrong flag earns or costs, and from which probability on a flag pays."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from shrinkwatch.records.trouble import Refused

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Profit(msgspec.Struct, frozen=True):
    """What each row earns, in any unit of money: flagged or not, positive or not.

    The default is a self-checkout's: a thief caught is worth 5, an honest shopper accused costs
    25, a thief let go 5. Source: the task of the Data Mining Cup 2019.
    """

    tp: float = 5.0
    fp: float = -25.0
    fn: float = -5.0
    tn: float = 0.0

    @property
    def threshold(self) -> float:
        """Return the probability above which a flag earns more than none; from 0 to 1.

        It solves p·tp + (1-p)·fp = p·fn + (1-p)·tn (Elkan 2001, "The foundations of
        cost-sensitive learning", IJCAI).

        >>> round(Profit().threshold, 4)
        0.7143
        """
        caught, spared = self.tp - self.fn, self.tn - self.fp
        return spared / (caught + spared)

    def of(self, positive: Mask, flag: Mask) -> Floats:
        """Return what every row earns. positive, flag: shape (rows,)."""
        flagged = np.where(positive, self.tp, self.fp)
        return np.where(flag, flagged, np.where(positive, self.fn, self.tn))


def read_profit(text: str) -> Profit:
    """Return the profit written as `tp=5,fp=-25,fn=-5,tn=0`; what is left out is 0.

    Raises: Refused if it cannot be read, or if catching or sparing does not pay.

    >>> read_profit("tp=100,fp=-10").threshold
    0.09090909090909091
    """
    said = dict.fromkeys(("tp", "fp", "fn", "tn"), 0.0)
    for part in text.split(","):
        name, _, amount = (word.strip() for word in part.partition("="))
        try:
            value = float(amount)
        except ValueError:
            value = math.nan
        if name not in said or not math.isfinite(value):
            raise Refused(f"--profit cannot be read at {part!r}; write tp=5,fp=-25,fn=-5,tn=0")
        said[name] = value
    made = Profit(**said)
    if made.tp <= made.fn or made.tn <= made.fp:
        raise Refused(
            "--profit leaves nothing to learn: tp must be more than fn (catching pays) and tn more "
            "than fp (a false flag costs)"
        )
    return made


NEAR = 1.0
"""Spread of the thresholds tried about the given one, in log odds. Our assumption."""


def loss_near(profit: Profit, positive: Mask, probability: Floats) -> Floats:
    """Return what every row loses on average over thresholds near the given one, shape (rows,).

    The profit at one threshold hangs on the few rows beside it, and choosing by it is choosing by
    luck. Averaged over the thresholds of similar costs it is steadier, and still a proper score.
    positive, probability: shape (rows,). Source: Buja, Stuetzle & Shen 2005, "Loss functions for
    binary class probability estimation".
    """
    middle = math.log(profit.threshold / (1.0 - profit.threshold))
    steps = np.linspace(-2.5, 2.5, 51)
    weight = np.exp(-0.5 * steps**2)
    weight *= (profit.tp - profit.fn + profit.tn - profit.fp) / weight.sum()
    cuts = 1.0 / (1.0 + np.exp(-(middle + NEAR * steps)))
    flagged_for_nothing = np.concatenate([[0.0], np.cumsum(weight * cuts)])
    missed = weight * (1.0 - cuts)
    let_go = np.concatenate([np.cumsum(missed[::-1])[::-1], [0.0]])
    passed = np.searchsorted(cuts, probability, side="left")
    return np.where(positive, let_go[passed], flagged_for_nothing[passed])
