"""Sales without tax."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.money import totals
from shrinkwatch.world.tax_exempt import tax_exempt, without_tax
from shrinkwatch.world.visits import Site, sales

TAX = np.array([0.25, 0.0, 0.1, 0.0])


def test_the_price_falls_by_the_tax_in_it(till: Ledger) -> None:
    """10.00 with 25 % in it is 8.00 without; 5.00 with 10 % is 4.55; the rest stays."""
    free = without_tax(till, pl.Series([3]), TAX)
    assert free.keep(pl.Series([3])).lines.sort("line")["price"].to_list() == [800, 2000, 455]
    assert free.keep(pl.Series([4])).lines.sort("line")["price"].to_list() == [1000, 2000, 500]


def test_a_price_change_of_a_line_falls_with_its_price(till: Ledger) -> None:
    off = pl.DataFrame({"tx": [3, 3], "line": [1, None], "type": ["promotion"] * 2}).with_columns(
        amount=pl.lit(-100)
    )
    free = without_tax(till.plus(Ledger.of(changes=off)), pl.Series([3]), TAX)
    assert sorted(free.changes["amount"]) == [-100, -80]


def test_a_few_buyers_of_the_store_are_exempt_and_some_pay_cash(site: Site) -> None:
    sold = tax_exempt(sales(site), site).tx
    exempt = sold.filter(pl.col("exempt").is_not_null())
    assert 0.0005 < exempt.height / sold.height < 0.004
    assert 1 < exempt["exempt"].n_unique() <= 4
    assert 0 < exempt.filter(pl.col("pay") == "cash").height < exempt.height / 2


def test_an_exempt_sale_has_no_tax(site: Site) -> None:
    ledger = tax_exempt(sales(site), site)
    taxes = totals(ledger, ledger.lines_worth(), site).join(ledger.tx, on="tx")
    assert (taxes.filter(pl.col("exempt").is_not_null())["tax"] == 0).all()
    assert (taxes.filter(pl.col("exempt").is_null())["tax"] > 0).mean() > 0.9  # type: ignore[operator]
