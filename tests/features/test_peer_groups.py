"""Whom a cashier is compared with."""

import numpy as np
import pytest

from shrinkwatch.features.arrays import Coded
from shrinkwatch.features.kernel import UNKNOWN_32
from shrinkwatch.features.peer_groups import PeerGroups, group_code, tenure_band


@pytest.mark.parametrize(
    ("days", "band"),
    [
        *((0, "new"), (27, "new"), (28, "settling"), (89, "settling"), (90, "settled")),
        *((int(UNKNOWN_32), "unknown"), (-1, "unknown")),
    ],
)
def test_experience_is_banded(days: int, band: str) -> None:
    bands = tenure_band(np.array([days], dtype=np.int32))
    assert bands.names[bands.code[0]] == band


def test_a_code_comes_from_the_groups_name_alone() -> None:
    known = ("market", "staffed", "evening", "cashier", "new")
    rows = [known, ("market", None, None, None, "unknown")]
    both = [Coded(names, np.array([0, 1])) for names in zip(*rows, strict=True)]
    groups = PeerGroups()
    first, second = groups.codes(both)
    assert groups.name(first) == "market · staffed · evening · cashier · new"
    assert groups.name(second) == "market · unknown · unknown · unknown · unknown"
    turned = [one._replace(code=np.array([1, 0, 1])) for one in both]
    assert PeerGroups().codes(turned).tolist() == [second, first, second]
    assert first == group_code(groups.name(first))
