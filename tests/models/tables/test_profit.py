"""A flag is raised where it pays, and not by luck."""

import numpy as np
import pytest

from shrinkwatch.models.tables.profit import Profit, loss_near, read_profit
from shrinkwatch.records.trouble import Refused


def test_a_flag_pays_above_25_in_35() -> None:
    assert read_profit("tp=5,fp=-25,fn=-5,tn=0").threshold == pytest.approx(25 / 35)


def test_each_row_earns_what_was_said() -> None:
    earned = Profit().of(np.array([1, 0, 1, 0], bool), np.array([1, 1, 0, 0], bool))
    assert earned.tolist() == [5, -25, -5, 0]


@pytest.mark.parametrize(
    "text", ["", "tp=5;fp=-25", "tp=x,fp=-1", "hit=5", "tp=nan,fp=-1", "tp=-5,fp=-25", "tp=5,fp=1"]
)
def test_a_profit_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="--profit"):
        read_profit(text)


@pytest.mark.parametrize("truth", [0.2, 0.6, 0.714, 0.9])
def test_no_other_probability_loses_less_than_the_true_one(truth: float) -> None:
    said = np.linspace(0.005, 0.995, 199)
    everywhere = np.ones(said.size, bool)
    expected = truth * loss_near(Profit(), everywhere, said)
    expected += (1 - truth) * loss_near(Profit(), ~everywhere, said)
    mine = truth * loss_near(Profit(), np.array([True]), np.array([truth]))
    mine += (1 - truth) * loss_near(Profit(), np.array([False]), np.array([truth]))
    assert mine[0] <= expected.min() + 1e-12
