"""The day beside the sales."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.routine import routine
from shrinkwatch.world.visits import Site, sales


@pytest.fixture
def ledger(site: Site) -> Ledger:
    return routine(sales(site), site)


def test_every_shift_signs_on_and_off(ledger: Ledger, site: Site) -> None:
    kinds = dict(ledger.tx.group_by(pl.col("type").cast(pl.String)).len().iter_rows())
    shifts = site.staff.sessions.height
    assert kinds["sign_on"] == kinds["sign_off"] == kinds["loan"] == shifts


def test_a_no_sale_opens_the_drawer_and_rings_nothing(ledger: Ledger) -> None:
    opened = ledger.tx.filter(pl.col("type") == "no_sale").select("tx")
    assert opened.height > 0
    assert opened.join(ledger.events, on="tx", how="anti").is_empty()
    assert opened.join(ledger.lines, on="tx", how="semi").is_empty()


def test_assistants_and_scales_speak_only_at_self_checkouts(ledger: Ledger, site: Site) -> None:
    alone = ledger.events.filter(pl.col("type").is_in(["assist", "weight_mismatch"])).join(
        ledger.tx, on="tx"
    )
    assert alone["register"].is_in(list(site.shop.self_checkouts)).all()
