"""UCI Online Retail by the shipped mapping, from the file to the alerts: half a year of invoices.

Expected numbers are of DuckDB on the file itself. C541433 takes back, on 2011-01-18 at 10:17, the
74,215 pieces of 23166 that 12346 had ordered sixteen minutes before for 77,183.60.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shrinkwatch.run.load import LoadReport, load
from shrinkwatch.run.score import score
from shrinkwatch.run.workspace import Workspace

FILE = "online_retail/online_retail_2010-12_2011-06.parquet"


@pytest.fixture(scope="module")
def retailer(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Workspace, LoadReport]]:
    """The scored workspace, and what loading said."""
    if not (shared_data / FILE).is_file():
        pytest.skip(f"no file {shared_data / FILE}")
    folder = tmp_path_factory.mktemp("retailer")
    (folder / "shrinkwatch.toml").touch()
    workspace = Workspace.open(folder)
    report = load([shared_data / FILE], workspace, mapping=Path("online_retail"), workers=0)
    score(workspace)
    yield workspace, report
    workspace.close()


def test_the_cancellation_arrives_whole(retailer: tuple[Workspace, LoadReport]) -> None:
    workspace, report = retailer
    assert report.rejected == {}
    day = workspace.journal.arrivals(date(2011, 1, 18))
    back = day.lines.filter(day.lines["quantity"] == -74_215)
    assert back["sku"].to_list() == ["23166"]
    assert back["extended_minor"].to_list() == [-7_718_360]


def test_the_customer_and_the_article_of_the_cancellation_rank_first(
    retailer: tuple[Workspace, LoadReport],
) -> None:
    workspace, _ = retailer
    alerts = sorted(workspace.alerts.all(), key=lambda one: -one.probability * one.expected_loss)
    first = {(one.subject.type, one.subject.id): one for one in alerts[:2]}
    assert first.keys() == {("customer", "12346"), ("sku", "23166")}
    for alert in first.values():
        assert [one.transaction_id for one in alert.transactions] == ["C541433"]
        assert alert.reasons[0].sentence.startswith("74,215 units of ")
        assert "worth 77,183.60 GBP" in alert.reasons[0].sentence


def test_orders_without_a_customer_are_nobodys(retailer: tuple[Workspace, LoadReport]) -> None:
    workspace, _ = retailer
    day = workspace.journal.arrivals(date(2011, 1, 18)).transactions
    # by DuckDB: of the day's invoices, 49 have a line at a price; 10 of them name no customer
    assert (day.height, day["customer_id"].null_count()) == (49, 10)
    assert all(one.subject.id for one in workspace.alerts.all())
