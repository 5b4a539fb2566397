"""Stores."""

import numpy as np
import pytest

from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shops import shops


def test_traffic_averages_to_the_setting() -> None:
    stores = shops(WorldSettings(stores=40), np.random.default_rng(1))
    assert np.mean([store.sales_per_day for store in stores]) == pytest.approx(450)


def test_there_are_two_zones_with_their_currencies() -> None:
    stores = shops(WorldSettings(), np.random.default_rng(1))
    assert {(store.time_zone, store.currency) for store in stores} == {
        ("Europe/London", "GBP"),
        ("Europe/Berlin", "EUR"),
    }


def test_register_rows_agree_with_the_table() -> None:
    for store in shops(WorldSettings(stores=8), np.random.default_rng(1)):
        lanes = store.registers()["lane_type"].to_list()
        assert [lanes[row] for row in store.staffed] == ["staffed"] * len(store.staffed)
        assert [lanes[row] for row in store.desk] == ["service"] * len(store.desk)
        alone = [lanes[row] for row in store.self_checkouts]
        assert alone == ["self_checkout"] * len(alone)
        assert len(lanes) == len(store.staffed) + len(store.desk) + len(alone)
        assert store.registers()["register_id"].is_unique().all()
