"""What the self-checkout notices."""

import numpy as np
import polars as pl
import pytest

from shrinkwatch.world.skipped import noticed


def test_the_scale_notices_45_percent_and_an_assistant_comes_to_a_quarter_of_those() -> None:
    gone = pl.DataFrame({"tx": range(20_000), "at": [10] * 20_000})
    events = noticed(gone, np.random.default_rng(1))
    scale = events.filter(pl.col("type") == "weight_mismatch")
    came = events.filter(pl.col("type") == "assist")
    assert scale.height / 20_000 == pytest.approx(0.45, abs=0.015)
    assert came.height / scale.height == pytest.approx(0.25, abs=0.02)
    assert (came["at"] > 10).all()
