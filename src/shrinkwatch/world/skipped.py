"""What a self-checkout notices when something goes past the scanner, by intent or by mistake."""

import numpy as np
import polars as pl

SCALE_NOTICES = 0.45
ASSISTANT_COMES = 0.25


def noticed(gone: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the events that unscanned lines (`tx, at`) cause: scale alarms, and assistants.

    The scale notices 45 % and an assistant comes to a quarter of those (our assumption).
    """
    scale = gone.filter(pl.Series(rng.random(gone.height) < SCALE_NOTICES)).select(
        "tx", "at", type=pl.lit("weight_mismatch")
    )
    came = scale.filter(pl.Series(rng.random(scale.height) < ASSISTANT_COMES)).with_columns(
        at=pl.col("at") + 12, type=pl.lit("assist")
    )
    return pl.concat([scale, came])
