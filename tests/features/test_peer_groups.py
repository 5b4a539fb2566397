"""Whom a cashier is compared with."""

import polars as pl
import pytest

from shrinkwatch.features.peer_groups import PeerGroups, group_code, tenure_band


@pytest.mark.parametrize(
    ("days", "band"),
    [
        *((0, "new"), (27, "new"), (28, "settling"), (89, "settling"), (90, "settled")),
        *((None, "unknown"), (-1, "unknown")),
    ],
)
def test_experience_is_banded(days: int | None, band: str) -> None:
    frame = pl.DataFrame({"days": [days]}, schema={"days": pl.Int32})
    assert frame.select(tenure_band(pl.col("days"))).item() == band


def test_a_code_comes_from_the_groups_name_alone() -> None:
    known = ("market", "staffed", "evening", "cashier", "new")
    rows = [known, ("market", None, None, None, "unknown")]
    names = ["format", "lane_type", "part_of_day", "role", "tenure_band"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    groups = PeerGroups()
    first, second = groups.codes(frame)
    assert groups.name(first) == "market · staffed · evening · cashier · new"
    assert groups.name(second) == "market · unknown · unknown · unknown · unknown"
    assert (second, first) == tuple(PeerGroups().codes(frame.reverse()))
    assert first == group_code(groups.name(first))
